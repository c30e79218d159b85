"""What the settings leave out of the rows of a source."""

import pytest

from cocofolds.dataset.exclusions import Exclusions
from cocofolds.sources.records import (
    AnnotationRecord,
    Dialect,
    ImageRecord,
    TableRow,
)

TABLE = Dialect(file_prefix="part_")
COCO = Dialect(format="coco")


def row(image, category="cell"):
    fields = ("1 2", category, "4", "3", "", "", True, "", TABLE)
    return TableRow(1, "a.csv", 2, image, *fields)


def image_record(number, image, file_name):
    record = f'{{"file_name":"{file_name}"}}'
    line = f"images[{number}]"
    return ImageRecord(1, "a.json", line, image, "4", "3", "", "", COCO, record)


def annotation_record(number, image, category="cell", path="a.json"):
    fields = ("4", "3", "", "", COCO, "{}", ())
    return AnnotationRecord(1, path, f"annotations[{number}]", image, category, *fields)


@pytest.mark.parametrize("name", ["img", "img.png", "train/img.png", "part_img"])
def test_an_image_of_a_table(name):
    exclusions = Exclusions([name], ())
    rows = [row("part_img"), row("part_img"), row("part_image"), row("im")]
    assert [*exclusions.applied(rows)] == rows[2:]
    assert [left.image for left in exclusions.left_out] == ["part_img"] * 2
    assert "exclude_images" in exclusions.left_out[0].reason
    assert exclusions.unknown_images == []


def test_an_id_with_points_is_no_file_name():
    """Ids of DICOM are numbers with points between them."""
    exclusions = Exclusions(["1.2.840.3"], ())
    rows = [row("1.2.840"), row("1.2.840.3")]
    assert [*exclusions.applied(rows)] == rows[:1]


@pytest.mark.parametrize("name", ["7", "a/b.png", "b.png"])
def test_an_image_of_a_document(name):
    exclusions = Exclusions([name], ())
    rows = [
        image_record(0, "7", "a/b.png"),
        image_record(1, "8", "a/c.png"),
        annotation_record(0, "7"),
        annotation_record(1, "8"),
        # The same id in another file is another image.
        annotation_record(0, "7", path="b.json"),
    ]
    assert [*exclusions.applied(rows)] == [rows[1], rows[3], rows[4]]
    assert exclusions.unknown_images == []


def test_a_category():
    exclusions = Exclusions((), ["dust"])
    rows = [row("a"), row("b", "dust"), annotation_record(0, "7", "dust")]
    kept = exclusions.applied(rows)
    # The image of a row is kept.
    assert [*kept] == [rows[0], rows[1]._replace(has_mask=False, runs="")]
    assert [left.line for left in exclusions.left_out] == [2, "annotations[0]"]
    assert exclusions.unknown_categories == []


def test_what_is_not_there():
    exclusions = Exclusions(["a", "x", "x.png"], ["dust"])
    exclusions.applied([row("a"), image_record(0, "7", "b.png")])
    assert exclusions.unknown_images == ["x", "x.png"]
    assert exclusions.unknown_categories == ["dust"]


def test_nothing_is_left_out():
    rows = [row("a"), row("b")]
    assert Exclusions((), ()).applied(rows) is rows
