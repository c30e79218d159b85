rule preview:
    input:
        whole="<results>/annotations_all.json",
        columns="<results>/annotations_all.npz",
        checked="<results>/.complete.json",
        images="<results>/index/images.csv",
        record=record_of("images"),
        stored_images=stored_images(image_of_preview),
    output:
        preview="<results>/preview/{name}.png",
        complete="<results>/preview/.{name}.json",
    log:
        "<results>/logs/preview/{name}.log",
    benchmark:
        "<results>/benchmarks/preview/{name}.tsv"
    localrule: True
    conda:
        "../../envs/cocofolds.yaml"
    resources:
        mem_mb=memory_by_size(900, per_megabyte=0.2),
        runtime=by_size(2, per_megabyte=0.005),
    params:
        # A function, since Snakemake takes braces in a plain value for wildcards.
        images_dir=lambda wildcards: as_json(LOCATED["images_dir"]),
        code=digest_of("preview"),
    message:
        "Draw the masks of image {wildcards.name}"
    script:
        "../../scripts/preview.py"


# One job for all of them: each would start Python and read the whole set by itself.
rule draw_previews:
    input:
        whole="<results>/annotations_all.json",
        columns="<results>/annotations_all.npz",
        checked="<results>/.complete.json",
        images="<results>/index/images.csv",
        rejected="<results>/rejected.csv",
        record=record_of("previews"),
        stored_images=stored_images(images_of_previews),
    output:
        table="<results>/previews.csv",
        gallery="<results>/report/gallery.json",
        warnings="<results>/preview/warnings.json",
        # Without the folder of the pictures, they are made again. It is no output: users
        # put files beside the pictures.
        complete="<results>/preview/.complete",
    log:
        "<results>/logs/draw_previews.log",
    benchmark:
        "<results>/benchmarks/draw_previews.tsv"
    localrule: True
    conda:
        "../../envs/cocofolds.yaml"
    resources:
        mem_mb=memory_by_size(900, per_megabyte=0.2, files=SOURCE.paths),
        runtime=by_size(10, per_megabyte=0.005, files=SOURCE.paths),
    params:
        # A function, since Snakemake takes braces in a plain value for wildcards.
        images_dir=lambda wildcards: as_json(LOCATED["images_dir"]),
        n_previews=config["n_previews"],
        # Not that of a split, which is no reason for other pictures.
        seed=0,
        code=digest_of("draw_previews"),
    message:
        "Draw the masks of some images of each category"
    script:
        "../../scripts/draw_previews.py"
