"""Fetching a competition, with a stand-in for the Kaggle client."""

import os
import subprocess
import sys
from zipfile import ZipFile

import pytest
import yaml

from tables import REPO, tiny_rows, write_table

DIALECTS = {path.stem for path in (REPO / "workflow" / "dialects").glob("*.yaml")} - {
    "coco"
}


def download(folder, *arguments, **environment):
    return subprocess.run(
        [sys.executable, REPO / "scripts" / "download.py", *arguments],
        cwd=folder,
        env={"PATH": str(folder / "bin"), "HOME": str(folder), **environment},
        capture_output=True,
        encoding="utf-8",
    )


@pytest.fixture
def client(tmp_path):
    """Put a command `kaggle` into a folder, which copies an archive."""
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "kaggle"
    command.write_text(
        f"#!{sys.executable}\n"
        "import shutil, sys\n"
        "shutil.copy('packed.zip', sys.argv[sys.argv.index('-p') + 1])\n"
    )
    command.chmod(0o755)
    write_table(tmp_path / "train.csv", tiny_rows())
    with ZipFile(tmp_path / "inner.zip", "w") as archive:
        archive.writestr("train/a.png", b"")
    with ZipFile(tmp_path / "packed.zip", "w") as archive:
        archive.write(tmp_path / "train.csv", "train.csv")
        archive.write(tmp_path / "inner.zip", "train.zip")
    return tmp_path


def test_fetched(client, new_project):
    done = download(client, "sartorius-2021", KAGGLE_API_TOKEN="x")
    assert done.returncode == 0, done.stderr
    settings = yaml.safe_load(done.stdout.split("\n\n", 1)[1])
    assert settings == {
        "annotations": "data/sartorius-2021/train.csv",
        "dialect": "sartorius-2021",
        "images_dir": "data/sartorius-2021",
    }
    assert (client / settings["images_dir"] / "train" / "a.png").exists()
    assert not [*(client / "data").rglob("*.zip")]
    project = new_project(
        **settings
        | {"annotations": str(client / settings["annotations"]), "n_folds": 2}
    )
    project.run("results/annotations_all.json")


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_without_a_token(tmp_path, dialect):
    done = download(tmp_path, dialect)
    assert done.returncode == 1
    assert "1. Join https://www.kaggle.com/competitions/" in done.stderr
    settings = yaml.safe_load(done.stderr.split("\n\n", 1)[1])
    assert settings["dialect"] == dialect
    assert f"unpack it into data/{dialect}:" in done.stderr
    assert "Traceback" not in done.stderr


def test_client_that_fails(client):
    (client / "packed.zip").unlink()
    done = download(client, "airbus-2018", KAGGLE_KEY="x")
    assert done.returncode == 1
    assert "you have to join" in done.stderr
    assert done.stderr.count("Traceback") == 1, "that of the client"


def test_table_that_is_not_there(client):
    done = download(client, "airbus-2018", "--folder", "x", KAGGLE_KEY="x")
    assert "there is no train_ship_segmentations_v2.csv" in done.stderr


def test_help():
    done = subprocess.run(
        [sys.executable, REPO / "scripts" / "download.py", "--help"],
        env=os.environ,
        capture_output=True,
        encoding="utf-8",
    )
    assert "sartorius-2021" in done.stdout
