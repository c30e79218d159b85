"""Assign the images, or the annotations, to folds.

Input
-----
images : `results/index/images.csv`
annotations : `results/index/annotations.csv`
digest_of_images, digest_of_annotations : their SHA-256
columns, categories : `annotations_all.npz`, `categories.csv`; if area is balanced
given : the file of `folds_file`, or nothing
duplicates : `results/duplicates.csv` if copies share a fold, or nothing

Output
------
folds.csv
    One row an image: image_id, source_id, category, group, and fold, the one whose
    val file holds the image, from 1; 0 for the hold-out. For `split_by: annotation` one
    row an annotation, with annotation_id in front and the annotation's own category;
    images without annotations have a row each, with annotation_id empty.
warnings : JSON
    What a user should know of the split: a list of messages.
"""

from cocofolds.copies.names import name_messages
from cocofolds.files import read_table, write_table
from cocofolds.folds.folds_file import given_folds, read_folds_file, unknown_message
from cocofolds.folds.split import (
    SplitSettings,
    areas_of,
    fold_rows,
    make_split,
    split_messages,
)
from cocofolds.job import reported_to
from cocofolds.output.results import split_of

given, output, params = snakemake.input, snakemake.output, snakemake.params
with reported_to(snakemake.log[0], output.warnings) as logger:
    settings = SplitSettings(
        **split_of(snakemake.wildcards)._asdict(), **params.settings
    )
    images = [*read_table(given.images)]
    listed = read_folds_file(given.given) if given.given else {}
    fixed, unknown = given_folds(listed, images)
    if unknown:
        logger.warning("%s", unknown_message(given.given, unknown))
    areas = None
    if given.columns:
        areas = areas_of(given.columns, images, read_table(given.categories))
    copies = read_table(given.duplicates) if given.duplicates else ()
    split = make_split(
        images,
        read_table(given.annotations),
        settings,
        fixed,
        areas,
        [(row["first_image_id"], row["second_image_id"]) for row in copies],
    )
    for message in split_messages(split):
        logger.warning("%s", message)
    if settings.split_by != "annotation":
        for message in name_messages(split.rows, split.folds.tolist()):
            logger.warning("%s", message)
    write_table(output.folds, *fold_rows(split))
    logger.info(
        "%d %ss in %d folds", split.n_units, settings.split_by, settings.n_folds
    )
