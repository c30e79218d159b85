# A checkpoint, since how many shards there are is known once the source has been read.
checkpoint index:
    input:
        annotations=sources,
        record=record_of("index"),
    output:
        images="<results>/index/images.csv",
        annotations="<results>/index/annotations.csv",
        categories="<results>/index/categories.csv",
        source="<results>/index/source.json",
        rows=ROWS if IN_STORAGE else directory(ROWS),
        digests_of_rows="<results>/index/rows.json",
        digest_of_images="<results>/index/images.sha256",
        digest_of_annotations="<results>/index/annotations.sha256",
        rejected="<results>/rejected.csv",
        changed="<results>/changed.csv",
        warnings="<results>/index/warnings.json",
    log:
        "<results>/logs/index.log",
    benchmark:
        "<results>/benchmarks/index.tsv"
    conda:
        "../../envs/cocofolds.yaml"
    resources:
        # To know each mask again takes a fingerprint of it.
        mem_mb=memory_by_size(
            600, per_megabyte=1.2 if config["drop_duplicates"] else 0.2
        ),
        runtime=by_size(5, per_megabyte=0.005),
    params:
        # Functions, since Snakemake takes braces in plain values for wildcards.
        settings=lambda wildcards: HOW_TO_INDEX,
        names=lambda wildcards: NAMES_OF_SOURCES,
        made_from=digest_of_settings("index"),
        code=digest_of("index"),
    message:
        "Read and check the annotations"
    script:
        "../../scripts/index.py"
