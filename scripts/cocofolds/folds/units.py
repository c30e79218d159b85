"""What goes to a fold as a whole, and what it adds to the fold."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Beside a category's images, and its annotations, which count 1. Images with many
# annotations decide the score of a fold; their squares tell few large ones from many
# small ones.
_WEIGHT_OF_SQUARES = 0.1
# That of the sizes of folds, for each category.
_WEIGHT_OF_SIZES = 0.2
# The parts in which the area of a category is counted: sums of them are exact.
_PARTS_OF_AREA = 2**24


class Units(NamedTuple):
    """What is assigned as a whole: the rows of a sparse matrix.

    Attributes
    ----------
    starts : (n_units + 1,) int64
        Where the values of each unit begin, as in a CSR matrix. Each unit has some.
    columns : (n_values,) int64
    values : (n_values,) float64
        Whole numbers from 1.
    weights : (n_columns,) float64
        How much a column counts; 1 for those of categories.
    is_wanted : (n_columns,) bool
        Whether each fold should have some of the column.
    is_forced : (n_columns,) bool
        Whether it has to, however uneven the others become.
    are_equal : bool
        Whether the folds have to have as many units each, within one.
    """

    starts: Ints
    columns: Ints
    values: Floats
    weights: Floats
    is_wanted: NDArray[np.bool_]
    is_forced: NDArray[np.bool_]
    are_equal: bool

    @property
    def n_units(self) -> int:
        """How many there are."""
        return len(self.starts) - 1

    @property
    def totals(self) -> Floats:
        """The sum of each column, and 1 for an empty one."""
        sums = np.bincount(self.columns, self.values, len(self.weights))
        return np.maximum(sums, 1)


class Counts(NamedTuple):
    """How much each image has of each category.

    Attributes
    ----------
    images : (n_rows,) int64
        The number of an image, from 0.
    categories : (n_rows,) int64
        The number of a category of it, from 0; -1 for an image without annotations.
    annotations : (n_rows,) int64
        How many annotations it has of this category.
    areas : (n_rows,) float64 or None
        Their area, in pixels.
    values : mapping of str to (n_images,) int64
        The number of the value that each image has in a column, such as its site.
    """

    images: Ints
    categories: Ints
    annotations: Ints
    areas: Floats | None = None
    values: Mapping[str, Ints] = {}


def units_of(
    counts: Counts, groups: Ints | None, weights: Mapping[str, float]
) -> Units:
    """Count what each image, or each group of images, adds to a fold.

    Parameters
    ----------
    counts : Counts
    groups : (n_images,) int64 or None
        The number of the group of each image, from 0, if groups are whole.
    weights : mapping of str to float
        How much the shares of images, annotations and area count, and those of the
        columns of `counts.values`; what is not named does not.
    """
    n_images = int(counts.images.max()) + 1
    n_categories = int(counts.categories.max()) + 1
    has_some = counts.categories >= 0
    images, categories = counts.images[has_some], counts.categories[has_some]
    of_image = np.bincount(images, counts.annotations[has_some], n_images)
    every_image = np.arange(n_images)
    bare, crowded = np.flatnonzero(of_image == 0), np.flatnonzero(of_image)
    pairs, index = np.unique(images * n_categories + categories, return_inverse=True)
    n_annotations = np.bincount(index, counts.annotations[has_some], len(pairs))
    image, category = np.divmod(pairs, max(n_categories, 1))
    columns = _Columns()
    ones = np.ones(n_images)
    # A fold should have each category, whatever images count.
    columns.add(
        image, category, ones[image], n_categories, weights.get("images", 0), True
    )
    if weights.get("annotations"):
        columns.add(
            image, category, n_annotations, n_categories, weights["annotations"]
        )
        columns.add(
            crowded,
            0 * crowded,
            of_image[crowded] ** 2,
            1,
            weights["annotations"] * _WEIGHT_OF_SQUARES,
        )
    columns.add(bare, 0 * bare, ones[bare], 1, 1.0, True)
    if counts.areas is not None and weights.get("area"):
        areas = np.bincount(index, counts.areas[has_some], len(pairs))
        totals = np.bincount(category, areas, n_categories)
        parts = np.rint(areas * (_PARTS_OF_AREA / np.maximum(totals, 1))[category])
        parts = np.maximum(parts, 1)
        columns.add(image, category, parts, n_categories, weights["area"])
    for name, values in counts.values.items():
        n_values = int(values.max()) + 1
        columns.add(every_image, values, ones, n_values, weights[name], True)
    # Of groups, their sizes alone: a category may be in few of them.
    first_forced = 0 if groups is None else len(columns.weights)
    if groups is not None:
        weight = _WEIGHT_OF_SIZES * max(n_categories, 1)
        columns.add(every_image, 0 * every_image, ones, 1, weight, True)
    image, column, value = map(np.concatenate, zip(*columns.parts, strict=True))
    n_columns = len(columns.weights)
    unit = image if groups is None else groups[image]
    cells, index = np.unique(unit * n_columns + column, return_inverse=True)
    lengths = np.bincount(cells // n_columns)
    return Units(
        np.concatenate([[0], np.cumsum(lengths)]),
        cells % n_columns,
        np.bincount(index, value).astype(np.float64, copy=False),
        np.array(columns.weights),
        np.array(columns.is_wanted),
        np.arange(n_columns) >= first_forced,
        groups is None,
    )


class _Columns:
    """What images add to columns, kind by kind."""

    def __init__(self) -> None:
        self.parts: list[tuple[Ints, Ints, NDArray[Any]]] = []
        self.weights: list[float] = []
        self.is_wanted: list[bool] = []

    def add(
        self,
        images: Ints,
        columns: Ints,
        values: NDArray[Any],
        n_columns: int,
        weight: float,
        is_wanted: bool = False,
    ) -> None:
        """Append columns, numbered from 0, and what images add to them."""
        self.parts.append((images, columns + len(self.weights), values))
        self.weights += [weight] * n_columns
        self.is_wanted += [is_wanted] * n_columns


def chosen(units: Units, order: Ints) -> Units:
    """Take some of the units, in an order.

    Parameters
    ----------
    units : Units
    order : (n,) int64
        The position of each.
    """
    lengths = np.diff(units.starts)[order]
    starts = np.concatenate([[0], np.cumsum(lengths)])
    index = np.repeat(units.starts[order] - starts[:-1], lengths)
    index += np.arange(len(index))
    return units._replace(
        starts=starts, columns=units.columns[index], values=units.values[index]
    )
