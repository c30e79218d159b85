"""What the report says of the data set: its categories, areas, masks and images."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cocofolds.report.histograms import (
    Histogram,
    length_histogram,
    log_histogram,
    whole_histogram,
)

_MOST_CATEGORIES = 50
_MOST_SIZES = 5
_PERCENTILES = (5, 25, 50, 75, 95)


class Category(NamedTuple):
    """A category and the areas of its masks.

    Attributes
    ----------
    name : str
    n_images, n_annotations : int
    median : float
        In pixels; 0 if no annotation says its area.
    range : list of float
        Where the 5th, 25th, 50th, 75th and 95th percentile of the areas are, from 0
        to 100 on a logarithmic axis that all categories share; empty as `median` is 0.
    """

    name: str
    n_images: int
    n_annotations: int
    median: float
    range: list[float]


class Chart(NamedTuple):
    """A histogram and the numbers to say with it."""

    histogram: Histogram
    median: float
    least: float
    most: float


class DataSet(NamedTuple):
    """The data set in numbers.

    Attributes
    ----------
    n_images, n_annotations, n_categories : int
    categories : list of Category
        Those with the most annotations first; not all, if there are many.
    areas, masks, lengths : Chart
        Areas of masks and longer sides of images, in pixels; masks of each image.
    n_without_area, n_unannotated : int
        Annotations that say no area, and images without annotations.
    sizes : list of (int, int, int)
        The most frequent sizes: width, height, and how many images.
    n_sizes : int
    """

    n_images: int
    n_annotations: int
    n_categories: int
    categories: list[Category]
    areas: Chart
    masks: Chart
    lengths: Chart
    n_without_area: int
    n_unannotated: int
    sizes: list[tuple[int, int, int]]
    n_sizes: int


def describe(
    names: Sequence[str],
    sizes: NDArray[np.int64],
    columns: Mapping[str, NDArray[Any]],
) -> DataSet:
    """Describe a data set.

    Parameters
    ----------
    names : sequence of str
        Of the categories.
    sizes : (n_images, 2) int
        Width and height of each image.
    columns : mapping
        Those of the whole set.
    """
    of_category, of_image = columns["category_positions"], columns["image_positions"]
    n_masks = np.bincount(of_image, minlength=len(sizes))
    areas = columns["areas"][columns["areas"] > 0]
    found, frequency = np.unique(sizes, axis=0, return_counts=True)
    most = np.argsort(-frequency, kind="stable")[:_MOST_SIZES]
    longer = sizes.max(axis=1, initial=0)
    return DataSet(
        len(sizes),
        len(of_category),
        len(names),
        _categories(names, columns),
        _chart(log_histogram(areas), areas),
        _chart(whole_histogram(n_masks), n_masks),
        _chart(length_histogram(longer), longer),
        len(of_category) - len(areas),
        int((n_masks == 0).sum()),
        [(*found[n].tolist(), int(frequency[n])) for n in most.tolist()],
        len(found),
    )


def _chart(histogram: Histogram, values: NDArray[Any]) -> Chart:
    if not len(values):
        return Chart(histogram, 0, 0, 0)
    summary = np.median(values), values.min(), values.max()
    return Chart(histogram, *map(float, summary))


def _categories(
    names: Sequence[str], columns: Mapping[str, NDArray[Any]]
) -> list[Category]:
    of_category = columns["category_positions"].astype(np.int64)
    n_annotations = np.bincount(of_category, minlength=len(names))
    pairs = np.unique((of_category << 32) + columns["image_positions"]) >> 32
    n_images = np.bincount(pairs, minlength=len(names))
    kept = np.argsort(-n_annotations, kind="stable")[:_MOST_CATEGORIES].tolist()
    areas = [columns["areas"][of_category == category] for category in kept]
    percentiles = [
        np.percentile(some[some > 0], _PERCENTILES) if some.any() else np.zeros(0)
        for some in areas
    ]
    logs = [np.log10(some) for some in percentiles]
    ends = np.concatenate([*logs, np.zeros(0)])
    low, high = (ends.min(), ends.max()) if len(ends) else (0, 0)
    return [
        Category(
            names[category],
            int(n_images[category]),
            int(n_annotations[category]),
            float(some[2]) if len(some) else 0.0,
            (100 * (log - low) / ((high - low) or 1)).round(1).tolist(),
        )
        for category, some, log in zip(kept, percentiles, logs, strict=True)
    ]
