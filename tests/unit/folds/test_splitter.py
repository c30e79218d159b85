"""Balanced folds where scikit-learn takes a splitter."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import GridSearchCV, check_cv, cross_validate

from cocofolds import BalancedGroupKFold
from cocofolds.errors import InputError

X = np.zeros((60, 2))
LABELS = np.arange(60) % 3
GROUPS = np.arange(60) // 4
RANDOM = np.random.RandomState(0)
COUNTS = RANDOM.poisson(2, (60, 4)) * (RANDOM.random_sample((60, 4)) < 0.4)


def parts(y, groups=None, n_splits=5, seed=0, samples=X):
    return [*BalancedGroupKFold(n_splits, seed).split(samples, y, groups)]


@pytest.mark.parametrize("groups", [None, GROUPS])
@pytest.mark.parametrize("y", [None, LABELS, LABELS.astype(str), COUNTS])
def test_each_sample_is_held_out_once(y, groups):
    found = parts(y, groups)
    assert len(found) == 5
    assert sorted(np.concatenate([test for _, test in found])) == [*range(60)]
    for train, test in found:
        assert sorted([*train, *test]) == [*range(60)]
        if groups is not None:
            assert not {*groups[train]} & {*groups[test]}


def test_labels_are_shared_evenly():
    for _, test in parts(LABELS):
        assert np.bincount(LABELS[test]).tolist() == [4, 4, 4]


def test_counts_are_shared_evenly():
    total = COUNTS.sum(axis=0)
    for _, test in parts(COUNTS):
        assert len(test) == 12
        assert np.abs(COUNTS[test].sum(axis=0) / total - 0.2).max() < 0.03


def test_in_scikit_learn():
    splitter = BalancedGroupKFold(4, 7)
    assert check_cv(splitter) is splitter
    assert repr(splitter) == "BalancedGroupKFold(n_splits=4, random_state=7)"
    assert splitter.get_n_splits(X, LABELS) == 4
    scores = cross_validate(DummyClassifier(), X, LABELS, groups=GROUPS, cv=splitter)
    assert len(scores["test_score"]) == 4
    search = GridSearchCV(DummyClassifier(), {"strategy": ["prior"]}, cv=splitter)
    assert search.fit(X, LABELS, groups=GROUPS).n_splits_ == 4


def test_the_seed_decides():
    first, again, other = (
        [test.tolist() for _, test in parts(LABELS, seed=seed)] for seed in (1, 1, 2)
    )
    assert first == again != other


@pytest.mark.parametrize(
    ("y", "groups", "n_splits", "message"),
    [
        (LABELS[:5], None, 5, "5 labels are given for 60 samples"),
        (LABELS, GROUPS[:5], 5, "5 groups are given for 60 samples"),
        (LABELS, np.zeros(60), 5, "1 groups cannot be assigned to 5 folds"),
        (LABELS, None, 61, "60 samples cannot be assigned to 61 folds"),
        (COUNTS - 1, None, 5, "in whole numbers from 0"),
        (COUNTS / 2, None, 5, "in whole numbers from 0"),
        (np.zeros((60, 2, 2)), None, 5, "in whole numbers from 0"),
    ],
)
def test_what_cannot_be(y, groups, n_splits, message):
    with pytest.raises(InputError, match=message):
        parts(y, groups, n_splits)
