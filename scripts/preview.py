"""Draw the masks of one image over it.

Input
-----
whole : `annotations_all.json`
columns : `annotations_all.npz`
checked : the SHA-256 of the whole data set, by `check_annotations`
images : `images.csv` of the index

Output
------
preview : PNG
    Masks with their outlines and a legend; on grey if `images_dir` holds no file of the
    image.
complete : JSON
    What it was drawn from.
"""

import json

from cocofolds.checks.whole_set import load_whole_set
from cocofolds.errors import InputError
from cocofolds.files import read_table, written_whole
from cocofolds.job import reported_to
from cocofolds.output.folders import write_record
from cocofolds.report.picture_names import picture_names, position_of
from cocofolds.report.previews import (
    background_or_grey,
    draw_preview,
    read_background,
    save_png,
)
from cocofolds.report.selection import read_annotations
from cocofolds.sources.image_files import find_images

given, params = snakemake.input, snakemake.params
with reported_to(snakemake.log[0]) as logger:
    names = picture_names(row["source_id"] for row in read_table(given.images))
    position = position_of(snakemake.wildcards.name, names, given.images)
    whole = load_whole_set(given.whole, given.columns, given.checked)
    image = whole.images[position]
    size = int(image["width"]), int(image["height"])
    background, _ = background_or_grey(None, size)
    images_dir = json.loads(params.images_dir)
    if images_dir is not None:
        file_name = image["file_name"]
        try:
            path = find_images(images_dir, "{id}", [file_name])[file_name]
        except InputError as error:
            logger.warning("%s\nThe preview is on grey.", error)
        else:
            background = read_background(path, size)
    category_names = {category["id"]: category["name"] for category in whole.categories}
    annotations = read_annotations(whole, [position])[position]
    picture = draw_preview(background, size, annotations, category_names)
    with written_whole(snakemake.output.preview) as file:
        save_png(picture, file)
    write_record(snakemake.output.complete, [given.whole])
