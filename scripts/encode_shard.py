"""Encode the masks of a shard as COCO annotations.

Input
-----
rows : a table of `results/index/rows`, or an archive of all
digests : `results/index/rows.json`
categories : `results/index/categories.csv`

Output
------
records : {shard}.records
    One annotation a line, with a comma behind it, in the order of the rows: id,
    image_id, category_id, attribute_ids if the dialect has them, segmentation (size
    [height, width], compressed counts), area in pixels, bbox [x, y, width, height] in
    pixels, iscrowd.
    Or the record of a COCO JSON.
offsets : {shard}.offsets.npy
    For each line, `RECORD_DTYPE` in `cocofolds.output.annotation_records`.
stretches : {shard}.stretches.csv
    `STRETCH_COLUMNS` in `cocofolds.output.stretches`: where the annotations of each
    image are, in bytes, in the order of the data set.
digest : {shard}.sha256
    The SHA-256 of records and offsets, as for sha256sum: it says whether what is made
    of them is made again.
"""

from cocofolds.dataset.row_files import rows_of_shard
from cocofolds.files import read_table, write_sha256, write_table, written_whole
from cocofolds.job import followed, reported_to
from cocofolds.output.annotation_records import (
    RECORD_DTYPE,
    encode_shard,
    stretches_of,
)
from cocofolds.output.arrays import write_array
from cocofolds.output.stretches import STRETCH_COLUMNS
from cocofolds.settings import Numbering

with reported_to(snakemake.log[0]) as logger:
    rows = rows_of_shard(snakemake.input.rows, snakemake.wildcards.shard)
    category_ids = {
        row["name"]: row["category_id"]
        for row in read_table(snakemake.input.categories)
    }
    with (
        written_whole(snakemake.output.records) as records,
        written_whole(snakemake.output.offsets) as offsets,
    ):
        parts = encode_shard(
            followed(rows, logger, "masks"),
            category_ids,
            snakemake.params.image_ids,
            Numbering(**snakemake.params.numbering),
            records,
        )
        n_annotations = write_array(offsets, parts, RECORD_DTYPE)
        logger.info("%d annotations, %d bytes", n_annotations, records.tell())
    of_images = stretches_of(snakemake.output.offsets, "image_id")
    write_table(snakemake.output.stretches, STRETCH_COLUMNS, of_images)
    written = snakemake.output.records, snakemake.output.offsets
    write_sha256(snakemake.output.digest, written)
