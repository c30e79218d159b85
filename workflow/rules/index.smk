# A checkpoint, since how many shards there are is known once the source has been read.
checkpoint index:
    input:
        annotations=lambda wildcards: SOURCE.paths,
        record=record_of("index"),
    output:
        images="results/index/images.csv",
        annotations="results/index/annotations.csv",
        categories="results/index/categories.csv",
        source="results/index/source.json",
        rows=directory("results/index/rows"),
        rejected="results/rejected.csv",
        changed="results/changed.csv",
        warnings="results/index/warnings.json",
    log:
        "results/logs/index.log",
    benchmark:
        "results/benchmarks/index.tsv"
    conda:
        "../../envs/cocofolds.yaml"
    resources:
        # To know each mask again takes a fingerprint of it.
        mem_mb=by_size(600, per_megabyte=1.2 if HYGIENE["drop_duplicates"] else 0.2),
        runtime=by_size(5, per_megabyte=0.005),
    # Functions, since Snakemake takes braces in plain values for wildcards.
    params:
        dialects=lambda wildcards: DIALECTS,
        source=lambda wildcards: HOW_TO_READ,
        categories=lambda wildcards: config["categories"],
        file_name=lambda wildcards: config["file_name"],
        images_dir=lambda wildcards: config["images_dir"],
        unlisted_images=config["unlisted_images"],
        images_per_shard=config["images_per_shard"],
        check_order=config["check_order"],
        merge_sources=config["merge_sources"],
        exclude_images=lambda wildcards: EXCLUDED_IMAGES,
        hygiene=HYGIENE,
        numbering=NUMBERING,
        on_invalid=config["on_invalid"],
        record=digest_of_record("index"),
        code=digest_of("index"),
    message:
        "Read and check the annotations"
    script:
        "../../scripts/index.py"


# As a module, another workflow may make them first.
if workflow.modifier.is_main_snakefile():
    with said_by_snakemake():
        made_from.refuse_missing(settings_of("index"), SOURCE.paths)
