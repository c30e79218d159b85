"""The lowest versions that pyproject.toml allows, as `make lock` found them."""

import sys

import pytest

from tables import REPO

pytestmark = pytest.mark.skipif(
    sys.version_info[:2] != (3, 11),
    reason="the lowest versions have wheels for Python 3.11, not for newer ones",
)


def test_sample_and_folds(run, new_environment, new_project, tmp_path):
    python = new_environment(tmp_path / "environment")
    lock = REPO / "requirements" / "lowest.lock"
    run(python, "-I", REPO / "scripts" / "install.py", lock)
    run(python, "-m", "uv", "pip", "check", "--python", python)

    project = new_project()
    project.write_config()
    _, *arguments = project.command("all", "yolo")
    run(python, *arguments, cwd=project.folder)
    assert project.json("image-k10-seed221/checks.json")
    assert project.json("yolo/summary.json")["labels"]

    folds = REPO / "tests" / "unit" / "folds"
    paths = [folds / "test_most_frequent.py", folds / "test_balanced.py"]
    said = run(python, "-m", "pytest", "-p", "no:cacheprovider", *paths, cwd=REPO)
    assert " passed" in said
