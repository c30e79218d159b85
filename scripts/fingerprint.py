"""Take the fingerprints of the image files of a shard.

Input
-----
images : `images.csv` of the index

Output
------
table : CSV
    file_name, digest, bits, and problem: why the file could not be read, which is no
    reason to stop.
pictures : (n_files, 64, 64) uint16
    A small picture of each, in the order of the table.
"""

import json

import numpy as np

from cocofolds.copies.shards import (
    FINGERPRINT_COLUMNS,
    file_names_of_shard,
    take_fingerprints,
)
from cocofolds.files import read_table, write_table, written_whole
from cocofolds.job import followed, reported_to

output, wildcards = snakemake.output, snakemake.wildcards
with reported_to(snakemake.log[0]) as logger:
    names = file_names_of_shard(read_table(snakemake.input.images), wildcards.shard)
    taken = take_fingerprints(json.loads(snakemake.params.images_dir), names)
    rows, pictures = zip(
        *followed(taken, logger, "images", total=len(names)), strict=True
    )
    write_table(output.table, FINGERPRINT_COLUMNS, rows)
    with written_whole(output.pictures) as file:
        np.save(file, np.stack(pictures))
    logger.info("%d images", len(rows))
