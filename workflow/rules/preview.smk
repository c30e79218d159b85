rule preview:
    input:
        whole="results/annotations_all.json",
        images="results/index/images.csv",
    output:
        preview="results/preview/{image_id}.png",
    log:
        "results/logs/preview/{image_id}.log",
    benchmark:
        "results/benchmarks/preview/{image_id}.tsv"
    conda:
        "../../envs/cocofolds.yaml"
    threads: 1
    resources:
        mem_mb=by_size(500, per_megabyte=10),
        runtime=by_size(2, per_megabyte=0.01),
    params:
        # A function, since Snakemake takes braces in a plain value for wildcards.
        images_dir=lambda wildcards: config["images_dir"],
        code=digest_of(
            "errors",
            "files",
            "image_files",
            "preview",
            "reporting",
            "segmentation",
        ),
    message:
        "Draw the annotations of image {wildcards.image_id}"
    script:
        "../../scripts/preview.py"
