"""How evenly the folds share the categories."""

import numpy as np
from numpy.typing import NDArray


def deviation(counts: NDArray[np.int64]) -> float:
    """Say how far the folds are from holding each category in equal shares.

    Parameters
    ----------
    counts : (n_categories, n_folds) int
        Images, or annotations, of each category that each fold holds out.

    Returns
    -------
    float
        The mean over categories and folds of |share - 1/k| k, where a share is that of
        a fold in all of the category. 0 is perfect. Categories without any are left
        out; without categories, it is 0.
    """
    totals = counts.sum(axis=1, keepdims=True)
    counts, totals = counts[totals[:, 0] > 0], totals[totals > 0, None]
    if not len(counts):
        return 0.0
    n_folds = counts.shape[1]
    return float(np.abs(counts / totals - 1 / n_folds).mean() * n_folds)
