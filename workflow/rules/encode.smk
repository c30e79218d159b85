# Fit for a cache that working directories share (--cache encode_shard): Snakemake asks
# for `multiext` and rules out `benchmark`.
rule encode_shard:
    input:
        rows=ROWS if IN_STORAGE else ancient("<results>/index/rows/{shard}.csv"),
        digests=ancient("<results>/index/rows.json"),
        categories="<results>/index/categories.csv",
        record=record_of("ids"),
    output:
        multiext(
            "<results>/shards/{shard}",
            records=".records",
            offsets=".offsets.npy",
            stretches=".stretches.csv",
            digest=".sha256",
        ),
    log:
        "<results>/logs/encode_shard/{shard}.log",
    # Before the images are looked at for copies.
    priority: 1
    conda:
        "../../envs/cocofolds.yaml"
    resources:
        mem_mb=memory_by_size(400),
        runtime=by_size(2, per_megabyte=0.005),
    params:
        image_ids=SOURCE.image_ids,
        numbering=NUMBERING,
        rows=digest_of_rows,
        made_from=digest_of_settings("ids"),
        code=digest_of("encode_shard"),
    message:
        "Encode the masks of shard {wildcards.shard}"
    script:
        "../../scripts/encode_shard.py"
