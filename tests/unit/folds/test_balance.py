import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from cocofolds.folds.balance import (
    avoidable_holes,
    deviation,
    deviation_by_category,
    evenest,
    evenness,
    holes,
    read_fold_table,
    spread,
    units_by_category,
)


def counts(most=50):
    """Counts of 1 to 6 categories in 2 to 6 folds."""
    shapes = st.tuples(st.integers(1, 6), st.integers(2, 6))
    return shapes.flatmap(lambda s: arrays(np.int64, s, elements=st.integers(0, most)))


def plain_deviation(counts):
    """As the formula is written: over categories and folds, |share - 1/k| * k."""
    terms = [
        abs(count / sum(row) - 1 / len(row)) * len(row)
        for row in counts.tolist()
        if sum(row)
        for count in row
    ]
    return sum(terms) / len(terms) if terms else 0


@given(counts())
def test_deviation_is_its_formula(counts):
    assert deviation(counts) == pytest.approx(plain_deviation(counts))


@given(counts(), st.randoms(use_true_random=False), st.integers(1, 9))
def test_deviation_follows_from_shares_alone(counts, random, factor):
    rows, columns = (random.sample(range(n), n) for n in counts.shape)
    other = factor * counts[rows][:, columns]
    assert deviation(other) == pytest.approx(deviation(counts))


@given(st.integers(1, 9), st.integers(2, 9), st.integers(1, 99))
def test_equal_shares_deviate_by_nothing(n_categories, n_folds, count):
    assert deviation(np.full((n_categories, n_folds), count)) == 0


@given(st.integers(2, 99), st.integers(1, 99))
def test_a_category_in_one_fold_deviates_the_most(n_folds, count):
    alone = count * np.eye(1, n_folds, dtype=np.int64)
    assert deviation(alone) == pytest.approx(2 - 2 / n_folds)


def test_a_category_without_images_does_not_count():
    assert (
        deviation(np.array([[2, 1], [0, 0]])) == deviation(np.array([[2, 1]])) == 1 / 3
    )
    assert deviation(np.zeros((2, 3), int)) == 0
    assert deviation(np.zeros((0, 0), int)) == 0
    assert deviation_by_category(np.array([[2, 1], [0, 0]])).tolist() == [1 / 3, 0]


@given(
    arrays(
        np.int64,
        array_shapes(min_dims=2, max_dims=2, max_side=4),
        elements=st.integers(0, 4),
    )
)
def test_no_other_whole_numbers_deviate_less_than_the_evenest(counts):
    even = evenest(counts)
    assert even.sum(axis=1).tolist() == counts.sum(axis=1).tolist()
    assert deviation(even) <= deviation(counts) + 1e-12


def test_the_evenest_of_whole_numbers():
    counts = np.array([[3, 0, 0, 0], [9, 0, 0, 0], [0, 0, 0, 0]])
    assert evenest(counts).tolist() == [[1, 1, 1, 0], [3, 2, 2, 2], [0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("value", "least", "word"),
    [
        (0, 0, "even"),
        (0.1, 0, "even"),
        (0.3, 0.21, "even"),
        (0.11, 0, "uneven"),
        (0.71, 0.21, "uneven"),
        (0.51, 0, "very uneven"),
    ],
)
def test_evenness_is_that_above_the_least(value, least, word):
    assert evenness(value, least) == word


def test_holes():
    counts = np.array([[1, 0, 0], [2, 2, 2], [0, 0, 0], [0, 9, 0]])
    assert holes(counts).tolist() == [2, 0, 0, 2]
    # One image cannot be in three folds; two leave a fold without.
    assert avoidable_holes(counts, np.array([1, 6, 0, 9])).tolist() == [0, 0, 0, 2]
    assert avoidable_holes(counts, np.array([2, 6, 0, 2])).tolist() == [1, 0, 0, 1]


def test_images_and_groups_are_spread():
    images, folds = np.array([1, 2, 3, 3, 9]), np.array([1, 1, 2, 3, 3])
    sizes, n_divided = spread(images, folds, 4)
    assert sizes.tolist() == [2, 1, 2, 0]
    assert n_divided == 1


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4)), max_size=30))
def test_spread_is_that_of_sets(rows):
    units, folds = np.array(rows, np.int64).reshape(-1, 2).T
    found = spread(units, folds, 4)
    assert found.sizes.tolist() == [
        len({unit for unit, fold in rows if fold == wanted}) for wanted in range(1, 5)
    ]
    assert found.n_divided == sum(
        len({fold for other, fold in rows if other == unit}) > 1
        for unit in {unit for unit, _ in rows}
    )


def test_the_fold_table_is_read():
    table = [
        {"fold": "1", "category": "b", "images": "2", "annotations": "20"},
        {"fold": "1", "category": "a", "images": "0", "annotations": "0"},
        {"fold": "1", "category": "", "images": "1", "annotations": "0"},
        {"fold": "2", "category": "b", "images": "3", "annotations": "30"},
        {"fold": "2", "category": "a", "images": "5", "annotations": "50"},
        {"fold": "2", "category": "", "images": "4", "annotations": "0"},
    ]
    found = read_fold_table(table)
    assert found.categories == ["b", "a"]
    assert found.images.tolist() == [[2, 3], [0, 5]]
    assert found.annotations.tolist() == [[20, 30], [0, 50]]
    assert found.unannotated.tolist() == [1, 4]


def test_where_all_images_have_annotations_none_is_without():
    row = {"fold": "1", "category": "a", "images": "2", "annotations": "20"}
    assert read_fold_table([row, {**row, "fold": "2"}]).unannotated.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("split_by", "expected"),
    [("image", [3, 1, 0]), ("group", [2, 1, 0]), ("annotation", [4, 2, 0])],
)
def test_units(split_by, expected):
    categories = np.array([0, 0, 0, 0, 1, 1], np.int32)
    images = np.array([0, 0, 1, 2, 2, 2], np.int32)
    groups = np.array([0, 0, 1], np.int32)
    found = units_by_category(split_by, categories, images, groups, 3)
    assert found.tolist() == expected
