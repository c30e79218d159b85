"""Assign images, or rows, to folds with scikit-learn."""

import warnings
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
)

from cocofolds.errors import InputError


def assign_folds(
    categories: Sequence[str],
    groups: Sequence[str] | None,
    n_folds: int,
    seed: int,
    unit: str = "samples",
) -> NDArray[np.int64]:
    """Assign samples to folds, each category evenly, each group to one fold.

    Parameters
    ----------
    categories : (n_samples,) sequence of str
        What to stratify by.
    groups : (n_samples,) sequence of str, or None
        None if every sample stands for itself.
    n_folds : int
    seed : int
    unit : str
        What is assigned, for messages.

    Returns
    -------
    (n_samples,) int64
        The fold in which each sample is held out, from 1 to `n_folds`.

    Raises
    ------
    InputError
        If there are fewer samples, or groups, than folds, if a sample has no group,
        or if the seed has more than 32 bits.

    Notes
    -----
    The folds are those of `StratifiedKFold` and `StratifiedGroupKFold` with
    ``shuffle=True, random_state=seed``. These refuse samples of which no category has
    `n_folds`; there `KFold` and `GroupKFold` take their place.
    """
    if seed >= 2**32:
        raise InputError(f"The seed {seed} is not below 2**32.")
    if groups is not None and not all(groups):
        raise InputError(
            f"{groups.count('')} images have no group: set `group_column` to a column"
            " that names the group of every image, or `group_pattern` to a pattern that"
            " finds it in every name."
        )
    n_units = len(categories) if groups is None else len(set(groups))
    if groups and n_units == 1:
        raise InputError(
            f"All images are of the group {groups[0]!r}: choose another `group_column`."
        )
    if n_units < n_folds:
        raise InputError(
            f"{n_units} {unit} cannot be assigned to {n_folds} folds."
            " Choose a smaller `n_folds`."
        )
    stratified = max(Counter(categories).values()) >= n_folds
    splitter: StratifiedKFold | KFold | StratifiedGroupKFold | GroupKFold
    if groups is None:
        splitter = (StratifiedKFold if stratified else KFold)(
            n_folds, shuffle=True, random_state=seed
        )
    else:
        splitter = (StratifiedGroupKFold if stratified else GroupKFold)(
            n_folds, shuffle=True, random_state=seed
        )
    folds = np.zeros(len(categories), np.int64)
    with warnings.catch_warnings():
        # `sparse_categories` says it with names.
        warnings.simplefilter("ignore", UserWarning)
        parts = splitter.split(
            np.zeros(len(categories)),
            _codes(categories),
            None if groups is None else _codes(groups),
        )
        for fold, (_, held_out) in enumerate(parts, 1):
            if not len(held_out):
                raise InputError(
                    f"Fold {fold} of {n_folds} would be empty: {n_units} {unit} are too"
                    " few, or too unequal. Choose a smaller `n_folds`."
                )
            folds[held_out] = fold
    return folds


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
        As `assign_folds` returns them.
    """
    folds_of: dict[str, set[int]] = {}
    for group, fold in zip(groups, folds.tolist(), strict=True):
        folds_of.setdefault(group, set()).add(fold)
    return sorted(name for name, some in folds_of.items() if name and len(some) > 1)


def _codes(names: Sequence[str]) -> NDArray[np.int64]:
    """Number the names in their sorted order, as `numpy.unique` does."""
    code = {name: number for number, name in enumerate(sorted(set(names)))}
    return np.array([code[name] for name in names], np.int64)
