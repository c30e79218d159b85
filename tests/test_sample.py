"""The embedded sample is what its script makes, and small."""

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

REPO = Path(__file__).parents[1]
SAMPLE = REPO / "data" / "sample"


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def rows():
    with open(SAMPLE / "train.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_script_makes_the_sample(tmp_path):
    script = REPO / "scripts" / "make_sample.py"
    subprocess.run([sys.executable, script, "--output", tmp_path], check=True)
    made, committed = contents(tmp_path), contents(SAMPLE)
    assert sorted(made) == sorted(committed)
    assert [name for name in made if made[name] != committed[name]] == []


def test_size():
    assert sum(map(len, contents(SAMPLE).values())) < 3_000_000


def test_table(rows):
    assert list(rows[0]) == [
        "id",
        "annotation",
        "width",
        "height",
        "cell_type",
        "plate_time",
        "sample_date",
        "sample_id",
        "elapsed_timedelta",
    ]
    assert 1400 < len(rows) < 1600
    assert {(row["width"], row["height"]) for row in rows} == {("704", "520")}
    images = {(row["id"], row["cell_type"], row["sample_id"]) for row in rows}
    assert len({image for image, _, _ in images}) == len(images) == 24
    types = Counter(cell_type for _, cell_type, _ in images)
    assert len(types) == 3
    assert min(types.values()) >= 5
    assert len({sample for _, _, sample in images}) >= 5


def test_images(rows):
    paths = {path.stem: path for path in (SAMPLE / "train").iterdir()}
    assert {*paths} == {row["id"] for row in rows}
    for path in paths.values():
        with Image.open(path) as image:
            assert (image.format, image.mode, image.size) == ("PNG", "L", (704, 520))
