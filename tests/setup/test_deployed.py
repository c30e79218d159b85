"""The workflow from a tag of a git repository, for users who have no clone.

Here the repository is a local one, which git takes for that of an address.
"""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from pages import page, snippet
from tables import REPO, tiny_rows, write_table

ADDRESS = "https://github.com/owner/cocofolds"
SPLIT = "image-k2-seed7"
TAG = "v1"
# Snakemake 9 ends in a TypeError where it compares the date of a result with that of a
# script in a local git repository.
TRIGGERS = ("--rerun-triggers", "mtime", "params", "input", "software-env")


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """What is in the working tree, as the tag of another repository."""
    folder = tmp_path_factory.mktemp("git") / "cocofolds"
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.check_output(listed, cwd=REPO, text=True).split("\0")
    for name in filter(None, names):
        if (REPO / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPO / name, folder / name)
    author = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]
    for command in (
        ["init", "--quiet"],
        ["add", "--all"],
        [*author, "commit", "--quiet", "--message", "All"],
        ["tag", TAG],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


@pytest.fixture
def address(run, repository):
    """An address at which git finds the repository."""
    name = f"url.{repository}.insteadOf"
    run("git", "config", "--global", name, ADDRESS)
    return ADDRESS


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """The bytes of a plain run with the Snakefile of the clone."""
    folder = tmp_path_factory.mktemp("plain")
    write_table(folder / "train.csv", tiny_rows())
    (folder / "config.yaml").write_text(yaml.safe_dump(edited()))
    command = [sys.executable, "-m", "snakemake", "--cores", "2"]
    command += ["--snakefile", REPO / "Snakefile"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return files_of(folder)


def edited():
    """The settings to copy, as a user edits them."""
    text = (REPO / "config" / "config.yaml").read_text(encoding="utf-8")
    return {**yaml.safe_load(text), "n_folds": 2, "seed": 7}


def files_of(folder):
    results = folder / "results"
    paths = [*results.rglob("annotations_*.json"), results / SPLIT / "folds.csv"]
    assert len(paths) == 6
    return {str(path.relative_to(results)): path.read_bytes() for path in paths}


@pytest.fixture
def snakemake(run, tmp_path):
    """Run Snakemake where another package of the name cannot be imported."""
    wrong = tmp_path / "wrong" / "cocofolds"
    wrong.mkdir(parents=True)
    (wrong / "__init__.py").write_text("raise SystemExit('not from the repository')\n")

    def snakemake(folder, *arguments, **options):
        command = (sys.executable, "-m", "snakemake", "--cores", "2", *arguments)
        return run(*command, cwd=folder, PYTHONPATH=str(wrong.parent), **options)

    return snakemake


def test_options_are_those_of_the_page():
    assert f"snakemake --cores 8 {' '.join(TRIGGERS)}\n" in page("docs/workflows.md")


def write_project(folder):
    (folder / "config").mkdir(parents=True)
    write_table(folder / "train.csv", tiny_rows())
    text = yaml.safe_dump(edited())
    (folder / "config" / "config.yaml").write_text(text, encoding="utf-8")


def test_snakedeploy(run, address, snakemake, expected, tmp_path):
    if not find_spec("snakedeploy"):
        pytest.skip("snakedeploy takes no Python that is newer than 3.12")
    folder = tmp_path / "my-data"
    command = Path(sys.executable).with_name("snakedeploy")
    run(command, "deploy-workflow", address, folder, "--tag", TAG)
    there = {str(path.relative_to(folder)) for path in folder.rglob("*.*")}
    assert {"config/README.md", "config/config.yaml"} <= there
    said = snakemake(folder, fails=True)
    assert f"config: annotations: there is no file 'train.csv' in {folder}." in said

    write_table(folder / "train.csv", tiny_rows())
    path = folder / "config" / "config.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("n_folds: 10", "n_folds: 2").replace("seed: 221", "seed: 7")
    path.write_text(text, encoding="utf-8")
    snakemake(folder)
    assert files_of(folder) == expected
    assert "Nothing to be done" in snakemake(folder)
    said = snakemake(folder, "--config", "dialect=sartorius", fails=True)
    assert "Is it 'sartorius-2021'?" in said
    assert "for each preset: airbus-2018, " in said


def test_local_git_repository(repository, snakemake, expected, tmp_path):
    folder = tmp_path / "my-data"
    write_project(folder)
    code = snippet("docs/workflows.md", "python", has="gitfile")
    code = code.replace("/path/to/cocofolds", str(repository)).replace("v0.1.0", TAG)
    (folder / "Snakefile").write_text(code)
    snakemake(folder, *TRIGGERS)
    assert files_of(folder) == expected
    assert "Nothing to be done" in snakemake(folder, *TRIGGERS)


def test_snakefile_at_an_address(address, snakemake, tmp_path):
    """The jobs of such a run need the internet: Snakemake hands them a link."""
    folder = tmp_path / "my-data"
    write_project(folder)
    snakefile = f"gh:owner/cocofolds@{TAG}"
    said = snakemake(folder, "--snakefile", snakefile, "--dry-run")
    assert "the index, 4 fold files" in said
