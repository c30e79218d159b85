"""Assign images, or rows, to folds with scikit-learn, by one category each."""

import warnings
from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
)

from cocofolds.errors import InputError
from cocofolds.folds.assignment import check_groups, check_number, codes_of


def stratified_folds(
    categories: Sequence[str],
    groups: Sequence[Hashable] | None,
    n_folds: int,
    seed: int,
    unit: str = "samples",
) -> NDArray[np.int64]:
    """Assign samples to folds, each category evenly, each group to one fold.

    Parameters
    ----------
    categories : (n_samples,) sequence of str
        What to stratify by.
    groups : (n_samples,) sequence of hashable, or None
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
    if groups is not None:
        check_groups(groups)
    n_units = len(categories) if groups is None else len(set(groups))
    check_number(n_units, n_folds, seed, unit)
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
            codes_of(categories),
            None if groups is None else codes_of(groups),
        )
        for fold, (_, held_out) in enumerate(parts, 1):
            if not len(held_out):
                raise InputError(
                    f"Fold {fold} of {n_folds} would be empty: {n_units} {unit} are too"
                    " few, or too unequal. Choose a smaller `n_folds`."
                )
            folds[held_out] = fold
    return folds
