"""What the report says of a split: how even it is, and its heat maps."""

from array import array
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cocofolds.folds.balance import (
    Counts,
    FoldTable,
    Spread,
    deviation_by_category,
    evenest,
    spread,
)
from cocofolds.settings import HOLD_OUT, SplitBy

#: What a heat map has room for.
MOST_CATEGORIES, MOST_FOLDS = 25, 20
# Shades to either side of an equal share.
_SHADES = 4


class Split(NamedTuple):
    """A split, as its tables say.

    Attributes
    ----------
    name : str
        The name of its folder.
    split_by : {"image", "group", "annotation"}
    n_folds : int
    table : FoldTable
    images : Spread
    groups : Spread or None
        None if no image has a group.
    n_units : (n_categories,) int
        How many images, groups or annotations, by `split_by`, have each category.
    folds_of : dict of str to list of int
        By the source id of some images: the folds that hold out something of them.
    checks : mapping of str to int
        What was checked, and on how many.
    quality : mapping
        The content of `quality.json`; empty if it is not known.
    """

    name: str
    split_by: SplitBy
    n_folds: int
    table: FoldTable
    images: Spread
    groups: Spread | None
    n_units: NDArray[np.int64]
    folds_of: dict[str, list[int]]
    checks: Mapping[str, int]
    quality: Mapping[str, Any] = {}


class Assigned(NamedTuple):
    """What `folds.csv` says; the others are those of `Split`.

    Attributes
    ----------
    is_in_fold : (n_rows,) bool
        Whether what a row is of is in a fold, not in the hold-out.
    """

    images: Spread
    groups: Spread | None
    folds_of: dict[str, list[int]]
    is_in_fold: NDArray[np.bool_]


def read_folds(
    rows: Iterable[Mapping[str, str]], n_folds: int, wanted: Collection[str]
) -> Assigned:
    """Read the rows of `folds.csv`, of which there may be many millions.

    Parameters
    ----------
    rows : iterable of mapping
    n_folds : int
    wanted : collection of str
        The source ids of the images whose folds are to be told.
    """
    images, groups, folds = array("q"), array("q"), array("q")
    is_in_fold = array("b")
    group_numbers: dict[str, int] = {}
    folds_of: dict[str, set[int]] = {source_id: set() for source_id in wanted}
    for row in rows:
        fold = int(row["fold"])
        if row["source_id"] in folds_of:
            folds_of[row["source_id"]].add(fold)
        is_in_fold.append(fold != HOLD_OUT)
        if fold == HOLD_OUT:
            continue
        images.append(int(row["image_id"]))
        groups.append(group_numbers.setdefault(row["group"], len(group_numbers)))
        folds.append(fold)
    of_row, of_fold = np.asarray(groups, np.int64), np.asarray(folds, np.int64)
    has_group = of_row != group_numbers.get("", -1)
    return Assigned(
        spread(np.asarray(images, np.int64), of_fold, n_folds),
        spread(of_row[has_group], of_fold[has_group], n_folds)
        if has_group.any()
        else None,
        {source_id: sorted(some) for source_id, some in folds_of.items()},
        np.asarray(is_in_fold, bool),
    )


class Cell(NamedTuple):
    """A number of a heat map, and its shade.

    Attributes
    ----------
    n : int
    shade : int or None
        0 for an equal share, -4 for nothing or nearly so, 4 for two shares or more;
        None if the fold has nothing.
    """

    n: int
    shade: int | None


class HeatRow(NamedTuple):
    """A category of a heat map: its name, all it has, how uneven, and its folds."""

    name: str
    total: int
    deviation: float
    cells: list[Cell]


class HeatMap(NamedTuple):
    """The shares of categories in folds, those that are least even.

    Attributes
    ----------
    folds : list of int
    size : int
        All images, or annotations; some may be in several folds.
    sizes : list of Cell
        Those of each of the folds.
    groups : list of Cell, or None
    rows : list of HeatRow
        In the order of the categories, if all are there; else the least even first.
    n_other_categories, n_other_folds : int
        Those that it has no room for.
    """

    folds: list[int]
    size: int
    sizes: list[Cell]
    groups: list[Cell] | None
    rows: list[HeatRow]
    n_other_categories: int
    n_other_folds: int


def heat_map(
    categories: list[str], counts: Counts, sizes: Counts, groups: Counts | None
) -> HeatMap:
    """Choose and shade what a heat map shows.

    Parameters
    ----------
    categories : (n_categories,) list of str
    counts : (n_categories, n_folds) int
    sizes : (n_folds,) int
    groups : (n_folds,) int, or None
    """
    excess = deviation_by_category(counts) - deviation_by_category(evenest(counts))
    rows = _most(excess, MOST_CATEGORIES)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    off = np.abs(shares - 1 / counts.shape[1]).sum(axis=0)
    folds = np.sort(_most(off, MOST_FOLDS))
    deviations = deviation_by_category(counts)
    return HeatMap(
        (folds + 1).tolist(),
        int(sizes.sum()),
        _cells(sizes, folds),
        None if groups is None else _cells(groups, folds),
        [
            HeatRow(
                categories[row],
                int(counts[row].sum()),
                float(deviations[row]),
                _cells(counts[row], folds),
            )
            for row in rows.tolist()
        ],
        len(categories) - len(rows),
        counts.shape[1] - len(folds),
    )


def _most(values: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """Choose the positions of the largest values, if there are more than `most`."""
    if len(values) <= most:
        return np.arange(len(values))
    return np.argsort(-values, kind="stable")[:most]


def _cells(counts: Counts, folds: NDArray[np.int64]) -> list[Cell]:
    """Shade the counts of a category, of which some folds are shown."""
    relative = counts * len(counts) / max(int(counts.sum()), 1)
    return shaded(counts[folds], relative[folds])


def shaded(counts: Counts, relative: NDArray[np.float64]) -> list[Cell]:
    """Shade some counts by how large they are beside what is due.

    Parameters
    ----------
    counts : (n_folds,) int
    relative : (n_folds,) float
        1 for an equal, or due, share.
    """
    shades = np.clip(np.round(_SHADES * (relative - 1)), -_SHADES, _SHADES)
    return [
        Cell(count, int(shade) if count else None)
        for count, shade in zip(counts.tolist(), shades.tolist(), strict=True)
    ]
