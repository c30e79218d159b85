"""What names say of images, without a word where they say nothing."""

import json

import pytest

from cocofolds.copies.names import families_in, name_messages
from cocofolds.sources.groups import group_in_name


def of_table(*source_ids, category="cell"):
    return [
        {"source_id": i, "file_name": f"{i}.png", "record": "", "category": category}
        for i in source_ids
    ]


def of_coco(*file_names, originals=None):
    records = [{"id": n, "file_name": name} for n, name in enumerate(file_names)]
    for record, original in zip(records, originals or (), strict=False):
        record["extra"] = {"name": original}
    return [
        {
            "source_id": str(record["id"]),
            "file_name": record["file_name"],
            "record": json.dumps(record),
            "category": "cell",
        }
        for record in records
    ]


ROBOFLOW = [
    "cat-1_jpg.rf.0a1b2c3d4e5f60718293a4b5c6d7e8f9.jpg",
    "cat-1_jpg.rf.9f8e7d6c5b4a39281706f5e4d3c2b1a0.jpg",
    "dog-7_png.rf.00112233445566778899aabbccddeeff.jpg",
]
CLIPS = [f"{clip}_{n:06d}" for clip in ("clip", "walk2") for n in range(4)]
FRAMES = [f"case{n // 4}_frame{7 * n}.png" for n in range(8)]
FOLDERS = [f"bear{clip}/{n:05d}.jpg" for clip in "ab" for n in range(3)]


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (of_coco(*ROBOFLOW), ["cat-1_jpg", "cat-1_jpg", "dog-7_png"]),
        (of_table(*ROBOFLOW), ["cat-1_jpg", "cat-1_jpg", "dog-7_png"]),
        (of_table(*ROBOFLOW, "plain"), ["cat-1_jpg"] * 2 + ["dog-7_png", "plain"]),
        (of_table(*CLIPS), ["clip"] * 4 + ["walk2"] * 4),
        (of_coco(*FRAMES), ["case0"] * 4 + ["case1"] * 4),
        (of_coco(*FOLDERS), ["beara"] * 3 + ["bearb"] * 3),
        # Every fifth frame.
        (of_table(*(f"{c}-{n:04d}" for c in ("up", "on") for n in (5, 10, 15, 20))),
         ["up"] * 4 + ["on"] * 4),
    ],
)  # fmt: skip
def test_families(images, expected):
    found = families_in(images)
    assert found.of_images == expected
    pattern = found.setting.removeprefix("group_pattern: '").removesuffix("'")
    names = [row["file_name"] if row["record"] else row["source_id"] for row in images]
    assert [group_in_name(pattern, name) for name in names] == expected


def test_originals_of_roboflow():
    found = families_in(of_coco(*"abc", originals=["x.jpg", "y.jpg", "x.jpg"]))
    assert found.setting == "group_column: extra.name"
    assert found.of_images == ["x.jpg", "y.jpg", "x.jpg"]


@pytest.mark.parametrize(
    "images",
    [
        of_table("00190dc25e71", "0030fd0e6378", "0140b3c8f445", "01ae5a43a2ab"),
        of_table("00190dc25001", "00190dc25002", "00190dc25003"),
        of_table(*(f"{n:04d}" for n in range(1, 20))),
        # One name, or one for each camera.
        of_table(*(f"scene_{n:04d}" for n in range(20))),
        of_coco(*(f"IMG_{n:04d}.jpg" for n in range(9)),
                *(f"DSC_{n:04d}.jpg" for n in range(9))),
        of_coco(*(f"{p}/{n:05d}.jpg" for p in ("train", "val") for n in range(9))),
        of_coco(*(f"images/{n:05d}.jpg" for n in range(9))),
        # Ids that are not in one step.
        of_coco(*(f"COCO_{part}2014_{n:012d}.jpg" for part in ("train", "val", "test")
                  for n in (9, 25, 30, 34, 36, 49, 61, 64))),
        # The names of categories.
        of_table(*(f"astro_{n:03d}" for n in range(9)), category="astro")
        + of_table(*(f"cort_{n:03d}" for n in range(9)), category="cort"),
        # Dates, and pairs.
        of_table(*(f"2019-0{month}-05_{n:03d}" for month in (1, 2) for n in range(9))),
        of_table("a_001", "a_002", "b_001", "b_002"),
        # Few among others.
        of_table(*CLIPS, *map(str, range(8))),
        of_coco(*"abc", originals=["x.jpg", "y.jpg", "z.jpg"]),
        of_coco(*"abc", originals=["x.jpg", "x.jpg"]),
        # All of one original: no groups can be made of it.
        of_coco(*"abc", originals=["x.jpg"] * 3),
        of_table("one"),
        [],
    ],
)  # fmt: skip
def test_no_families(images):
    assert families_in(images) is None
    assert [*name_messages(images, [*range(len(images))])] == []


def test_those_in_several_folds_are_named():
    images = of_table(*CLIPS)
    [message] = name_messages(images, [1, 1, 1, 1, 1, 2, 2, 1])
    assert "images are frames of videos. 1 of 2 are in several folds" in message
    assert "'walk2': 4 images" in message
    assert "with `group_pattern: '^(.+?)" in message
    assert "clip'" not in message
    assert [*name_messages(images, [1] * 4 + [2] * 4)] == []


def test_many_are_counted():
    names = [f"{n}_jpg.rf.{copy}.jpg" for n in range(30) for copy in "ab"]
    [message] = name_messages(of_coco(*names), [1, 2] * 30)
    assert "30 of 30 are in several folds" in message
    assert "and 20 more" in message
