"""The cells of docs/notebooks.md, in a folder where nothing is."""

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from notebook_cells import cells, run_cell

from tables import REPO

SAMPLE = REPO / "data" / "sample"


@pytest.fixture
def frames(monkeypatch):
    """Stand in for IPython, and list what it is to show."""
    frames = []
    display = ModuleType("IPython.display")
    display.IFrame = lambda address, **size: frames.append(address)
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return frames


def run(line):
    """Run the line of a command, with those of this environment."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.check_output(
        line,
        shell=True,
        env={**os.environ, "PATH": path},
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=300,
    )


def test_cells(tmp_path, monkeypatch, capsys, frames):
    monkeypatch.chdir(tmp_path)
    names = {"ANNOTATIONS": str(SAMPLE / "train.csv"), "IMAGES": str(SAMPLE)}
    install, init, make, show, load, report = cells("With internet")
    assert "pip install" in install
    run_cell(init, names, run)
    assert (tmp_path / "config.yaml").exists()
    run_cell(make, names, run)
    said = run_cell(show, names, run)
    assert "image-k5-seed1 " in said
    run_cell(load, names, run)
    n_images = len(names["train"].imgs) + len(names["val"].imgs)
    assert f"{len(names['val'].imgs)} to validate on" in capsys.readouterr().out
    run_cell(report, names, run)
    [address] = frames
    assert address.startswith("data:text/html;base64,")

    [data_frame] = cells("Without the workflow")
    run_cell(data_frame, names, run)
    assert f"{n_images} images, " in capsys.readouterr().out
    assert len(names["masks"].counts) == len(names["coco"]["annotations"])
