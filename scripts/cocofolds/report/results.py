"""What the report page is made of, read from the files of a run."""

import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cocofolds import __version__
from cocofolds.files import read_json, read_table
from cocofolds.folds.balance import read_fold_table, units_by_category
from cocofolds.report.splits import Split, read_folds

_PACKAGES = (
    "snakemake",
    "numpy",
    "scikit-learn",
    "pycocotools",
    "pillow",
    "matplotlib",
)


class SplitFiles(NamedTuple):
    """The files of a split.

    Attributes
    ----------
    split : mapping
        Its `split_by`, `n_folds` and `seed`.
    folds, fold_table, checks, quality : str
        `folds.csv`, `fold_table.csv`, `checks.json` and `quality.json`.
    """

    split: Mapping[str, Any]
    folds: str
    fold_table: str
    checks: str
    quality: str


def versions() -> dict[str, str]:
    """List the versions of Python and of the packages that are installed."""
    found = {"cocofolds": __version__, "Python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def read_split(
    files: SplitFiles,
    columns: Mapping[str, NDArray[Any]],
    names: Sequence[str],
    wanted: set[str],
) -> Split:
    """Read what the page shows of a split.

    Parameters
    ----------
    files : SplitFiles
    columns : mapping of str to array
        Those of `annotations_all.npz`.
    names : sequence of str
        Of the categories; one without a name is not shown.
    wanted : set of str
        The images, by their ids in the source, whose folds the page names.
    """
    split_by, n_folds = files.split["split_by"], int(files.split["n_folds"])
    assigned = read_folds(read_table(files.folds), n_folds, wanted)
    has_name = np.array([name != "" for name in names])
    categories, images = columns["category_positions"], columns["image_positions"]
    if not assigned.is_in_fold.all():
        # There is a row an image, in the order of these.
        is_in_fold = assigned.is_in_fold[images]
        categories, images = categories[is_in_fold], images[is_in_fold]
    return Split(
        Path(files.folds).parent.name,
        split_by,
        n_folds,
        read_fold_table(read_table(files.fold_table)),
        assigned.images,
        assigned.groups,
        units_by_category(split_by, categories, images, columns["groups"], len(names))[
            has_name
        ],
        assigned.folds_of,
        read_json(files.checks),
        read_json(files.quality),
    )


def read_warnings(paths: Iterable[str]) -> Iterator[dict[str, str]]:
    """List the warnings of jobs, each with what it is of, such as a split."""
    for path in map(Path, paths):
        of = {"index": "Annotations", "preview": "Previews", "duplicates": "Copies"}
        name = path.parent.name
        yield from (
            {"of": of.get(name, name), "text": text} for text in read_json(path)
        )


def read_sizes(images: Iterable[Mapping[str, str]]) -> NDArray[np.int64]:
    """Take the widths and heights of images: (n_images, 2) int64, in pixels."""
    sizes = [(int(row["width"]), int(row["height"])) for row in images]
    return np.array(sizes, np.int64).reshape(-1, 2)
