rule preview:
    input:
        whole="results/annotations_all.json",
        arrays="results/annotations_all.npy",
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
        mem_mb=by_size(600, per_megabyte=0.2),
        runtime=by_size(2, per_megabyte=0.005),
    params:
        # A function, since Snakemake takes braces in a plain value for wildcards.
        images_dir=lambda wildcards: config["images_dir"],
        code=digest_of("preview"),
    message:
        "Draw the annotations of image {wildcards.image_id}"
    script:
        "../../scripts/preview.py"


# One job for all of them: each would start Python and read the whole set by itself.
rule draw_previews:
    input:
        whole="results/annotations_all.json",
        arrays="results/annotations_all.npy",
        images="results/index/images.csv",
    output:
        previews=report(
            directory("results/preview"),
            patterns=["{image_id}.png"],
            caption="../report/preview.rst",
            category="Previews",
            labels={"image": "{image_id}"},
        ),
        # The folder alone may be there for a preview that was asked for.
        table="results/previews.csv",
    log:
        "results/logs/draw_previews.log",
    benchmark:
        "results/benchmarks/draw_previews.tsv"
    conda:
        "../../envs/cocofolds.yaml"
    threads: 1
    resources:
        mem_mb=by_size(900, per_megabyte=0.2, files=ANNOTATIONS),
        runtime=by_size(10, per_megabyte=0.005, files=ANNOTATIONS),
    params:
        # A function, since Snakemake takes braces in a plain value for wildcards.
        images_dir=lambda wildcards: config["images_dir"],
        n_previews=config["n_previews"],
        # Not that of a split, which is no reason for other pictures.
        seed=0,
        code=digest_of("draw_previews"),
    message:
        "Draw the annotations of some images of each category"
    script:
        "../../scripts/draw_previews.py"
