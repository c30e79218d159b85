"""Write the file of the images that are in no fold.

Input
-----
folds : `folds.csv` of the split
images, categories, source : of the index
records, stretches : the shards, in the order of their images

Output
------
test : COCO JSON
    In the form of a val file.
"""

from cocofolds.files import read_json, read_table
from cocofolds.job import followed, reported_to
from cocofolds.output.coco_json import assemble, header, held_out_in
from cocofolds.output.results import split_of
from cocofolds.settings import HOLD_OUT

given, path = snakemake.input, snakemake.output.test
with reported_to(snakemake.log[0]) as logger:
    held_out = held_out_in(read_table(given.folds), HOLD_OUT)
    images = [
        row
        for row in read_table(given.images)
        if int(row["image_id"]) in held_out.val_images
    ]
    start = header(
        {**split_of(snakemake.wildcards).said, "part": "test"},
        read_json(given.source),
        read_table(given.categories),
        images,
        snakemake.params.image_ids,
    )
    shards = followed(
        zip(given.records, given.stretches, strict=True),
        logger,
        "shards",
        len(given.records),
    )
    to_the_one_file = [0 if part == 1 else -1 for part in held_out.parts]
    assemble([(path, start)], shards, to_the_one_file)
    logger.info("%s: %d images", path, len(images))
