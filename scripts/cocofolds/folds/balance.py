"""How evenly the folds share the categories."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


class FoldTable(NamedTuple):
    """What `fold_table.csv` says of the held-out part of each fold.

    Attributes
    ----------
    categories : list of str
    images, annotations : (n_categories, n_folds) int
    """

    categories: list[str]
    images: Counts
    annotations: Counts


def read_fold_table(rows: Iterable[Mapping[str, str]]) -> FoldTable:
    """Read the rows of `fold_table.csv`, where each fold lists the same categories."""
    counts: dict[str, list[tuple[int, int]]] = {}
    for row in rows:
        # Images without annotations have no category.
        if row["category"]:
            cell = int(row["images"]), int(row["annotations"])
            counts.setdefault(row["category"], []).append(cell)
    n_folds = len(next(iter(counts.values()), ()))
    cells = np.array([*counts.values()], np.int64).reshape(len(counts), n_folds, 2)
    return FoldTable([*counts], cells[:, :, 0], cells[:, :, 1])


def deviation(counts: Counts) -> float:
    """Say how far the folds are from holding each category in equal shares.

    The mean over categories and folds of |share - 1/k| k, where a share is that of a
    fold in all of the category. Categories without any are left out.
    """
    totals = counts.sum(axis=1, keepdims=True)
    used = totals[:, 0] > 0
    if not used.any():
        return 0.0
    shares = counts[used] / totals[used]
    n_folds = counts.shape[1]
    return float(np.abs(shares - 1 / n_folds).mean() * n_folds)


def holes(counts: Counts) -> NDArray[np.int64]:
    """Count for each category the folds without it; 0 for one that has nothing."""
    return np.where(counts.any(axis=1), (counts == 0).sum(axis=1), 0)
