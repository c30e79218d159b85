"""`cocofolds show`, `preview` and `clean` on what the workflow really leaves."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tables import tiny_rows

SPLIT = "image-k3-seed221"


def cocofolds(project, *arguments, fails=False):
    """Run a command in the folder of a project, and return what it says."""
    done = subprocess.run(
        [Path(sys.executable).with_name("cocofolds"), *arguments],
        cwd=project.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=300,
    )
    assert (done.returncode != 0) == fails, done.stdout
    return done.stdout


def states(project):
    """The state of each split that `show` lists."""
    lines = cocofolds(project, "show").splitlines()
    splits = (line.split() for line in lines if line.startswith("image-k"))
    return {words[0]: words[-1] for words in splits}


@pytest.fixture(scope="module")
def project(new_tiny_project):
    """Splits of 2 and of 3 folds, with all that can be asked for of them."""
    rows = [{**row, "id": row["id"][-1]} for row in tiny_rows()]
    project = new_tiny_project(rows, images_dir="images", n_folds=[2, 3], n_previews=0)
    for name in range(1, 7):
        path = project.folder / "images" / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(np.zeros((20, 30), np.uint8)).save(path)
    project.run("all", "archive", "yolo", file_name="{id}.png")
    return project


def test_show(project):
    assert states(project) == {"image-k2-seed221": "ready", SPLIT: "ready"}


def test_preview(project):
    said = cocofolds(project, "preview", "images/4.png", "6")
    paths = ["results/preview/4.png", "results/preview/6.png"]
    assert said.splitlines()[-2:] == paths
    for path in paths:
        Image.open(project.folder / path).verify()
    said = cocofolds(project, "preview", "44", fails=True)
    assert said == (
        "Error: There is no image '44'. Is it '4'? results/index/images.csv lists all"
        " images.\n"
    )


def test_clean(project):
    """All that the workflow made of a split goes, and nothing else."""
    project.write_config(file_name="{id}.png", n_folds=2)
    before = {
        path for path in project.folder.rglob("*") if ".snakemake" not in str(path)
    }
    of_split = {path for path in before if SPLIT in str(path)}
    assert len(of_split) > 60
    said = cocofolds(project, "clean")
    assert "Kept" not in said
    assert "Nothing is removed: " in said
    assert all(map(Path.exists, before))
    said = cocofolds(project, "clean", "--yes")
    assert "\nRemoved " in said
    assert not any(SPLIT in str(path) for path in project.results.rglob("*"))
    assert states(project) == {"image-k2-seed221": "ready"}
    # The page shows the settings, which have changed.
    project.run_as_is("results/report.html")
    assert "Nothing to be done" in project.run_as_is("all", "archive", "yolo")


def test_data_that_changed(project):
    project.write_source([{**row, "id": row["id"][-1]} for row in tiny_rows()[:-1]])
    # Another process may have removed the other split.
    assert {*states(project).values()} == {"stale"}
