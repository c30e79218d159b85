"""Put a fold together as a data set that Ultralytics trains on.

Input
-----
train, val : COCO JSON of the fold
labels : the record in the folder with the label files of all images

Output
------
data : YAML
    What Ultralytics reads first. Beside it are images/{part}/ and labels/{part}/ with
    links to the image files and to the label files.
complete : JSON
    What the data set was made of.
"""

from itertools import chain
from operator import methodcaller
from pathlib import Path, PurePosixPath

import yaml

from cocofolds.checks.whole_set import open_coco
from cocofolds.errors import InputError, first_named
from cocofolds.files import written_whole
from cocofolds.job import reported_to
from cocofolds.output.folders import write_among, write_record
from cocofolds.output.yolo import label_path_of, link_target, path_of
from cocofolds.sources.image_files import find_images


def links_of(part, name):
    """Say of an image and of its labels where the link is, and where it leads."""
    label = label_path_of(name)
    yield PurePosixPath("images", part, path_of(name)), found[name]
    yield PurePosixPath("labels", part, label), Path(given.labels).parent / label


given, params, output = snakemake.input, snakemake.params, snakemake.output
folder = Path(output.data).parent
with reported_to(snakemake.log[0]) as logger:
    if params.images_dir is None:
        raise InputError("Ultralytics needs the images: set `images_dir`.")
    if snakemake.wildcards.split_by == "annotation":
        raise InputError(
            "With `split_by: annotation`, parts of an image are in train and in val."
            " Ultralytics has one label file for each image: choose another split."
        )
    names = {}
    for part, path in (("train", given.train), ("val", given.val)):
        with open_coco(path) as (head, _):
            names[part] = [image["file_name"] for image in head["images"]]
            categories = [category["name"] for category in head["categories"]]
    found = find_images(params.images_dir, "{id}", chain(*names.values()))
    links = {
        link: link_target(folder / link, target)
        for part, names_of_part in names.items()
        for name in names_of_part
        for link, target in links_of(part, name)
    }
    # What Ultralytics noted of the labels it read, which may be of the same length.
    folders = {parent for link in links for parent in link.parents}
    for labels in folders - {PurePosixPath(name) for name in (".", "images", "labels")}:
        if labels.parts[0] == "labels":
            (folder / labels).with_suffix(".cache").unlink(missing_ok=True)
    taken = write_among(
        folder,
        links.keys(),
        ((link, methodcaller("symlink_to", links[link])) for link in links),
    )
    if taken:
        raise InputError(
            "These are not of this workflow, and are where links are to be made. Move"
            " them away:\n  " + "\n  ".join(first_named(taken, str))
        )
    for part in names:
        logger.info("%s: %d images", part, len(names[part]))
    data = {
        "train": "images/train",
        "val": "images/val",
        "names": dict(enumerate(categories)),
    }
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    with written_whole(output.data) as file:
        file.write(text.encode())
    write_record(output.complete, given)
