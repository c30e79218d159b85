# Images that are copies of others. Nothing of the folds waits for it, unless copies have
# to share one.


rule fingerprint:
    input:
        # What counts of it are the names of the files, which are in the record. By its
        # path, since `ancient` would mark the output of `index` for all rules.
        images=ancient("<results>/index/images.csv"),
        record=record_of_image_files,
        stored_images=stored_images(images_of_shard),
    output:
        table="<results>/fingerprints/{shard}.csv",
        pictures="<results>/fingerprints/{shard}.npy",
    log:
        "<results>/logs/fingerprint/{shard}.log",
    benchmark:
        "<results>/benchmarks/fingerprint/{shard}.tsv"
    # Jobs for the folds go first, unless they wait for this one.
    priority: 2 if COPIES_SHARE_A_FOLD else 0
    conda:
        "../../envs/cocofolds.yaml"
    resources:
        mem_mb=memory_by_size(1200),
        runtime=by_size(60),
    params:
        # A function, since Snakemake takes braces in a plain value for wildcards.
        images_dir=lambda wildcards: as_json(LOCATED["images_dir"]),
        made_from=digest_of_image_files,
        code=digest_of("fingerprint"),
    message:
        "Take the fingerprints of the images of shard {wildcards.shard}"
    script:
        "../../scripts/fingerprint.py"


rule find_duplicates:
    input:
        images=ancient("<results>/index/images.csv"),
        digest_of_images="<results>/index/images.sha256",
        tables=shards("csv", "fingerprints"),
        pictures=shards("npy", "fingerprints"),
        record=record_of("duplicates"),
    output:
        table="<results>/duplicates.csv",
        gallery="<results>/report/duplicates.json",
        warnings="<results>/duplicates/warnings.json",
    log:
        "<results>/logs/find_duplicates.log",
    benchmark:
        "<results>/benchmarks/find_duplicates.tsv"
    priority: 2 if COPIES_SHARE_A_FOLD else 0
    conda:
        "../../envs/cocofolds.yaml"
    resources:
        mem_mb=memory_by_size(900, per_megabyte=0.2),
        runtime=by_size(10, per_megabyte=0.1),
    params:
        duplicates=config["duplicates"],
        # A function, since Snakemake takes braces in a plain value for wildcards.
        images_dir=lambda wildcards: as_json(LOCATED["images_dir"]),
        made_from=digest_of_settings("duplicates"),
        code=digest_of("find_duplicates"),
    message:
        "Look for images that are copies of others"
    script:
        "../../scripts/find_duplicates.py"
