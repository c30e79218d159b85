"""The path of a first-time user: the commands of the README, in its order.

They are read from its text, so that what it says and what is tested is the same.
"""

import shutil
from pathlib import Path

import browser
import pytest

from pages import snippet, snippets
from tables import REPO, SAMPLE


@pytest.fixture
def clone(run, tmp_path):
    """A clone, and in it the data of the user: a table and a folder of images."""
    clone = tmp_path / "cocofolds"
    run("git", "clone", "--quiet", REPO, clone)
    data = clone / "my-data"
    shutil.copytree(SAMPLE.parent / "train", data / "images")
    shutil.copy(SAMPLE, data / "train.csv")
    return clone


def commands_of(path: Path):
    """List the commands of the README but for `make test`, which runs this."""
    lines = "".join(snippets(path, "sh")).splitlines()
    commands = [line.partition("#")[0].strip() for line in lines]
    return [command for command in commands if command != "make test"]


def test_from_the_clone_to_a_loaded_fold(run, clone):
    commands = commands_of(clone / "README.md")
    assert [command.split()[0:2] for command in commands] == [
        ["make"],
        [".", ".venv/bin/activate"],
        ["cd", "my-data"],
        ["cocofolds", "init"],
        ["cocofolds", "run"],
        ["cocofolds", "show"],
    ]
    said = run("bash", "-euxc", "\n".join(commands), cwd=clone)
    assert "image-k10-seed221" in said
    assert "Traceback" not in said

    code = snippet(clone / "README.md", "python", has="pycocotools")
    code += "print(len(coco.imgs), 'images,', len(masks), 'masks of the first')"
    python = clone / ".venv" / "bin" / "python"
    said = run(python, "-c", code, cwd=clone / "my-data")
    assert "27 images" in said

    report = clone / "my-data" / "results" / "report.html"
    assert report.is_file()
    if browser.is_there():
        with browser.opened(report) as page:
            page.wait_for("return document.querySelector('h1') && true")
            assert page.errors() == []
