rule check_annotations:
    input:
        annotations=sources,
        rejected="<results>/rejected.csv",
        changed="<results>/changed.csv",
        images="<results>/index/images.csv",
        source="<results>/index/source.json",
        record=record_of("ids"),
        whole="<results>/annotations_all.json",
        columns="<results>/annotations_all.npz",
    output:
        checks=report(
            "<results>/checks.json",
            caption="../report/checks.rst",
            category="Checks",
            labels={"of": "the whole data set", "what": "checks"},
        ),
        complete="<results>/.complete.json",
    log:
        "<results>/logs/check_annotations.log",
    benchmark:
        "<results>/benchmarks/check_annotations.tsv"
    # It should run beside the assembling of folds, not after it.
    priority: 2
    conda:
        "../../envs/cocofolds.yaml"
    resources:
        # In a group of jobs, the file to check is not there yet.
        mem_mb=memory_by_size(600, per_megabyte=0.2, files=SOURCE.paths),
        runtime=by_size(5, per_megabyte=0.01, files=SOURCE.paths),
    # Functions, since Snakemake takes braces in plain values for wildcards.
    params:
        names=lambda wildcards: NAMES_OF_SOURCES,
        dialects=lambda wildcards: as_json(DIALECTS),
        source=lambda wildcards: as_json(HOW_TO_READ),
        image_ids=SOURCE.image_ids,
        numbering=NUMBERING,
        categories=lambda wildcards: as_json(config["categories"]),
        made_from=digest_of_settings("ids"),
        images_dir=lambda wildcards: as_json(FOLDER_OF_IMAGES),
        file_name=lambda wildcards: as_json(config["file_name"]),
        unlisted=SOURCE.has_unlisted_images,
        code=digest_of("check_annotations"),
    message:
        "Check the whole data set against the annotations"
    script:
        "../../scripts/check_annotations.py"


rule check_split:
    input:
        images="<results>/index/images.csv",
        record=record_of("ids"),
        folds=f"<results>/{SPLIT}/folds.csv",
        whole="<results>/annotations_all.json",
        columns="<results>/annotations_all.npz",
        checked="<results>/.complete.json",
        train=files_of_folds("train"),
        val=files_of_folds("val"),
        test=file_of_hold_out,
        duplicates="<results>/duplicates.csv" if COPIES_SHARE_A_FOLD else [],
    output:
        checks=report(
            f"<results>/{SPLIT}/checks.json",
            caption="../report/checks.rst",
            category="Checks",
            labels={"of": SPLIT, "what": "checks"},
        ),
        fold_table=report(
            f"<results>/{SPLIT}/fold_table.csv",
            caption="../report/fold_table.rst",
            category="Checks",
            labels={"of": SPLIT, "what": "counts by fold and category"},
        ),
        quality=report(
            f"<results>/{SPLIT}/quality.json",
            caption="../report/quality.rst",
            category="Checks",
            labels={"of": SPLIT, "what": "how even the folds are"},
        ),
        complete=f"<results>/{SPLIT}/.complete.json",
    log:
        f"<results>/logs/{SPLIT}/check_split.log",
    benchmark:
        f"<results>/benchmarks/{SPLIT}/check_split.tsv"
    priority: 1
    conda:
        "../../envs/cocofolds.yaml"
    resources:
        mem_mb=memory_by_size(600, per_megabyte=0.2, files=SOURCE.paths),
        runtime=by_size(5, per_megabyte=0.01, files=SOURCE.paths),
    params:
        image_ids=SOURCE.image_ids,
        made_from=digest_of_settings("ids"),
        code=digest_of("check_split"),
    message:
        "Check the split against the whole data set"
    script:
        "../../scripts/check_split.py"
