"""Encode the masks of a shard as COCO annotations.

Input
-----
rows : a table of `results/index/rows`
categories : `results/index/categories.csv`

Output
------
records : {shard}.jsonl
    One annotation a line, in the order of the rows: id, image_id, category_id,
    segmentation (size [height, width], compressed counts), area in pixels, bbox
    [x, y, width, height] in pixels, iscrowd.
offsets : {shard}.offsets.npy
    For each line: start and end in bytes, annotation_id, image_id.
"""

import numpy as np

from cocofolds.encoding import encode_shard
from cocofolds.files import read_table, written_whole
from cocofolds.reporting import reported_to

with reported_to(snakemake.log[0]) as logger:
    category_ids = {
        row["name"]: int(row["category_id"])
        for row in read_table(snakemake.input.categories)
    }
    with written_whole(snakemake.output.records) as records:
        offsets = encode_shard(
            read_table(snakemake.input.rows),
            category_ids,
            snakemake.params.order,
            snakemake.params.image_ids,
            records,
        )
    with written_whole(snakemake.output.offsets) as file:
        np.save(file, offsets)
    logger.info("%d annotations, %d bytes", len(offsets), offsets["end"][-1])
