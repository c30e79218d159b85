# The image files that jobs read. On a disk, jobs look for them in their folder, and records
# say in which state they were; a storage has to be told which ones to fetch.
import functools
import json
from contextlib import ExitStack


def stored_images(names_of_files):
    """A function that lists the image files that a job reads, if they are in storage."""

    def files(wildcards):
        if not IN_STORAGE or config["images_dir"] is None:
            return []
        return [f"{config['images_dir']}/{name}" for name in names_of_files(wildcards)]

    return files


def images_of_shard(wildcards):
    """Name the files of the images of a shard."""
    return of_index("images", files_by_shard)[wildcards.shard]


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


def record_of_image_files(wildcards):
    """Name the record of the image files of a shard, and write it if it is new."""
    if IN_STORAGE:
        return []
    subject = f"image_files/{wildcards.shard}"
    record = {"settings": states_of_image_files(wildcards)}
    made = made_from.made_of_images(wildcards.shard)
    with said_by_snakemake():
        made_from.write_record(RESULTS, subject, record, made)
    return f"<results>/made_from/{subject}.json"


def digest_of_image_files(wildcards):
    """Fingerprint the state of the image files of a shard."""
    if IN_STORAGE:
        return None
    return made_from.digest_of_settings(states_of_image_files(wildcards))


def states_of_image_files(wildcards):
    """What fingerprints follow from: which files there are, their sizes and dates."""
    files = of_index("images", files_by_shard).get(wildcards.shard, {})
    return {"image_files": digest_of_states(FOLDER_OF_IMAGES, tuple(files))}


digest_of_states = functools.cache(made_from.digest_of_image_files)
