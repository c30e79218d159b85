"""The cells of docs/notebooks.md for a notebook without internet."""

import os
import shutil
import subprocess

import pytest
from notebook_cells import cells, run_cell

from tables import REPO

SAMPLE = REPO / "data" / "sample"
CUT_OFF = ["unshare", "--net"]


def can_be_cut_off():
    """Tell whether a process may have no network: else, pip alone is kept from it."""
    if not shutil.which("unshare"):
        return False
    return subprocess.run([*CUT_OFF, "true"], capture_output=True).returncode == 0


@pytest.fixture
def project(tmp_path):
    """A copy of what is in the repository, since pip builds in it."""
    folder = tmp_path / "cocofolds"
    ignored = shutil.ignore_patterns(".*", "results", "tests")
    shutil.copytree(REPO, folder, ignore=ignored)
    return folder


def test_wheels(run, new_environment, tmp_path, project):
    """What one environment has packed, another one installs without a network."""
    make, install = cells("Without internet")
    packing = new_environment(tmp_path / "packing").parent

    def pack(line):
        path = f"{packing}{os.pathsep}{os.environ['PATH']}"
        return run("bash", "-c", line, PATH=path)

    run_cell(make, {"ADDRESS": str(project)}, pack)

    offline = new_environment(tmp_path / "offline").parent

    def run_offline(line):
        path = f"{offline}{os.pathsep}{os.environ['PATH']}"
        command = [*(CUT_OFF if can_be_cut_off() else []), "bash", "-c", line]
        return run(*command, PATH=path, PIP_NO_INDEX="1", PIP_CONFIG_FILE=os.devnull)

    run_cell(install, {"WHEELS": str(tmp_path / "wheels")}, run_offline)
    run_offline("pip check")
    names = {"ANNOTATIONS": str(SAMPLE / "train.csv"), "IMAGES": str(SAMPLE)}
    _, init, make_folds, show, _, _ = cells("With internet")
    for cell in (init, make_folds):
        run_cell(cell, names, run_offline)
    assert "image-k5-seed1 " in run_cell(show, names, run_offline)
