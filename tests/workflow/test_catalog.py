"""What the catalog of Snakemake workflows, and snakedeploy, take from a repository."""

import json
import shutil

import pytest
import yaml

from cocofolds.workflow_files import PRESETS
from pages import page
from tables import REPO, read_table, tiny_rows, write_table
from warm_snakemake import run_snakemake

ENTRIES = ["Snakefile", "workflow/Snakefile"]


@pytest.fixture(scope="module")
def clone(new_project_with_code):
    """A copy of the workflow, with the folder .test."""
    folder = new_project_with_code().folder
    results = shutil.ignore_patterns("results", ".snakemake", "report.html")
    shutil.copytree(REPO / ".test", folder / ".test", ignore=results)
    return folder


def run(folder, *arguments, fails=False):
    status, said = run_snakemake([*arguments, "--cores", "2"], folder, 600)
    assert (status != 0) == fails, said
    return said


@pytest.mark.parametrize(
    ("configuration", "files"),
    [
        ("table", ["train.csv"]),
        ("coco", ["instances.json"]),
        ("both", ["train.csv", "instances.json"]),
    ],
)
def test_configurations(clone, configuration, files):
    """Each makes folds in .test, and then the report of Snakemake."""
    arguments = ["--directory", ".test"]
    arguments += ["--configfile", f".test/config/{configuration}.yaml"]
    # As in the clone; the actions of the catalog name the Snakefile.
    if configuration == "both":
        arguments += ["--snakefile", "workflow/Snakefile"]
    shutil.rmtree(clone / ".test" / "results", ignore_errors=True)
    run(clone, *arguments)
    results = clone / ".test" / "results"
    whole = json.loads((results / "annotations_all.json").read_text("utf-8"))
    assert len(whole["annotations"]) == sum(map(n_masks, files))
    n_folds = 3 if configuration == "both" else 2
    split = f"image-k{n_folds}-seed221"
    parts = [
        json.loads((results / split / name).read_text("utf-8"))
        for fold in range(1, n_folds + 1)
        for name in [f"annotations_val_fold_{fold}.json"]
    ]
    names = {image["file_name"] for image in whole["images"]}
    assert {i["file_name"] for part in parts for i in part["images"]} == names
    assert all((REPO / "data" / "sample" / name).is_file() for name in names)

    run(clone, *arguments, "--report", "report.html")
    report = (clone / ".test" / "report.html").read_text("utf-8")
    for name in ("report.html", f"{split}/plots/masks_per_image.svg"):
        assert f"results/{name}" in report, "what is it a report of?"


def n_masks(name):
    path = REPO / ".test" / "data" / name
    if path.suffix == ".csv":
        return len(read_table(path))
    return len(json.loads(path.read_text("utf-8"))["annotations"])


@pytest.fixture
def folder(tmp_path):
    """A folder of a user, with settings where a deployed workflow has them."""
    write_table(tmp_path / "train.csv", tiny_rows())
    (tmp_path / "config").mkdir()
    shutil.copy(REPO / "config" / "config.yaml", tmp_path / "config")
    return tmp_path


def dry_run(folder, entry, *more, fails=False):
    return run(folder, "--snakefile", REPO / entry, "--dry-run", *more, fails=fails)


def test_settings_to_edit_are_read(folder):
    (folder / "train.csv").rename(folder / "other.csv")
    said = dry_run(folder, "workflow/Snakefile", fails=True)
    assert "config: annotations: there is no file 'train.csv' in" in said
    settings = yaml.safe_load((folder / "config/config.yaml").read_text("utf-8"))
    settings.update(annotations="other.csv", n_folds=3)
    (folder / "config/config.yaml").write_text(yaml.safe_dump(settings))
    said = dry_run(folder, "workflow/Snakefile")
    assert "the index, 6 fold files" in said
    assert "is not read" not in said


def test_of_two_files_of_settings_the_one_at_the_top_is_read(folder):
    (folder / "config.yaml").write_text("annotations: train.csv\nn_folds: 2\n")
    said = dry_run(folder, "workflow/Snakefile")
    assert "the index, 4 fold files" in said
    assert said.count("config.yaml; config/config.yaml is not read.") == 1


def test_the_snakefile_at_the_top_reads_one_file_alone(folder):
    arguments = ("--config", "annotations=train.csv", "n_folds=2")
    (folder / "config/config.yaml").write_text("somebody: else\n")
    assert "the index, 4 fold files" in dry_run(folder, "Snakefile", *arguments)
    said = dry_run(folder, "workflow/Snakefile", *arguments, fails=True)
    assert "there is no key 'somebody'" in said


@pytest.mark.parametrize("entry", ENTRIES)
def test_presets_are_listed(folder, entry):
    arguments = ("--config", "annotations=train.csv", "dialect=sartorius")
    said = dry_run(folder, entry, *arguments, fails=True)
    assert "Is it 'sartorius-2021'?" in said
    assert f"for each preset: {', '.join(PRESETS)}." in said


def test_presets_are_those_of_the_folder():
    there = sorted(p.stem for p in (REPO / "workflow" / "dialects").glob("*.yaml"))
    assert [*PRESETS] == there
    for name in there:
        assert f"`{name}`" in page("config/README.md")


def test_files_of_the_catalog():
    """Without these, it lists a repository as one that is not of the standard."""
    settings = yaml.safe_load(page(".snakemake-workflow-catalog.yml"))
    assert settings["usage"]["report"] is True
    assert settings["usage"]["software-stack-deployment"] == {"conda": True}
    assert page("config/README.md").startswith("# Configuration\n")
    # In the catalog, and where snakedeploy copies it, it is alone.
    assert "](" not in page("config/README.md")
