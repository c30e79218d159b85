rule check_split:
    input:
        annotations=lambda wildcards: ANNOTATIONS,
        rejected="results/rejected.csv",
        folds=f"results/{SPLIT}/folds.csv",
        whole="results/annotations_all.json",
        train=files_of_folds("train"),
        val=files_of_folds("val"),
    output:
        checks=f"results/{SPLIT}/checks.json",
        fold_table=f"results/{SPLIT}/fold_table.csv",
    log:
        f"results/logs/{SPLIT}/check_split.log",
    benchmark:
        f"results/benchmarks/{SPLIT}/check_split.tsv"
    conda:
        "../../envs/cocofolds.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=lambda wildcards, input: 5 + int(input.size_mb / 100),
    # Functions, since Snakemake takes braces in plain values for wildcards.
    params:
        dialect=lambda wildcards: DIALECT,
        group_column=lambda wildcards: config["group_column"],
        image_ids=config["image_ids"],
        code=digest_of("checking", "errors", "files", "reporting", "settings", "source"),
    message:
        "Check the split against the annotations"
    script:
        "../../scripts/check_split.py"
