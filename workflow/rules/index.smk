checkpoint index:
    input:
        annotations=lambda wildcards: ANNOTATIONS,
    output:
        images="results/index/images.csv",
        annotations="results/index/annotations.csv",
        categories="results/index/categories.csv",
        source="results/index/source.json",
        rows=directory("results/index/rows"),
        rejected="results/rejected.csv",
        changed="results/changed.csv",
    log:
        "results/logs/index.log",
    benchmark:
        "results/benchmarks/index.tsv"
    conda:
        "../../envs/cocofolds.yaml"
    threads: 1
    resources:
        mem_mb=by_size(600, per_megabyte=0.2),
        runtime=by_size(5, per_megabyte=0.005),
    # Functions, since Snakemake takes braces in plain values for wildcards.
    params:
        dialect=lambda wildcards: DIALECT,
        categories=lambda wildcards: config["categories"],
        group_column=lambda wildcards: config["group_column"],
        max_gz_ratio=config["max_gz_ratio"],
        file_name=lambda wildcards: config["file_name"],
        # Of no concern where the table says the sizes.
        images_dir=lambda wildcards: None if HAS_SIZES else config["images_dir"],
        images_per_shard=config["images_per_shard"],
        check_order=config["check_order"],
        merge_sources=config["merge_sources"],
        hygiene={
            key: config[key]
            for key in (
                "min_area",
                "fill_holes",
                "keep_largest_part",
                "drop_duplicates",
            )
        },
        on_invalid=config["on_invalid"],
        code=digest_of(
            "errors",
            "files",
            "hygiene",
            "image_files",
            "indexing",
            "reporting",
            "run_lengths",
            "settings",
            "source",
        ),
    message:
        "Read and check the annotations"
    script:
        "../../scripts/index.py"
