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


class HoldOutCounts(NamedTuple):
    """What a hold-out has, and what there is in all.

    Attributes
    ----------
    n_images, n_all_images : int
    held_out, all : tuple of two (n_categories,) int
        The images and the annotations of each category.
    """

    n_images: int
    n_all_images: int
    held_out: tuple[Counts, Counts]
    all: tuple[Counts, Counts]


def hold_out_quality(
    names: Sequence[str], counts: HoldOutCounts, fraction: float
) -> dict[str, Any]:
    """Measure a hold-out: by how much its share of each category is off.

    Parameters
    ----------
    names : (n_categories,) sequence of str
    counts : HoldOutCounts
    fraction : float
        The share of all that it should have.

    Returns
    -------
    dict
        The deviation is the mean, over the categories that there are, of
        |share - fraction| / fraction; the floor is that of whole numbers.
    """
    found: dict[str, Any] = {
        "fraction": fraction,
        "images_of_hold_out": counts.n_images,
        "share_of_images": _rounded(counts.n_images / counts.n_all_images),
    }
    for kind, some, all_ in zip(
        ("images", "annotations"), counts.held_out, counts.all, strict=True
    ):
        is_used = all_ > 0
        some, all_ = some[is_used], all_[is_used]
        nearest = np.minimum(np.rint(all_ * fraction), all_)
        found[kind] = {
            "deviation": _rounded(_mean_off(some / all_, fraction)),
            "floor": _rounded(_mean_off(nearest / all_, fraction)),
        }
    lacking = (counts.held_out[1] == 0) & (counts.all[1] > 0)
    found["without"] = [name for name, no in zip(names, lacking, strict=True) if no]
    return found


def _mean_off(shares: NDArray[np.float64], fraction: float) -> float:
    return float(np.abs(shares / fraction - 1).mean()) if len(shares) else 0.0


def quality(names: Sequence[str], assigned: Assigned, n_folds: int) -> dict[str, Any]:
    """Measure a split, as `quality.json` has it; `docs/folds.md` has the formulas.

    Parameters
    ----------
    names : (n_categories,) sequence of str
    assigned : Assigned
    n_folds : int
    """
    shape = len(names), n_folds
    parts = _parts(assigned, shape)
    images = _sums(parts, np.ones(len(parts.n)), shape)
    annotations = _sums(parts, parts.n, shape)
    cells = assigned.categories.astype(np.int64) * n_folds + assigned.folds - 1
    areas = np.bincount(cells, assigned.areas, len(names) * n_folds).reshape(shape)
    sizes = _sizes(assigned, parts, n_folds)
    n_holes = holes(images)
    n_avoidable = avoidable_holes(images, assigned.n_units)
    at_random = _at_random(parts, shape, len(assigned.folds_of_images))
    kinds = {"images": images, "annotations": annotations, "area": areas.round()}
    of_categories = {kind: _of_categories(found) for kind, found in kinds.items()}
    return {
        "folds": n_folds,
        "images_of_folds": sizes.tolist(),
        "effective_images_of_folds": [
            round(n, 1)
            for n in effective_images(parts.images, parts.folds, parts.n, n_folds)
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
    images: NDArray[Any], folds: NDArray[Any], n: NDArray[Any], n_folds: int
) -> list[float]:
    """Count the images of each fold as if all had as many annotations.

    Parameters
    ----------
    images, folds : (n_parts,) int
        From 0.
    n : (n_parts,) int
        Annotations, some of an image or all of them.
    n_folds : int

    Returns
    -------
    (n_folds,) list of float
        (sum n)^2 / sum n^2 over the annotations n of the images; 0 without any.
    """
    pairs, index = np.unique(
        images.astype(np.int64) * n_folds + folds, return_inverse=True
    )
    of_images = np.bincount(index, n, len(pairs))
    sums = np.bincount(pairs % n_folds, of_images, n_folds)
    squares = np.bincount(pairs % n_folds, of_images**2, n_folds)
    return [float(x) for x in sums**2 / np.maximum(squares, 1)]


class _Parts(NamedTuple):
    """The annotations of one category of an image in one fold.

    Attributes
    ----------
    images, categories, folds : (n_parts,) int64
        From 0.
    n : (n_parts,) int64
        How many annotations.
    """

    images: Counts
    categories: Counts
    folds: Counts
    n: Counts


def _parts(assigned: Assigned, shape: tuple[int, int]) -> _Parts:
    """Put the annotations of one category of an image in one fold together."""
    n_categories, n_folds = max(shape[0], 1), shape[1]
    # In one array, sorted in place: there may be very many annotations.
    keys = assigned.images.astype(np.int64)
    for n, numbers, first in (
        (n_categories, assigned.categories, 0),
        (n_folds, assigned.folds, 1),
    ):
        keys *= n
        keys += numbers
        keys -= first
    keys.sort()
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    n_annotations = np.diff(starts, append=len(keys))
    keys = keys[starts]
    pairs = keys // n_folds
    return _Parts(
        pairs // n_categories, pairs % n_categories, keys % n_folds, n_annotations
    )


def _sums(parts: _Parts, values: NDArray[Any], shape: tuple[int, int]) -> Counts:
    """Add up a number of each part, by category and fold."""
    n_categories, n_folds = shape
    cells = parts.categories * n_folds + parts.folds
    sums = np.bincount(cells, values, n_categories * n_folds)
    return sums.astype(np.int64).reshape(shape)


def _sizes(assigned: Assigned, parts: _Parts, n_folds: int) -> Counts:
    """Count the images of each fold, also those without annotations."""
    whole = assigned.folds_of_images[assigned.folds_of_images > 0] - 1
    is_divided = assigned.folds_of_images[parts.images] == 0
    pairs = np.unique(parts.images[is_divided] * n_folds + parts.folds[is_divided])
    counts: Counts = np.bincount(whole, minlength=n_folds)
    return counts + np.bincount(pairs % n_folds, minlength=n_folds)


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


def _at_random(
    parts: _Parts, shape: tuple[int, int], n_images: int
) -> tuple[float, float]:
    """Take the mean deviations of images and annotations of random folds of images."""
    random = np.random.RandomState(0)
    n_categories, n_folds = shape
    pairs, index = np.unique(
        parts.images * n_categories + parts.categories, return_inverse=True
    )
    n_annotations = np.bincount(index, parts.n, len(pairs))
    images, categories = np.divmod(pairs, max(n_categories, 1))
    even = np.arange(n_images) % n_folds
    found = np.zeros(2)
    for _ in range(_N_RANDOM):
        cells = categories * n_folds + random.permutation(even)[images]
        for kind, weights in enumerate((None, n_annotations)):
            counts = np.bincount(cells, weights, n_categories * n_folds)
            found[kind] += deviation(counts.reshape(shape))
    of_images, of_annotations = (found / _N_RANDOM).tolist()
    return of_images, of_annotations


def _rounded(number: float) -> float:
    """Keep as many digits as a reader can use."""
    return round(number, 5)
