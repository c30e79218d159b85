"""Draw the annotations of one image over it.

Input
-----
whole : `annotations_all.json`
arrays : what `check_annotations` has read of it
images : `images.csv` of the index

Output
------
preview : PNG
    Masks and boxes, each instance in its own colour; on grey if `images_dir` holds no
    file of the image.
complete : JSON
    What it was drawn from.
"""

from cocofolds.errors import InputError
from cocofolds.files import read_table, written_whole
from cocofolds.image_files import find_images
from cocofolds.output.folders import write_record
from cocofolds.preview import (
    draw_preview,
    number_images,
    read_annotations,
    read_background,
)
from cocofolds.reporting import reported_to
from cocofolds.whole_set import load_whole_set

given, params = snakemake.input, snakemake.params
with reported_to(snakemake.log[0]) as logger:
    whole = load_whole_set(given.whole, given.arrays)
    image_id = int(snakemake.wildcards.image_id)
    place = number_images(whole, read_table(given.images)).get(image_id)
    if place is None:
        raise InputError(f"No image has the id {image_id}; {given.images} lists them.")
    image = whole.images[place]
    size = (int(image["width"]), int(image["height"]))
    background = None
    if params.images_dir is not None:
        name = image["file_name"]
        try:
            path = find_images(params.images_dir, "{id}", [name])[name]
        except InputError as error:
            logger.warning("%s\nThe preview is on grey.", error)
        else:
            background = read_background(path, size)
    names = {category["id"]: category["name"] for category in whole.categories}
    annotations = read_annotations(whole, [place])[place]
    picture = draw_preview(background, size, annotations, names)
    with written_whole(snakemake.output.preview) as file:
        picture.save(file, "PNG")
    write_record(snakemake.output.complete, [given.whole])
