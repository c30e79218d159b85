"""What the terminal says of mistakes in the settings and in the source."""

import re

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from tables import draw, tiny_rows

SPLIT = "image-k3-seed221"
HEADER = "id,annotation,width,height,cell_type,sample_id\n"
ROW = "image-1,1 2,30,20,thin,plate-1\n"


@pytest.fixture(scope="module")
def finished(new_tiny_project):
    """A project that has run well once."""
    project = new_tiny_project(tiny_rows())
    project.run()
    return project


@pytest.fixture
def project(finished):
    """The finished project. Whatever a test does, its JSON files have to remain."""
    before = finished.json_files()
    assert before
    finished.write_source(tiny_rows())
    yield finished
    after = finished.json_files()
    assert {name: after.get(name) for name in before} == before


@pytest.mark.parametrize(
    ("settings", "messages"),
    [
        ({"n_fold": 5}, ["config: there is no key 'n_fold'. Is it 'n_folds'?"]),
        (
            {"split_by": "group", "group_column": "plate"},
            ["Error: train.csv: no column 'plate'. The columns are 'id', "],
        ),
        (
            {"n_folds": 7},
            [
                "Error: 6 images cannot be assigned to 7 folds. Choose a smaller"
                " `n_folds`."
            ],
        ),
        (
            {"n_folds": 4, "split_by": "group", "group_column": "sample_id"},
            ["Error: 3 groups cannot be assigned to 4 folds."],
        ),
    ],
    ids=str,
)
def test_settings(project, settings, messages):
    said = project.run(fails=True, **settings)
    assert [message for message in messages if message not in said] == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "train.csv: the file is empty."),
        (HEADER, "train.csv: no rows below the header."),
        (
            HEADER.replace("cell_type", "kind") + ROW,
            "train.csv: no column 'cell_type'. The columns are 'id', 'annotation',"
            " 'width', 'height', 'kind', 'sample_id'. Check `dialect` and"
            " `group_column`.",
        ),
        (
            HEADER.replace("sample_id", "id") + ROW,
            "train.csv: duplicate column 'id'.",
        ),
        (
            HEADER + ROW + ROW.replace("image", "imag\xe9"),
            "train.csv, line 3: not UTF-8 (invalid continuation byte at byte 5 of the"
            " line). Save the file as UTF-8.",
        ),
        (HEADER + ROW + '"image', "train.csv, line 3: not readable as CSV: "),
        (
            HEADER + ROW + ROW.replace("1 2", "0 2"),
            "Rows that are not masks: 1\n  train.csv, line 3, image 'image-1': ",
        ),
    ],
    ids=lambda value: value[-20:],
)
def test_source(project, content, message):
    project.source.write_bytes(content.encode("latin-1"))
    said = project.run(fails=True)
    assert f"Error: {message}" in said
    assert message in (project.results / "logs" / "index.log").read_text()


def test_mended_source_goes_on(project):
    project.source.write_text(HEADER)
    project.run(fails=True)
    project.write_source(tiny_rows())
    project.run()
    assert "Nothing to be done" in project.run()


def test_missing_file(project):
    said = project.run(fails=True, annotations="trian.csv")
    assert f"annotations: there is no file 'trian.csv' in {project.folder}." in said
    said = project.run(fails=True, annotations="data")
    assert "annotations: 'data' is a folder. Name the files" in said


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("image-k3-seed221/annotations_val_fold_9.json", "no fold 9"),
        ("image-k1-seed221/annotations_val_fold_1.json", "No rule to produce"),
        ("image-k3-seed4294967296/annotations_val_fold_1.json", "seed 4294967296 is"),
        ("group-k3-seed221/annotations_val_fold_1.json", "set `group_column` to"),
    ],
)
def test_split_that_cannot_be(project, name, message):
    said = project.run(f"results/{name}", fails=True)
    assert message in said
    assert not (project.results / name).exists()


BAD_ROWS = [
    ({"annotation": ""}, "empty"),
    ({"annotation": "7"}, "pairs"),
    ({"annotation": "1 2 3"}, "pairs"),
    ({"annotation": "one 2"}, "'one' is not a whole number"),
    ({"annotation": "1 2.5"}, "'2.5' is not a whole number"),
    ({"annotation": "1 2,5 2"}, "'2,5' is not a whole number"),
    ({"annotation": "+1 2"}, "'+1' is not a whole number"),
    ({"annotation": "\u0661 2"}, "'\u0661' is not a whole number"),
    ({"annotation": "1 -2"}, "'-2' is negative"),
    ({"annotation": "-1 2"}, "'-1' is negative"),
    ({"annotation": "1 0"}, "no length"),
    ({"annotation": "0 1"}, "numbers pixels from 1"),
    ({"annotation": "600 2"}, "past the last pixel, 600"),
    ({"annotation": "601 1"}, "past the last pixel, 600"),
    ({"annotation": "1 18446744073709551617"}, "more than 16 digits"),
    ({"annotation": "1 5 5 2"}, "overlap"),
    ({"annotation": "50 9 1 60"}, "overlap"),
    ({"annotation": "3 2 3 2"}, "overlap"),
    (
        {"width": "31"},
        "31x20 differs from what line 4 of train.csv says of this image, 30x20",
    ),
    ({"width": "20", "height": "30"}, "20x30 differs from"),
    ({"width": "0"}, "width '0'"),
    ({"height": "0"}, "height '0'"),
    ({"height": ""}, "height ''"),
    ({"width": "-30"}, "width '-30'"),
    ({"width": "30.0"}, "width '30.0'"),
    ({"id": "flat", "height": "0"}, "height '0'"),
    ({"id": "vast", "width": "65536", "height": "65536"}, "65536x65536 is more than"),
    ({"id": ""}, "no id"),
    ({"cell_type": ""}, "category is empty"),
    ({"cell_type": "other"}, "category 'other' is not one of"),
    ({"sample_id": "plate-9"}, "group 'plate-9' differs from what line 4"),
    ({"annotation": "  "}, "empty"),
]


@pytest.fixture(scope="module")
def project_with_bad_rows(new_tiny_project):
    """Ten good rows, the bad ones, eight good ones, and one with too few fields."""
    rows = tiny_rows()
    # A row of two lines: from here on, the line is not the row's number and one.
    rows[0]["note"] = "in two\nlines"
    bad = [{**rows[1], **changes} for changes, _ in BAD_ROWS]
    project = new_tiny_project(
        [*rows[:10], *bad, *rows[10:]],
        categories=["round", "thin"],
        group_column="sample_id",
    )
    with project.source.open("a") as file:
        file.write("image-1,1 2\n")
    return project


def test_rows_that_are_errors(project_with_bad_rows):
    said = project_with_bad_rows.run(on_invalid="error", fails=True)
    n_bad = len(BAD_ROWS) + 1
    counted = f"Error: Rows that are not masks: {n_bad}\n"
    assert counted in said
    lines = said.partition(counted)[2].splitlines()
    named = zip(lines[:10], BAD_ROWS[:10], strict=True)
    for number, (line, (_, reason)) in enumerate(named, 13):
        assert line.startswith(f"  train.csv, line {number}, image 'image-5': ")
        assert reason in line
    # Two rows of one image have the same reason: they are one line.
    assert lines[10] == f"  and {n_bad - 1 - 10} more"
    assert "`on_invalid: skip`" in lines[11]
    assert "results/rejected.csv" in lines[11]


def test_skipped_rows(project_with_bad_rows):
    project = project_with_bad_rows
    said = project.run(on_invalid="skip")
    n_bad = len(BAD_ROWS) + 1
    assert f"  Rows that are not masks: {n_bad}; train.csv, line 13" in said
    warnings = project.warnings()
    assert f"Rows that are not masks: {n_bad}\n" in warnings
    assert "They are left out; results/rejected.csv lists them." in warnings

    *rejected, last = project.table("rejected.csv")
    listed = zip(rejected, BAD_ROWS, strict=True)
    for line, (row, (changes, reason)) in enumerate(listed, 13):
        assert (row["file"], row["line"]) == ("train.csv", str(line))
        assert row["image"] == changes.get("id", "image-5")
        assert reason in row["reason"]
    assert last["line"] == str(13 + len(BAD_ROWS) + 8)
    assert last["reason"] == "2 fields, but the header has 7"

    records = project.json("annotations_all.json")["annotations"]
    assert sorted(record["id"] for record in records) == [
        *range(1, 11),
        *range(11 + len(BAD_ROWS), 19 + len(BAD_ROWS)),
    ]
    checks = project.json(f"{SPLIT}/checks.json")
    assert checks["annotations_held_out_once"] == 18


def test_source_without_a_mask(new_tiny_project):
    rows = [{**row, "width": "0"} for row in tiny_rows()]
    project = new_tiny_project(rows, on_invalid="skip")
    assert "No image is left." in project.run(fails=True)


def test_masks_in_other_forms(new_tiny_project):
    """Unsorted and touching runs, more blanks and zeros than needed, are masks."""
    texts = [
        "50 9 1 3",
        "1 3 4 2",
        "4 2 1 3 91 30",
        "  7   3 ",
        "7\t3\n11 1",
        "007 0003",
        "600 1",
        "1 600",
    ]
    rows = tiny_rows() + [{**tiny_rows()[0], "annotation": text} for text in texts]
    project = new_tiny_project(rows)
    project.run("results/checks.json")
    records = project.json("annotations_all.json")["annotations"]
    assert len(records) == len(rows)
    for record in records:
        mask = coco_mask.encode(np.asfortranarray(draw(rows[record["id"] - 1])))
        assert record["segmentation"]["counts"] == mask["counts"].decode()


def test_repeated_rows_are_a_warning(new_tiny_project):
    rows = tiny_rows()
    other_image = {**rows[0], "id": "image-1"}
    other_category = {**rows[0], "cell_type": "other"}
    project = new_tiny_project([*rows, rows[3], other_image, rows[0], other_category])
    project.run("results/annotations_all.json")
    assert (
        "Rows with the image, category and mask of an earlier row: 2\n"
        "  19 (as 4), 21 (as 1)\nThey are kept."
    ) in project.warnings()
    assert len(project.json("annotations_all.json")["annotations"]) == 22


@pytest.mark.parametrize("split_by", ["image", "group"])
def test_rare_category_is_a_warning(new_tiny_project, split_by):
    rows = [
        {**row, "cell_type": "rare"} if row["id"] == "image-4" else row
        for row in tiny_rows()
    ]
    project = new_tiny_project(
        rows, n_folds=2, split_by=split_by, group_column="sample_id", images_dir=None
    )
    project.run(f"results/{split_by}-k2-seed221/folds.csv")
    rare, *spread = project.json(f"{split_by}-k2-seed221/warnings.json")
    assert f"Categories with fewer {split_by}s than there are folds (2): 1." in rare
    assert rare.endswith("  'rare': 1")
    if split_by == "group":
        assert spread == []
    else:
        puts = r"`split_by: image` puts [123] of 3 groups into several folds"
        assert re.match(puts, spread[0])


def test_rare_category_beside_another_is_a_warning(new_tiny_project):
    rows = [*tiny_rows(), {**tiny_rows()[0], "cell_type": "rare"}]
    project = new_tiny_project(rows, n_folds=2)
    assert "'rare'" in project.run("results/image-k2-seed221/folds.csv")
