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

Output
------
page : HTML
    One file that needs no other, and no network.
"""

import json
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from cocofolds import __version__
from cocofolds.checks.whole_set import digest_in, load_columns
from cocofolds.files import read_table, written_whole
from cocofolds.folds.balance import read_fold_table
from cocofolds.job import reported_to
from cocofolds.report.data_set import describe
from cocofolds.report.page import Made, first_rows, render_page
from cocofolds.report.splits import Split, read_folds, units_by_category

PACKAGES = ("snakemake", "numpy", "scikit-learn", "pycocotools", "pillow", "matplotlib")


def read_json(path):
    """Read a JSON file."""
    return json.loads(Path(path).read_bytes())


def versions():
    """List the versions of Python and of the packages that are there."""
    found = {"cocofolds": __version__, "Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def read_splits(given, splits, columns, names, wanted):
    """Read the tables and checks of each split."""
    files = zip(given.folds, given.fold_tables, given.split_checks, strict=True)
    has_name = np.array([name != "" for name in names])
    for split, (folds, fold_table, checks) in zip(splits, files, strict=True):
        split_by, n_folds = split["split_by"], int(split["n_folds"])
        assigned = read_folds(read_table(folds), n_folds, wanted)
        yield Split(
            Path(folds).parent.name,
            split_by,
            n_folds,
            read_fold_table(read_table(fold_table)),
            assigned.images,
            assigned.groups,
            units_by_category(split_by, columns, len(names))[has_name],
            assigned.folds_of,
            read_json(checks),
        )


def read_warnings(paths):
    """List the warnings of jobs, each with what it is of, such as a split."""
    for path in map(Path, paths):
        of = {"index": "Annotations", "preview": "Previews"}
        name = path.parent.name
        yield from (
            {"of": of.get(name, name), "text": text} for text in read_json(path)
        )


given, params = snakemake.input, snakemake.params
with reported_to(snakemake.log[0]) as logger:
    columns = load_columns(given.columns)
    names = [row["name"] for row in read_table(given.categories)]
    sizes = [
        (int(row["width"]), int(row["height"])) for row in read_table(given.images)
    ]
    gallery = read_json(given.gallery)["images"] if given.gallery else []
    wanted = {image["source_id"] for image in gallery}
    splits = json.loads(params.splits)
    page = render_page(
        describe(names, np.array(sizes, np.int64).reshape(-1, 2), columns),
        [*read_splits(given, splits, columns, names, wanted)],
        gallery,
        Made(
            first_rows(read_warnings(given.warnings)),
            first_rows(read_table(given.rejected)),
            first_rows(read_table(given.changed)),
            read_json(given.checks),
            json.loads(params.settings),
            read_json(given.source)["sources"],
            digest_in(given.checked),
            versions(),
        ),
    )
    with written_whole(snakemake.output.page) as file:
        file.write(page)
    logger.info("%s: %d bytes", snakemake.output.page, len(page))
