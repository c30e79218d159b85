"""How evenly the folds share the categories.

A share is a category's images (or annotations) in a fold, over all of that category's.
It should be one over the number of folds.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]

# From here on, what whole numbers set needs to be said.
EXPLAINED = 0.05
# What a deviation may have above the least possible one.
_EVEN, _UNEVEN = 0.1, 0.5


class FoldTable(NamedTuple):
    """What `fold_table.csv` says of the held-out part of each fold.

    Attributes
    ----------
    categories : list of str
        The names of the categories.
    images, annotations : (n_categories, n_folds) int
        An image counts in each category that it has an annotation of.
    unannotated : (n_folds,) int
        Images without annotations.
    """

    categories: list[str]
    images: Counts
    annotations: Counts
    unannotated: Counts


def read_fold_table(rows: Iterable[Mapping[str, str]]) -> FoldTable:
    """Read the rows of `fold_table.csv`, where each fold lists the same categories."""
    rows = list(rows)
    names = list(dict.fromkeys(row["category"] for row in rows))
    position = {name: n for n, name in enumerate(names)}
    n_folds = max((int(row["fold"]) for row in rows), default=0)
    counts = np.zeros((2, len(names), n_folds), np.int64)
    for row in rows:
        cell = position[row["category"]], int(row["fold"]) - 1
        counts[:, *cell] = int(row["images"]), int(row["annotations"])
    # A row without a category is that of images without annotations.
    has_name = np.array([name != "" for name in names], bool)
    images, annotations = counts[:, has_name]
    return FoldTable(
        [name for name in names if name],
        images,
        annotations,
        counts[0, ~has_name].sum(axis=0),
    )


def deviation(counts: Counts) -> float:
    """Measure how far the folds are from equal shares of each category.

    Parameters
    ----------
    counts : (n_categories, n_folds) int
        The images, or the annotations, of each category in each fold.

    Returns
    -------
    float
        The mean, over the categories that have any and over folds, of
        |share - 1/k| * k for k folds. 0 is perfect; 2 - 2/k is each category in a
        single fold. 0 if no category has any.
    """
    is_used = counts.any(axis=1)
    return (
        float(deviation_by_category(counts)[is_used].mean()) if is_used.any() else 0.0
    )


def deviation_by_category(counts: Counts) -> NDArray[np.float64]:
    """Measure `deviation` for each category by itself; 0 for those that have none.

    Parameters
    ----------
    counts : (n_categories, n_folds) int

    Returns
    -------
    (n_categories,) float
    """
    totals = counts.sum(axis=1, keepdims=True)
    off: NDArray[np.float64] = np.abs(
        counts * counts.shape[1] / np.maximum(totals, 1) - 1
    )
    return np.where(totals[:, 0] > 0, off.mean(axis=1), 0.0)


def evenest(counts: Counts) -> Counts:
    """Share the same totals as evenly as whole numbers allow.

    Of t = q k + r images in k folds, r folds have q + 1, and the others q. Nothing
    deviates less.

    Parameters
    ----------
    counts : (n_categories, n_folds) int

    Returns
    -------
    (n_categories, n_folds) int
    """
    n_folds = counts.shape[1]
    totals = counts.sum(axis=1, keepdims=True)
    shared: Counts = totals // n_folds + (np.arange(n_folds) < totals % n_folds)
    return shared


def least_deviation(counts: Counts) -> float:
    """Find the least `deviation` that whole numbers allow.

    Parameters
    ----------
    counts : (n_categories, n_folds) int
        Of images: annotations, which come with their images, cannot do better.
    """
    return deviation(evenest(counts))


def evenness(
    deviation: float, least: float
) -> Literal["even", "uneven", "very uneven"]:
    """Say in words how even folds are.

    Parameters
    ----------
    deviation : float
    least : float
        The `least_deviation` of images, also where `deviation` is of annotations.
    """
    if deviation <= least + _EVEN:
        return "even"
    return "uneven" if deviation <= least + _UNEVEN else "very uneven"


class Deviations(NamedTuple):
    """How far the folds of a split are from equal shares.

    Attributes
    ----------
    images, annotations : float
        The `deviation` of each.
    least : float
        The `least_deviation` of images.
    """

    images: float
    annotations: float
    least: float

    @property
    def largest(self) -> float:
        """The larger of the two."""
        return max(self.images, self.annotations)

    @property
    def kind(self) -> Literal["images", "annotations"]:
        """Of which it is."""
        return "images" if self.images >= self.annotations else "annotations"

    @property
    def word(self) -> Literal["even", "uneven", "very uneven"]:
        """What the larger one is called."""
        return evenness(self.largest, self.least)


def deviations(table: FoldTable) -> Deviations:
    """Measure how far the folds of a split are from equal shares."""
    return Deviations(
        deviation(table.images),
        deviation(table.annotations),
        least_deviation(table.images),
    )


def holes(counts: Counts) -> NDArray[np.int64]:
    """Count the folds that have nothing of a category.

    Parameters
    ----------
    counts : (n_categories, n_folds) int

    Returns
    -------
    (n_categories,) int
        0 for a category that has nothing at all.
    """
    return np.where(counts.any(axis=1), (counts == 0).sum(axis=1), 0)


def avoidable_holes(counts: Counts, n_units: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the `holes` that are not forced by having fewer units than folds.

    Parameters
    ----------
    counts : (n_categories, n_folds) int
    n_units : (n_categories,) int
        How many images, or groups, or annotations, whichever is assigned as a whole,
        have each category.

    Returns
    -------
    (n_categories,) int
    """
    forced = np.maximum(counts.shape[1] - n_units, 0)
    avoidable: NDArray[np.int64] = np.maximum(holes(counts) - forced, 0)
    return avoidable


class Spread(NamedTuple):
    """How images, or groups, are spread over the folds.

    Attributes
    ----------
    sizes : (n_folds,) int
        How many have something in each fold.
    n_divided : int
        How many have something in more than one fold.
    """

    sizes: NDArray[np.int64]
    n_divided: int


def spread(units: NDArray[np.int64], folds: NDArray[np.int64], n_folds: int) -> Spread:
    """Count the units of each fold, and those that are in several folds.

    Parameters
    ----------
    units : (n_rows,) int
        The number of the image, or group, of each row of `folds.csv`; not negative.
    folds : (n_rows,) int
        Its fold, from 1.
    n_folds : int
    """
    pairs = np.unique(units * n_folds + folds - 1)
    _, n_folds_of_unit = np.unique(pairs // n_folds, return_counts=True)
    return Spread(
        np.bincount(pairs % n_folds, minlength=n_folds),
        int((n_folds_of_unit > 1).sum()),
    )


def units_by_category(
    split_by: Literal["image", "group", "annotation"],
    categories: NDArray[Any],
    images: NDArray[Any],
    groups: NDArray[Any],
    n_categories: int,
) -> Counts:
    """Count what is assigned as a whole, by category.

    Parameters
    ----------
    split_by : {"image", "group", "annotation"}
    categories, images : (n_annotations,) int
        Their positions, from 0.
    groups : (n_images,) int
        The number of the group of each image.
    n_categories : int

    Returns
    -------
    (n_categories,) int
    """
    categories = categories.astype(np.int64)
    if split_by == "annotation":
        return np.bincount(categories, minlength=n_categories)
    units = (groups[images] if split_by == "group" else images).astype(np.int64)
    n_units = int(units.max(initial=0)) + 1
    of_pairs = np.unique(categories * n_units + units) // n_units
    return np.bincount(of_pairs, minlength=n_categories)
