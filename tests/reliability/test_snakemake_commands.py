"""What Snakemake itself offers: retries, tests that it makes, a source that is gone."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tables import tiny_rows, write_table

# Their inputs follow from the checkpoint, which is no part of a test that is made.
OF_THE_CHECKPOINT = {"test_assemble_all", "test_assemble_fold"}


def restarts(project):
    """Count in the log of the last run how many times a job was tried again."""
    log = max((project.folder / ".snakemake" / "log").glob("*.log"))
    return log.read_text("utf-8").count("Trying to restart job")


def test_data_at_fault_are_not_tried_again(new_tiny_project):
    rows = [{**row, "annotation": "12 3 x 4"} for row in tiny_rows()]
    project = new_tiny_project(rows, n_folds=2)
    said = project.run("--retries", "2", fails=True)
    assert "'x' is not a whole number" in said
    assert restarts(project) == 0


def test_a_full_disk_is_tried_again(new_tiny_project):
    project = new_tiny_project(tiny_rows(), n_folds=2)
    project.run()
    # As another program may hold the name, for a while.
    (project.results / "annotations_all.json").unlink()
    (project.results / "annotations_all.json").mkdir()
    project.run("--retries", "2", fails=True)
    assert restarts(project) == 2


def test_the_source_is_gone(new_tiny_project):
    project = new_tiny_project(tiny_rows(), n_folds=2)
    project.run()
    project.source.unlink()
    for arguments in (
        ["--unlock"],
        ["--report", "snakemake.html"],
        ["--summary"],
        ["--lint"],
        ["--dry-run"],
        ["--delete-all-output"],
    ):
        project.run(*arguments)
    assert not (project.results / "report.html").exists()
    # What needs the source says that it is gone.
    said = project.run(min_area=3, fails=True)
    missing = f"config: annotations: there is no file 'train.csv' in {project.folder}."
    assert said.rstrip().endswith(missing)


def test_tests_that_snakemake_makes(new_project_with_code):
    project = new_project_with_code(
        n_folds=2, annotations="train.csv", images_dir=None, n_previews=1
    )
    write_table(project.source, tiny_rows())
    project.run()
    command = project.command("--generate-unit-tests")
    subprocess.run(command, cwd=project.folder, check=True)
    done = subprocess.run(
        ["pytest", "-rA", "-n", "2", "-c", os.devnull, ".tests/unit"],
        cwd=project.folder,
        # The tests start `python`.
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        },
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    results = dict(re.findall(r"^(?:PASSED|FAILED) \S+::(\w+)()", done.stdout, re.M))
    passed = {*re.findall(r"^PASSED \S+::(\w+)", done.stdout, re.MULTILINE)}
    assert results.keys() - passed == OF_THE_CHECKPOINT, done.stdout
    assert {"test_index", "test_encode_shard", "test_report_page"} <= passed
