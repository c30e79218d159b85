"""Assign the images, or the annotations, to folds.

Input
-----
images : `results/index/images.csv`
annotations : `results/index/annotations.csv`
duplicates : `results/duplicates.csv` if copies share a fold, or nothing

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

from cocofolds.copies.names import name_messages
from cocofolds.files import read_table, write_table
from cocofolds.folds.split import fold_rows, make_split, split_messages
from cocofolds.job import reported_to

given, output, wildcards = snakemake.input, snakemake.output, snakemake.wildcards
with reported_to(snakemake.log[0], output.warnings) as logger:
    copies = read_table(given.duplicates) if given.duplicates else ()
    split = make_split(
        read_table(given.images),
        read_table(given.annotations),
        wildcards.split_by,
        snakemake.params.stratify,
        int(wildcards.n_folds),
        int(wildcards.seed),
        [(row["first_image_id"], row["second_image_id"]) for row in copies],
    )
    for message in split_messages(split):
        logger.warning("%s", message)
    if split.split_by != "annotation":
        for message in name_messages(split.rows, split.folds.tolist()):
            logger.warning("%s", message)
    write_table(output.folds, *fold_rows(split))
    logger.info("%d %ss in %d folds", split.n_units, split.split_by, split.n_folds)
