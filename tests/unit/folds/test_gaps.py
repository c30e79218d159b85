"""What folds go without, and what they cut apart."""

import numpy as np

from cocofolds.folds.gaps import (
    Hole,
    avoidable_holes,
    sparse_categories,
    spread_groups,
)


def test_sparse_categories():
    members = list(zip("aaabbbbc", "ggghijki", strict=True))
    assert sparse_categories(members, 1) == {}
    assert sparse_categories(members, 2) == {"a": 1, "c": 1}
    assert sparse_categories(members, 5) == {"a": 1, "b": 4, "c": 1}
    assert list(sparse_categories(zip("zyx", "abc", strict=True), 3)) == ["x", "y", "z"]


def test_groups_that_are_spread():
    folds = np.array([1, 2, 1, 1, 3, 2])
    assert spread_groups(["a", "a", "b", "b", "", ""], folds) == ["a"]


def test_avoidable_holes():
    fold_of = {"g": 1, "h": 1, "i": 2, "j": 3, "k": 3}
    members = [
        *(("everywhere", unit) for unit in "ghij"),
        *(("as many as it can", unit) for unit in "gi"),
        ("once", "g"),
        *(("could be in three", unit) for unit in "jki"),
        *(("rare, could be in two", unit) for unit in "gh"),
        # Many annotations of one thing are one.
        ("in one thing", "g"),
        ("in one thing", "g"),
    ]
    assert avoidable_holes(members, fold_of, 3) == [
        Hole("could be in three", 3, [1]),
        Hole("rare, could be in two", 2, [2, 3]),
    ]
    assert avoidable_holes([], {}, 3) == []
