"""Folds by one category of each image, as scikit-learn makes them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
)

from cocofolds.errors import InputError
from cocofolds.folds.most_frequent import stratified_folds

RANDOM = np.random.default_rng(0)
CATEGORIES = RANDOM.choice(["cort", "shsy5y", "astro"], 200, p=[0.5, 0.3, 0.2]).tolist()
GROUPS = [f"plate {number}" for number in RANDOM.integers(0, 40, 200)]


def folds_of(splitter, categories, groups=None):
    """Folds from 1, as a plain loop over the splits of scikit-learn gives them."""
    folds = np.zeros(len(categories), int)
    samples = np.zeros(len(categories))
    for fold, (_, held_out) in enumerate(splitter.split(samples, categories, groups)):
        folds[held_out] = fold + 1
    return folds.tolist()


@pytest.mark.parametrize("seed", [0, 221])
@pytest.mark.parametrize("n_folds", [2, 10])
@pytest.mark.parametrize(
    ("splitter", "groups"), [(StratifiedKFold, None), (StratifiedGroupKFold, GROUPS)]
)
def test_as_in_sklearn(splitter, groups, n_folds, seed):
    expected = folds_of(
        splitter(n_folds, shuffle=True, random_state=seed), CATEGORIES, groups
    )
    assert stratified_folds(CATEGORIES, groups, n_folds, seed).tolist() == expected
    assert set(expected) == set(range(1, n_folds + 1))


def test_categories_are_dealt_evenly():
    folds = stratified_folds(CATEGORIES, None, 10, 221)
    for name in set(CATEGORIES):
        in_fold = np.bincount(folds[np.array(CATEGORIES) == name], minlength=11)[1:]
        assert max(in_fold) - min(in_fold) <= 1


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 30)), min_size=6),
    st.integers(2, 4),
    st.integers(0, 2**32 - 1),
)
def test_groups_stay_whole_and_no_fold_is_empty(samples, n_folds, seed):
    categories = [name for name, _ in samples]
    groups = [str(group) for _, group in samples]
    try:
        folds = stratified_folds(categories, groups, n_folds, seed)
    except InputError as error:
        assert len(set(groups)) < n_folds or "would be empty" in str(error)
        return
    assert set(folds.tolist()) == set(range(1, n_folds + 1))
    assert len({*zip(groups, folds.tolist(), strict=True)}) == len(set(groups))


def test_seed_decides():
    folds = [
        stratified_folds(CATEGORIES, None, 10, seed).tolist() for seed in (1, 1, 2)
    ]
    assert folds[0] == folds[1] != folds[2]


@pytest.mark.parametrize(
    ("splitter", "groups"), [(KFold, None), (GroupKFold, list("qrstuvwq"))]
)
def test_no_category_has_a_sample_for_each_fold(splitter, groups):
    categories = list("abcdaefg")
    folds = stratified_folds(categories, groups, 5, 221)
    assert set(folds.tolist()) == {1, 2, 3, 4, 5}
    assert folds.tolist() == folds_of(
        splitter(5, shuffle=True, random_state=221), categories, groups
    )


@pytest.mark.parametrize("seed", range(5))
def test_one_category_with_just_enough_samples_is_dealt_evenly(seed):
    folds = stratified_folds(list("aaabcde"), None, 3, seed)
    assert sorted(folds[:3].tolist()) == [1, 2, 3]


@pytest.mark.parametrize(
    ("n_samples", "groups", "unit", "message"),
    [
        (4, None, "images", "4 images cannot be assigned to 5 folds. .*`n_folds`"),
        (9, list("aabbccdda"), "groups", "4 groups cannot be assigned to 5 folds"),
        (9, ["a"] * 9, "groups", "1 groups cannot be assigned to 5 folds"),
    ],
)
def test_too_few_for_the_folds(n_samples, groups, unit, message):
    with pytest.raises(InputError, match=message):
        stratified_folds(["cell"] * n_samples, groups, 5, 221, unit)


def test_largest_seed():
    assert set(stratified_folds(CATEGORIES, None, 2, 2**32 - 1)) == {1, 2}
    with pytest.raises(InputError, match="seed 4294967296 is not from 0"):
        stratified_folds(CATEGORIES, None, 2, 2**32)


def test_a_fold_that_would_be_empty():
    # StratifiedGroupKFold leaves one out here, though there is a group for each.
    categories, groups = list("ababbabbb"), list("rrrrrqtss")
    with pytest.raises(
        InputError, match="Fold 3 of 4 would be empty: 4 groups are too"
    ):
        stratified_folds(categories, groups, 4, 1, "groups")


def test_as_many_as_folds():
    assert sorted(stratified_folds(["cell"] * 5, None, 5, 221).tolist()) == [
        1,
        2,
        3,
        4,
        5,
    ]
    groups = list("aabbccdde")
    folds = stratified_folds(["cell"] * 9, groups, 5, 221).tolist()
    assert sorted(set(folds)) == [1, 2, 3, 4, 5]


def test_a_sparse_category_is_dealt_without_a_warning(recwarn):
    stratified_folds(["rare", *["cell"] * 20], None, 5, 221)
    assert not recwarn.list
