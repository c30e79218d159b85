import gzip
import hashlib
import json

import pytest

from cocofolds.errors import InputError
from cocofolds.source import read_source
from cocofolds.source_rows import Dialect, Source
from documents import DOCUMENT, document, spelled

COCO = Dialect(format="coco")


@pytest.fixture
def read(tmp_path):
    """Read a document; return its rows and what is known of the file."""

    def read(content, group_column=None, renamed=None, n_files=1):
        path = tmp_path / "a.json"
        if not isinstance(content, str):
            content = json.dumps(content)
        path.write_text(content, encoding="utf-8")
        files = []
        paths = [str(path)] * n_files
        source = Source(paths, [COCO] * n_files, group_column, renamed or {})
        return list(read_source(source, files)), files

    return read


def problems(rows):
    return {row.line: row.problem for row in rows if row.problem}


def test_rows(read):
    rows, [file] = read(DOCUMENT, "plate")
    assert problems(rows) == {}
    images, annotations = rows[:6], rows[6:]
    assert [row.line for row in rows] == [
        *(f"images[{place}]" for place in range(6)),
        *(f"annotations[{place}]" for place in range(7)),
    ]
    assert [row.image for row in images] == ["900", "7", "30", "8", "9", "10"]
    assert [row.group for row in images] == ["p1", "p1", "2", "2", "p3", "p3"]
    assert (images[1].width, images[1].height) == ("5", "7")
    assert not any(row.has_mask for row in images)
    assert all(row.has_mask and not row.runs for row in annotations)
    assert [row.number for row in annotations] == [1, 2, 3, 4, 5, 6, 7]
    assert [row.image for row in annotations] == [
        "900",
        "8",
        "900",
        "7",
        "9",
        "10",
        "8",
    ]
    assert [row.category for row in annotations[:3]] == ["person", "dog", "dog"]
    assert {(row.width, row.height, row.group) for row in rows if row.image == "7"} == {
        ("5", "7", "p1")
    }
    records = spelled(DOCUMENT)
    assert [spelled(row.record) for row in images] == records["images"]
    assert [spelled(row.record) for row in annotations] == records["annotations"]
    assert "14.50" in annotations[0].record
    assert file.numbers == range(1, 8)
    assert file.sha256 == hashlib.sha256(DOCUMENT.encode()).hexdigest()
    assert [*file.categories] == ["person", "dog", "unused"]
    assert file.members == {
        "info": '{"description":"caf\\u00e9","version":1.50,"year":2014}',
        "licenses": '[{"id":4,"name":"CC BY","url":"http:\\/\\/x"}]',
        "videos": '[{"id":1}]',
    }


def test_images_have_the_numbers_that_their_annotations_would_have_in_order(read):
    rows, _ = read(DOCUMENT)
    assert [row.number for row in rows[:6]] == [1, 3, 4, 4, 6, 7]


def test_in_a_list_images_are_known_by_their_file_names(read):
    rows, files = read(DOCUMENT, n_files=2)
    assert [row.image for row in rows[:2]] == ["a b/é.png", "神経.png"]
    assert rows[6].image == "a b/é.png"
    assert [row.number for row in rows if row.has_mask] == [*range(1, 15)]
    assert [file.numbers for file in files] == [range(1, 8), range(8, 15)]


def test_compressed(tmp_path):
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + DOCUMENT.encode()))
    files = []
    rows = list(read_source(Source([str(path)], [COCO]), files))
    assert len(rows) == 13
    assert files[0].name == "a.json"


def test_renamed_categories(read):
    rows, [file] = read(DOCUMENT, renamed={"dog": "person", "x": "y"})
    assert {row.category for row in rows if row.has_mask} == {"person"}
    assert [*file.categories] == ["person", "unused"]


def test_categories_that_share_a_name(read):
    categories = [
        {"id": 0, "name": "fish"},
        {"id": 18, "name": "fish", "supercategory": "fish"},
        {"id": 90, "name": "crab"},
    ]
    rows, [file] = read(document(categories=categories))
    assert [*file.categories] == ["fish (id 0)", "fish (id 18)", "crab"]
    assert rows[6].category == "fish (id 0)"


def test_a_category_of_a_name_that_is_made_up(read):
    names = ["a", "a", "a (id 2)"]
    categories = [{"id": n, "name": name} for n, name in enumerate(names, 1)]
    with pytest.raises(InputError, match=r"category 'a \(id 2\)', and the one of"):
        read(document(categories=categories))


def changed(key, place, **changes):
    """Change a record; a value of None takes the key out."""
    records = document()[key]
    record = {**records[place], **changes}
    records[place] = {k: value for k, value in record.items() if value is not None}
    return document(**{key: records})


NO_ID = "is neither a whole number nor text"
FAULTS = {
    "annotation without id": ("annotations", 1, {"id": None}, "it has no 'id'"),
    "annotation without image": (
        "annotations",
        1,
        {"image_id": None},
        "it has no 'image_id'",
    ),
    "annotation without category": (
        "annotations",
        1,
        {"category_id": None},
        "it has no 'category_id'",
    ),
    "unknown image": (
        "annotations",
        1,
        {"image_id": 99},
        "no sound image of its image_id, 99",
    ),
    "image id as text": (
        "annotations",
        1,
        {"image_id": "8"},
        "no sound image of its image_id, '8'",
    ),
    "unknown category": (
        "annotations",
        1,
        {"category_id": 5},
        "no sound category of its category_id, 5",
    ),
    "repeated id": (
        "annotations",
        3,
        {"id": 3},
        "its id, 3, is that of annotations[1]",
    ),
    "repeated text": (
        "annotations",
        6,
        {"id": "six"},
        "its id, 'six', is that of annotations[4]",
    ),
    "id with a point": ("annotations", 1, {"id": 3.0}, NO_ID),
    "id that is a list": ("annotations", 1, {"id": [3]}, NO_ID),
    "id that is true": ("annotations", 1, {"id": True}, NO_ID),
    "id that is empty": ("annotations", 1, {"id": ""}, NO_ID),
    "id that cannot be written": ("annotations", 1, {"id": "\ud800"}, NO_ID),
    "image id with a point": ("annotations", 1, {"image_id": 8.0}, NO_ID),
    "category id as a list": ("annotations", 1, {"category_id": [0]}, NO_ID),
    "image without id": ("images", 2, {"id": None}, "it has no 'id'"),
    "image without name": ("images", 2, {"file_name": None}, "it has no 'file_name'"),
    "image without width": ("images", 2, {"width": None}, "it has no 'width'"),
    "image without height": ("images", 2, {"height": None}, "it has no 'height'"),
    "width that is text": ("images", 2, {"width": "4"}, "'4', is no whole number"),
    "height with a point": ("images", 2, {"height": 4.0}, "4.0, is no whole number"),
    "file name that is a number": ("images", 2, {"file_name": 5}, "is no text"),
    "repeated image": ("images", 2, {"id": 7}, "its id, 7, is that of images[1]"),
    "the same id as text": (
        "images",
        2,
        {"id": "7"},
        "its id, '7', is that of images[1]",
    ),
    "category without name": ("categories", 2, {"name": None}, "it has no 'name'"),
    "category with an empty name": ("categories", 2, {"name": ""}, "is no text"),
    "category without id": ("categories", 2, {"id": None}, "it has no 'id'"),
    "repeated category": ("categories", 2, {"id": 0}, "that of categories[0]"),
}


@pytest.mark.parametrize(
    ("key", "place", "changes", "problem"), FAULTS.values(), ids=FAULTS
)
def test_faulty_record(read, key, place, changes, problem):
    found = problems(read(changed(key, place, **changes))[0])
    assert [*found] == [f"{key}[{place}]"]
    assert problem in found[f"{key}[{place}]"]


@pytest.mark.parametrize("key", ["images", "annotations", "categories"])
@pytest.mark.parametrize("record", [None, 5, "x", []])
def test_record_that_is_no_object(read, key, record):
    found = problems(read(document(**{key: [*document()[key], record]}))[0])
    assert [*found.values()] == ["it is no object"]


def test_records_that_stand_under_their_ids(read):
    """So they do in LIVECell."""
    content = document()
    expected, _ = read(content)
    for key in ("images", "annotations", "categories"):
        content[key] = {str(record["id"]): record for record in content[key]}
    rows, _ = read(content)
    assert [row._replace(line="") for row in rows] == [
        row._replace(line="") for row in expected
    ]
    assert rows[0].line == 'images["900"]'
    assert rows[-1].line == 'annotations["2"]'


def test_a_file_that_is_read_no_further(read, monkeypatch):
    monkeypatch.setattr("cocofolds.coco_source._MOST_FAULTY", 5)
    faulty = [{"id": 1}] * 5
    assert len(problems(read(document(images=faulty))[0])) == 5 + 7
    with pytest.raises(
        InputError, match=r"more than 5 faulty .* images\[5\]: it has no"
    ):
        read(document(images=[*faulty, {}]))


def test_records_that_do_not_stand_under_their_ids(read):
    text = """{"images": [{"id": 1, "file_name": "a", "width": 2, "height": 3}],
      "categories": [{"id": 1, "name": "a"}],
      "annotations": {"4": {"id": 4, "image_id": 1, "category_id": 1},
                      "5": {"id": 6, "image_id": 1, "category_id": 1},
                      "4": {"id": 4, "image_id": 1, "category_id": 1}}}"""
    rows, [file] = read(text)
    assert [(row.line, row.problem) for row in rows[1:]] == [
        ('annotations["4"]', ""),
        ('annotations["5"]', "its id is 6"),
        ('annotations["4"]', 'its id, 4, is that of annotations["4"]'),
    ]
    assert file.numbers == range(1, 4)


def test_annotations_of_a_faulty_image_are_faulty(read):
    found = problems(read(changed("images", 3, width=None))[0])
    assert [*found] == ["images[3]", "annotations[1]", "annotations[6]"]
    assert found["annotations[1]"] == "there is no sound image of its image_id, 8"


def test_ids_of_the_same_hash_are_two(read):
    assert hash(-1) == hash(-2)
    annotations = document()["annotations"]
    annotations[0]["id"], annotations[1]["id"] = -1, -2
    assert problems(read(document(annotations=annotations))[0]) == {}


def test_id_that_stands_three_times(read):
    annotations = document()["annotations"]
    for annotation in annotations[2:5]:
        annotation["id"] = 4
    found = problems(read(document(annotations=annotations))[0])
    assert [*found] == ["annotations[3]", "annotations[4]"]


def test_one_file_name_twice_in_a_list(read):
    content = changed("images", 1, file_name="d.png")
    assert problems(read(content)[0]) == {}
    found = problems(read(content, n_files=2)[0])
    assert found["images[3]"] == "its file_name, 'd.png', is that of images[1]"


def test_group_that_no_image_has(read):
    message = r"no image has the key 'plat'\. The first one has 'id', 'file_name', "
    with pytest.raises(InputError, match=message):
        read(DOCUMENT, "plat")


@pytest.mark.parametrize("value", [None, [], {}, 1.5, True, ""])
def test_group_that_is_none(read, value):
    images = [{**image, "plate": value} for image in document()["images"]]
    rows, _ = read(document(images=images), "plate")
    assert {row.group for row in rows} == {""}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": []}, "it has no images. Is it a COCO JSON"),
        ({"categories": []}, "it has no categories"),
        ({"info": []}, "'info' is no object"),
        ({"licenses": {}}, "'licenses' is no list of objects"),
        ({"licenses": [1]}, "'licenses' is no list of objects"),
        ({"images": {}}, "it has no images. Is it a COCO JSON"),
        ({"images": 5}, "images: .*it is neither a list nor an object"),
    ],
)
def test_document_that_is_none_of_coco(read, changes, message):
    with pytest.raises(InputError, match=message):
        read(document(**changes))


def test_no_annotations(read):
    rows, [file] = read(document(annotations=[]))
    assert len(rows) == 6
    assert file.numbers == range(1, 1)


def test_not_in_utf_8(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(DOCUMENT.encode("utf-16"))
    with pytest.raises(InputError, match=r"a\.json: not UTF-8"):
        list(read_source(Source([str(path)], [COCO])))
