"""The embedded sample is what its script makes, and small."""

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

import make_test_data

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


def test_small_inputs_are_cut_from_it():
    made = make_test_data.small_inputs()
    there = {
        name: data.decode() for name, data in contents(make_test_data.FOLDER).items()
    }
    assert there == made, "run tests/make_test_data.py"
    assert sum(map(len, made.values())) < 20_000


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
    assert {(row["width"], row["height"]) for row in rows} == {("576", "432")}


def test_each_category_is_in_each_of_10_folds(rows):
    """Folds by image are stratified by the most frequent category of an image."""
    categories = {}
    for row in rows:
        categories.setdefault(row["id"], Counter())[row["cell_type"]] += 1
    most_frequent = Counter(max(n, key=n.get) for n in categories.values())
    assert most_frequent == {"astro": 10, "cort": 10, "shsy5y": 10}
    assert sum(len(n) > 1 for n in categories.values()) >= 5
    assert max(len(n) for n in categories.values()) == 3


def test_each_category_is_in_5_groups_of_2_plates(rows):
    image_wells = {(row["id"], row["sample_id"]) for row in rows}
    assert len(image_wells) == len({row["id"] for row in rows})
    wells_of = {row["cell_type"]: set() for row in rows}
    for row in rows:
        wells_of[row["cell_type"]].add(row["sample_id"])
    assert min(map(len, wells_of.values())) >= 5
    plate_of = {row["sample_id"]: row["sample_date"] for row in rows}
    assert len({*plate_of.values()}) == 2
    assert all(("Vessel-361" in w) == (d == "2019-09-21") for w, d in plate_of.items())


def test_images(rows):
    paths = {path.stem: path for path in (SAMPLE / "train").iterdir()}
    assert {*paths} == {row["id"] for row in rows}
    for path in paths.values():
        with Image.open(path) as image:
            assert (image.format, image.mode, image.size) == ("PNG", "L", (576, 432))
