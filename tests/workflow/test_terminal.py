"""What a user sees while the workflow runs, and when it has ended."""

import os
import pty
import subprocess
import sys
import textwrap

import pytest

from tables import REPO, tiny_rows


@pytest.fixture
def project(new_project):
    project = new_project(annotations="train.csv", n_folds=2, seed=[1, 2])
    project.write_source(tiny_rows())
    project.write_config()
    return project


def command_of_make():
    """The command of `make`, for a project in another folder."""
    # Below `make test`, it would say before and after in which folder it works.
    said = subprocess.check_output(
        ["make", "--no-print-directory", "--dry-run", "run", "CORES=2"],
        cwd=REPO,
        encoding="utf-8",
    )
    workflow = (
        f"--snakefile {REPO}/Snakefile --workflow-profile {REPO}/profiles/default"
    )
    snakemake = f"{sys.executable} -m snakemake {workflow}"
    return said.splitlines()[-1].replace(".venv/bin/snakemake", snakemake)


def run_in_terminal(project, command):
    """Run a command in a pseudo terminal; return all that it writes there."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command,
        shell=True,
        cwd=project.folder,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    written = b""
    try:
        while block := os.read(ours, 65536):
            written += block
    except OSError:
        # Linux says so when the last writer has gone.
        pass
    os.close(ours)
    return process.wait(), written.decode()


def test_progress_in_a_terminal(project):
    status, written = run_in_terminal(project, command_of_make())
    assert status == 0
    assert "Total Progress" in written
    assert "encode shard" in written
    assert "100%" in written
    assert "Finished jobid" not in written


def test_errors_in_a_terminal_are_whole(project):
    project.source.write_text(project.source.read_text().replace("30", "thirty"))
    status, written = run_in_terminal(project, command_of_make())
    assert status != 0
    assert "train.csv, line 2" in written
    assert "on_invalid: skip" in written
    assert "Traceback (most recent call last)" not in written


def test_plain_lines_elsewhere(project):
    said = subprocess.run(
        command_of_make(),
        shell=True,
        cwd=project.folder,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert "Finished jobid" in said.stderr
    assert "\x1b" not in said.stderr + said.stdout


def test_the_last_words(project):
    said = project.run()
    assert "Folds are in results/image-k2-seed1, results/image-k2-seed2." in said
    code = said[said.index("    from pycocotools") :].split("\n\n")[0]
    found = subprocess.check_output(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=project.folder
    )
    assert found.splitlines()[-1] == b"3 images, 9 annotations"


def test_no_last_words_without_a_split(project):
    assert "Folds are in" not in project.run("results/annotations_all.json")
