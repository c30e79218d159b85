import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from data_sets import (
    DIAGONALS,
    N_FOLDS,
    RENUMBERED,
    SPLIT,
    build,
    deal_again,
    edit,
    fold_of_annotations,
    read,
    some_masks,
)
from oracles import as_in_pycocotools, drawn

from cocofolds.checks.annotations import (
    compare_categories,
    compare_groups,
    compare_with_source,
    draw,
)
from cocofolds.checks.file_names import compare_file_names
from cocofolds.checks.splits import (
    compare_folds,
    fold_table,
    read_fold_numbers,
    refuse_another_whole_set,
    undivided_copies,
    undivided_groups,
)
from cocofolds.checks.whole_set import load_whole_set, read_whole_set
from cocofolds.errors import CheckError
from cocofolds.sources.reading import read_source
from cocofolds.sources.records import Dialect

SPLITS = ("image", "group", "annotation")


def check(data):
    whole, contents = read_whole_set(data.whole, lambda _: False, RENUMBERED)
    rows = read_source(data.source)
    compared = compare_with_source(
        whole, contents, rows, data.rejected, data.changed, data.image_ids, RENUMBERED
    )
    assert compared.numbers.tolist() == contents.ids.tolist()
    compare_file_names(whole, compared.of_tables, data.source, None, {}, "{id}.png")
    fold_of = read_fold_numbers(
        whole, data.fold_rows, data.split_by, data.image_ids, N_FOLDS
    )
    compare_categories(whole, compared.category_names, None)
    compare_folds(whole, data.folds, fold_of, SPLIT)
    if data.split_by == "group":
        undivided_groups(with_groups(whole, compared.groups), fold_of)
    return whole, compared.groups, compared.n_drawn, fold_of


def with_groups(whole, groups):
    """Number the groups as `check_annotations` does."""
    names = [groups[str(image["id"])] for image in whole.images]
    numbers = [[*dict.fromkeys(names)].index(name) for name in names]
    return whole._replace(groups=np.array(numbers, np.int32))


def fails(data, message):
    with pytest.raises(CheckError, match=message):
        check(data)


@pytest.fixture(scope="module")
def faultless(tmp_path_factory):
    """A faultless data set for each kind of split."""
    return {
        split_by: build(tmp_path_factory.mktemp(split_by), split_by)
        for split_by in SPLITS
    }


@pytest.fixture
def copy(faultless, tmp_path):
    """Copy a faultless data set, to damage it."""

    def copy(split_by="image"):
        data = faultless[split_by]
        shutil.copytree(Path(data.whole).parent, tmp_path, dirs_exist_ok=True)

        def moved(path):
            return str(tmp_path / Path(path).name)

        return data._replace(
            source=data.source._replace(paths=[moved(data.source.paths[0])]),
            rejected={(moved(path), line) for path, line in data.rejected},
            whole=moved(data.whole),
            folds=[(moved(train), moved(val)) for train, val in data.folds],
        )

    return copy


@pytest.fixture
def data(copy):
    return copy()


# What is faultless passes


@pytest.mark.parametrize("order", ["row", "column"])
@pytest.mark.parametrize("image_ids", ["integer", "source"])
@pytest.mark.parametrize("split_by", SPLITS)
def test_faultless(tmp_path, split_by, image_ids, order):
    data = build(tmp_path, split_by, image_ids, order)
    whole, groups, n_compared, fold_of = check(data)
    ids = [record["id"] for record in read(data.whole)["annotations"]]
    assert sorted(ids) == [1, 2, 3, *range(7, 64)]
    assert whole.numbers.tolist() == ids
    assert n_compared == 60
    assert dict(
        zip(ids, fold_of.of_annotations.tolist(), strict=True)
    ) == fold_of_annotations(data)
    assert set(fold_of.of_annotations.tolist()) == {1, 2, 3}
    assert set(groups) == {str(image["id"]) for image in read(data.whole)["images"]}
    assert Counter(groups.values()) == {f"plate {number}": 2 for number in range(6)}


@pytest.mark.parametrize("split_by", SPLITS)
def test_written_again_without_damage(copy, split_by):
    data = copy(split_by)
    edit(lambda document: None, *data.paths)
    check(data)
    deal_again(data, fold_of_annotations(data))
    check(data)


def test_empty_val_file(data):
    fold_of = fold_of_annotations(data)
    fold_of = {number: min(fold, 2) for number, fold in fold_of.items()}
    deal_again(data, fold_of)
    rows = [{**row, "fold": str(min(int(row["fold"]), 2))} for row in data.fold_rows]
    *_, found = check(data._replace(fold_rows=rows))
    assert set(found.of_annotations.tolist()) == {1, 2}


# One annotation, damaged alike in all files


def record(**changes):
    return lambda record: record.update(changes)


def segmentation(**changes):
    return lambda record: record["segmentation"].update(changes)


def mask(picture):
    """Another mask, with its own area and box."""

    def change(record):
        counts, area, box = as_in_pycocotools(picture)
        record.update(area=area, bbox=box)
        record["segmentation"]["counts"] = counts

    return change


ALL_PIXELS = np.ones((2, 3))
NOT_OF_THE_MASK = "annotation 1 says area .* and box .*, but its mask has"
UNKNOWN = "annotation 1 is of an unknown image, "
BELOW_1 = "the annotation id"
NOT_OF_THE_ROW = "line 2, against annotation 1 of .*: expected .*, but found "
OTHER_PIXELS = "line 2: annotation 1 is another mask"
ANOTHER_SIZE = "the mask of annotation 1 has another size than its image"
RECORD_DAMAGE = {
    "area too large": (record(area=3), NOT_OF_THE_MASK),
    "area too small": (record(area=1), NOT_OF_THE_MASK),
    "x too large": (record(bbox=[1, 0, 2, 2]), NOT_OF_THE_MASK),
    "y too large": (record(bbox=[0, 1, 2, 2]), NOT_OF_THE_MASK),
    "width too large": (record(bbox=[0, 0, 3, 2]), NOT_OF_THE_MASK),
    "height too small": (record(bbox=[0, 0, 2, 1]), NOT_OF_THE_MASK),
    "box by its corners": (record(bbox=[0, 0, 1, 1]), NOT_OF_THE_MASK),
    "counts of another mask": (
        segmentation(counts=as_in_pycocotools(ALL_PIXELS)[0]),
        NOT_OF_THE_MASK,
    ),
    "attributes that the row has not": (record(attribute_ids=[]), OTHER_PIXELS),
    "size turned": (segmentation(size=[3, 2]), NOT_OF_THE_MASK),
    "size too wide": (segmentation(size=[2, 4]), ANOTHER_SIZE),
    "size too narrow": (segmentation(size=[2, 2]), ANOTHER_SIZE),
    "id 0": (record(id=0), f"{BELOW_1} 0 is below 1"),
    "id -1": (record(id=-1), f"{BELOW_1} -1 is below 1"),
    "id of another": (record(id=2), "two annotations have the same id"),
    "id of a rejected row": (
        record(id=4),
        "annotation 1 .*: annotation 4 is in its place",
    ),
    "id past the last row": (
        record(id=99),
        "annotation 1 .*: annotation 99 is in its place",
    ),
    "unknown image": (record(image_id=99), f"{UNKNOWN}99"),
    "image id as text": (record(image_id="1"), UNKNOWN),
    "unknown category": (record(category_id=9), rf"{UNKNOWN}.*category, 9\."),
    "category 0": (record(category_id=0), rf"{UNKNOWN}.*category, 0\."),
    "mask of another area": (mask(ALL_PIXELS), NOT_OF_THE_ROW),
    "mask moved": (mask(np.roll(DIAGONALS[0], 1, axis=1)), OTHER_PIXELS),
    "mask of the same area and box": (mask(DIAGONALS[1]), OTHER_PIXELS),
}


def damage(data, change):
    """Change annotation 1 in all files."""

    def change_annotation_1(document):
        for annotation in document["annotations"]:
            if annotation["id"] == 1:
                change(annotation)

    edit(change_annotation_1, *data.paths)


@pytest.mark.parametrize(
    ("change", "message"), RECORD_DAMAGE.values(), ids=RECORD_DAMAGE
)
def test_annotation(data, change, message):
    damage(data, change)
    fails(data, message)


@pytest.mark.parametrize(
    ("blank", "around"), [("  ", ""), (" ", " "), ("\t", ""), (" 0", "")]
)
def test_runs_written_another_way(tmp_path, blank, around):
    masks = some_masks()
    for place in (0, 5):
        name, runs, *size = masks[place]
        masks[place] = name, around + runs.replace(" ", blank) + around, *size
    data = build(tmp_path, masks=masks)
    check(data)
    damage(data, mask(ALL_PIXELS))
    fails(data, NOT_OF_THE_ROW)


def test_category_of_another(data):
    def swap(annotation):
        annotation["category_id"] = 1 + annotation["category_id"] % 3

    damage(data, swap)
    fails(data, NOT_OF_THE_ROW)


# Annotations, images and categories, damaged alike in all files


def lose(number):
    def change(document):
        kept = [r for r in document["annotations"] if r["id"] != number]
        document["annotations"] = kept

    return change


@pytest.mark.parametrize("number", [1, 30, 63])
def test_lost_annotation(data, number):
    edit(lose(number), *data.paths)
    message = (
        rf"against annotation {number} of .*: (it is missing|annotation \d+ is in)"
    )
    fails(data, message)


def test_lost_image(data):
    lost = read(data.whole)["images"][-1]["id"]

    def lose_image(document):
        document["images"] = [i for i in document["images"] if i["id"] != lost]
        kept = [r for r in document["annotations"] if r["image_id"] != lost]
        document["annotations"] = kept

    edit(lose_image, *data.paths)
    fails(data, "its image is missing")


def test_all_annotations_lost(data):
    edit(lambda document: document.update(annotations=[]), *data.paths)
    fails(data, "missing")


@pytest.mark.parametrize("number", [4, 64], ids=["of a rejected row", "of no row"])
def test_invented_annotation(data, number):
    def invent(document):
        document["annotations"].append({**document["annotations"][-1], "id": number})

    edit(invent, data.whole)
    fails(data, "has 61 annotations of 12 images, the source 60 of 12")


def test_doubled_annotation(data):
    edit(
        lambda document: document["annotations"].insert(9, document["annotations"][9]),
        data.whole,
    )
    fails(data, "two annotations have the same id")


def test_rejected_row_that_is_not_known_as_such(data):
    path, line = min(data.rejected)
    fails(data._replace(rejected=data.rejected - {(path, line)}), "4 .*: annotation")


def test_row_that_is_wrongly_known_as_rejected(data):
    rejected = {*data.rejected, (data.source.paths[0], "64")}
    fails(data._replace(rejected=rejected), "60 annotations .*, the source 59 of")


def test_swapped_image_ids(data):
    images = read(data.whole)["images"]
    first = images[0]
    second = next(
        image
        for image in images[1:]
        if (image["width"], image["height"]) == (first["width"], first["height"])
    )
    other = {first["id"]: second["id"], second["id"]: first["id"]}

    def swap(document):
        for annotation in document["annotations"]:
            image_id = annotation["image_id"]
            annotation["image_id"] = other.get(image_id, image_id)

    edit(swap, *data.paths)
    fails(data, "the annotations are not in order")


def exchange_ids(document):
    """Give the last annotation of an image and the first of the next the other's id."""
    annotations = document["annotations"]
    place = next(
        n
        for n, annotation in enumerate(annotations)
        if annotation["image_id"] != annotations[0]["image_id"]
    )
    first, second = annotations[place - 1 : place + 1]
    first["id"], second["id"] = second["id"], first["id"]


def turn_images(document):
    for image in document["images"]:
        image["width"], image["height"] = image["height"], image["width"]


def widen_images(document):
    for image in document["images"]:
        image["width"] += 1


def widen_images_and_masks(document):
    widen_images(document)
    for annotation in document["annotations"]:
        annotation["segmentation"]["size"][1] += 1


def number_twice(what):
    def change(document):
        document[what][1]["id"] = document[what][0]["id"]

    return change


def swap_category_names(document):
    first, second = document["categories"][:2]
    first["name"], second["name"] = second["name"], first["name"]


def swap_file_names(document):
    first, second = document["images"][:2]
    first["file_name"], second["file_name"] = second["file_name"], first["file_name"]


def number_from_2(document):
    for record in document["categories"]:
        record["id"] += 1
    for record in document["annotations"]:
        record["category_id"] += 1


def add_image(document):
    document["images"].append({**document["images"][0], "id": 99})


WHOLE_DAMAGE = {
    "images turned": (turn_images, ANOTHER_SIZE),
    "images wider": (widen_images, ANOTHER_SIZE),
    "images and masks wider": (widen_images_and_masks, NOT_OF_THE_ROW),
    "ids exchanged": (exchange_ids, "is in its place"),
    "image added": (add_image, "60 annotations of 13 images, the source 60 of 12"),
    "two images with one id": (number_twice("images"), "two images, or two categories"),
    "two categories with one id": (number_twice("categories"), "or two categories"),
    "categories swapped": (swap_category_names, "expected .*, but found "),
    "file names swapped": (
        swap_file_names,
        r"the image 'img \d+' has the file name '(img \d+.png)', but should have",
    ),
    "category without annotations added": (
        lambda document: document["categories"].append({"id": 4, "name": "d"}),
        "its categories are not those of the source, such as 'd' with the id 4",
    ),
    "categories numbered from 2": (number_from_2, "such as 'a' with the id 2"),
}


@pytest.mark.parametrize(("change", "message"), WHOLE_DAMAGE.values(), ids=WHOLE_DAMAGE)
def test_images_and_categories(data, change, message):
    edit(change, *data.paths)
    fails(data, message)


def test_other_kind_of_image_ids(data):
    fails(data._replace(image_ids="source"), "its image is missing")


def test_other_order_of_pixels(data):
    [dialect] = data.source.dialects
    source = data.source._replace(dialects=[dialect._replace(order="column")])
    fails(data._replace(source=source), "is another mask")


# Who is in which file


def move(data, chosen):
    """Put the chosen annotations into the files of the next fold."""
    fold_of = fold_of_annotations(data)
    moved = {number: fold_of[number] % N_FOLDS + 1 for number in chosen}
    assert moved
    deal_again(data, fold_of | moved)


@pytest.mark.parametrize("split_by", SPLITS)
def test_annotation_in_the_files_of_another_fold(copy, split_by):
    data = copy(split_by)
    move(data, [1])
    fails(
        data,
        r"annotation \d+ of .* is missing, changed|its 'images' is not|should not have",
    )


def dealt_anew(data, key, value):
    """Deal an image, or an annotation, to the next fold in `folds.csv`."""
    rows = [
        {**row, "fold": str(int(row["fold"]) % N_FOLDS + 1)}
        if row[key] == value
        else row
        for row in data.fold_rows
    ]
    assert rows != data.fold_rows
    return data._replace(fold_rows=rows)


@pytest.mark.parametrize("split_by", SPLITS)
def test_files_of_another_deal(copy, split_by):
    key = "annotation_id" if split_by == "annotation" else "image_id"
    data = dealt_anew(copy(split_by), key, "1")
    fails(data, "is missing, changed|its 'images' is not|should not have")


def test_group_in_two_folds(copy):
    data = dealt_anew(copy("group"), "image_id", "1")
    fold_of = fold_of_annotations(data)
    of_image_1 = {
        record["id"]: fold_of[record["id"]] % N_FOLDS + 1
        for record in read(data.whole)["annotations"]
        if record["image_id"] == 1
    }
    deal_again(data, fold_of | of_image_1)
    fails(data, "'img 0.png' and .* are of one group, but held out in two folds")
    check(data._replace(split_by="image"))


def take_in(path):
    """Take the images and annotations of another file into a document, in order."""
    other = read(path)

    def change(document):
        document["images"] += other["images"]
        document["images"].sort(key=lambda image: image["id"])
        document["annotations"] += other["annotations"]
        document["annotations"].sort(key=lambda r: (r["image_id"], r["id"]))

    return change


def test_annotations_in_two_val_files(data):
    (_, first), (_, second), _ = data.folds
    edit(take_in(second), first)
    fails(data, "val_1.json: its 'images' is not what it should be")


def test_annotations_in_val_and_train(data):
    train, val = data.folds[1]
    edit(take_in(val), train)
    fails(data, "train_2.json: its 'images' is not what it should be")


def test_train_and_val_swapped(data):
    folds = [*data.folds[:2], data.folds[2][::-1]]
    fails(data._replace(folds=folds), "its 'info' is not what it should be")


DEAL_DAMAGE = {
    "row lost": (lambda rows: rows.pop(), "s without a fold: 1"),
    "row twice": (lambda rows: rows.append(rows[0]), "assigned twice"),
    "fold 0": (lambda rows: rows[0].update(fold="0"), "fold 0: .* none of 3 folds"),
    "fold 4": (lambda rows: rows[0].update(fold="4"), "fold 4: .* none of 3 folds"),
    "unknown": (
        lambda rows: rows[0].update(dict.fromkeys(list(rows[0])[:-1], "99")),
        "99, fold .: unknown",
    ),
}


@pytest.mark.parametrize(("change", "message"), DEAL_DAMAGE.values(), ids=DEAL_DAMAGE)
@pytest.mark.parametrize("image_ids", ["integer", "source"])
@pytest.mark.parametrize("split_by", SPLITS)
def test_deal(tmp_path, split_by, image_ids, change, message):
    data = build(tmp_path, split_by, image_ids)
    change(data.fold_rows)
    fails(data, f"folds.csv: .*{message}")


def swap(what):
    def change(document):
        document[what][:2] = document[what][1::-1]

    return change


def drop(what, place=1):
    def change(document):
        del document[what][place]

    return change


def double(what):
    def change(document):
        document[what].insert(1, document[what][0])

    return change


def alter(what, **changes):
    def change(document):
        document[what][1].update(changes)

    return change


NOT_THERE = r"_2.json: annotation \d+ of .*all.json is missing, changed"
TOO_MANY = "_2.json: it has annotations that it should not have"
NOT_ITS_IMAGES = "_2.json: its 'images' is not what it should be"
NOT_ITS_INFO = "_2.json: its 'info' is not what it should be"
NOT_ITS_CATEGORIES = "_2.json: its 'categories' is not what it should be"
PART_DAMAGE = {
    "annotation lost": (drop("annotations"), NOT_THERE),
    "last annotation lost": (drop("annotations", -1), NOT_THERE),
    "annotation doubled": (double("annotations"), NOT_THERE),
    "last annotation doubled": (
        lambda document: document["annotations"].append(document["annotations"][-1]),
        TOO_MANY,
    ),
    "annotations swapped": (swap("annotations"), NOT_THERE),
    "annotation altered": (alter("annotations", iscrowd=1), NOT_THERE),
    "image lost": (drop("images"), NOT_ITS_IMAGES),
    "images swapped": (swap("images"), NOT_ITS_IMAGES),
    "image added": (add_image, NOT_ITS_IMAGES),
    "image altered": (alter("images", file_name="a.png"), NOT_ITS_IMAGES),
    "image doubled": (double("images"), NOT_ITS_IMAGES),
    "categories swapped": (swap("categories"), NOT_ITS_CATEGORIES),
    "category renamed": (alter("categories", name="d"), NOT_ITS_CATEGORIES),
    "info of another fold": (
        lambda document: document["info"].update(fold=3),
        NOT_ITS_INFO,
    ),
    "info without its seed": (
        lambda document: document["info"].pop("seed"),
        NOT_ITS_INFO,
    ),
    "info changed": (
        lambda document: document["info"].update(description="mine"),
        NOT_ITS_INFO,
    ),
    "licenses changed": (
        lambda document: document["licenses"].append({"id": 1}),
        "_2.json: its 'licenses' is not what it should be",
    ),
    "a member more": (
        lambda document: document.update(videos=[]),
        "_2.json: its 'videos' is not what it should be",
    ),
}


@pytest.mark.parametrize("part", [0, 1], ids=["train", "val"])
@pytest.mark.parametrize(("change", "message"), PART_DAMAGE.values(), ids=PART_DAMAGE)
def test_part(data, change, message, part):
    edit(change, data.folds[1][part])
    fails(data, message)


def test_many_annotations_that_the_whole_set_has_not(data):
    def invent(document):
        document["annotations"] = [{"id": number} for number in range(9_000)]

    edit(invent, data.folds[1][1])
    fails(data, NOT_THERE)


@pytest.mark.parametrize("place", [0, 12, 13, 299])
def test_each_of_many_in_a_part(many, tmp_path, place, monkeypatch):
    """However many folds are compared at a time."""
    monkeypatch.setattr("cocofolds.checks.splits._FOLDS", 2)
    check(many)
    train, val = many.folds[0]
    damaged = str(tmp_path / "train.json")
    shutil.copy(train, damaged)
    number = read(train)["annotations"][place]["id"]
    edit(lambda document: document["annotations"].pop(place), damaged)
    folds = [(damaged, val), *many.folds[1:]]
    fails(many._replace(folds=folds), f"annotation {number} of .* is missing, changed")


def test_images_of_an_annotation_split(copy):
    """Files of such a split share images, but each has its own list of them."""
    data = copy("annotation")
    edit(drop("images"), data.folds[0][1])
    fails(data, "val_1.json: its 'images' is not what it should be")


# The form of the files


def in_annotations(old, new):
    """Replace the first occurrence behind the head."""

    def change(text):
        head, mark, annotations = text.partition('"annotations":[\n')
        return head + mark + annotations.replace(old, new, 1)

    return change


FORM_DAMAGE = {
    "cut in a record": lambda text: text[:-40],
    "cut behind a comma": lambda text: text[: text.rindex(",\n") + 2],
    "cut behind the last record": lambda text: text.removesuffix("]}\n"),
    "last byte lost": lambda text: text[:-1],
    "garbage at the end": lambda text: text + "x",
    "ended twice": lambda text: text + "]}\n",
    "comma behind the last record": in_annotations("\n]}\n", ",\n]}\n"),
    "comma lost between records": in_annotations(",\n", "\n"),
    "first byte lost": lambda text: text[1:],
    "comma lost in the head": lambda text: text.replace(",\n", "\n", 1),
    "cut in the head": lambda text: text[:99],
    "empty": lambda text: "",
}


@pytest.mark.parametrize("place", [0, 1, 2], ids=["whole", "train", "val"])
@pytest.mark.parametrize("change", FORM_DAMAGE.values(), ids=FORM_DAMAGE)
def test_form(data, change, place):
    path = Path(data.paths[place])
    path.write_text(change(path.read_text()))
    fails(data, f"{path}: (not JSON|the list .* end well|.* is missing, changed)")


def test_line_that_is_not_json(data):
    path = Path(data.whole)
    path.write_text(in_annotations('{"id":', '["id":')(path.read_text()))
    fails(data, f"{path}: ")


# Many annotations, and large images


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    return build(tmp_path_factory.mktemp("many"), masks=some_masks(n_rows=600))


def test_a_sample_of_many(many):
    _, _, n_compared, fold_of = check(many)
    assert len(fold_of.of_annotations) == 600
    assert n_compared == 200


@pytest.mark.parametrize("place", [0, 254, 255, 509, 510, 599])
def test_each_of_many(many, tmp_path, place):
    whole = str(tmp_path / "all.json")
    shutil.copy(many.whole, whole)

    def enlarge(document):
        document["annotations"][place]["area"] += 1

    edit(enlarge, whole)
    fails(many._replace(whole=whole), "but its mask has")


@pytest.mark.parametrize("width", [2, 4])
def test_size_beside_a_mask_outside_the_sample(many, tmp_path, width):
    whole = str(tmp_path / "all.json")
    shutil.copy(many.whole, whole)

    def resize(document):
        assert document["annotations"][0]["segmentation"]["size"] == [2, 3]
        document["annotations"][0]["segmentation"]["size"] = [2, width]

    edit(resize, whole)
    fails(many._replace(whole=whole), "annotation 1 has another size")


@pytest.mark.parametrize(
    "n_whole",
    [
        253,
        254,
        255,
    ],
)
def test_many_cut_in_a_record(many, tmp_path, n_whole):
    lines = Path(many.whole).read_bytes().splitlines(keepends=True)
    first = lines.index(b'"annotations":[\n') + 1
    whole = tmp_path / "all.json"
    whole.write_bytes(b"".join(lines[: first + n_whole]) + lines[first + n_whole][:-30])
    fails(many._replace(whole=str(whole)), "does not end well|not JSON")


def test_image_that_is_too_large_to_draw(tmp_path):
    masks = [("large", "7 1", 8192, 8193), *some_masks(n_rows=20)]
    _, _, n_compared, _ = check(build(tmp_path, masks=masks))
    assert n_compared == 20


# What the checks hand on


@pytest.mark.parametrize("order", ["row", "column"])
def test_draw(order):
    runs = "2 3 7 6 20 1"
    picture = draw(runs, 4, 5, Dialect("id", "runs", order))
    assert picture.dtype == np.uint8
    assert picture.tolist() == drawn(runs, 4, 5, order).tolist()


@pytest.mark.parametrize("split_by", SPLITS)
def test_fold_table(faultless, split_by):
    data = faultless[split_by]
    whole, *_, fold_of = check(data)
    expected = []
    for fold, (_, val) in enumerate(data.folds, 1):
        for number, name in enumerate("abc", 1):
            annotations = [
                record
                for record in read(val)["annotations"]
                if record["category_id"] == number
            ]
            images = {record["image_id"] for record in annotations}
            expected.append((fold, name, len(images), len(annotations)))
    assert fold_table(whole, fold_of, len(data.folds)) == expected


def test_fold_table_has_folds_without_annotations(faultless):
    whole, *_, fold_of = check(faultless["image"])
    all_in_the_first = fold_of._replace(of_annotations=fold_of.of_annotations * 0 + 1)
    table = fold_table(whole, all_in_the_first, 5)
    assert [row[:2] for row in table] == [(f, c) for f in range(1, 6) for c in "abc"]
    assert sum(row[3] for row in table[:3]) == len(whole.numbers)
    assert not any(row[2] or row[3] for row in table[3:])


def test_fold_table_of_images_without_annotations(faultless):
    whole, *_, fold_of = check(faultless["image"])
    nothing = np.zeros(0, np.int32)
    empty = whole._replace(category_positions=nothing, image_positions=nothing)
    fold_of = fold_of._replace(of_annotations=nothing)
    table = [row for row in fold_table(empty, fold_of, 3) if not row[1]]
    counts = np.bincount(fold_of.of_images)[1:]
    assert table == [(fold, "", n, 0) for fold, n in enumerate(counts, 1)]


def test_the_whole_set_without_its_annotations(data, tmp_path):
    whole, _ = read_whole_set(data.whole, lambda _: False, RENUMBERED)
    checked = tmp_path / "checked.json"
    checked.write_text(json.dumps({"all.json": whole.digest}))
    loaded = load_whole_set(data.whole, data.columns, str(checked))
    for name, value in whole._replace(groups=loaded.groups)._asdict().items():
        np.testing.assert_array_equal(getattr(loaded, name), value, strict=True)


def test_groups_of_the_images(data):
    whole, groups, *_ = check(data)
    images = [{"group": groups[str(image["id"])]} for image in whole.images]
    compare_groups(whole, groups, images)
    for wrong in (images[1:], [*images, images[0]], [{"group": "x"}, *images[1:]]):
        with pytest.raises(CheckError, match="groups are not those of the source"):
            compare_groups(whole, groups, wrong)


def test_folds_by_group(copy):
    data = copy("group")
    whole, groups, _, fold_of = check(data)
    assert undivided_groups(with_groups(whole, groups), fold_of) == 6


def test_whole_set_that_was_changed_after_its_check(data):
    whole, *_ = check(data)
    refuse_another_whole_set(whole)
    edit(lambda document: document["images"][0].update(file_name="x.png"), data.whole)
    with pytest.raises(CheckError, match=r"all.json: it was changed after .* Delete"):
        refuse_another_whole_set(whole)


def test_mask_that_is_not_that_of_the_source(data):
    damage(data, mask(ALL_PIXELS))
    fails(data, NOT_OF_THE_ROW)
    check(data._replace(changed={(data.source.paths[0], "2")}))


@pytest.mark.parametrize("image_ids", ["integer", "source"])
def test_copies_in_one_fold(copy, image_ids):
    data = copy("image")
    whole, *_, fold_of = check(data)
    images = [str(image["id"]) for image in whole.images]
    folds = fold_of.of_images.tolist()
    key = "image_id" if image_ids == "integer" else "source_id"

    def pair(first, second):
        ends = {"first": first, "second": second}
        return {
            **{f"{end}_{key}": images[n] for end, n in ends.items()},
            **{f"{end}_file_name": f"{n}.png" for end, n in ends.items()},
        }

    together = [
        pair(one, other)
        for one, fold in enumerate(folds)
        for other in range(one)
        if folds[other] == fold
    ]
    apart = next(n for n, fold in enumerate(folds) if fold != folds[0])
    assert len(together) > 1
    assert undivided_copies(whole, fold_of, together, image_ids) == len(together)
    assert undivided_copies(whole, fold_of, [], image_ids) == 0
    message = f"'0.png' and '{apart}.png' are copies of each other, but not held out"
    with pytest.raises(CheckError, match=message):
        undivided_copies(whole, fold_of, [*together, pair(0, apart)], image_ids)
    unknown = {**pair(0, 0), f"first_{key}": "unknown", f"second_{key}": "also"}
    with pytest.raises(CheckError, match="not held out in one fold"):
        undivided_copies(whole, fold_of, [unknown], image_ids)
