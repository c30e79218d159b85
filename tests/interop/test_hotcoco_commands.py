"""The commands of hotcoco take the files."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tables import SAMPLE, draw, read_table

WHOLE = "annotations_all.json"


def coco(command, *arguments, fails=False):
    program = Path(sys.executable).with_name("coco")
    done = subprocess.run(
        [program, command, "--json", *arguments], capture_output=True, encoding="utf-8"
    )
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_healthcheck_finds_nothing(sample, files):
    for name in files:
        found = coco("healthcheck", sample.results / name)
        # It does not look for near duplicates where a class has more than 100 masks.
        codes = {warning["code"] for warning in found["warnings"]}
        assert codes <= {"near_duplicate_check_skipped"}
        assert found["errors"] == []
        assert found["summary"]["num_images"] == len(files[name])


def test_healthcheck_would_find_a_wrong_category(sample, tmp_path):
    document = sample.json(WHOLE)
    document["annotations"][0]["category_id"] = 4
    (tmp_path / WHOLE).write_text(json.dumps(document))
    assert coco("healthcheck", tmp_path / WHOLE, fails=True)["errors"]


def test_stats(sample):
    stats = coco("stats", sample.results / WHOLE)
    rows = read_table(SAMPLE)
    assert stats["image_count"] == len({row["id"] for row in rows})
    assert stats["annotation_count"] == len(rows)
    assert stats["crowd_count"] == 0
    cells = [row["cell_type"] for row in rows]
    assert {c["name"]: c["ann_count"] for c in stats["per_category"]} == {
        name: cells.count(name) for name in cells
    }
    areas = [draw(row).sum() for row in rows]
    assert stats["annotation_area"]["min"] == min(areas)
    assert stats["annotation_area"]["max"] == max(areas)


def test_conversion_to_yolo(sample, tmp_path):
    arguments = ["--from", "coco", "--to", "yolo", "--output", tmp_path]
    said = coco("convert", *arguments, "--input", sample.results / WHOLE)
    assert (said["skipped_crowd"], said["skipped_no_bbox"]) == (0, 0)
    document = sample.json(WHOLE)
    for image in document["images"]:
        expected = []
        for annotation in document["annotations"]:
            if annotation["image_id"] == image["id"]:
                x, y, width, height = annotation["bbox"]
                centre = [
                    (x + width / 2) / image["width"],
                    (y + height / 2) / image["height"],
                ]
                category = annotation["category_id"] - 1
                size = [width / image["width"], height / image["height"]]
                expected.append([category, *centre, *size])
        labels = (tmp_path / Path(image["file_name"]).name).with_suffix(".txt")
        assert np.loadtxt(labels) == pytest.approx(np.array(expected), abs=1e-6)
