import doctest
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import as_in_pycocotools, as_tuples, pictures, runs_of, texts_of
from PIL import Image

import cocofolds
from cocofolds import data_frames
from cocofolds.errors import InputError
from tables import SAMPLE, SARTORIUS, draw, rectangle, tiny_rows

ORDERS = st.sampled_from(["row", "column"])
FRAME = pd.DataFrame(tiny_rows())


def frame(**columns):
    """Two masks on an image, with other columns."""
    return pd.DataFrame(
        {
            "id": ["a", "a"],
            "annotation": [rectangle(2, 3, 4, 5), rectangle(9, 1, 3, 8)],
            "width": [30, 30],
            "height": [20, 20],
            "cell_type": ["x", "y"],
        }
        | columns
    )


def test_examples():
    assert doctest.testmod(data_frames).attempted >= 8
    assert doctest.testmod(data_frames).failed == 0


def test_import_is_light():
    code = "import sys, cocofolds; print('numpy' in sys.modules, cocofolds.__all__)"
    said = subprocess.check_output([sys.executable, "-c", code], encoding="utf-8")
    names = ["BalancedGroupKFold", "assign_folds", "encode", "to_coco"]
    assert said == f"False {names}\n"


def test_pandas_is_not_imported():
    code = (
        "import sys, cocofolds; cocofolds.encode(['1 1'], 2, 2);"
        " cocofolds.BalancedGroupKFold; cocofolds.assign_folds;"
        " print({'pandas', 'snakemake', 'matplotlib', 'sklearn'} & {*sys.modules})"
    )
    assert subprocess.check_output([sys.executable, "-c", code]) == b"set()\n"


def test_other_names():
    with pytest.raises(AttributeError, match="no attribute 'decode'"):
        cocofolds.decode  # noqa: B018


@given(st.data(), st.lists(pictures(), max_size=4), ORDERS)
def test_encode(data, drawn, order):
    texts = [data.draw(texts_of(picture, order)) for picture in drawn]
    table = pd.DataFrame(
        {
            "runs": pd.Series(texts, dtype=object),
            "height": [picture.shape[0] for picture in drawn],
            "width": [picture.shape[1] for picture in drawn],
        }
    )
    masks = cocofolds.encode(table["runs"], table["height"], table["width"], order)
    assert as_tuples(masks) == [as_in_pycocotools(picture) for picture in drawn]
    assert masks.areas.shape == (len(drawn),)
    assert masks.boxes.shape == (len(drawn), 4)
    assert masks.areas.dtype == masks.boxes.dtype == np.int64


@given(pictures(), st.sampled_from([0, 1]), st.booleans(), ORDERS)
def test_bases(picture, base, relative, order):
    """As written by hand from the definitions of the two settings."""
    written, end = [], 0
    for start, length in runs_of(picture, order):
        written += [start - 1 + base - end, length]
        end = start - 1 + base + length if relative else 0
    text = " ".join(map(str, written))
    masks = cocofolds.encode([text], *picture.shape, order, base, relative)
    assert as_tuples(masks) == [as_in_pycocotools(picture)]


@pytest.mark.parametrize(
    "size", [20, 20.0, "20", np.int64(20), [20, 20], pd.Series([20.0, None])[[0, 0]]]
)
def test_sizes(size):
    runs = FRAME["annotation"][:2]
    expected = cocofolds.encode(runs, 20, 30)
    assert cocofolds.encode(runs, size, 30).counts == expected.counts


def test_blanks_and_zeros():
    """What competitions have, and is no fault."""
    texts = ["1 5 31 5", " 1  5\t031 05\n", "31 5 1 5"]
    masks = cocofolds.encode(texts, 20, 30)
    assert len({*masks.counts}) == 1


def test_many_batches():
    rows = tiny_rows() * 400
    table = pd.DataFrame(rows).astype({"width": int, "height": int})
    masks = cocofolds.encode(table["annotation"], table["height"], table["width"])
    few = cocofolds.encode(FRAME["annotation"], 20, 30)
    assert masks.counts == few.counts * 400
    assert masks.boxes.tolist() == few.boxes.tolist() * 400


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"annotation": np.nan}, "the run-length text is empty"),
        ({"annotation": None}, "the run-length text is empty"),
        ({"annotation": pd.NA}, "the run-length text is empty"),
        ({"annotation": "1 2 3"}, "starts and lengths come in pairs"),
        ({"annotation": "0 2"}, "starts at 0"),
        ({"annotation": "600 2"}, "ends past the last pixel, 600"),
        ({"annotation": "1 2 2 2"}, "overlap"),
        ({"annotation": "a b"}, "'a' is not a whole number"),
        ({"annotation": 7.5}, "'7.5' is not a whole number"),
        ({"height": np.nan}, "the height '' is not a number of pixels"),
        ({"height": 20.5}, "the height '20.5' is not a number of pixels"),
        ({"width": -30}, "the width '-30' is not a number of pixels"),
        ({"width": 2**33}, "more than"),
    ],
)
def test_rows_that_are_no_masks(changes, reason):
    row = {"annotation": rectangle(2, 3, 4, 5), "height": 20, "width": 30}
    table = pd.DataFrame([row, row, {**row, **changes}, row], dtype=object)
    with pytest.raises(
        InputError, match=r"^Rows that are not masks: 1\n  row 2: "
    ) as e:
        cocofolds.encode(table["annotation"], table["height"], table["width"])
    assert reason in str(e.value)


def test_positions_over_batches():
    runs = [rectangle(2, 3, 4, 5)] * 9000
    for position in (1, 8000, *range(8001, 8021)):
        runs[position] = "x"
    with pytest.raises(InputError) as error:
        cocofolds.encode(runs, 20, 30)
    assert "masks: 22\n  row 1: " in str(error.value)
    assert "\n  row 8000: " in str(error.value)
    assert str(error.value).endswith("\n  and 12 more")


@pytest.mark.parametrize(
    "arguments",
    [
        (["1 1"], [2, 2], 2),
        (["1 1"], 2, [2, 2]),
        (["1 1"], 2, 2, "rows"),
        (["1 1"], 2, 2, "row", 2),
    ],
)
def test_wrong_arguments(arguments):
    with pytest.raises(ValueError):
        cocofolds.encode(*arguments)


def test_wrong_order():
    runs = FRAME["annotation"]
    with pytest.warns(UserWarning, match="numbered by row, not by column") as caught:
        cocofolds.encode(runs, 20, 30, "column")
    assert [warning.filename for warning in caught] == [__file__]
    with pytest.warns(UserWarning, match="numbered by row, not by column") as caught:
        cocofolds.to_coco(FRAME, {**SARTORIUS, "order": "column"})
    assert [warning.filename for warning in caught] == [__file__]


def test_to_coco():
    coco = cocofolds.to_coco(FRAME, "sartorius-2021")
    assert json.loads(json.dumps(coco)) == coco
    assert [image["id"] for image in coco["images"]] == [1, 2, 3, 4, 5, 6]
    assert coco["images"][0] == {
        "id": 1, "file_name": "train/image-6.png", "width": 30, "height": 20,
    }  # fmt: skip
    assert coco["categories"] == [{"id": 1, "name": "round"}, {"id": 2, "name": "thin"}]
    records = sorted(coco["annotations"], key=lambda record: record["id"])
    # Images come one after the other, each with its annotations in the order of rows.
    assert [record["id"] for record in coco["annotations"]][:4] == [1, 7, 13, 2]
    for row, record in zip(tiny_rows(), records, strict=True):
        counts, area, box = as_in_pycocotools(draw(row))
        assert record["segmentation"] == {"size": [20, 30], "counts": counts}
        assert (record["area"], record["bbox"], record["iscrowd"]) == (area, box, 0)
        assert coco["images"][record["image_id"] - 1]["file_name"][6:-4] == row["id"]
        assert coco["categories"][record["category_id"] - 1]["name"] == row["cell_type"]


def test_columns_as_pandas_reads_them(tmp_path):
    """Numbers, also beside missing values, mean what is in the file."""
    path = tmp_path / "train.csv"
    path.write_text(
        "ImageId,ClassId,EncodedPixels,w,h\n12,1,1 3,8,6\n12,2,4 2,8,6\n13,,,8,6\n"
    )
    keys = {
        "image_column": "ImageId",
        "category_column": "ClassId",
        "runs_column": "EncodedPixels",
        "width_column": "w",
        "height_column": "h",
        "order": "column",
        "no_mask": [""],
    }
    table = pd.read_csv(path)
    assert table["ClassId"].dtype == float
    coco = cocofolds.to_coco(table, keys)
    assert coco == cocofolds.to_coco(table.convert_dtypes(), keys)
    as_text = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert coco == cocofolds.to_coco(as_text, keys)
    assert coco == cocofolds.to_coco(table.to_dict("list"), keys)
    assert [category["name"] for category in coco["categories"]] == ["1", "2"]
    assert [image["file_name"] for image in coco["images"]] == ["12", "13"]
    assert len(coco["annotations"]) == 2
    of_numbers = cocofolds.to_coco(table, keys, categories=[2, 1])
    assert of_numbers["categories"] == [{"id": 1, "name": "2"}, {"id": 2, "name": "1"}]


def test_only_images_without_masks():
    table = {"ImageId": ["a.jpg"], "EncodedPixels": [np.nan]}
    coco = cocofolds.to_coco(table, "airbus-2018")
    assert coco["annotations"] == [] == coco["categories"]
    assert coco["images"][0]["file_name"] == "a.jpg"


def test_sizes_and_names_of_files(tmp_path):
    (tmp_path / "deep").mkdir()
    Image.new("L", (30, 20)).save(tmp_path / "deep" / "a.png")
    table = {"ImageId": ["a", "a"], "EncodedPixels": ["1 5", "600 1"]}
    coco = cocofolds.to_coco(table, "dsb-2018", images_dir=tmp_path)
    assert coco["images"] == [
        {"id": 1, "file_name": "deep/a.png", "width": 30, "height": 20}
    ]
    with pytest.raises(InputError, match=r"does not say how large the images are"):
        cocofolds.to_coco(table, "dsb-2018")
    table["ImageId"][1] = "b"
    with pytest.raises(InputError, match=r"image .b.: there is no file .b\.png."):
        cocofolds.to_coco(table, "dsb-2018", images_dir=tmp_path)
    with pytest.raises(InputError, match="there is no such folder"):
        cocofolds.to_coco(table, "dsb-2018", images_dir=tmp_path / "none")


def test_missing_file_is_a_warning_where_sizes_are_known(tmp_path):
    Image.new("L", (30, 20)).save(tmp_path / "image-1.png")
    with pytest.warns(UserWarning, match=r"Images without a file: 5 of 6") as caught:
        coco = cocofolds.to_coco(FRAME, "sartorius-2021", images_dir=tmp_path)
    assert [warning.filename for warning in caught] == [__file__]
    assert coco["images"][5]["file_name"] == "image-1.png"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"annotation": ["1 2", "x y"]}, "row 1, image 'a': 'x' is not a whole number"),
        ({"id": ["a", None]}, "row 1, image '': the image has no id"),
        ({"cell_type": ["x", None]}, "row 1, image 'a': the category is empty"),
        (
            {"width": [30, 31]},
            "the size 31x20 differs from what row 0 of the table says of this image",
        ),
        ({"annotation": ["1 2", None]}, 'means no mask, `no_mask: [""]`'),
    ],
)
def test_rows_of_a_table_that_are_no_masks(changes, message):
    with pytest.raises(InputError, match=r"^Rows that are not masks: 1\n") as error:
        cocofolds.to_coco(frame(**changes), "sartorius-2021")
    assert message in str(error.value)


def test_repeated_rows():
    with pytest.warns(UserWarning, match="earlier row: 1\n  2 \\(as 1\\)") as caught:
        cocofolds.to_coco(frame().iloc[[0, 0]], "sartorius-2021")
    assert [warning.filename for warning in caught] == [__file__]


def test_unknown_category():
    with pytest.raises(InputError, match="'y' is not one of `categories`"):
        cocofolds.to_coco(frame(), "sartorius-2021", categories=["x"])


@pytest.mark.parametrize(
    ("table", "dialect", "message"),
    [
        (FRAME, "sartorius", "no preset 'sartorius'. Is it 'sartorius-2021'?"),
        (FRAME, "../sartorius", "no preset '../sartorius'"),
        (FRAME, "coco", "a COCO JSON is not a table"),
        (FRAME, {**SARTORIUS, "order": "rows"}, "dialect: order: 'rows' is not one of"),
        (FRAME, {**SARTORIUS, "colour": "red"}, "dialect: there is no key 'colour'."),
        (FRAME, {**SARTORIUS, "category": "x"}, "dialect: it needs one of category"),
        (FRAME.drop(columns="id"), "sartorius-2021", "the table: no column 'id'."),
        (FRAME[:0], "sartorius-2021", "the table: it has no rows."),
        (
            {**frame(), "id": ["a"]},
            "sartorius-2021",
            "the table: its columns are not of one length.",
        ),
        (
            FRAME,
            {"preset": "sartorius-2021", "file_name": "{id}_*.png"},
            "wildcards stand for",
        ),
    ],
)
def test_what_does_not_fit(table, dialect, message):
    with pytest.raises(InputError) as error:
        cocofolds.to_coco(table, dialect)
    assert message in str(error.value)


def test_changed_preset():
    table = FRAME.rename(columns={"annotation": "rle"}).assign(width="1", height="1")
    keys = {"preset": "sartorius-2021", "runs_column": "rle", "width_column": None}
    keys |= {"height_column": None, "width": 30, "height": 20}
    coco, plain = (cocofolds.to_coco(*of) for of in ((table, keys), (FRAME, SARTORIUS)))
    assert coco == plain


def test_categories_with_attributes():
    table = frame(cell_type=["3_1_2", "3"])
    keys = {**SARTORIUS, "attributes_separator": "_"}
    with pytest.raises(InputError, match="the attributes"):
        cocofolds.to_coco(table, keys)
    records = cocofolds.to_coco(frame(cell_type=["3_1,2", "3"]), keys)["annotations"]
    assert [record["attribute_ids"] for record in records] == [[1, 2], []]


def test_sample():
    """All rows of the sample, mask by mask."""
    table = pd.read_csv(SAMPLE)
    masks = cocofolds.encode(table["annotation"], table["height"], table["width"])
    records = cocofolds.to_coco(table, "sartorius-2021")["annotations"]
    by_id = {record["id"]: record for record in records}
    assert len(by_id) == len(table)
    for position, (counts, area, box) in enumerate(as_tuples(masks)):
        record = by_id[position + 1]
        assert record["segmentation"]["counts"] == counts
        assert (record["area"], record["bbox"]) == (area, box)
