"""Find the images that are copies of others.

Input
-----
images : `images.csv` of the index
digest_of_images : its SHA-256
tables, pictures : what `fingerprint` has made of each shard

Output
------
table : CSV
    Two images a row, by image_id, source_id and file_name; kind, "same file" or "same
    picture"; and the correlation of the small pictures. Of several copies of one image
    there are as many rows as it takes to link them.
gallery : JSON
    The first of them for the report page, side by side.
warnings : JSON
    What a user should know of copies: a list of messages.
"""

import json

from cocofolds.copies.duplicates import (
    DUPLICATE_COLUMNS,
    duplicate_messages,
    duplicate_rows,
    find_duplicates,
)
from cocofolds.copies.shards import read_fingerprints
from cocofolds.files import read_table, write_json, write_table
from cocofolds.job import reported_to
from cocofolds.report.copies import copies_side_by_side

given, output, params = snakemake.input, snakemake.output, snakemake.params
with reported_to(snakemake.log[0], output.warnings) as logger:
    images = [*read_table(given.images)]
    known = read_fingerprints(zip(given.tables, given.pictures, strict=True))
    pairs = find_duplicates(images, known)
    share_a_fold = params.duplicates == "group"
    for message in duplicate_messages(pairs, known.problems, share_a_fold):
        logger.warning("%s", message)
    write_table(output.table, DUPLICATE_COLUMNS, duplicate_rows(images, pairs))
    shown = copies_side_by_side(read_table(output.table), json.loads(params.images_dir))
    write_json(output.gallery, shown)
    logger.info("%d pairs among %d images", len(pairs), len(images))
