"""What folds go without, and what they cut apart."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


def sparse_categories(
    members: Iterable[tuple[str, Hashable]], n_folds: int
) -> dict[str, int]:
    """Find the categories that cannot be in every fold.

    Parameters
    ----------
    members : iterable of (str, hashable)
        The category of each annotation, and what it is assigned with: itself, its image
        or its group.
    n_folds : int

    Returns
    -------
    dict of str to int
        How many things to assign a category has, if these are fewer than `n_folds`.
    """
    counts = Counter(category for category, _ in set(members))
    return {name: count for name, count in sorted(counts.items()) if count < n_folds}


class Hole(NamedTuple):
    """A category that is in fewer folds than it could be.

    Attributes
    ----------
    category : str
    n_units : int
        How many things to assign have an annotation of it.
    without : list of int
        The folds that hold out none of these.
    """

    category: str
    n_units: int
    without: list[int]


def avoidable_holes(
    members: Iterable[tuple[str, Hashable]],
    fold_of: Mapping[Hashable, int],
    n_folds: int,
) -> list[Hole]:
    """Find the categories that other folds would hold out in more of the folds.

    Parameters
    ----------
    members : iterable of (str, hashable)
        As `sparse_categories` takes them.
    fold_of : mapping of hashable to int
        The fold that holds out each thing to assign.
    n_folds : int
    """
    counts: Counter[str] = Counter()
    folds_of: dict[str, set[int]] = {}
    for category, unit in set(members):
        counts[category] += 1
        folds_of.setdefault(category, set()).add(fold_of[unit])
    return [
        Hole(category, counts[category], sorted({*range(1, n_folds + 1)} - folds))
        for category, folds in sorted(folds_of.items())
        if len(folds) < min(counts[category], n_folds)
    ]


def spread_groups(groups: Sequence[str], folds: NDArray[np.int64]) -> list[str]:
    """Find the groups, of those that have a name, with members in several folds.

    Parameters
    ----------
    groups : sequence of str
    folds : (n_samples,) int64
        The fold of each sample.
    """
    folds_of: dict[str, set[int]] = {}
    for group, fold in zip(groups, folds.tolist(), strict=True):
        folds_of.setdefault(group, set()).add(fold)
    return sorted(name for name, some in folds_of.items() if name and len(some) > 1)
