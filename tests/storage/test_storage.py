"""All files in a bucket, no shared disk, and each job in an empty folder.

The server is moto's, which answers as S3 does; the plugin is the one for S3. What a
cloud's own executor adds, its submission, is in test_clouds.py.
"""

import re

import pytest
from conftest import SAMPLE

from tables import tiny_rows, write_table

SETTINGS = {"n_folds": 2, "images_per_shard": 16}
# What each run writes of its own, and what holds paths: no part of the results.
OF_THE_RUN = ("logs/", "benchmarks/", "made_from/", "index/rows")


def is_result(name):
    is_hidden = any(part.startswith(".") for part in name.split("/"))
    return not is_hidden and not name.startswith(OF_THE_RUN)


def put_sample(project, without=()):
    """Put the sample into the bucket, without the images of some names."""
    for path in SAMPLE.rglob("*"):
        if path.is_file() and path.name not in without:
            project.put(f"data/sample/{path.relative_to(SAMPLE)}", path)


@pytest.fixture(scope="module")
def local(new_project):
    """The sample, made without a storage."""
    project = new_project(**SETTINGS)
    project.run()
    return project


@pytest.fixture(scope="module")
def stored(new_stored_project, local):
    """The sample, made from a bucket, and one picture that is asked for by its name."""
    project = new_stored_project("sample", **SETTINGS)
    put_sample(project)
    picture = next((local.results / "preview").glob("*.png")).name
    said = project.run("all", f"results/preview/{picture}")
    assert "Folds are in results, in s3://folds/sample." in said
    return project


def test_the_same_bytes(stored, local):
    made = {
        name: stored.get(f"results/{name}")
        for name in filter(is_result, stored.names())
    }
    expected = {
        str(path.relative_to(local.results)): path.read_bytes()
        for path in local.results.rglob("*")
        if path.is_file()
    }
    expected = {name: data for name, data in expected.items() if is_result(name)}
    # Pictures of one image are made by their names there.
    pictures = {
        name for name in expected if name.startswith("preview/") and ".png" in name
    }
    assert expected.keys() - pictures < made.keys() < expected.keys()
    assert [name for name in made if made[name] != expected[name]] == []
    assert {"report.html", "duplicates.csv", "report/gallery.json"} < made.keys()


def test_nothing_to_do_in_another_folder(stored, new_stored_project):
    other = new_stored_project(stored.prefix, **SETTINGS)
    assert "Nothing to be done" in other.run()
    # Nothing but what Snakemake notes has come here.
    assert not (other.folder / "results").exists()


def test_settings_and_content_count(new_stored_project, tmp_path):
    settings = {"annotations": "train.csv", "images_dir": None, "on_invalid": "skip"}
    project = new_stored_project("tiny", **settings)
    source, whole = tmp_path / "train.csv", "results/annotations_all.json"
    bad = {**tiny_rows()[3], "annotation": "7 x"}
    write_table(source, [*tiny_rows(), bad])
    project.put("train.csv", source)
    project.run(whole)
    # As the settings name it.
    assert b'"train.csv",20,' in project.get("results/rejected.csv")
    assert "Nothing to be done" in project.run(whole)
    write_table(source, tiny_rows()[:-1])
    project.put("train.csv", source)
    project.run(whole)
    assert project.get(whole).count(b'"area"') == len(tiny_rows()) - 1
    said = project.run("--dry-run", "--config", "min_area=5")
    assert "1 split, 1 to make: the index" in said


def test_a_bad_row_is_named_last(new_stored_project, tmp_path):
    settings = {"annotations": "train.csv", "images_dir": None}
    project = new_stored_project("bad", **settings)
    rows = tiny_rows()
    rows[4]["annotation"] = "7 x"
    write_table(tmp_path / "train.csv", rows)
    project.put("train.csv", tmp_path / "train.csv")
    said = project.run(fails=True)
    last = said[said.index("Error: Rows that are not masks: 1") :]
    assert last.splitlines()[1].startswith("  train.csv, line 6")
    # More memory would not help: all that is said is of one machine.
    assert "Trying to restart job" not in said
    assert len({*re.findall(r"external_jobid: (\S+)", said)}) == 1


def test_an_image_that_is_missing_is_named(new_stored_project):
    project = new_stored_project("missing", **SETTINGS)
    name = min(path.name for path in SAMPLE.rglob("*.png"))
    put_sample(project, without=[name])
    said = project.run("results/duplicates.csv", fails=True)
    assert said[said.index("Missing input files") :].count(f"/{name} ") == 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"exclude_images": "names.txt"}, "config: exclude_images: with a storage"),
        ({"unlisted_images": "include"}, "config: unlisted_images: a storage"),
    ],
)
def test_what_a_storage_cannot_do(new_stored_project, settings, message):
    project = new_stored_project("refused", **settings)
    assert message in project.run("--dry-run", fails=True)


def test_no_label_files(stored):
    said = stored.run("--dry-run", "yolo", fails=True)
    assert "Data sets for Ultralytics cannot be made in a storage." in said
