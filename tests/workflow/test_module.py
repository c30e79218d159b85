"""The workflow as a module of another one."""

import os
import subprocess
import sys

import yaml

from tables import REPO, tiny_rows, write_table

OTHER_WORKFLOW = """
configfile: "settings.yaml"


shell.prefix("own=prefix; ")


module cocofolds:
    snakefile:
        config["code"]
    config:
        config["cocofolds"]


use rule * from cocofolds as cocofolds_*


rule fetch:
    output:
        "train.csv",
    shell:
        "cp given.csv {output}"


rule count:
    default_target: True
    input:
        train="results/image-k2-seed7/annotations_train_fold_2.json",
        checks="results/image-k2-seed7/checks.json",
    output:
        "count.txt",
    shell:
        "grep -c segmentation {input.train} > {output}; echo $own >> {output}"
"""


def test_module(tmp_path):
    (tmp_path / "Snakefile").write_text(OTHER_WORKFLOW)
    settings = {"annotations": "train.csv", "n_folds": 2, "seed": 7}
    settings = {"code": str(REPO / "Snakefile"), "cocofolds": settings}
    (tmp_path / "settings.yaml").write_text(yaml.safe_dump(settings))
    write_table(tmp_path / "given.csv", tiny_rows())
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2"],
        cwd=tmp_path,
        env=os.environ,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "count.txt").read_text() == "9\nprefix\n"
    assert not (tmp_path / "results" / "image-k10-seed221").exists()
