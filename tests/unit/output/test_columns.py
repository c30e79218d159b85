"""The columns of the whole data set, beside what is in its JSON."""

import json
from io import BytesIO

import numpy as np
import pytest
from data_sets import build
from pycocotools.coco import COCO

from cocofolds.dataset.shards import ROW_COLUMNS
from cocofolds.output.annotation_records import encode_shard
from cocofolds.output.columns import columns_of
from cocofolds.settings import Numbering


@pytest.fixture(scope="module", params=["integer", "source"])
def data(tmp_path_factory, request):
    return build(tmp_path_factory.mktemp("data"), image_ids=request.param)


def test_annotations(data):
    coco = COCO(data.whole).dataset
    with np.load(data.columns) as columns:
        found = {name: columns[name].tolist() for name in columns}
    categories = [category["id"] for category in coco["categories"]]
    images = [image["id"] for image in coco["images"]]
    records = coco["annotations"]
    assert found.pop("groups")[0] == 0
    assert found == {
        "numbers": [record["id"] for record in records],
        "category_positions": [categories.index(r["category_id"]) for r in records],
        "image_positions": [images.index(record["image_id"]) for record in records],
        "areas": [record["area"] for record in records],
    }


def test_groups():
    images = [{"image_id": str(n), "group": group} for n, group in enumerate("bbac", 1)]
    assert columns_of([], images)["groups"].tolist() == [0, 0, 1, 2]


def test_images_that_are_left_out(tmp_path):
    """Their numbers are missing in the table of images."""
    offsets = tmp_path / "1.npy"
    [part] = encode_records([{"id": 1}, {"id": 2}], image_ids=[5, 3])
    np.save(offsets, part)
    images = [{"image_id": number, "group": ""} for number in ("3", "5")]
    columns = columns_of([str(offsets)], images)
    assert columns["image_positions"].tolist() == [0, 1]
    assert columns["numbers"].tolist() == [2, 1]


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        ("12.5", 12.5),
        ("3", 3.0),
        ("1e3", 1000.0),
        *((text, 0.0) for text in ("0", "-1", "true", "null", '"3"', "[3]", "1e999")),
        ("1" * 400, 0.0),
    ],
)
def test_area_of_a_record(area, expected):
    [part] = encode_records([f'{{"id":1,"area":{area}}}'])
    assert part["area"].tolist() == [expected]


def test_record_without_an_area():
    [part] = encode_records(['{"id":1,"x":{"area":3}}'])
    assert part["area"].tolist() == [0.0]


def encode_records(records, image_ids=(1,)):
    """Encode records of a COCO JSON, without a change of their ids."""
    empty = dict.fromkeys(ROW_COLUMNS, "")
    rows = [
        {
            **empty,
            "annotation_id": str(n),
            "image_id": str(image_id),
            "category": "cell",
            "record": record if isinstance(record, str) else json.dumps(record),
        }
        for n, (record, image_id) in enumerate(
            zip(records, image_ids, strict=True), start=1
        )
    ]
    keep = Numbering(**dict.fromkeys(Numbering._fields, "keep"))
    return [*encode_shard(rows, {"cell": "7"}, "integer", keep, BytesIO())]


def test_an_image_without_a_group_is_one_by_itself():
    groups = ["", "a", "", "a", ""]
    images = [{"image_id": str(n), "group": g} for n, g in enumerate(groups, 1)]
    assert columns_of([], images)["groups"].tolist() == [0, 1, 2, 1, 3]
