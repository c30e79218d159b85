"""The workflow as a module of another one."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from PIL import Image

from tables import REPO, tiny_rows, write_table

SPLIT = "image-k2-seed7"
SETTINGS = {"annotations": "train.csv", "n_folds": 2, "seed": 7}

OTHER_WORKFLOW = f"""
shell.prefix("own=prefix; ")


module cocofolds:
    snakefile:
        "{REPO}/Snakefile"
    config:
        {SETTINGS}


use rule * from cocofolds as cocofolds_*


rule fetch:
    output:
        "train.csv",
    shell:
        "cp given.csv {{output}}"


rule count:
    default_target: True
    input:
        train="results/{SPLIT}/annotations_train_fold_2.json",
        checks="results/{SPLIT}/checks.json",
    output:
        "count.txt",
    shell:
        "grep -c segmentation {{input.train}} > {{output}}; echo $own >> {{output}}"
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with a table, and without a workflow yet."""
    write_table(tmp_path / "given.csv", tiny_rows())
    return tmp_path


def snakemake(folder, *arguments, workflow=None, fails=False):
    """Run another workflow, and return all that it says."""
    if workflow is not None:
        (folder / "Snakefile").write_text(workflow)
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", *arguments],
        cwd=folder,
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    assert (done.returncode != 0) == fails, done.stdout
    return done.stdout


def module(name, settings, *directives):
    """Write a module of all rules, with its settings and more directives."""
    return "\n".join(
        [
            f"module {name}:",
            f'    snakefile: "{REPO}/Snakefile"',
            f"    config: {settings}",
            *(f"    {directive}" for directive in directives),
            f"use rule * from {name} as {name}_*",
            "",
        ]
    )


def files_in(folder):
    """Read the files that a user gets, by their path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for pattern in ("*.json", "*.csv", "*/*.csv", "*/annotations_*.json", "*.html")
        for path in folder.glob(pattern)
        if not path.name.startswith(".")
    }


def test_a_rule_makes_the_source(folder):
    said = snakemake(folder, "--dry-run", workflow=OTHER_WORKFLOW)
    assert "rule fetch:" in said
    assert "Read and check the annotations" in said
    snakemake(folder)
    assert (folder / "count.txt").read_text() == "9\nprefix\n"
    assert not (folder / "results" / "image-k10-seed221").exists()
    assert "Nothing to be done" in snakemake(folder)


def test_nobody_makes_the_source(folder):
    workflow = module("cocofolds", {**SETTINGS, "annotations": "gone.csv"})
    said = snakemake(folder, "cocofolds_all", workflow=workflow, fails=True)
    assert f"config: annotations: there is no file 'gone.csv' in {folder}." in said
    # What needs no source does without.
    snakemake(folder, "--unlock")
    assert "cocofolds_index" in snakemake(folder, "--list-rules")


def test_nobody_makes_one_of_the_sources(folder):
    shutil.copy(folder / "given.csv", folder / "train.csv")
    fetch = "rule fetch:\n    output: 'train.csv'\n    shell: 'cp given.csv {output}'\n"
    settings = {**SETTINGS, "annotations": ["train.csv", "gone.csv"]}
    workflow = module("cocofolds", settings) + fetch
    said = snakemake(folder, "cocofolds_all", workflow=workflow, fails=True)
    assert f"config: annotations: there is no file 'gone.csv' in {folder}." in said


def test_two_instances(folder):
    for name in ("ds1", "ds2"):
        (folder / name / "images").mkdir(parents=True)
        shutil.copy(folder / "given.csv", folder / name / "train.csv")
        for image, row in {row["id"]: row for row in tiny_rows()}.items():
            picture = Image.new("L", (int(row["width"]), int(row["height"])))
            picture.save(folder / name / "images" / f"{image}.png")
    settings = {**SETTINGS, "images_dir": "images"}
    other = {**settings, "seed": 8, "exclude_images": "leave_out.txt"}
    (folder / "ds2" / "leave_out.txt").write_text(tiny_rows()[0]["id"])
    workflow = (
        "rule both:\n"
        f'    input: "ds1/results/{SPLIT}/checks.json", "ds1/results/report.html",'
        ' "ds2/results/image-k2-seed8/checks.json"\n'
        + module("ds1", settings, 'prefix: "ds1"')
        + module("ds2", other, 'prefix: "ds2"')
    )
    snakemake(folder, workflow=workflow)
    assert not (folder / "results").exists()
    assert "Nothing to be done" in snakemake(folder)
    left_out = (folder / "ds2/results/rejected.csv").read_text()
    assert tiny_rows()[0]["id"] in left_out
    # The same as where it is no module.
    plain = folder / "plain"
    shutil.copytree(folder / "ds1", plain, ignore=shutil.ignore_patterns("results"))
    (plain / "config.yaml").write_text(json.dumps(settings))
    snakemake(plain, "--snakefile", str(REPO / "Snakefile"))
    expected = files_in(plain / "results")
    made = files_in(folder / "ds1/results")
    assert {name: expected[name] for name in made} == made
    assert f"{SPLIT}/annotations_val_fold_2.json" in made


def test_results_elsewhere(folder):
    shutil.copy(folder / "given.csv", folder / "train.csv")
    workflow = (
        module("cocofolds", SETTINGS, 'pathvars: results="out/folds"')
        + "onsuccess: cocofolds.onsuccess()\n"
    )
    said = snakemake(folder, "cocofolds_all", workflow=workflow)
    assert not (folder / "results").exists()
    assert (folder / "out/folds" / SPLIT / "checks.json").exists()
    assert f"Folds are in out/folds/{SPLIT}.\nReport: out/folds/report.html" in said
    assert "Nothing to be done" in snakemake(folder, "cocofolds_all")
    # Settings count, and not dates alone.
    text = workflow.replace("'seed': 7", "'seed': 7, 'categories': ['b', 'a']")
    said = snakemake(folder, "--dry-run", "cocofolds_all", workflow=text)
    assert "Read and check the annotations" in said
    # Snakemake's report has the settings of the module, not those around it.
    snakemake(folder, "cocofolds_all", workflow=workflow)
    snakemake(folder, "cocofolds_all", "--report", "report.html")
    assert "train.csv" in (folder / "report.html").read_text("utf-8")


def test_without_some_rules(folder):
    shutil.copy(folder / "given.csv", folder / "train.csv")
    listed = snakemake(folder, "--list-rules", workflow=module("m", SETTINGS))
    rules = [line[2:] for line in listed.splitlines() if line.startswith("m_")]
    assert {"draw_previews", "index", "report_page"} < {*rules}
    # Any rule can be left out of a module.
    workflow = "".join(
        module(f"m{number}", SETTINGS).replace(" as ", f" exclude {left_out} as ")
        for number, left_out in enumerate(rules)
    )
    listed = snakemake(folder, "--list-rules", workflow=workflow)
    assert "m0_" in listed
    for number, left_out in enumerate(rules):
        assert f"\nm{number}_{left_out}\n" not in listed


def test_some_rules(folder):
    shutil.copy(folder / "given.csv", folder / "train.csv")
    some = "index, encode_shard, assign_folds, assemble_fold"
    workflow = module("cocofolds", SETTINGS).replace("use rule *", f"use rule {some}")
    path = f"results/{SPLIT}/annotations_val_fold_1.json"
    snakemake(folder, path, workflow=workflow)
    assert json.loads((folder / path).read_text())["images"]


def test_other_rules_are_tried_again(folder):
    # What the log of a rule says that is not ours, we do not know.
    rows = tiny_rows()
    rows[0]["annotation"] = "7 x"
    write_table(folder / "train.csv", rows)
    other = """
rule download:
    output:
        "photos.txt",
    log:
        "download.log",
    shell:
        "echo 'ERROR: no route to the host' > {log}; exit 1"

"""
    workflow = other + module("m", SETTINGS)
    arguments = ["--retries", "2"]
    said = snakemake(folder, *arguments, workflow=workflow, fails=True)
    assert said.count("Trying to restart job") == 2
    said = snakemake(folder, "m_all", *arguments, fails=True)
    assert "rule m_index" in said
    assert "Trying to restart job" not in said


def test_local_rules(folder):
    workflow = module("m", SETTINGS) + "print(sorted(workflow._localrules))\n"
    said = snakemake(folder, "--list-rules", workflow=workflow)
    assert "'m_all'" in said
    assert "'m_assign_folds', 'm_draw_previews'" in said
    assert "'m_index'" not in said.split("]")[0]
    assert "not present" not in said
