"""What goes to a fold as a whole, and what it adds to the fold."""

from typing import NamedTuple

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


def units_of(
    images: Ints, categories: Ints, annotations: Ints, groups: Ints | None
) -> Units:
    """Count what each image, or each group of images, adds to a fold.

    Parameters
    ----------
    images : (n_rows,) int64
        The number of an image, from 0.
    categories : (n_rows,) int64
        The number of a category of it, from 0; -1 for an image without annotations.
    annotations : (n_rows,) int64
        How many annotations it has of this category.
    groups : (n_images,) int64 or None
        The number of the group of each image, from 0, if groups are whole.
    """
    n_images = int(images.max()) + 1
    n_categories = int(categories.max()) + 1
    has_some = categories >= 0
    of_image = np.bincount(images, annotations * has_some, n_images)
    every_image = np.arange(n_images)
    without = np.flatnonzero(of_image == 0)
    pairs, index = np.unique(
        images[has_some] * n_categories + categories[has_some], return_inverse=True
    )
    image_of_pair = pairs // max(n_categories, 1)
    category_of_pair = pairs % max(n_categories, 1)
    n_annotations = np.bincount(index, annotations[has_some], len(pairs))
    squares = of_image[of_image > 0] ** 2
    # Of each kind of column: the images, the columns, and the values.
    parts = [
        (image_of_pair, category_of_pair, np.ones(len(pairs))),
        (image_of_pair, category_of_pair + n_categories, n_annotations),
        (np.flatnonzero(of_image), np.full(len(squares), 2 * n_categories), squares),
        (without, np.full(len(without), 2 * n_categories + 1), np.ones(len(without))),
    ]
    weights = [*np.ones(2 * n_categories), _WEIGHT_OF_SQUARES, 1.0]
    is_wanted = [True] * n_categories + [False] * (n_categories + 1) + [True]
    is_forced = [groups is None] * len(weights)
    if groups is not None:
        ones, column = np.ones(n_images), np.full(n_images, len(weights))
        parts.append((every_image, column, ones))
        weights.append(_WEIGHT_OF_SIZES * max(n_categories, 1))
        is_wanted.append(True)
        is_forced.append(True)
    image, column, value = map(np.concatenate, zip(*parts, strict=True))
    unit = image if groups is None else groups[image]
    cells, index = np.unique(unit * len(weights) + column, return_inverse=True)
    values = np.bincount(index, value).astype(np.float64, copy=False)
    lengths = np.bincount(cells // len(weights))
    return Units(
        np.concatenate([[0], np.cumsum(lengths)]),
        cells % len(weights),
        values,
        np.array(weights),
        np.array(is_wanted),
        np.array(is_forced),
        groups is None,
    )
