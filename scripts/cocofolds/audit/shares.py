"""How evenly parts of any size share the categories."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cocofolds.audit.parts import Part
from cocofolds.folds.balance import Counts


class Shares(NamedTuple):
    """What each part has of each category.

    Attributes
    ----------
    categories : (n_categories,) list of str
        Those with an annotation, sorted by name.
    images, annotations : (n_categories, n_parts) int
        An image counts in each category that it has an annotation of.
    sizes : (n_parts,) int
        All images of each part.
    """

    categories: list[str]
    images: Counts
    annotations: Counts
    sizes: Counts


def shares_of(parts: Sequence[Part]) -> Shares:
    """Count the images and the annotations of each category in each part.

    Parameters
    ----------
    parts : sequence of Part
        Annotations without a known image or category do not count.
    """
    names = sorted({name for part in parts for name in part.categories})
    row_of = {name: row for row, name in enumerate(names)}
    images, annotations = np.zeros((2, len(names), len(parts)), np.int64)
    for column, part in enumerate(parts):
        rows = np.array([row_of[name] for name in part.categories], np.int64)
        is_known = (part.annotations.images >= 0) & (part.annotations.categories >= 0)
        if not is_known.any():
            continue
        of_images = part.annotations.images[is_known].astype(np.int64)
        of_rows = rows[part.annotations.categories[is_known]]
        annotations[:, column] = np.bincount(of_rows, minlength=len(names))
        n_images = len(part.images.names)
        pairs = np.unique(of_rows * n_images + of_images)
        images[:, column] = np.bincount(pairs // n_images, minlength=len(names))
    is_used: NDArray[np.bool_] = annotations.sum(axis=1) > 0
    return Shares(
        [name for name, used in zip(names, is_used.tolist(), strict=True) if used],
        images[is_used],
        annotations[is_used],
        np.array([len(part.images.names) for part in parts], np.int64),
    )


def deviations_from_sizes(counts: Counts, sizes: Counts) -> NDArray[np.float64]:
    """Measure for each category how far the parts are from their due shares of it.

    Parameters
    ----------
    counts : (n_categories, n_parts) int
        The images, or the annotations, of each category in each part.
    sizes : (n_parts,) int
        All images of each part.

    Returns
    -------
    (n_categories,) float
        The sum, over parts, of ``|share - size|``: of the part's share of the category
        and its share of all images. 0 is perfect, and it is below 2. With parts of one
        size it is what `cocofolds.folds.balance.deviation_by_category` measures.
    """
    due = due_shares(sizes)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    deviations: NDArray[np.float64] = np.abs(shares - due).sum(axis=1)
    return np.where(counts.any(axis=1), deviations, 0.0)


def due_shares(sizes: Counts) -> NDArray[np.float64]:
    """Take the part of all images that each part has, (n_parts,)."""
    due: NDArray[np.float64] = sizes / max(int(sizes.sum()), 1)
    return due


def nearest_to_sizes(counts: Counts, sizes: Counts) -> Counts:
    """Share the same totals among the parts as whole numbers allow.

    Each part gets the whole number below its due, and those with the largest rests get
    one more: nothing deviates less.

    Parameters
    ----------
    counts : (n_categories, n_parts) int
    sizes : (n_parts,) int

    Returns
    -------
    (n_categories, n_parts) int
    """
    totals, n_images = counts.sum(axis=1, keepdims=True), max(int(sizes.sum()), 1)
    # In whole numbers, so that no rest is off by rounding.
    whole, rests = np.divmod(totals * sizes, n_images)
    ranks = np.argsort(np.argsort(-rests, axis=1, kind="stable"), axis=1)
    nearest: Counts = whole + (ranks < totals - whole.sum(axis=1, keepdims=True))
    return nearest


def deviation_from_sizes(counts: Counts, sizes: Counts) -> float:
    """Take the mean of `deviations_from_sizes`; 0 without categories."""
    return float(deviations_from_sizes(counts, sizes).mean()) if len(counts) else 0.0
