"""Draw the annotations of one image over it.

Input
-----
whole : `annotations_all.json`
images : `images.csv` of the index

Output
------
preview : PNG
    Masks and boxes, each instance in its own colour; on grey if `images_dir` holds no
    file of the image.
"""

from PIL import Image
from pycocotools.coco import COCO

from cocofolds.errors import InputError
from cocofolds.files import read_table, written_whole
from cocofolds.image_files import find_images
from cocofolds.preview import draw_preview
from cocofolds.reporting import reported_to

given, params = snakemake.input, snakemake.params
with reported_to(snakemake.log[0]) as logger:
    coco = COCO(given.whole)
    image_id = int(snakemake.wildcards.image_id)
    if image_id not in coco.imgs:
        # Ids that are text do not make a path: there, images have their numbers.
        rows = read_table(given.images)
        source_ids = {int(row["image_id"]): row["source_id"] for row in rows}
        if source_ids.get(image_id) not in coco.imgs:
            raise InputError(
                f"No image has the id {image_id}; {given.images} lists them."
            )
        image_id = source_ids[image_id]
    [record] = coco.loadImgs([image_id])
    annotations = coco.loadAnns(coco.getAnnIds([image_id]))
    names = {
        category["id"]: category["name"] for category in coco.dataset["categories"]
    }
    background = None
    if params.images_dir is not None:
        name = record["file_name"]
        try:
            path = find_images(params.images_dir, "{id}", [name])[name]
            background = Image.open(path)
        except InputError as error:
            logger.warning("%s\nThe preview is on grey.", error)
    size = (record["width"], record["height"])
    with written_whole(snakemake.output.preview) as file:
        draw_preview(background, size, annotations, names).save(file, "PNG")
