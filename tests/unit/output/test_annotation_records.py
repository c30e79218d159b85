import json
from io import BytesIO

import numpy as np
import pytest
from oracles import as_in_pycocotools, drawn

from cocofolds.dataset.shards import ROW_COLUMNS
from cocofolds.output.annotation_records import RECORD_DTYPE, encode_shard

CATEGORY_IDS = {"cell": "1", "nucleus": "7"}
ROWS = [
    (1, 1, "img1", "cell", 3, 4, "1 2 5 3"),
    (2, 1, "img1", "nucleus", 3, 4, "12 1"),
    (5, 2, "img2", "cell", 4, 2, "1 8"),
]
AWKWARD_IDS = ['a"b', "back\\slash", "a\nb\r\t", "神経", "\U0001f600", "</a>", "1", " "]


def shard(*rows):
    return [
        dict(zip(ROW_COLUMNS, map(str, (*row, "row", "", "")), strict=True))
        for row in rows
    ]


def encode(rows, order="row", image_ids="integer"):
    file = BytesIO()
    rows = ({**row, "order": order} for row in rows)
    parts = list(encode_shard(rows, CATEGORY_IDS, image_ids, [], file))
    return file.getvalue(), np.concatenate([np.empty(0, RECORD_DTYPE), *parts])


def records_in(content):
    """Read records, each of which has a comma and a line feed behind it."""
    *lines, last = content.split(b",\n")
    assert last == b""
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("order", ["row", "column"])
def test_records(order):
    content, _ = encode(shard(*ROWS), order)
    records = records_in(content)
    for record, row in zip(records, ROWS, strict=True):
        annotation_id, image_id, _, category, height, width, runs = row
        counts, area, box = as_in_pycocotools(drawn(runs, height, width, order))
        expected = {
            "id": annotation_id,
            "image_id": image_id,
            "category_id": int(CATEGORY_IDS[category]),
            "segmentation": {"size": [height, width], "counts": counts},
            "area": area,
            "bbox": box,
            "iscrowd": 0,
        }
        assert record == expected
        assert list(record) == list(expected)
        assert list(record["segmentation"]) == ["size", "counts"]
        assert all(type(number) is int for number in [record["area"], *record["bbox"]])


def test_attributes():
    rows = shard(*ROWS)
    plain, _ = encode(rows)
    rows[1]["attribute_ids"] = "[115,136]"
    found = records_in(encode(rows)[0])
    assert found[1].pop("attribute_ids") == [115, 136]
    assert found == records_in(plain)


@pytest.mark.parametrize("image_ids", ["integer", "source"])
def test_records_are_what_json_would_write(image_ids):
    rows = shard(*ROWS, *((9, 3, name, "cell", 3, 4, "1 2") for name in AWKWARD_IDS))
    content, _ = encode(rows, image_ids=image_ids)
    compact = [
        json.dumps(record, separators=(",", ":")).encode()
        for record in records_in(content)
    ]
    assert content == b"".join(line + b",\n" for line in compact)


def test_source_ids():
    rows = shard(*((1, 3, name, "cell", 3, 4, "1 2") for name in AWKWARD_IDS))
    content, _ = encode(rows, image_ids="source")
    assert [record["image_id"] for record in records_in(content)] == AWKWARD_IDS


def test_backslash_in_counts():
    # A difference of 12 + 32 n ends in the character 48 + 44, the backslash.
    height = 400
    runs = "45 1"
    counts, _, _ = as_in_pycocotools(drawn(runs, height, 1, "row"))
    assert "\\" in counts
    content, _ = encode(shard((1, 1, "img1", "cell", height, 1, runs)))
    (record,) = records_in(content)
    assert record["segmentation"]["counts"] == counts


def test_offsets():
    content, offsets = encode(shard(*ROWS))
    assert offsets.dtype == RECORD_DTYPE
    assert offsets["start"].tolist() == [0, *offsets["end"][:-1].tolist()]
    assert offsets["end"][-1] == len(content)
    assert offsets["annotation_id"].tolist() == [1, 2, 5]
    assert offsets["image_id"].tolist() == [1, 1, 2]
    for record in offsets:
        (found,) = records_in(content[record["start"] : record["end"]])
        assert found["id"] == record["annotation_id"]


def test_offsets_over_several_batches():
    rows = shard(
        *((n, n, f"é{n}", "cell", 99, 99, f"{n} 1") for n in range(1, 9_000)),
        (9_000, 9_000, "long", "cell", 999, 999, "1 1 " * 50_000 + "9 1"),
        *((n, n, f"é{n}", "cell", 999, 999, f"{n} 1") for n in range(9_001, 20_000)),
    )
    rows[8_999]["runs"] = " ".join(f"{start} 1" for start in range(1, 200_000, 2))
    content, offsets = encode(rows, image_ids="source")
    lines = content.splitlines(keepends=True)
    assert np.diff([0, *offsets["end"]]).tolist() == list(map(len, lines))
    assert offsets["start"].tolist() == [0, *offsets["end"][:-1].tolist()]
    assert offsets["annotation_id"].tolist() == list(range(1, 20_000))
    records = records_in(content)
    assert [record["id"] for record in records] == list(range(1, 20_000))


def test_no_rows():
    content, offsets = encode([])
    assert content == b""
    assert (offsets.dtype, len(offsets)) == (RECORD_DTYPE, 0)


def test_category_without_an_id():
    with pytest.raises(KeyError, match="vesicle"):
        encode(shard((1, 1, "img1", "vesicle", 3, 4, "1 2")))
