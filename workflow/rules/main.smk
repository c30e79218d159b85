import sys

from snakemake.utils import min_version

min_version("9.20")


report: "../report/workflow.rst"


include: "common.smk"
include: "image_files.smk"
include: "index.smk"
include: "encode.smk"
include: "leaks.smk"
include: "folds.smk"
include: "assemble.smk"
include: "check.smk"
include: "plots.smk"
include: "preview.smk"
include: "report.smk"
include: "export.smk"
include: "terminal.smk"


# Ctrl-C reaches a script once it can end in order: `reported_to` listens again. The
# prefix is one for all rules, so that of another workflow stays as it is.
if workflow.modifier.is_main_snakefile():
    shell.prefix("set -euo pipefail; trap '' INT; ")


onsuccess:
    say(words_of_success, sys.stdout)


onerror:
    say(words_of_failure, sys.stderr)


FILES_OF_PREVIEWS = [
    "<results>/previews.csv",
    "<results>/report/gallery.json",
    "<results>/preview/warnings.json",
    "<results>/preview/.complete",
]
FILES_OF_DUPLICATES = [
    "<results>/duplicates.csv",
    "<results>/report/duplicates.json",
    "<results>/duplicates/warnings.json",
]
# The input of the rule `all`, which is in the Snakefiles: Snakemake takes the default
# target of a file that is included for none.
EVERYTHING = [
    [
        f"<results>/index/{name}"
        for name in (
            *("images.csv", "images.sha256", "annotations.csv", "annotations.sha256"),
            *("categories.csv", "rows.json", "source.json", "warnings.json"),
        )
    ],
    ROWS,
    "<results>/rejected.csv",
    "<results>/changed.csv",
    "<results>/annotations_all.json",
    "<results>/annotations_all.npz",
    "<results>/checks.json",
    files_of_splits,
    of_each_split(".complete.json"),
    FILES_OF_PREVIEWS if HAS_PREVIEWS else [],
    FILES_OF_DUPLICATES if HAS_DUPLICATES else [],
    "<results>/report.html",
]


rule archive:
    input:
        lambda wildcards: [f"<results>/{split.name}.zip" for split in splits()],
    localrule: True


rule yolo:
    input:
        lambda wildcards: [
            f"<results>/{split.name}/yolo/fold_{fold}/data.yaml"
            for split in splits()
            for fold in range(1, split.n_folds + 1)
        ],
        "<results>/yolo/summary.json",
    localrule: True


rule splits:
    input:
        of_each_split("splits_final.json", "monai.json"),
        lambda wildcards: [
            f"<results>/{split.name}/files_{part}_fold_{fold}.txt"
            for split in splits()
            for part in ("train", "val")
            for fold in range(1, split.n_folds + 1)
        ],
    localrule: True
