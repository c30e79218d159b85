"""How evenly parts of any size share categories."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from parts_of import annotation, document, image, read_parts

from cocofolds.audit.shares import (
    deviation_from_sizes,
    deviations_from_sizes,
    nearest_to_sizes,
    shares_of,
)
from cocofolds.folds.balance import deviation, evenest

COUNTS = st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1)


def test_by_hand():
    """Due shares are 3/4 and 1/4."""
    sizes = np.array([30, 10])
    counts = np.array([[6, 2], [2, 2], [0, 0], [0, 5]])
    # Of the second, 1/2 and 1/2; of the last, 0 and 1.
    expected = [0, 0.5, 0, 1.5]
    assert deviations_from_sizes(counts, sizes).tolist() == expected
    assert deviation_from_sizes(counts, sizes) == 0.5
    # 3 of 4 in the first; 3.75 and 1.25 of 5 are 4 and 1.
    assert nearest_to_sizes(counts, sizes).tolist() == [[6, 2], [3, 1], [0, 0], [4, 1]]


@given(COUNTS)
def test_parts_of_one_size_are_folds(rows):
    counts = np.array([row for row in rows if any(row)] or [[1, 0, 0]])
    sizes = np.array([7, 7, 7])
    assert deviation_from_sizes(counts, sizes) == pytest.approx(deviation(counts))
    nearest = nearest_to_sizes(counts, sizes)
    assert (np.sort(nearest) == np.sort(evenest(counts))).all()


@given(st.integers(1, 8), st.tuples(*[st.integers(0, 9)] * 3).filter(any))
def test_nothing_deviates_less(total, sizes):
    sizes = np.array(sizes)
    ways = [way for way in product(range(total + 1), repeat=3) if sum(way) == total]
    least = deviations_from_sizes(np.array(ways), sizes).min()
    nearest = nearest_to_sizes(np.array([ways[0]]), sizes)
    assert nearest.sum() == total
    assert deviations_from_sizes(nearest, sizes)[0] == pytest.approx(least)


def test_no_images_and_no_categories():
    assert deviation_from_sizes(np.zeros((0, 2), int), np.array([0, 0])) == 0
    assert nearest_to_sizes(np.zeros((1, 2), int), np.array([0, 0])).tolist() == [
        [0, 0]
    ]


def test_counts(tmp_path):
    """Categories are matched by their names, and what refers to nothing is left out."""
    a = document(
        [image(1), image(2)],
        [annotation(1, 1), annotation(2, 1), annotation(3, 2, 2), annotation(4, 99)],
    )
    b = document([image(3)], [annotation(5, 3, 7)], {"unused": 1, "dog": 7})
    shares = shares_of(read_parts(tmp_path, a, b))
    assert shares.categories == ["cat", "dog"]
    assert shares.images.tolist() == [[1, 0], [1, 1]]
    assert shares.annotations.tolist() == [[2, 0], [1, 1]]
    assert shares.sizes.tolist() == [2, 1]
