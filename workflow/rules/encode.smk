rule encode_shard:
    input:
        rows="results/index/rows/{shard}.csv",
        categories="results/index/categories.csv",
    output:
        records="results/shards/{shard}.jsonl",
        offsets="results/shards/{shard}.offsets.npy",
    log:
        "results/logs/encode_shard/{shard}.log",
    benchmark:
        "results/benchmarks/encode_shard/{shard}.tsv"
    conda:
        "../../envs/cocofolds.yaml"
    threads: 1
    resources:
        mem_mb=300,
        runtime=5,
    params:
        order=DIALECT["order"],
        image_ids=config["image_ids"],
        code=digest_of(
            "coco_masks", "encoding", "errors", "files", "reporting", "run_lengths"
        ),
    message:
        "Encode the masks of shard {wildcards.shard}"
    script:
        "../../scripts/encode_shard.py"
