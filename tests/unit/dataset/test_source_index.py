"""What is made of a source, and what is said of it."""

import logging

import pytest
from PIL import Image

from cocofolds.dataset.index import IndexSettings
from cocofolds.dataset.source_index import SourceSettings, make_index
from cocofolds.dataset.tables import IMAGE_COLUMNS
from cocofolds.errors import InputError
from cocofolds.files import read_table
from cocofolds.masks.cleaning import Hygiene
from cocofolds.settings import Numbering
from cocofolds.sources.records import Dialect, Source
from documents import DOCUMENT
from tables import SARTORIUS, tiny_rows, write_table

DIALECT = Dialect(**SARTORIUS)
COCO = Dialect(format="coco")


@pytest.fixture
def index(tmp_path, monkeypatch, caplog):
    """Make the index of sources in the working folder; return tables and warnings."""
    monkeypatch.chdir(tmp_path)
    logger = logging.getLogger("cocofolds.test")

    def index(
        sources=None,
        indexing=None,
        numbering=None,
        source=None,
        dialect=DIALECT,
        **settings,
    ):
        if sources is None:
            sources = {"train.csv": tiny_rows()}
        dialects = []
        for name, content in sources.items():
            if isinstance(content, str):
                (tmp_path / name).write_text(content, encoding="utf-8")
            else:
                write_table(tmp_path / name, content)
            dialects.append(COCO if name.endswith(".json") else dialect)
        defaults = SourceSettings(
            IndexSettings(**(indexing or {})),
            images_dir=None,
            file_name=None,
            unlisted_images="leave_out",
            on_invalid="error",
            check_order=True,
            numbering=numbering or Numbering(),
        )
        (tmp_path / "rows").mkdir()
        caplog.clear()
        tables = make_index(
            Source([*sources], dialects, **(source or {}), opened=[]),
            defaults._replace(**settings),
            tmp_path / "rows",
            "annotations.csv",
            logger,
        )
        return tables, [record.getMessage() for record in caplog.records]

    return index


def column(tables, name):
    return [row[IMAGE_COLUMNS.index(name)] for row in tables.images]


def bad_rows():
    """Rows of which the second and the last are not masks."""
    rows = tiny_rows()
    rows[1]["annotation"] = ""
    rows[-1]["annotation"] = "x 1"
    return rows


def test_a_table(index, tmp_path):
    tables, warnings = index()
    assert warnings == []
    assert column(tables, "source_id") == [f"image-{n}" for n in range(6, 0, -1)]
    assert column(tables, "file_name")[0] == "train/image-6.png"
    assert [row[:2] for row in tables.categories] == [(1, "round"), (2, "thin")]
    assert (tables.rejected, tables.changed) == ([], [])
    assert tables.source["numbers"] == [[1, 19]]
    assert tables.source["sources"][0]["name"] == "train.csv"
    assert tables.summary == "18 annotations of 6 images in 2 categories"
    assert len([*read_table(tmp_path / "annotations.csv")]) == 18
    assert len([*read_table(tmp_path / "rows" / "00001.csv")]) == 18


def test_rows_that_are_not_masks(index):
    with pytest.raises(InputError) as raised:
        index({"train.csv": bad_rows()})
    said = str(raised.value)
    assert said.startswith("Rows that are not masks: 2\n  train.csv, line 3, image ")
    assert "`no_mask: " in said
    assert "`on_invalid: skip`" in said


def test_rows_that_are_left_out(index):
    tables, [warning] = index({"train.csv": bad_rows()}, on_invalid="skip")
    assert warning.startswith("Rows that are not masks: 2\n")
    assert "They are left out" in warning
    assert [row[1] for row in tables.rejected] == [3, 19]
    assert tables.summary.startswith("16 annotations")


def test_no_image_is_left(index):
    rows = [{**row, "annotation": "x"} for row in tiny_rows()]
    with pytest.raises(InputError, match=r"No image is left\."):
        index({"train.csv": rows}, on_invalid="skip")


def test_rows_that_repeat(index):
    rows = [*tiny_rows(), tiny_rows()[3]]
    _, [warning] = index({"train.csv": rows})
    assert warning.endswith("earlier row: 1\n  19 (as 4)\nThey are kept.")


@pytest.mark.parametrize("check_order", [True, False])
def test_the_other_order(index, check_order):
    # Down the columns of 30 x 20 pixels, three pixels of each of three columns.
    rows = [{**row, "annotation": "5 3 25 3 45 3"} for row in tiny_rows()]
    if not check_order:
        index({"train.csv": rows}, check_order=False)
        return
    with pytest.raises(InputError, match="Set `order: column` in the dialect"):
        index({"train.csv": rows})


def test_a_folder_that_is_not_there(index):
    _, [warning] = index(images_dir="nowhere")
    assert warning.startswith("nowhere: there is no such folder")
    assert "`images_dir`" in warning


def test_images_without_a_file_and_files_without_a_row(index, tmp_path):
    for name in ("image-6", "image-5", "other"):
        (tmp_path / "images" / "train").mkdir(parents=True, exist_ok=True)
        Image.new("L", (30, 20)).save(tmp_path / "images" / "train" / f"{name}.png")
    tables, [missing, unlisted] = index(images_dir="images")
    assert missing.startswith("Images without a file: 4 of 6")
    assert unlisted.startswith("1 image files in images have no row and are left out")
    assert "other.png" in unlisted
    assert column(tables, "file_name")[:2] == ["train/image-6.png", "train/image-5.png"]


def test_files_without_a_row_become_images(index, tmp_path):
    (tmp_path / "images" / "train").mkdir(parents=True)
    for name in ("image-6", "other"):
        Image.new("L", (30, 20)).save(tmp_path / "images" / "train" / f"{name}.png")
    tables, [missing] = index(images_dir="images", unlisted_images="include")
    assert missing.startswith("Images without a file: 5 of 7")
    assert column(tables, "source_id")[-1] == "other"


def test_wildcards_without_a_folder(index):
    with pytest.raises(InputError, match="no folder of images is given"):
        index(file_name="*/{id}.png")


def test_masks_that_the_settings_leave_out(index):
    rows = tiny_rows()
    # A ring around one pixel; and one pixel.
    rows[0]["annotation"] = "1 3 31 1 33 1 61 3"
    rows[1]["annotation"] = "1 1"
    hygiene = Hygiene(fill_holes=True, min_area=2)
    tables, [warning] = index({"train.csv": rows}, {"hygiene": hygiene})
    assert warning.startswith(
        "1 rows are left out by the settings, and 1 masks are changed"
    )
    assert [row[1] for row in tables.rejected] == [3]
    assert [row[1] for row in tables.changed] == [2]


def test_names_that_look_alike(index):
    rows = [*tiny_rows(), {**tiny_rows()[0], "cell_type": "Thin"}]
    _, warnings = index({"train.csv": rows})
    assert any(
        "1 categories differ from another in blanks, case" in w for w in warnings
    )


def test_a_separator_that_was_found_out(index):
    rows = tiny_rows()
    lines = [rows[0].keys(), *(row.values() for row in rows)]
    text = "".join(";".join(fields) + "\n" for fields in lines)
    _, [warning] = index({"train.csv": text})
    assert warning == "train.csv: the fields are separated by ';'."


def test_names_that_no_category_became(index):
    source = {"rename_categories": {"thick": "fat", "thin": "slim"}}
    tables, [warning] = index(source=source)
    assert warning == "rename_categories: no category of the annotations became 'fat'."
    assert [row[1] for row in tables.categories] == ["round", "slim"]


def test_a_coco_json_keeps_what_it_has(index):
    keep = Numbering("keep", "keep", "keep")
    tables, _ = index({"source.json": DOCUMENT}, numbering=keep)
    assert {"licenses", "videos"} <= tables.source["members"].keys()
    assert "900" in map(str, column(tables, "source_id"))


def test_a_table_and_a_coco_json(index):
    tables, warnings = index({"train.csv": tiny_rows(), "source.json": DOCUMENT})
    assert (
        "Left out of the COCO JSON, which is not the only source: videos." in warnings
    )
    assert column(tables, "image_id") == [*range(1, 13)]
    assert [row[0] for row in tables.categories] == [*range(1, 6)]


def test_one_file_name_in_two_files(index):
    rows = [{**row, "id": f"{row['id']}_b"} for row in tiny_rows()]
    with pytest.raises(InputError, match="One image in two files could be in train"):
        index({"a.csv": tiny_rows(), "b.csv": rows}, file_name="{1}.png")


def test_what_images_say_in_a_column(index):
    rows = [{**row, "site": "a"} for row in tiny_rows()]
    source = {"image_columns": ["site"]}
    tables, _ = index({"train.csv": rows}, source=source)
    assert {*column(tables, "values")} == {'["a"]'}


def test_images_that_say_two_things_in_a_column(index):
    rows = [{**row, "site": str(n)} for n, row in enumerate(tiny_rows())]
    with pytest.raises(InputError, match=r"\['\d'\] differs from what line \d+ of"):
        index({"train.csv": rows}, source={"image_columns": ["site"]})


def test_what_is_left_out_has_to_be_there(index):
    with pytest.raises(InputError, match="the annotations have no such images: 'x'"):
        index(indexing={"exclude_images": ["x"]})


def test_a_category_to_leave_out_has_to_be_there(index):
    with pytest.raises(InputError, match="have no such categories: 'dust'"):
        index(indexing={"exclude_categories": ["dust"]})


@pytest.mark.parametrize("name", ["image-6", "images/image-6.png"])
@pytest.mark.parametrize("prefix", ["", "first_"])
def test_an_image_that_is_left_out_needs_no_file(index, tmp_path, name, prefix):
    (tmp_path / "images" / "train").mkdir(parents=True)
    for n in range(1, 6):
        Image.new("L", (30, 20)).save(tmp_path / f"images/train/image-{n}.png")
    unsized = DIALECT._replace(width_column=None, height_column=None)
    sources = {"train.csv": tiny_rows()}
    if prefix:
        # Images of a list have the prefix of their file.
        sources["other.csv"] = [{**row, "id": "image-1"} for row in tiny_rows()[:1]]
    tables, _ = index(
        sources,
        indexing={"exclude_images": [name], "merge_sources": True},
        dialect=unsized._replace(file_prefix=prefix),
        images_dir="images",
    )
    assert len(tables.images) == 5
