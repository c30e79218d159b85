"""A number for a split: how evenly each category is shared, and beside what."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cocofolds.folds.balance import (
    avoidable_holes,
    deviation,
    deviation_by_category,
    evenest,
    holes,
)

Counts = NDArray[np.int64]

# Random splits of which the mean is taken.
_N_RANDOM = 20


class Assigned(NamedTuple):
    """Annotations in their folds.

    Attributes
    ----------
    images, categories, folds : (n_annotations,) int
        Their image and category from 0, and the fold that holds them out from 1.
    areas : (n_annotations,) float
        In pixels.
    folds_of_images : (n_images,) int
        From 1; 0 for an image whose annotations are in folds by themselves.
    n_units : (n_categories,) int
        How many images, groups or annotations, whichever are assigned as a whole, have
        each category.
    """

    images: NDArray[Any]
    categories: NDArray[Any]
    folds: NDArray[Any]
    areas: NDArray[np.float64]
    folds_of_images: NDArray[Any]
    n_units: Counts


def quality(names: Sequence[str], assigned: Assigned, n_folds: int) -> dict[str, Any]:
    """Measure a split, as `quality.json` has it; `docs/folds.md` has the formulas.

    Parameters
    ----------
    names : (n_categories,) sequence of str
    assigned : Assigned
    n_folds : int
    """
    folds = assigned.folds.astype(np.int64) - 1
    images = count_images(assigned.images, assigned.categories, folds, n_folds)
    images = _padded(images, len(names))
    cells = assigned.categories.astype(np.int64) * n_folds + folds
    shape = len(names), n_folds
    annotations = np.bincount(cells, minlength=len(names) * n_folds).reshape(shape)
    areas = np.bincount(cells, assigned.areas, len(names) * n_folds).reshape(shape)
    sizes = _sizes(assigned, folds, n_folds)
    n_holes = holes(images)
    n_avoidable = avoidable_holes(images, assigned.n_units)
    at_random = _at_random(assigned, n_folds)
    kinds = {"images": images, "annotations": annotations, "area": areas.round()}
    of_categories = {kind: _of_categories(found) for kind, found in kinds.items()}
    return {
        "folds": n_folds,
        "images_of_folds": sizes.tolist(),
        "effective_images_of_folds": [
            round(n, 1) for n in effective_images(assigned.images, folds, n_folds)
        ],
        "holes": int(n_holes.sum()),
        "avoidable_holes": int(n_avoidable.sum()),
        "images": {
            "deviation": _rounded(deviation(images)),
            "floor": _rounded(deviation(evenest(images))),
            "random": _rounded(at_random[0]),
            "ld": _rounded(label_distribution(images, sizes)),
            "dcp": _rounded(class_proportion(images)),
        },
        "annotations": {
            "deviation": _rounded(deviation(annotations)),
            "floor": _rounded(deviation(evenest(annotations))),
            "random": _rounded(at_random[1]),
        },
        "area": {"deviation": _rounded(deviation(areas))},
        "categories": [
            {
                "name": name,
                **{kind: found[n] for kind, found in of_categories.items()},
                "holes": int(n_holes[n]),
                "avoidable_holes": int(n_avoidable[n]),
            }
            for n, name in enumerate(names)
        ],
    }


def count_images(
    images: NDArray[Any], categories: NDArray[Any], folds: Counts, n_folds: int
) -> Counts:
    """Count the images of each category in each fold, (n_categories, n_folds).

    Parameters
    ----------
    images, categories, folds : (n_annotations,) int
        From 0. An image counts once in each category that it has an annotation of.
    n_folds : int
    """
    n_images = int(images.max(initial=0)) + 1
    n_categories = int(categories.max(initial=-1)) + 1
    cells = categories.astype(np.int64) * n_folds + folds
    pairs = np.unique(cells * n_images + images)
    counts = np.bincount(pairs // n_images, minlength=n_categories * n_folds)
    return counts.reshape(n_categories, n_folds)


def label_distribution(images: Counts, sizes: Counts) -> float:
    """Take LD: how far the odds of a category in a fold are from those in all images.

    Parameters
    ----------
    images : (n_categories, n_folds) int
    sizes : (n_folds,) int
        All images of each fold.

    Returns
    -------
    float
        The mean over categories and folds, without those of which all images are.

    Notes
    -----
    Sechidis, Tsoumakas and Vlahavas, On the stratification of multi-label data, 2011.
    """
    totals = images.sum(axis=1, keepdims=True)
    others, all_others = sizes - images, sizes.sum() - totals
    counts = (others > 0) & (all_others > 0) & (totals > 0)
    odds = images / np.maximum(others, 1) - totals / np.maximum(all_others, 1)
    return float(np.abs(odds[counts]).mean()) if counts.any() else 0.0


def class_proportion(images: Counts) -> float:
    """Take DCP: by how much the largest share of a category is above an equal one.

    Parameters
    ----------
    images : (n_categories, n_folds) int

    Returns
    -------
    float
        The mean over the categories that have images.

    Notes
    -----
    Tiittanen, Holm and Törönen, Novel split quality measures for stratified multilabel
    cross validation, 2022.
    """
    used = images[images.any(axis=1)]
    if not len(used):
        return 0.0
    largest = used.max(axis=1) / used.sum(axis=1)
    return float((largest - 1 / images.shape[1]).mean())


def effective_images(
    images: NDArray[Any], folds: NDArray[Any], n_folds: int
) -> list[float]:
    """Count the images of each fold as if all had as many annotations.

    Parameters
    ----------
    images, folds : (n_annotations,) int
        From 0.
    n_folds : int

    Returns
    -------
    (n_folds,) list of float
        (sum n)^2 / sum n^2 over the annotations n of the images; 0 without any.
    """
    pairs, n = np.unique(images.astype(np.int64) * n_folds + folds, return_counts=True)
    sums = np.bincount(pairs % n_folds, n, n_folds)
    squares = np.bincount(pairs % n_folds, n.astype(float) ** 2, n_folds)
    return [float(x) for x in sums**2 / np.maximum(squares, 1)]


def _padded(counts: Counts, n_categories: int) -> Counts:
    """Add rows for the last categories, if they have nothing."""
    return np.pad(counts, ((0, n_categories - len(counts)), (0, 0)))


def _sizes(assigned: Assigned, folds: Counts, n_folds: int) -> Counts:
    """Count the images of each fold, also those without annotations."""
    alone = assigned.folds_of_images[assigned.folds_of_images > 0] - 1
    n_images = len(assigned.folds_of_images)
    is_divided = assigned.folds_of_images[assigned.images] == 0
    pairs = np.unique(folds[is_divided] * n_images + assigned.images[is_divided])
    counts: Counts = np.bincount(alone, minlength=n_folds)
    return counts + np.bincount(pairs // max(n_images, 1), minlength=n_folds)


def _of_categories(counts: NDArray[Any]) -> list[dict[str, Any]]:
    """Measure each category by itself."""
    totals = counts.sum(axis=1)
    shares = counts / np.maximum(totals, 1)[:, np.newaxis]
    off = np.abs(shares - 1 / counts.shape[1]).argmax(axis=1)
    floors = deviation_by_category(evenest(counts.astype(np.int64)))
    found = zip(
        totals.tolist(),
        shares[np.arange(len(counts)), off].tolist(),
        deviation_by_category(counts).tolist(),
        floors.tolist(),
        strict=True,
    )
    return [
        {
            "total": int(total),
            "worst_share": _rounded(worst),
            "deviation": _rounded(deviated),
            "floor": _rounded(floor),
        }
        for total, worst, deviated, floor in found
    ]


def _at_random(assigned: Assigned, n_folds: int) -> tuple[float, float]:
    """Take the mean deviations of images and annotations of random folds of images."""
    random = np.random.RandomState(0)
    n_images, n_categories = len(assigned.folds_of_images), len(assigned.n_units)
    cells = assigned.images.astype(np.int64) * n_categories + assigned.categories
    pairs, n_annotations = np.unique(cells, return_counts=True)
    images, categories = np.divmod(pairs, max(n_categories, 1))
    even = np.arange(n_images) % n_folds
    found = np.zeros(2)
    for _ in range(_N_RANDOM):
        cells = categories * n_folds + random.permutation(even)[images]
        for kind, weights in enumerate((None, n_annotations)):
            counts = np.bincount(cells, weights, n_categories * n_folds)
            found[kind] += deviation(counts.reshape(n_categories, n_folds))
    of_images, of_annotations = (found / _N_RANDOM).tolist()
    return of_images, of_annotations


def _rounded(number: float) -> float:
    """Keep as many digits as a reader can use."""
    return round(number, 5)
