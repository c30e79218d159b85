"""What `init` finds out about tables and COCO JSON, and what it asks."""

import csv
import gzip
import json
import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from indexed import index_of
from PIL import Image

from cocofolds.cli.config_text import config_text, settings_of
from cocofolds.cli.first_picture import draw, find_drawable
from cocofolds.errors import InputError
from cocofolds.sources.detection.findings import (
    FileFindings,
    Finding,
    Question,
    SourceFindings,
    Suggestion,
)
from cocofolds.sources.detection.numbering import find_numbering
from cocofolds.sources.detection.source_findings import find_source
from layouts import CATEGORIES, PRESETS, picture, preset_of, write_layout
from tables import REPO

WIDTH, HEIGHT = 70, 50
PRESET_KEYS = {name: preset_of(name) for name in [*PRESETS, "coco"]}
SCHEMA = yaml.safe_load(
    (REPO / "workflow/schemas/config.schema.yaml").read_text(encoding="utf-8")
)
DEFAULTS = {key: rules["default"] for key, rules in SCHEMA["properties"].items()}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch, csv_as_it_starts):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def look(*paths, images_dir=None, **answers):
    """Find out about files, answer by name or by default; return all that was found."""
    found = find_source(paths, images_dir, PRESET_KEYS)
    given_answers = [answers.get(q.name, q.default) for q in found.questions]
    return found.answered(given_answers)


def config_of(found):
    return settings_of(found, PRESET_KEYS, DEFAULTS)


def asked(found):
    return [question.name for question in found.questions]


def said(found, what):
    return [
        finding.said
        for findings in [*(file.findings for file in found.files), found.findings]
        for finding in findings
        if finding.what == what
    ]


def runs(number, order="column", base=1, touches_the_end=True):
    pixels = picture(number % 5, WIDTH, HEIGHT)
    pixels[-1, -1] = touches_the_end
    flat = pixels.ravel() if order == "row" else pixels.T.ravel()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flat, [0]]))).tolist()
    pairs = zip(edges[0::2], edges[1::2], strict=True)
    return " ".join(f"{start + base} {end - start}" for start, end in pairs)


def write_images(names, folder="images", size=(WIDTH, HEIGHT)):
    rng = np.random.default_rng(0)
    for name in names:
        pixels = rng.integers(0, 255, (size[1], size[0]), np.uint8)
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)


def write(rows, path="t.csv", encoding="utf-8", **options):
    with open(path, "w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, rows[0], **options)
        writer.writeheader()
        writer.writerows(rows)


def table(n_rows=12, **columns):
    """Make rows with masks by column, in two categories; change or add columns."""
    known = {"image": "a{}.png", "rle": None, "label": None, **columns}
    return [
        {
            column: runs(n)
            if column == "rle" and value is None
            else "xy"[n % 2]
            if value is None
            else value(n)
            if callable(value)
            else value.format(n)
            for column, value in known.items()
        }
        for n in range(n_rows)
    ]


def without(rows, *columns):
    return [{k: v for k, v in row.items() if k not in columns} for row in rows]


# Of 12 masks on images that are not square unless the preset says so.
QUESTIONS = {
    "dsb-2018": ["category"],
    "airbus-2018": ["order", "category"],
    "siim-acr-2019": ["order", "category"],
    "carvana-2017": ["category"],
    "tgs-salt-2018": ["order", "category"],
    "hubmap-kidney-2020": ["category"],
}


@pytest.mark.parametrize("preset", PRESETS)
def test_each_preset_is_known(here, preset):
    pictures = write_layout(here, preset)
    found = look("train.csv")
    config = config_of(found)
    assert config.get("dialect", DEFAULTS["dialect"]) == preset
    assert asked(found) == QUESTIONS.get(preset, [])
    assert {*config} <= {"annotations", "dialect", "images_dir"}
    index = index_of(here / "rows", config)
    assert not index.rejected
    assert list(index.images) == list(pictures)
    found_categories = {c for image in index.images.values() for c in image.categories}
    assert found_categories == {
        CATEGORIES.get(preset, "a"),
        CATEGORIES.get(preset, "b"),
    }


@pytest.mark.parametrize("preset", PRESETS)
def test_the_order_of_few_masks_is_asked(here, preset):
    write_layout(here, preset, n_images=6)
    assert "order" in asked(look("train.csv"))


@pytest.mark.parametrize("order", ["row", "column"])
def test_the_order_is_that_in_which_masks_hang_together(order):
    rows = table(rle=lambda n: runs(n, order))
    write(rows)
    write_images(row["image"] for row in rows)
    found = look("t.csv")
    assert config_of(found)["dialect"]["order"] == order
    other = "column" if order == "row" else "row"
    assert said(found, "order") == [
        f"{order}: 12 of 12 masks hang together by {order}, 0 by {other}"
    ]


def test_the_order_is_asked_for_if_masks_disagree():
    rows = table(30, rle=lambda n: runs(n, "row" if n % 3 else "column"))
    write(rows)
    write_images(row["image"] for row in rows)
    assert asked(look("t.csv")) == ["order"]


def test_the_names_of_files_tell_presets_of_one_header_apart():
    """Images of DSB 2018, as large as those of Airbus: their ids have no end."""
    columns = {"ImageId": "a{}", "EncodedPixels": lambda n: runs(n)}
    write(without(table(**columns), "image", "rle", "label"))
    write_images((f"a{n}.png" for n in range(12)), size=(768, 768))
    assert config_of(look("t.csv"))["dialect"] == "dsb-2018"
    write([{**row, "ImageId": f"{row['ImageId']}.png"} for row in rows_of("t.csv")])
    assert config_of(look("t.csv"))["dialect"] == "airbus-2018"


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return [*csv.DictReader(file)]


def test_a_number_for_each_row_does_not_name_the_image():
    columns = {"id": "{}", "name": lambda n: f"cell {n // 3}", "rle": None}
    rows = table(36, **columns, width=f"{WIDTH}", height=f"{HEIGHT}")
    write(without(rows, "image"))
    assert config_of(look("t.csv"))["dialect"]["image_column"] == "name"


def test_an_order_that_is_not_the_preset_s_is_a_change_of_it():
    columns = {"id": "a{}", "annotation": runs, "cell_type": "x"}
    rows = table(**columns, width=f"{WIDTH}", height=f"{HEIGHT}")
    rows = without(rows, "image", "rle", "label")
    write(rows)
    config = config_of(look("t.csv"))
    assert config["dialect"] == {"preset": "sartorius-2021", "order": "column"}


def test_an_answer_changes_the_dialect(here):
    write_layout(here, "tgs-salt-2018")
    config = config_of(look("train.csv", order="row", category="dome"))
    assert config["dialect"] == {
        "preset": "tgs-salt-2018",
        "order": "row",
        "category": "dome",
    }


@pytest.mark.parametrize(
    ("changed", "dialect"),
    [
        ({"id": "image_id"}, {"image_column": "image_id"}),
        ({"annotation": "rle"}, {"runs_column": "rle"}),
        (
            {"width": None, "height": None},
            {"width_column": None, "height_column": None},
        ),
    ],
)
def test_a_preset_fits_but_for_some_keys(here, changed, dialect):
    write_layout(here, "sartorius-2021")
    with open("train.csv", newline="") as file:
        rows = [
            {changed.get(k, k): v for k, v in row.items() if changed.get(k, k)}
            for row in csv.DictReader(file)
        ]
    write(rows)
    write_images(f"{row.get('id', row.get('image_id'))}.png" for row in rows)
    config = config_of(look("t.csv"))
    assert config["dialect"] == {"preset": "sartorius-2021", **dialect}


def test_no_preset():
    rows = table()
    write(rows)
    write_images(row["image"] for row in rows)
    found = look("t.csv")
    assert config_of(found) == {
        "annotations": "t.csv",
        "dialect": {
            "image_column": "image",
            "runs_column": "rle",
            "order": "column",
            "category_column": "label",
        },
        "images_dir": "images",
    }
    assert asked(found) == []


@pytest.mark.parametrize(
    ("encoding", "options"),
    [
        ("utf-8-sig", {"delimiter": ";"}),
        ("utf-8", {"delimiter": "\t", "quoting": csv.QUOTE_ALL}),
        ("utf-8", {"lineterminator": "\n"}),
    ],
)
def test_separators_quotes_marks_and_line_ends(encoding, options):
    rows = table(note="a, b; c")
    write(rows, encoding=encoding, **options)
    write_images(row["image"] for row in rows)
    config = config_of(look("t.csv"))
    assert config["dialect"]["category_column"] == "label"
    assert "separator" not in config["dialect"]


def test_compressed_table():
    rows = table()
    write(rows)
    write_images(row["image"] for row in rows)
    with open("t.csv", "rb") as plain, gzip.open("u.csv.gz", "wb") as packed:
        shutil.copyfileobj(plain, packed)
    assert config_of(look("u.csv.gz"))["dialect"] == config_of(look("t.csv"))["dialect"]


def test_other_columns_are_none_of_these():
    """An index of pandas, a number for each row, areas, a fold, and flags."""
    rows = table(
        36,
        **{
            "": "{}",
            "id": "{}",
            "image_id": lambda n: f"im{n // 3}",
            "area": "5{}.5",
            "fold": lambda n: n // 3 % 2,
            "iscrowd": "0",
        },
    )
    rows = without(rows, "image")
    write(rows)
    write_images(f"im{n}.png" for n in range(12))
    dialect = config_of(look("t.csv"))["dialect"]
    assert (dialect["image_column"], dialect["category_column"]) == (
        "image_id",
        "label",
    )
    assert dialect["file_name"] == "{id}.png"


def test_a_column_of_a_name_that_says_nothing_is_asked_for():
    rows = table(24, image=lambda n: f"a{n // 3}.png", thing=lambda n: "uv"[n % 2])
    rows = without(rows, "label")
    write(rows)
    write_images(f"a{n}.png" for n in range(8))
    found = look("t.csv")
    assert asked(found) == ["category_column"]
    assert config_of(found)["dialect"]["category_column"] == "thing"
    dialect = config_of(look("t.csv", category_column="none of these"))["dialect"]
    assert "category_column" not in dialect
    assert dialect["category"] == "object"


def test_two_columns_of_categories_are_asked_for():
    rows = table(24, image=lambda n: f"a{n // 3}.png", species=lambda n: "uvw"[n % 3])
    write(rows)
    write_images(f"a{n}.png" for n in range(8))
    found = look("t.csv", category_column="species")
    assert asked(found) == ["category_column"]
    assert config_of(found)["dialect"]["category_column"] == "species"


def test_image_and_category_in_one_column():
    rows = table(label_image=lambda n: f"a{n // 2}.jpg_{'xy'[n % 2]}")
    rows = without(rows, "image", "label")
    write(rows)
    write_images(f"a{n}.jpg" for n in range(6))
    dialect = config_of(look("t.csv"))["dialect"]
    assert dialect["image_column"] == "label_image"
    assert dialect["category_separator"] == "_"


@pytest.mark.parametrize(
    ("base", "touches_the_end", "questions"),
    [(1, True, []), (1, False, ["base"]), (0, False, ["base"])],
)
def test_base_is_asked_for_where_nothing_tells(base, touches_the_end, questions):
    rows = table(rle=lambda n: runs(n, "column", base, touches_the_end))
    write(rows)
    write_images(row["image"] for row in rows)
    assert asked(look("t.csv")) == questions


@pytest.mark.parametrize("base", [0, 1])
def test_base_by_the_runs_at_an_edge(base):
    # A stripe down to the last row of the image, in each of ten columns.
    def stripe(n):
        starts = [HEIGHT * (n + column + 1) - 9 + base for column in range(10)]
        return " ".join(f"{start} 9" for start in starts)

    rows = table(rle=stripe)
    write(rows)
    write_images(row["image"] for row in rows)
    found = look("t.csv")
    assert config_of(found)["dialect"].get("base", 1) == base
    assert said(found, "base") == [
        f"{base}: 120 runs meet an edge if counted from {base}, 0 if from {1 - base}"
    ]


def test_base_by_a_start_at_0():
    write(table(rle=lambda n: f"{0 if n == 3 else 50 * n + 10} 5 {50 * n + 60} 5"))
    write_images(f"a{n}.png" for n in range(12))
    assert config_of(look("t.csv", order="column"))["dialect"]["base"] == 0


@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=2, max_size=8
        ),
        min_size=1,
        max_size=8,
    )
)
def test_absolute_starts_are_never_taken_for_relative_ones(masks):
    """Each mask by the gaps between its runs, and their lengths."""
    texts = []
    for mask in masks:
        end, numbers = 1, []
        for gap, length in mask:
            numbers += [end + gap, length]
            end += gap + length
        texts.append(" ".join(map(str, numbers)))
    assert not find_numbering(texts).relative


@pytest.mark.parametrize("marker", ["", "-1", "nan", "[]"])
def test_what_stands_for_no_mask(here, marker):
    rows = table(rle=lambda n: marker if n == 3 else runs(n))
    write(rows)
    write_images(row["image"] for row in rows)
    config = config_of(look("t.csv"))
    assert config["dialect"]["no_mask"] == [marker]
    assert "a3.png" in index_of(here / "rows", config).images


def test_a_preset_gets_another_marker(here):
    write_layout(here, "airbus-2018")
    text = (here / "train.csv").read_text() + '"other.jpg","-1"\n'
    (here / "train.csv").write_text(text)
    assert config_of(look("train.csv"))["dialect"] == {
        "preset": "airbus-2018",
        "no_mask": ["", "-1"],
    }


def test_sizes_the_other_way_round():
    rows = table(width=f"{HEIGHT}", height=f"{WIDTH}")
    write(rows)
    write_images(row["image"] for row in rows)
    dialect = config_of(look("t.csv"))["dialect"]
    assert (dialect["width_column"], dialect["height_column"]) == ("height", "width")


@pytest.mark.parametrize(
    ("ids", "files", "pattern"),
    [
        ("a{}", "{}.tif", "{id}.tif"),
        ("train/a{}.png", "a{}.png", None),
        ("/kaggle/input/x/a{}.png", "deep/down/a{}.png", None),
        (r"C:\data\a{}.png", "a{}.png", None),
        ("cell{:05}", "cell{:05}_crop.png", "{id}_*.png"),
        ("cell{:05}", "x_cell{:05}.png", "*_{id}.png"),
    ],
)
def test_how_file_names_follow_from_ids(here, ids, files, pattern):
    rows = table(image=lambda n: ids.format(n))
    write(rows)
    stem = "a{}" if files == "{}.tif" else "{}"
    write_images(
        files.format(stem.format(n) if files == "{}.tif" else n) for n in range(12)
    )
    config = config_of(look("t.csv"))
    assert config["dialect"].get("file_name") == pattern
    index = index_of(here / "rows", config)
    assert len(index.images) == 12 and not index.rejected


def test_masks_of_the_names_of_images_lie_beside_them():
    write(table(image="a{}"))
    write_images([f"{f}/a{n}.png" for n in range(12) for f in ("masks", "pictures")])
    assert config_of(look("t.csv"))["dialect"]["file_name"] == "pictures/{id}.png"


@pytest.mark.parametrize(("ids", "files"), [("{}", "{:04}.png"), ("{}.0", "{}.png")])
def test_names_of_files_that_no_pattern_makes(ids, files):
    write(table(image=ids))
    write_images(files.format(n) for n in range(12))
    with pytest.raises(InputError, match="no `file_name` makes one of the other"):
        look("t.csv")


def test_a_wildcard_that_does_not_find_all_is_not_set():
    rows = table(image="cell{:05}", width=f"{WIDTH}", height=f"{HEIGHT}")
    write([{**row, "image": f"cell{n:05}"} for n, row in enumerate(rows)])
    write_images(f"cell{n:05}_crop.png" for n in range(6))
    for images_dir in (None, "images"):
        found = look("t.csv", images_dir=images_dir)
        assert "images_dir" not in config_of(found)
    assert "A wildcard needs the files of all" in said(found, "images")[0]


def test_images_without_a_row():
    rows = table()
    write(rows)
    write_images([*(row["image"] for row in rows), "clean1.png", "clean2.png"])
    found = look("t.csv")
    assert asked(found) == ["unlisted_images"]
    assert "unlisted_images" not in config_of(found)
    assert (
        config_of(look("t.csv", unlisted_images="include"))["unlisted_images"]
        == "include"
    )


def test_copies_of_images_are_named(here):
    rows = table()
    write(rows)
    write_images(row["image"] for row in rows)
    shutil.copy(here / "images" / "a3.png", here / "images" / "a5.png")
    [copies] = said(look("t.csv"), "copies")
    assert copies.startswith(
        "2 image files are byte for byte the same as another, such"
    )
    assert "a3.png and a5.png" in copies
    # Of one size, and the same up to the last byte, in a small and in a large file.
    for length in (0, 100_000):
        data = (here / "images" / "a3.png").read_bytes() + bytes(length)
        (here / "images" / "a3.png").write_bytes(data + b"x")
        (here / "images" / "a5.png").write_bytes(data + b"y")
        assert said(look("t.csv"), "copies") == []
    shutil.copy(here / "images" / "a3.png", here / "images" / "a5.png")
    assert "a3.png and a5.png" in said(look("t.csv"), "copies")[0]


def test_groups(here):
    rows = table(
        image=lambda n: f"p{n // 4}_{n}.png",
        plate=lambda n: f"p{n // 4}",
        constant="x",
        number=lambda n: n,
    )
    write(rows)
    write_images(row["image"] for row in rows)
    [suggestion] = look("t.csv").suggestions
    assert suggestion.settings == {"split_by": "group", "group_column": "plate"}
    write(without(rows, "plate"))
    [suggestion] = look("t.csv").suggestions
    assert suggestion.settings == {"split_by": "group", "group_pattern": "^([^_]+)_"}


def test_rows_that_are_no_masks():
    write(table(rle=lambda n: "1 3 2 5" if n == 3 else runs(n)))
    write_images(f"a{n}.png" for n in range(12))
    found = look("t.csv")
    assert asked(found) == ["on_invalid"]
    assert "line 5, image 'a3.png': runs 1 3 and 2 5 overlap" in found.questions[0].why
    assert config_of(found)["on_invalid"] == "skip"
    assert "on_invalid" not in config_of(look("t.csv", on_invalid="error"))


@pytest.mark.parametrize(
    ("runs_text", "message"),
    [
        ("1,3,10,5", "column 'rle' .* numbers with commas .* Write blanks in place"),
        ("[1, 3, 10, 5]", "column 'rle' .* lists in brackets"),
        ("[[1.5, 2, 3, 4, 5, 6]]", "column 'rle' .* polygons. Write them as a COCO"),
        ("1:3 10:5", "column 'rle' .* numbers with ':' between them"),
        ("{'size': [3, 4], 'counts': 'x'}", "column 'rle' .* objects in braces"),
        ("PZP11m0oPN5K1VO2N1O1O2", "column 'rle' .* compressed text"),
        ("a cat", "no column has runs, pairs of numbers"),
    ],
)
def test_masks_that_are_not_supported(runs_text, message):
    write(table(rle=lambda n: runs_text))
    with pytest.raises(InputError, match=message):
        look("t.csv")


def test_a_table_whose_images_have_no_column():
    rows = without(table(width=f"{WIDTH}", height=f"{HEIGHT}", note="n{}"), "image")
    write(rows)
    with pytest.raises(InputError, match="none of the columns seems to name the image"):
        look("t.csv")
    write_images(f"n{n}.png" for n in range(12))
    assert config_of(look("t.csv"))["dialect"]["image_column"] == "note"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n", "Label images are not supported yet"),
        (b"PK\x03\x04abc", "an Excel file.* Save its table as CSV"),
        (b"PAR1abc", "a Parquet file"),
        (b"\x1f\x8b\x08abc", "Its name has to end in .gz"),
        ("image,rle\n".encode("utf-16"), "UTF-16 .* Save it as UTF-8: iconv"),
        (b"image,rle,label\na,1 2,Z\xfcrich\n", "line 2: not UTF-8. .*'.*Zürich"),
        (b"image,rle\ra,1 2\r", "as on old Macs"),
        (b"image|rle\na|1 2\nb|3 4\n", "separated by '|'. Save it with commas"),
        (b"just some words\nand some more words.\n", "neither a table nor JSON"),
        (b"image,rle,label\n", "no rows below the header"),
        (b"a.png,1 3 10 5,x\nb.png,1 2,x\n", "no header. Add a first line"),
        (b"image,rle,label\na,1 2,x\na,3 4,x\n", "how large the images are"),
        (b'image,rle\n"a,1 2\n', "neither a table|not readable as CSV|no rows"),
        (b'{"images": [', "not readable as JSON, or cut short"),
        (b"[1, 2]", "it is no COCO JSON, but a list, with no images in it"),
        (b'{"shapes": [], "imagePath": "x"}', "LabelMe"),
        (b'{"features": []}', "GeoJSON"),
    ],
)
def test_faulty_files(here, data, message):
    (here / "t.csv").write_bytes(data)
    with pytest.raises(InputError, match=message):
        look("t.csv")


def test_folders_and_missing_files(here):
    (here / "masks").mkdir()
    with pytest.raises(InputError, match="Folders of label images are not supported"):
        look("masks")
    with pytest.raises(InputError, match="there is no such file"):
        look("nothing.csv")
    write(table())
    with pytest.raises(InputError, match="there is no such folder"):
        look("t.csv", images_dir="nothing")


def test_one_image_is_too_few():
    write(table(image="a.png", width=f"{WIDTH}", height=f"{HEIGHT}"))
    with pytest.raises(InputError, match="1 image alone"):
        look("t.csv")


def test_few_images_get_few_folds():
    write(table(7, width=f"{WIDTH}", height=f"{HEIGHT}"))
    assert config_of(look("t.csv"))["n_folds"] == 5


def test_only_the_beginning_of_a_large_table_is_looked_at(monkeypatch):
    rows = table(200, width=f"{WIDTH}", height=f"{HEIGHT}")
    write(rows)
    monkeypatch.setattr("cocofolds.sources.detection.tables.MOST_ROWS", 30)
    found = look("t.csv")
    assert said(found, "rows") == ["only the first are looked at: 30 rows of 30 images"]
    assert "n_folds" not in config_of(found)
    # Cut within the last number of a row, which is left out.
    end = Path("t.csv").read_bytes().find(f",{HEIGHT}\r".encode(), 5000) + 2
    monkeypatch.setattr("cocofolds.sources.detection.head.MOST_BYTES", end)
    found = look("t.csv")
    assert said(found, "rows")[0].startswith("only the first are looked at")
    assert asked(found) == []
    assert {*found.files[0].names.values()} == {(WIDTH, HEIGHT)}


def coco(n_images=12, **changes):
    images = [
        {"id": n, "file_name": f"{n}.png", "width": WIDTH, "height": HEIGHT}
        for n in range(1, n_images + 1)
    ]
    annotations = [
        {
            "id": n,
            "image_id": n,
            "category_id": 1,
            "segmentation": [[2, 3, 7, 3, 7, 7, 2, 7]],
            "bbox": [2, 3, 5, 4],
            "area": 20,
            "iscrowd": 0,
        }
        for n in range(1, n_images + 1)
    ]
    categories = [{"id": 1, "name": "a"}]
    return {"images": images, "annotations": annotations, "categories": categories}


def write_coco(document, path="c.json"):
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "wt", encoding="utf-8") as file:
        json.dump(document, file)


@pytest.mark.parametrize("path", ["c.json", "c.json.gz", "renamed.txt"])
def test_coco(path):
    write_coco(coco(), path)
    found = look(path)
    assert config_of(found) == {"annotations": path, "dialect": "coco"}
    assert asked(found) == []
    assert said(found, "masks") == ["12 polygons"]


def test_coco_with_shared_ids_sizes_of_files_and_nested_groups(here):
    document = coco()
    document["annotations"][3]["id"] = 1
    for n, image in enumerate(document["images"]):
        del image["width"], image["height"]
        image["extra"] = {"name": f"p{n // 4}"}
    write_coco(document)
    write_images(f"{n}.png" for n in range(1, 13))
    found = look("c.json")
    config = config_of(found)
    assert config["annotation_ids"] == "renumber"
    assert config["images_dir"] == "images"
    [suggestion] = found.suggestions
    assert suggestion.settings["group_column"] == "extra.name"
    index = index_of(here / "rows", config)
    assert (index.n_annotations, index.rejected) == (12, [])


def test_coco_of_which_the_beginning_is_looked_at(monkeypatch):
    write_coco(coco(200))
    monkeypatch.setattr("cocofolds.sources.detection.head.MOST_BYTES", 30_000)
    found = look("c.json")
    assert said(found, "rows")[0].startswith("only the first are looked at: COCO JSON")
    assert config_of(found) == {"annotations": "c.json", "dialect": "coco"}


def test_faulty_records_of_coco():
    document = coco()
    document["annotations"][2]["category_id"] = 7
    write_coco(document)
    found = look("c.json")
    assert asked(found) == ["on_invalid"]
    assert "annotations[2]: its category_id" in found.questions[0].why
    for annotation in document["annotations"][:6]:
        annotation["category_id"] = 7
    write_coco(document)
    with pytest.raises(InputError, match="6 of 12 annotations are faulty"):
        look("c.json")


def two_videos():
    for name in ("video_a.json", "video_b.json"):
        write_coco(coco(6), name)
    return "video_a.json", "video_b.json"


def test_images_of_one_name_in_two_files_are_asked_for():
    found = look(*two_videos())
    assert asked(found) == ["merge_sources"]
    assert config_of(found)["dialect"] == [
        {"format": "coco", "file_prefix": "video_a/"},
        {"format": "coco", "file_prefix": "video_b/"},
    ]
    merged = config_of(look(*two_videos(), merge_sources="yes"))
    assert (merged["dialect"], merged["merge_sources"]) == ("coco", True)


def test_image_files_tell_whether_images_of_one_name_are_one(here):
    paths = two_videos()
    write_images(f"{n}.png" for n in range(1, 7))
    found = look(*paths, images_dir="images")
    assert asked(found) == []
    assert config_of(found)["merge_sources"] is True
    shutil.rmtree("images")
    for video in ("video_a", "video_b"):
        write_images([f"{video}/{n}.png" for n in range(1, 7)])
    found = look(*paths, images_dir="images")
    assert asked(found) == []
    assert "merge_sources" not in config_of(found)
    prefixes = [d["file_prefix"] for d in config_of(found)["dialect"]]
    assert prefixes == ["video_a/", "video_b/"]
    index = index_of(here / "rows", config_of(found))
    assert (len(index.images), index.rejected) == (12, [])


def test_a_list_of_a_table_and_a_coco(here):
    rows = table()
    write(rows)
    write_images(row["image"] for row in rows)
    write_coco(coco())
    found = look("t.csv", "c.json")
    assert [
        d if isinstance(d, str) else d["order"] for d in config_of(found)["dialect"]
    ] == [
        "column",
        "coco",
    ]
    index = index_of(here / "rows", config_of(found))
    assert (len(index.images), index.rejected) == (24, [])


@given(st.text(max_size=40), st.text(max_size=40))
def test_the_text_of_a_config_is_what_it_says(path, said):
    """Whatever the data say, it is one YAML mapping of the settings."""
    file = FileFindings(
        path, {}, "", [Finding("preset", said)], [], [], {}, {}, True, 1
    )
    suggestion = Suggestion(said, {"group_column": path})
    found = SourceFindings([file], [], [], [suggestion], {}, None)
    settings = {"annotations": path, "dialect": {"image_column": said}}
    question = Question("order", said, "row", {}, said)
    text = config_text(settings, found, [(question, said)], said)
    assert yaml.safe_load(text) == settings


@given(st.binary(max_size=200), st.sampled_from(["t.csv", "t.json", "t.csv.gz"]))
def test_no_bytes_lead_to_another_error(data, path):
    with TemporaryDirectory() as folder:
        file = Path(folder, path)
        file.write_bytes(data)
        with suppress(InputError):
            find_source([str(file)], None, PRESET_KEYS)


ANYTHING = st.one_of(
    st.none(),
    st.integers(-1, 3),
    st.floats(allow_nan=False),
    st.sampled_from(["", "1", "1.png", "a"]),
    st.just([]),
    st.just({"a": []}),
    st.just([[1, 2, 3, 4, 5, 6]]),
)


def records(*keys):
    return st.lists(st.fixed_dictionaries(dict.fromkeys(keys, ANYTHING)), max_size=4)


@given(
    st.fixed_dictionaries(
        {
            "images": records("id", "file_name", "width", "height", "extra"),
            "annotations": records("id", "image_id", "category_id", "segmentation"),
            "categories": records("id", "name"),
        }
    )
)
def test_no_coco_leads_to_another_error(document):
    with TemporaryDirectory() as folder, suppress(InputError):
        path = Path(folder, "c.json")
        path.write_text(json.dumps(document))
        found = find_source([str(path)], None, PRESET_KEYS)
        defaults = [question.default for question in found.questions]
        drawable = find_drawable(found.answered(defaults))
        if drawable:
            draw(drawable, Path(folder, "p.png"))


FIELD = st.sampled_from(["", "a.png", "b", "1", "1 2", "0 3 7 1", "5 5 5 5", "[]", "9"])


@given(st.lists(st.lists(FIELD, min_size=4, max_size=4), min_size=1, max_size=6))
def test_no_table_leads_to_another_error(rows):
    with TemporaryDirectory() as folder, suppress(InputError):
        path = Path(folder, "t.csv")
        text = "id,rle,width,height\n" + "\n".join(",".join(row) for row in rows)
        path.write_text(text)
        found = find_source([str(path)], None, PRESET_KEYS)
        defaults = [question.default for question in found.questions]
        drawable = find_drawable(found.answered(defaults))
        if drawable:
            draw(drawable, Path(folder, "p.png"))
