"""Make the report page.

Input
-----
images, categories, source : of the index
rejected, changed : `rejected.csv` and `changed.csv`
columns : `annotations_all.npz`
checked : the SHA-256 of the whole data set, by `check_annotations`
checks : `checks.json` of the whole data set
folds, fold_tables, split_checks : the tables and checks of each split, in order
warnings : what jobs have warned of, JSON
gallery : `gallery.json`, or nothing
duplicates, copies : `duplicates.csv`, and the first of them side by side; or nothing

Output
------
page : HTML
    One file that needs no other, and no network.
"""

import json

from cocofolds.checks.whole_set import digest_in, load_columns
from cocofolds.files import read_json, read_table, written_whole
from cocofolds.job import reported_to
from cocofolds.report.data_set import describe
from cocofolds.report.page import Copies, Made, first_rows, render_page
from cocofolds.report.results import (
    SplitFiles,
    read_sizes,
    read_split,
    read_warnings,
    versions,
)

given, params = snakemake.input, snakemake.params
with reported_to(snakemake.log[0]) as logger:
    columns = load_columns(given.columns)
    names = [row["name"] for row in read_table(given.categories)]
    gallery = read_json(given.gallery)["images"] if given.gallery else []
    pairs = read_json(given.copies)["pairs"] if given.copies else []
    of_pairs = [image for pair in pairs for image in pair["images"]]
    wanted = {image["source_id"] for image in [*gallery, *of_pairs]}
    splits = [
        read_split(SplitFiles(*files), columns, names, wanted)
        for files in zip(
            json.loads(params.splits),
            given.folds,
            given.fold_tables,
            given.split_checks,
            strict=True,
        )
    ]
    made = Made(
        first_rows(read_warnings(given.warnings)),
        first_rows(read_table(given.rejected)),
        first_rows(read_table(given.changed)),
        read_json(given.checks),
        json.loads(params.settings),
        read_json(given.source)["sources"],
        digest_in(given.checked),
        versions(),
    )
    data_set = describe(names, read_sizes(read_table(given.images)), columns)
    n_pairs = sum(1 for _ in read_table(given.duplicates)) if given.duplicates else 0
    page = render_page(data_set, splits, gallery, made, Copies(pairs, n_pairs))
    with written_whole(snakemake.output.page) as file:
        file.write(page)
    logger.info("%s: %d bytes", snakemake.output.page, len(page))
