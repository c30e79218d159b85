"""Assign the images, or the annotations, to folds.

Input
-----
images : `results/index/images.csv`
annotations : `results/index/annotations.csv`

Output
------
folds.csv
    One row an image: image_id, source_id, category, group, and fold, the one whose
    val file holds the image, from 1. For `split_by: annotation` one row an annotation,
    with annotation_id in front and the annotation's own category; images without
    annotations have a row each, with annotation_id empty.
warnings : JSON
    What a user should know of the split: a list of messages.
"""

from cocofolds.files import read_table, write_table
from cocofolds.folds.split import fold_rows, make_split, split_messages
from cocofolds.job import reported_to

given, output, wildcards = snakemake.input, snakemake.output, snakemake.wildcards
with reported_to(snakemake.log[0], output.warnings) as logger:
    split = make_split(
        read_table(given.images),
        read_table(given.annotations),
        wildcards.split_by,
        snakemake.params.stratify,
        int(wildcards.n_folds),
        int(wildcards.seed),
    )
    for message in split_messages(split):
        logger.warning("%s", message)
    write_table(output.folds, *fold_rows(split))
    logger.info("%d %ss in %d folds", split.n_units, split.split_by, split.n_folds)
