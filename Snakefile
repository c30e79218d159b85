import sys

from snakemake.utils import min_version

min_version("9.20")


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/index.smk"
include: "workflow/rules/encode.smk"
include: "workflow/rules/leaks.smk"
include: "workflow/rules/folds.smk"
include: "workflow/rules/assemble.smk"
include: "workflow/rules/check.smk"
include: "workflow/rules/plots.smk"
include: "workflow/rules/preview.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/export.smk"
include: "workflow/rules/terminal.smk"


# Ctrl-C reaches a script once it can end in order: `reported_to` listens again. The
# prefix is one for all rules, so that of another workflow stays as it is.
if workflow.modifier.is_main_snakefile():
    shell.prefix("set -euo pipefail; trap '' INT; ")


# On a cluster, these run where Snakemake runs: each takes seconds.
localrules:
    all,
    archive,
    yolo,
    assign_folds,
    draw_previews,
    preview,
    report_page,
    yolo_fold,


onsuccess:
    say(words_of_success, sys.stdout)


onerror:
    say(words_of_failure, sys.stderr)


rule all:
    default_target: True
    input:
        rules.index.output,
        rules.assemble_all.output,
        rules.check_annotations.output.checks,
        [files_of_split(split) for split in SPLITS],
        of_each_split(".complete.json"),
        rules.draw_previews.output if config["n_previews"] else [],
        rules.find_duplicates.output if HAS_DUPLICATES else [],
        rules.report_page.output,


rule archive:
    input:
        [f"results/{split.name}.zip" for split in SPLITS],


rule yolo:
    input:
        [
            f"results/{split.name}/yolo/fold_{fold}/data.yaml"
            for split in SPLITS
            for fold in range(1, split.n_folds + 1)
        ],
        rules.yolo_labels.output.summary,
