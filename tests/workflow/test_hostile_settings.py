"""Settings that no one should write, and some that one may: a sentence, or a run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tables import tiny_rows

# A pair of surrogates, which JSON takes for one character and YAML for two halves.
HALVES = r'"\ud83d\ude00"'
TABLE = "image_column: id, runs_column: annotation, order: row, category: cell"


@pytest.fixture(scope="module")
def project(new_tiny_project):
    return new_tiny_project(tiny_rows())


def run(project, text, *arguments, fails=False):
    """Plan a run with a config.yaml, and return all that is said, in lines."""
    (project.folder / "config.yaml").write_bytes(
        text if isinstance(text, bytes) else text.encode()
    )
    said = project.run_as_is("--dry-run", *arguments, fails=fails)
    return [line for line in said.splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"seed: 1\nrename_categories: {{c0: {HALVES}}}",
            "config.yaml, line 2: not readable as YAML: found invalid Unicode",
        ),
        ("annotations: " + "x" * 5000, "there is no file 'xxx"),
        ("categories: [yes, a]", "categories[0]: True is not of type 'string' (YAML"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_sentence_has_the_last_word(project, text, message):
    said = run(project, text, fails=True)
    assert message in "\n".join(said)
    assert not any(line.startswith('  File "') for line in said)
    assert max(map(len, said)) < 5500


@pytest.mark.parametrize("text", ["", "# n_folds: 5\n"])
def test_without_a_setting_all_have_their_defaults(new_project, text):
    said = run(new_project(), text)
    assert any("assemble_fold" in line and "10" in line for line in said)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("n_folds: [3.0]\nseed: [1.0, 2]", []),
        ("n_folds: &n 3\nseed: [1, 2]\nmin_area: *n", []),
        ("", ["n_folds=[3]", "seed=[1.0, 2]"]),
        ("", ["n_folds=3.0", "seed=[01,2]", "categories=[1,null,true]"]),
    ],
)
def test_numbers_however_they_are_written(project, text, arguments):
    arguments = ["--config", "annotations=train.csv", *arguments]
    said = "\n".join(run(project, text, "--verbose", *arguments))
    assert "results/image-k3-seed1/checks.json" in said
    assert "results/image-k3-seed2/checks.json" in said


@pytest.mark.parametrize("base", ["0", "3"])
def test_numbers_in_a_dialect_on_the_command_line(project, base):
    dialect = f"dialect={{{TABLE}, base: {base}, width: 30, height: 20}}"
    arguments = ["--config", "annotations=train.csv", "n_folds=3", dialect]
    said = "\n".join(run(project, "", *arguments, fails=base == "3"))
    assert ("config: dialect: base: 3 is not one of" in said) == (base == "3")


def test_keys_that_are_there_twice_in_other_files(project):
    path = project.folder / "more.yaml"
    path.write_text("n_folds: 3\nseed: 1\nn_folds: 4\n")
    said = run(project, "", "--configfile", "more.yaml", fails=True)
    assert "more.yaml: the key 'n_folds' is there twice, in line 1 and" in said[-1]


def test_keys_that_are_there_twice_in_a_preset(new_project_with_code):
    project = new_project_with_code()
    path = project.folder / "workflow/dialects/sartorius-2021.yaml"
    path.write_text(path.read_text() + "order: column\n")
    said = project.run("--dry-run", fails=True)
    assert "sartorius-2021.yaml: the key 'order' is there twice, in line " in said


def test_more_folds_than_there_may_be_by_their_path(project):
    path = "results/image-k100000000-seed1/checks.json"
    assert "No rule to produce" in "\n".join(run(project, "", path, fails=True))


POISON = "raise SystemExit('the wrong one')\n"


def test_the_library_is_the_one_of_the_workflow(project):
    """Others of its name are not used, wherever they lie."""
    for place in ("elsewhere/cocofolds/__init__.py", "cocofolds/__init__.py"):
        path = project.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(POISON)
    for name in ("numpy.py", "json.py"):
        (project.folder / name).write_text(POISON)
    project.write_config(images_dir=None)
    # Not `python -m`, which takes the modules of the working directory for Snakemake's.
    command = [Path(sys.executable).with_name("snakemake"), *project.command()[3:]]
    done = subprocess.run(
        command,
        cwd=project.folder,
        env={**os.environ, "PYTHONPATH": str(project.folder / "elsewhere")},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    assert project.json("image-k3-seed221/checks.json")
