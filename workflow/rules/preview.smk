def images_of_previews(wildcards):
    """Name the files of the images that `draw_previews` will choose."""
    fetch_library(["output/coco_json", "report/selection"])
    from cocofolds.output.coco_json import header
    from cocofolds.report.selection import files_to_draw

    index = checkpoints.index.get().output
    with ExitStack() as stack:
        opened = {
            name: stack.enter_context(index.get(name).open())
            for name in ("images", "annotations", "categories", "source")
        }
        images = [*read_table(opened["images"].name)]
        head = header(
            {},
            json.load(opened["source"]),
            read_table(opened["categories"].name),
            images,
            SOURCE.image_ids,
        )
        annotations = read_table(opened["annotations"].name)
        return files_to_draw(head, images, annotations, config["n_previews"], seed=0)


def image_of_preview(wildcards):
    """Name the file of the image whose picture is asked for."""
    fetch_library(["report/picture_names"])
    from cocofolds.report.picture_names import picture_names

    with checkpoints.index.get().output.images.open() as file:
        images = [*read_table(file.name)]
    names = picture_names(row["source_id"] for row in images)
    return [
        row["file_name"]
        for row, name in zip(images, names, strict=True)
        if name == wildcards.name
    ]


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
        mem_mb=by_size(900, per_megabyte=0.2),
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
        mem_mb=by_size(900, per_megabyte=0.2, files=SOURCE.paths),
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
