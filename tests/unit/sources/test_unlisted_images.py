"""Image files that no row names, and what the files of images are called."""

import pytest
from PIL import Image

from cocofolds.errors import InputError
from cocofolds.sources.file_names import missing_message, names_where_found
from cocofolds.sources.image_files import list_files
from cocofolds.sources.records import Dialect, Source, TableRow
from cocofolds.sources.unlisted_images import left_out_message, with_unlisted_images

SIZED = Dialect(image_column="id", runs_column="rle", width=4, height=3)


def draw(folder, *names, size=(4, 3)):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", size).save(path)


def row(number, image, dialect):
    return TableRow(
        number, "a.csv", number + 1, image, "1 2", "c", "4", "3", "", "", True, "",
        dialect,
    )  # fmt: skip


def unlisted(folder, images, pattern, dialect=SIZED):
    dialect = dialect._replace(file_name=pattern)
    rows = [row(number, image, dialect) for number, image in enumerate(images, 1)]
    source = Source(["a.csv"], [dialect])
    passed = [*with_unlisted_images(rows, list_files(str(folder)), source, None)]
    assert passed[: len(rows)] == rows
    assert not any(row.has_mask for row in passed[len(rows) :])
    return passed[len(rows) :]


def ids(rows):
    return [row.image for row in rows]


@pytest.mark.parametrize(
    ("pattern", "images", "found"),
    [
        ("{id}", ["a.png"], ["b.png", "c.png"]),
        ("{id}.png", ["a"], ["b", "c"]),
        ("elsewhere/{id}.png", ["a"], ["b", "c"]),
        ("train/{id}.png", ["a"], ["b", "c"]),
        ("{id}", ["train/a.png"], ["train/b.png", "train/c.png"]),
        ("{id}.png", ["a", "b", "c", "b"], []),
        ("{id}.png", ["no such image"], []),
    ],
)
def test_ids_are_as_the_pattern_has_them(tmp_path, pattern, images, found):
    draw(tmp_path, "train/a.png", "train/b.png", "train/c.png")
    # None of these is an image of the data set.
    draw(tmp_path, "train_masks/m.png", "train/x.jpg", "test/t.png")
    (tmp_path / "train" / "notes.txt").touch()
    (tmp_path / "train" / "README").touch()
    assert ids(unlisted(tmp_path, images, pattern)) == found


def test_parts_of_ids_in_folders_and_names(tmp_path):
    scans = "case1/case1_day2/scans"
    draw(tmp_path, f"{scans}/slice_0001_9_9.png", f"{scans}/slice_0002_9_9.png")
    draw(tmp_path, "case3/case3_day1/scans/slice_0001_9_9.png")
    pattern = "{1}/{1}_{2}/scans/{3}_{4}_*.png"
    rows = unlisted(tmp_path, ["case1_day2_slice_0001"], pattern)
    assert ids(rows) == ["case1_day2_slice_0002"]


def test_rows_of_unlisted_images(tmp_path):
    draw(tmp_path, "a.png", "b.png", "c.png", size=(9, 8))
    rows = unlisted(tmp_path, ["a"], "{id}.png")
    assert [(row.width, row.height, row.problem) for row in rows] == [
        ("4", "3", "")
    ] * 2
    assert [(row.number, row.path) for row in rows] == [(2, "a.csv"), (3, "a.csv")]
    # Where rows have sizes, or nobody has, those of the files.
    for more in ({"width_column": "w", "height_column": "h"}, {}):
        dialect = SIZED._replace(width=None, height=None, **more)
        (tmp_path / "c.png").write_text("no image")
        good, bad = unlisted(tmp_path, ["a"], "{id}.png", dialect)
        assert (good.width, good.height, good.problem) == ("9", "8", "")
        assert "not an image" in bad.problem
        assert bad.line == "no row for c.png"


def test_unlisted_images_of_two_tables_with_the_same_ids(tmp_path):
    draw(tmp_path, "x/train/a.png", "x/train/b.png", "y/train/a.png", "y/train/c.png")
    dialects = [
        SIZED._replace(file_name="train/{id}.png", file_prefix=prefix)
        for prefix in ("x/", "y/")
    ]
    rows = [
        row(n, f"{dialect.file_prefix}a", dialect) for n, dialect in enumerate(dialects)
    ]
    source = Source(["a.csv", "b.csv"], dialects)
    passed = [*with_unlisted_images(rows, list_files(str(tmp_path)), source, None)]
    assert ids(passed[2:]) == ["x/b", "y/c"]


def test_file_of_an_image_with_several_files_is_not_unlisted(tmp_path):
    draw(tmp_path, "x/a.png", "y/a.png", "x/b.png", "y/c.png", "x/c.png")
    # c.png could be either.
    assert ids(unlisted(tmp_path, ["a", "b"], "{id}.png")) == []


def test_name_that_is_no_text(tmp_path):
    draw(tmp_path, "a.png", "b.png")
    (tmp_path / "a.png").rename(tmp_path / "\udce9.png")
    draw(tmp_path, "a.png")
    assert ids(unlisted(tmp_path, ["a"], "{id}.png")) == ["b"]


def test_left_out_message(tmp_path):
    said = left_out_message({"b": ("x/b.png", "a"), "c": ("x/c.png", "a")}, "images")
    assert said.startswith("2 image files in images have no row and are left out")
    assert "such as 'x/b.png'. `unlisted_images: include`" in said


def named(folder, pattern, images, said=None, records=()):
    names = {i: pattern.replace("{id}", i) for i in images} | {r: r for r in records}
    patterns = {image: (pattern, image) for image in images}
    return names_where_found(names, patterns, list_files(str(folder)), {}, said)


def test_names_where_found(tmp_path):
    draw(tmp_path, "images/a.png", "b.png", "d.png")
    names, found, problems = named(tmp_path, "train/{id}.png", ["a", "b", "c"])
    assert names == {"a": "images/a.png", "b": "b.png", "c": "train/c.png"}
    assert found == {"a": "images/a.png", "b": "b.png"}
    assert problems == {"c": f"there is no file 'train/c.png' in {tmp_path}"}
    message = missing_message(problems, 3)
    assert message.startswith("Images without a file: 1 of 3\n  image 'c': there is no")


def test_name_that_is_said_is_kept(tmp_path):
    draw(tmp_path, "images/a.png", "train/b.png")
    pattern = "train/{id}.png"
    names, _, problems = named(tmp_path, pattern, ["a", "b"], said=pattern)
    assert names == {"a": "train/a.png", "b": "train/b.png"}
    assert problems == {
        "a": f"there is no file 'train/a.png' in {tmp_path}, but there is"
        " 'images/a.png'"
    }


def test_names_of_records_are_kept(tmp_path):
    draw(tmp_path, "images/a.png", "b.png")
    records = ["..\\up\\a.png", "C:\\data\\b.png", "/abs/b.png", "x/c.png"]
    names, found, problems = named(tmp_path, "{id}", [], records=records)
    assert names == {record: record for record in records}
    assert found["..\\up\\a.png"] == "images/a.png"
    # Two records of one file: nobody can tell whose it is.
    assert {*problems} == {*records[1:]}


def test_wildcards_do_not_get_into_names(tmp_path):
    draw(tmp_path, "a_1.png")
    names, _, _ = named(tmp_path, "{id}_*.png", ["a"])
    assert names == {"a": "a_1.png"}
    with pytest.raises(InputError, match=r"`file_name` is '\{id\}_\*\.png': wildcards"):
        named(tmp_path, "{id}_*.png", ["a", "b"])
