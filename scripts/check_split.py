"""Check the files of a split against the whole data set.

Input
-----
images : `images.csv` of the index, which is not read
folds : `folds.csv` of the split
whole : `annotations_all.json`
columns : `annotations_all.npz`
checked : the SHA-256 of the whole data set, by `check_annotations`
train, val : the files of all folds, in order
test : the file of the hold-out, or nothing
duplicates : `duplicates.csv` if copies share a fold, or nothing

Output
------
checks : JSON
    What was checked, and on how many. It is written only if all is well.
fold_table : CSV
    fold, category, and the images and annotations held out.
quality : JSON
    How even the folds are: deviations, floors, holes, and the same of random folds.
complete : JSON
    The SHA-256 of the whole data set that the split is of.
"""

from functools import partial

from cocofolds.checks.splits import (
    FOLD_TABLE_COLUMNS,
    assigned_in,
    compare_folds,
    fold_table,
    hold_out_counts,
    read_fold_numbers,
    refuse_another_whole_set,
    undivided_copies,
    undivided_groups,
)
from cocofolds.checks.whole_set import load_whole_set
from cocofolds.files import read_table, write_json, write_table
from cocofolds.folds.quality import hold_out_quality, quality
from cocofolds.job import followed, reported_to
from cocofolds.output.results import split_of

given, params = snakemake.input, snakemake.params
with reported_to(snakemake.log[0]) as logger:
    split = split_of(snakemake.wildcards)
    split_by = split.split_by
    whole = load_whole_set(given.whole, given.columns, given.checked)
    folds = list(zip(given.train, given.val, strict=True))
    fold_of = read_fold_numbers(
        whole,
        read_table(given.folds),
        split_by,
        params.image_ids,
        len(folds),
        split.test_fraction > 0,
    )
    refuse_another_whole_set(whole)
    compare_folds(
        whole,
        folds,
        fold_of,
        split.said,
        partial(followed, logger=logger, unit="masks", total=len(whole.numbers)),
        given.test or None,
    )
    checks = {
        "annotations_held_out_once": len(whole.numbers),
        "files_with_the_images_of_their_annotations": 2 * len(folds) + bool(given.test),
    }
    if split_by != "annotation":
        checks["images_held_out_once"] = len(whole.images)
    if split_by == "group":
        checks["groups_held_out_once"] = undivided_groups(whole, fold_of)
    if given.duplicates:
        checks["copies_in_one_fold"] = undivided_copies(
            whole, fold_of, read_table(given.duplicates), params.image_ids
        )
    write_json(snakemake.output.checks, checks)
    table = fold_table(whole, fold_of, len(folds))
    write_table(snakemake.output.fold_table, FOLD_TABLE_COLUMNS, table)
    assigned = assigned_in(whole, fold_of, split_by)
    names = [category["name"] for category in whole.categories]
    measured = quality(names, assigned, len(folds))
    if given.test:
        counts = hold_out_counts(whole, fold_of)
        measured["test"] = hold_out_quality(names, counts, split.test_fraction)
    write_json(snakemake.output.quality, measured)
    write_json(snakemake.output.complete, {given.whole: whole.digest})
    for check, count in checks.items():
        logger.info("%s: %d", check, count)
