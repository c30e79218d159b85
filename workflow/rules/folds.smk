rule assign_folds:
    input:
        images=ancient("<results>/index/images.csv"),
        annotations=ancient("<results>/index/annotations.csv"),
        digest_of_images="<results>/index/images.sha256",
        digest_of_annotations="<results>/index/annotations.sha256",
        # Areas are known once the masks are encoded.
        columns=columns_of_areas,
        categories="<results>/index/categories.csv" if "area" in BALANCE else [],
        given=given_folds,
        duplicates="<results>/duplicates.csv" if COPIES_SHARE_A_FOLD else [],
        record=record_of("folds"),
    output:
        folds=f"<results>/{SPLIT}/folds.csv",
        warnings=f"<results>/{SPLIT}/warnings.json",
    log:
        f"<results>/logs/{SPLIT}/assign_folds.log",
    benchmark:
        f"<results>/benchmarks/{SPLIT}/assign_folds.tsv"
    # It should run beside the encoding, not after it: what follows waits for both.
    priority: 2
    localrule: True
    conda:
        "../../envs/cocofolds.yaml"
    resources:
        mem_mb=memory_by_size(400, per_megabyte=1),
        runtime=by_size(2, per_megabyte=0.01),
    params:
        settings=lambda wildcards: HOW_TO_SPLIT,
        made_from=digest_of_settings("folds"),
        code=digest_of("assign_folds"),
    message:
        "Assign {wildcards.split_by}s to {wildcards.n_folds} folds"
    script:
        "../../scripts/assign_folds.py"
