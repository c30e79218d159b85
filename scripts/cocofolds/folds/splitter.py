"""Balanced folds as a splitter of scikit-learn."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from cocofolds.errors import InputError
from cocofolds.folds.assignment import BALANCED, check_number, codes_of
from cocofolds.folds.balanced import balanced_folds
from cocofolds.folds.units import Counts, Ints, units_of


class BalancedGroupKFold:
    """Split samples so that all their labels are shared evenly, and groups are whole.

    It goes where scikit-learn takes a splitter, as ``cross_validate(..., cv=...)``.

    Parameters
    ----------
    n_splits : int
        How many folds.
    random_state : int
        Another one gives other folds, which are as good.
    """

    def __init__(self, n_splits: int = 5, random_state: int = 0) -> None:
        self.n_splits = n_splits
        self.random_state = random_state

    def __repr__(self) -> str:
        """Show the parameters."""
        return (
            f"BalancedGroupKFold(n_splits={self.n_splits},"
            f" random_state={self.random_state})"
        )

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:  # noqa: N803
        """Return how many folds there are."""
        return self.n_splits

    def split(
        self,
        X: Any,  # noqa: N803
        y: Any = None,
        groups: Any = None,
    ) -> Iterator[tuple[Ints, Ints]]:
        """Yield the positions of the samples to train on, and of those held out.

        Parameters
        ----------
        X : (n_samples, ...) array-like
            Of which only the length counts.
        y : (n_samples,) or (n_samples, n_labels) array-like
            The label of each sample, or how often it has each label, such as the
            annotations of each category in an image. Without, the sizes alone count.
        groups : (n_samples,) array-like or None
            Samples of one group go to one fold.

        Yields
        ------
        train, test : (n,) int64

        Raises
        ------
        InputError
            If there are fewer samples, or groups, than folds, or the lengths differ.
        """
        n_samples = X.shape[0] if hasattr(X, "shape") else len(X)
        counts = _counts(y, n_samples)
        codes = None if groups is None else codes_of(_texts(groups))
        if codes is not None and len(codes) != n_samples:
            raise InputError(f"{len(codes)} groups are given for {n_samples} samples.")
        n_units = n_samples if codes is None else len({*codes.tolist()})
        unit = "samples" if codes is None else "groups"
        check_number(n_units, self.n_splits, self.random_state, unit)
        rows, labels = np.nonzero(counts)
        bare = np.flatnonzero(~counts.any(axis=1))
        of_labels = Counts(
            np.concatenate([rows, bare]),
            np.concatenate([labels, np.full(len(bare), -1)]),
            np.concatenate([counts[rows, labels], np.zeros(len(bare), np.int64)]),
        )
        even = np.ones(self.n_splits, np.int64)
        units = units_of(of_labels, codes, BALANCED)
        folds = balanced_folds(units, even, self.random_state)
        if codes is not None:
            folds = folds[codes]
        for fold in range(self.n_splits):
            yield np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)


def _counts(y: Any, n_samples: int) -> Ints:
    """Count the labels of each sample, (n_samples, n_labels)."""
    if y is None:
        return np.zeros((n_samples, 1), np.int64)
    labels = np.asarray(y)
    if len(labels) != n_samples:
        raise InputError(f"{len(labels)} labels are given for {n_samples} samples.")
    if labels.ndim == 1:
        codes = codes_of(_texts(labels))
        counts = np.zeros((n_samples, int(codes.max()) + 1), np.int64)
        counts[np.arange(n_samples), codes] = 1
        return counts
    if labels.ndim != 2 or (labels < 0).any() or (labels != labels.round()).any():
        raise InputError(
            "y: it has to be a label for each sample, or a table of how often each"
            " sample has each label, in whole numbers from 0."
        )
    return labels.astype(np.int64)


def _texts(values: Any) -> Sequence[Any]:
    texts: Sequence[Any] = np.asarray(values).tolist()
    return texts
