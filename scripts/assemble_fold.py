"""Write the train and the val file of one fold.

Input
-----
folds : `folds.csv` of the split
images, categories, source : of the index
records, stretches : the shards, in the order of their images

Output
------
train, val : COCO JSON
    One record a line; images in the order of their ids, annotations in the order of
    their images, then ids. For `split_by: annotation`, a file has the images that it
    has annotations of.
"""

from cocofolds.files import read_json, read_table
from cocofolds.job import followed, reported_to
from cocofolds.output.coco_json import assemble, header, held_out_in
from cocofolds.output.results import split_of

given, wildcards, output = snakemake.input, snakemake.wildcards, snakemake.output
with reported_to(snakemake.log[0]) as logger:
    held_out = held_out_in(read_table(given.folds), int(wildcards.fold))
    source = read_json(given.source)
    categories = list(read_table(given.categories))
    images = list(read_table(given.images))
    split = {**split_of(wildcards).said, "fold": int(wildcards.fold)}
    parts = (
        ("train", output.train, held_out.train_images),
        ("val", output.val, held_out.val_images),
    )
    outputs = []
    for part, path, image_ids in parts:
        part_images = [row for row in images if int(row["image_id"]) in image_ids]
        start = header(
            {**split, "part": part},
            source,
            categories,
            part_images,
            snakemake.params.image_ids,
        )
        outputs.append((path, start))
        logger.info("%s: %d images", path, len(part_images))
    shards = followed(
        zip(given.records, given.stretches, strict=True),
        logger,
        "shards",
        len(given.records),
    )
    assemble(outputs, shards, held_out.parts)
