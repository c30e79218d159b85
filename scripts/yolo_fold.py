"""Put a fold together as a data set that Ultralytics trains on.

Input
-----
train, val : COCO JSON of the fold
labels : folder with the label files of all images

Output
------
data_set : folder
    data.yaml; images/{part}/ and labels/{part}/ with links to the image files and to
    the label files.
"""

from itertools import chain
from pathlib import Path

import yaml

from cocofolds.errors import InputError
from cocofolds.files import folder_written_whole
from cocofolds.image_files import find_images
from cocofolds.reporting import reported_to
from cocofolds.whole_set import open_coco
from cocofolds.yolo import label_path_of, link_target, path_of

given, params = snakemake.input, snakemake.params
with (
    reported_to(snakemake.log[0]) as logger,
    folder_written_whole(snakemake.output.data_set) as folder,
):
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
    for part, names_of_part in names.items():
        for name in names_of_part:
            label = label_path_of(name)
            links = {
                folder / "images" / part / path_of(name): found[name],
                folder / "labels" / part / label: Path(given.labels, label),
            }
            for link, target in links.items():
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(link_target(link, target))
        logger.info("%s: %d images", part, len(names_of_part))
    data = {
        "train": "images/train",
        "val": "images/val",
        "names": dict(enumerate(categories)),
    }
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    (folder / "data.yaml").write_text(text, encoding="utf-8")
