"""Check a split against the source.

Input
-----
annotations : the source
rejected : `rejected.csv` of the index
folds : `folds.csv` of the split
whole : `annotations_all.json`
train, val : the files of all folds, in order

Output
------
checks : JSON
    What was checked, and on how many. It is written only if all is well.
fold_table : CSV
    fold, category, and the images and annotations held out.
"""

import json

from cocofolds.checking import (
    FOLD_TABLE_COLUMNS,
    compare_fold_numbers,
    compare_folds,
    compare_with_source,
    fold_table,
    read_whole_set,
)
from cocofolds.files import read_table, write_table, written_whole
from cocofolds.reporting import reported_to
from cocofolds.source import Dialect, read_source

given, params = snakemake.input, snakemake.params
with reported_to(snakemake.log[0]) as logger:
    dialect = Dialect(**params.dialect)
    split_by = snakemake.wildcards.split_by
    whole = read_whole_set(given.whole)
    groups, n_compared = compare_with_source(
        whole,
        read_source(given.annotations, dialect, params.group_column),
        {(row["file"], int(row["line"])) for row in read_table(given.rejected)},
        dialect.order,
        params.image_ids,
    )
    folds = list(zip(given.train, given.val, strict=True))
    fold_of = compare_folds(whole, folds, split_by, groups)

    rows = list(read_table(given.folds))
    compare_fold_numbers(whole, fold_of, rows, params.image_ids)
    n_annotations = len(whole.lines)
    checks = {
        "annotations_with_area_and_box_of_their_mask": n_annotations,
        "annotations_as_in_their_row": n_annotations,
        "annotations_held_out_once": n_annotations,
        "masks_equal_in_every_pixel": n_compared,
        "files_with_the_images_of_their_annotations": 2 * len(folds),
    }
    if split_by != "annotation":
        checks["images_held_out_once"] = len(whole.images)
    if split_by == "group":
        checks["groups_held_out_once"] = len(set(groups.values()))
    with written_whole(snakemake.output.checks) as file:
        file.write(json.dumps(checks, indent=2).encode() + b"\n")
    write_table(
        snakemake.output.fold_table, FOLD_TABLE_COLUMNS, fold_table(whole, fold_of)
    )
    for check, count in checks.items():
        logger.info("%s: %d", check, count)
