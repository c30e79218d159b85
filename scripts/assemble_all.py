"""Write the file that holds the whole data set.

Input
-----
images, categories, source : of the index
records, stretches, offsets : the shards, in the order of their images

Output
------
annotations : COCO JSON
    As the files of a fold, with all images and annotations.
columns : NPZ
    What `columns_of` in `cocofolds.output.columns` says of them, for `numpy.load`.
"""

import numpy as np

from cocofolds.files import read_json, read_table, written_whole
from cocofolds.job import followed, reported_to
from cocofolds.output.coco_json import assemble, header
from cocofolds.output.columns import columns_of

given, path = snakemake.input, snakemake.output.annotations
with reported_to(snakemake.log[0]) as logger:
    images = list(read_table(given.images))
    start = header(
        {},
        read_json(given.source),
        read_table(given.categories),
        images,
        snakemake.params.image_ids,
    )
    largest_id = max(int(row["image_id"]) for row in images)
    to_the_one_file = [0] * (largest_id + 1)
    shards = followed(
        zip(given.records, given.stretches, strict=True),
        logger,
        "shards",
        len(given.records),
    )
    assemble([(path, start)], shards, to_the_one_file)
    with written_whole(snakemake.output.columns) as file:
        np.savez(file, **columns_of(given.offsets, images))
    logger.info("%s: %d images", path, len(images))
