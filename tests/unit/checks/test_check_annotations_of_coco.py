"""What the check of the whole set finds in records of a COCO JSON."""

import json

import pytest
from data_sets import write

from cocofolds.checks.annotations import compare_heads, compare_with_source
from cocofolds.checks.whole_set import read_whole_set
from cocofolds.errors import CheckError
from cocofolds.settings import Numbering
from cocofolds.sources.reading import read_source
from cocofolds.sources.records import Dialect, Source
from documents import document

KEPT = Numbering("keep", "keep", "keep")
RENUMBERED = Numbering()


def expected_whole(numbering):
    """Write down what the whole set of the document should be."""
    whole = document()
    place = {image["id"]: n for n, image in enumerate(whole["images"])}
    new = {record["id"]: n for n, record in enumerate(whole["annotations"], 1)}
    whole["annotations"].sort(key=lambda record: place[record["image_id"]])
    if numbering == RENUMBERED:
        names = sorted(category["name"] for category in whole["categories"])
        of_name = {c["id"]: 1 + names.index(c["name"]) for c in whole["categories"]}
        for record in whole["annotations"]:
            record["id"] = new[record["id"]]
            record["image_id"] = 1 + place[record["image_id"]]
            record["category_id"] = of_name[record["category_id"]]
        for number, image in enumerate(whole["images"], 1):
            image["id"] = number
        for category in whole["categories"]:
            category["id"] = of_name[category["id"]]
    whole["info"]["cocofolds"] = {}
    return whole


@pytest.fixture
def data(tmp_path):
    """Write the document as a source; name it, and the file for its whole set."""
    source = tmp_path / "source.json"
    source.write_text(json.dumps(document()), encoding="utf-8")
    return str(source), str(tmp_path / "all.json")


def check(data, numbering):
    path, whole_path = data
    source = Source([path], [Dialect(format="coco")])
    whole, contents = read_whole_set(whole_path, lambda _: True, numbering)
    files = []
    rows = list(read_source(source, files))
    image_ids = "integer" if numbering == RENUMBERED else "source"
    compared = compare_with_source(
        whole, contents, rows, set(), set(), image_ids, numbering
    )
    compare_heads(whole, files, numbering)
    return compared


@pytest.mark.parametrize("numbering", [KEPT, RENUMBERED], ids=["kept", "renumbered"])
def test_faultless(data, numbering):
    write(data[1], expected_whole(numbering))
    compared = check(data, numbering)
    assert compared.numbers.tolist() == [1, 3, 4, 2, 7, 5, 6]
    assert len(compared.groups) == 6
    assert compared.n_drawn == 0


@pytest.mark.parametrize("ids", [(-1, -2), (77, 76 + 2**61), (2**70, str(2**70))])
def test_ids_of_the_same_hash_are_two(data, ids):
    whole = expected_whole(KEPT)
    for record, record_id in zip(whole["annotations"], ids, strict=False):
        record["id"] = record_id
    write(data[1], whole)
    _, contents = read_whole_set(data[1], lambda _: True, KEPT)
    assert len({*contents.ids.tolist()}) == 7


def test_areas_are_those_of_the_records(data):
    said = [14.5, 4, None, "4", 10**400, -1, True]
    whole = expected_whole(KEPT)
    for record, area in zip(whole["annotations"], said, strict=True):
        record.pop("area", None)
        # A key of the same name, deeper down, is another.
        record |= {"area": area} if area else {"attributes": {"area": 5}}
    write(data[1], whole)
    read, _ = read_whole_set(data[1], lambda _: True, KEPT)
    assert read.areas.tolist() == [14.5, 4, 0, 0, 0, 0, 0]


def annotation(place, **changes):
    return lambda whole: whole["annotations"][place].update(changes)


def other_category(whole):
    [unused] = [c["id"] for c in whole["categories"] if c["name"] == "unused"]
    whole["annotations"][0]["category_id"] = unused


def lose(key, place):
    return lambda whole: whole[key].pop(place)


def change(key, place, **changes):
    return lambda whole: whole[key][place].update(changes)


CHANGED = "the record is not what it was"
DAMAGE = {
    "another number": (change("annotations", 0, area=14.25), CHANGED),
    "another text": (change("annotations", 6, note="a"), CHANGED),
    "a key more": (change("annotations", 0, extra=1), CHANGED),
    "another category": (other_category, CHANGED),
    "another mask": (
        change("annotations", 0, segmentation=[[1, 2, 3, 4, 5, 6]]),
        CHANGED,
    ),
    "a mask of another size": (
        change("annotations", 0, segmentation={"size": [8, 6], "counts": [48]}),
        r"does not fit its image .*: its size is \[8, 6\]",
    ),
    "an annotation less": (lose("annotations", 2), "missing|is in its place|was"),
    "an image renamed": (change("images", 1, file_name="x.png"), CHANGED),
    "an image with a key more": (change("images", 2, extra=0), CHANGED),
    "an image less": (lose("images", 2), "its image is missing"),
    "a category with a key more": (change("categories", 2, extra=0), "categor"),
    "a category with another key": (
        change("categories", 1, supercategory=0),
        "categor",
    ),
}


@pytest.mark.parametrize("numbering", [KEPT, RENUMBERED], ids=["kept", "renumbered"])
@pytest.mark.parametrize(("damage", "message"), DAMAGE.values(), ids=DAMAGE)
def test_damage(data, numbering, damage, message):
    whole = expected_whole(numbering)
    damage(whole)
    write(data[1], whole)
    with pytest.raises(CheckError, match=message):
        check(data, numbering)


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole["info"].update(year=2015),
        lambda whole: whole["info"].pop("year"),
        lambda whole: whole["licenses"].pop(),
        lambda whole: whole.pop("videos"),
    ],
)
def test_damage_to_other_members(data, damage):
    whole = expected_whole(KEPT)
    damage(whole)
    write(data[1], whole)
    with pytest.raises(CheckError, match=r"'\w+' is not what it was"):
        check(data, KEPT)


def test_ids_of_a_list_are_the_numbers_of_the_annotations(data):
    whole = expected_whole(RENUMBERED)
    first, second = whole["annotations"][:2]
    first["id"], second["id"] = second["id"], first["id"]
    write(data[1], whole)
    with pytest.raises(CheckError, match="annotation 3 is in its place"):
        check(data, RENUMBERED)
