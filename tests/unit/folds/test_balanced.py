"""Balanced folds: their promises, beside random folds and beside all there are."""

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocofolds import assign_folds
from cocofolds.errors import InputError
from cocofolds.folds.balance import deviation
from cocofolds.folds.balanced import even_sizes

# An image: how many annotations it has of each of four categories.
IMAGE = st.lists(st.sampled_from([0, 0, 0, 1, 2, 7]), min_size=4, max_size=4)
SEED = st.integers(0, 2**32 - 1)


def table_of(images):
    """Make the columns that `assign_folds` takes; an image is its position."""
    rows = [
        (image, category, n)
        for image, counts in enumerate(images)
        for category, n in zip("abcd", counts, strict=True)
        if n
    ]
    rows += [(n, None, 0) for n, counts in enumerate(images) if not any(counts)]
    return dict(
        zip(("image", "category", "annotations"), zip(*rows, strict=True), strict=True)
    )


def deviations(images, folds, n_folds):
    """The deviation of images and that of annotations, added."""
    counts = np.zeros((2, 4, n_folds), int)
    for image, n in zip(images, folds, strict=True):
        counts[0, :, n - 1] += np.array(image) > 0
        counts[1, :, n - 1] += image
    return deviation(counts[0]) + deviation(counts[1])


def as_list(fold_of):
    return [fold_of[image] for image in sorted(fold_of)]


def lacks(images, folds, n_folds):
    """Pairs of a category and a fold without it, of those with images for all folds."""
    n_images = Counter(c for image in images for c in range(4) if image[c])
    there = {
        (c, fold)
        for image, fold in zip(images, folds, strict=True)
        for c in range(4)
        if image[c]
    }
    enough = [c for c in n_images if n_images[c] >= n_folds]
    return {*itertools.product(enough, range(1, n_folds + 1))} - there


@given(st.lists(IMAGE, min_size=8, max_size=60), st.integers(2, 5), SEED)
@settings(max_examples=20)
def test_sizes_are_within_one(images, n_folds, seed):
    folds = as_list(assign_folds(table_of(images), n_folds, seed=seed))
    sizes = np.bincount(folds, minlength=n_folds + 1)[1:]
    assert sizes.max() - sizes.min() <= 1
    assert sizes.sum() == len(images)


@given(st.lists(IMAGE, min_size=8, max_size=60), st.integers(2, 5), SEED)
@settings(max_examples=20)
def test_better_than_random_folds(images, n_folds, seed):
    folds = as_list(assign_folds(table_of(images), n_folds, seed=seed))
    random = np.random.RandomState(0)
    even = np.arange(len(images)) % n_folds + 1
    others = [deviations(images, random.permutation(even), n_folds) for _ in range(100)]
    assert deviations(images, folds, n_folds) <= np.median(others) + 1e-9


@given(st.lists(IMAGE, min_size=6, max_size=40), st.integers(2, 4), SEED)
@settings(max_examples=20)
def test_no_exchange_and_no_move_fills_a_fold(images, n_folds, seed):
    folds = as_list(assign_folds(table_of(images), n_folds, seed=seed))
    n_lacks = len(lacks(images, folds, n_folds))
    if not n_lacks:
        return
    sizes = Counter(folds)
    for a in range(len(folds)):
        for b in range(a):
            other = [*folds]
            other[a], other[b] = folds[b], folds[a]
            assert len(lacks(images, other, n_folds)) >= n_lacks
        for fold in range(1, n_folds + 1):
            if sizes[fold] < sizes[folds[a]]:
                other = [*folds]
                other[a] = fold
                assert len(lacks(images, other, n_folds)) >= n_lacks


@given(st.lists(IMAGE, min_size=4, max_size=8), st.integers(2, 3), st.integers(0, 1000))
@settings(max_examples=30)
def test_as_good_as_the_best_of_all(images, n_folds, seed):
    """No folds of one size lack less; of those that lack as little, few are better."""
    folds = as_list(assign_folds(table_of(images), n_folds, seed=seed))
    most = -(-len(images) // n_folds)
    least = len(images) // n_folds
    everything = [
        other
        for other in itertools.product(range(1, n_folds + 1), repeat=len(images))
        if all(least <= other.count(f) <= most for f in range(1, n_folds + 1))
    ]
    n_lacks = [len(lacks(images, other, n_folds)) for other in everything]
    assert len(lacks(images, folds, n_folds)) == min(n_lacks)
    best = min(
        deviations(images, other, n_folds)
        for other, n in zip(everything, n_lacks, strict=True)
        if n == min(n_lacks)
    )
    # The squares of the counts count too, a twentieth as much.
    assert deviations(images, folds, n_folds) <= best + 0.15


@given(
    st.lists(IMAGE, min_size=8, max_size=40), SEED, st.randoms(use_true_random=False)
)
@settings(max_examples=20)
def test_the_order_of_rows_does_not_count(images, seed, random):
    table = table_of(images)
    order = random.sample(range(len(table["image"])), len(table["image"]))
    mixed = {name: [column[n] for n in order] for name, column in table.items()}
    assert assign_folds(mixed, 3, seed=seed) == assign_folds(table, 3, seed=seed)


def example(n_images=200, n_groups=40):
    """Images of a few common and some rare categories, in groups of several sizes."""
    random = np.random.RandomState(1)
    often = np.array([0.6, 0.3, 0.1, 0.03])
    images = (random.poisson(2, (n_images, 4)) + 1) * (
        random.random_sample((n_images, 4)) < often
    )
    groups = dict(enumerate((random.beta(1, 2, n_images) * n_groups).astype(int)))
    return images.tolist(), groups


@pytest.mark.parametrize("grouped", [False, True])
def test_seeds_give_other_folds_which_are_as_good(grouped):
    images, groups = example()
    table = table_of(images)
    made = [
        as_list(assign_folds(table, 5, groups if grouped else None, seed))
        for seed in range(10)
    ]
    assert len({tuple(folds) for folds in made}) == 10
    again = as_list(assign_folds(table, 5, groups if grouped else None, 0))
    assert again == made[0]
    found = [deviations(images, folds, 5) for folds in made]
    assert max(found) <= 1.1 * min(found)


def test_groups_are_whole_and_sizes_even():
    images, groups = example()
    folds = assign_folds(table_of(images), 5, groups)
    assert len({(groups[image], fold) for image, fold in folds.items()}) == len(
        {*groups.values()}
    )
    sizes = np.bincount([*folds.values()])[1:]
    assert sizes.max() - sizes.min() <= 4


@given(
    st.lists(st.tuples(IMAGE, st.integers(0, 30)), min_size=6), st.integers(2, 4), SEED
)
@settings(max_examples=20)
def test_no_fold_is_empty(images, n_folds, seed):
    groups = {number: group for number, (_, group) in enumerate(images)}
    table = table_of([image for image, _ in images])
    if len({*groups.values()}) < n_folds:
        with pytest.raises(InputError, match="groups cannot be assigned to"):
            assign_folds(table, n_folds, groups, seed)
        return
    folds = assign_folds(table, n_folds, groups, seed)
    assert {*folds.values()} == {*range(1, n_folds + 1)}
    pairs = {(groups[image], fold) for image, fold in folds.items()}
    assert len(pairs) == len({*groups.values()})


def test_images_without_annotations_are_spread_evenly():
    images = [[1, 0, 0, 0]] * 20 + [[0, 0, 0, 0]] * 10
    folds = as_list(assign_folds(table_of(images), 5))
    assert np.bincount(folds[20:])[1:].tolist() == [2] * 5


def test_a_crowded_image_is_set_off_by_images_with_few():
    images = [[40, 0, 0, 0]] + [[10, 0, 0, 0]] * 4 + [[1, 0, 0, 0]] * 40
    folds = as_list(assign_folds(table_of(images), 5))
    with_many = [
        fold for image, fold in zip(images, folds, strict=True) if image[0] > 1
    ]
    assert sorted(with_many) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("table", "n_folds", "groups", "seed", "message"),
    [
        (table_of([[1, 0, 0, 0]] * 3), 5, None, 0, "3 images cannot be assigned to 5"),
        (table_of([[1, 0, 0, 0]] * 3), 2, {0: "a", 1: "b"}, 0, "image 2 has no group"),
        (table_of([[1, 0, 0, 0]] * 3), 2, {0: 1, 1: 1, 2: 1}, 0, "1 groups cannot be"),
        (table_of([[1, 0, 0, 0]] * 3), 2, None, -1, "seed -1 is not from 0"),
        (table_of([[1, 0, 0, 0]] * 3), 2, None, 2**32, "seed 4294967296 is not from 0"),
        (
            {"image": [1, 2], "category": "ab", "annotations": [1, -1]},
            2,
            None,
            0,
            "annotations: a number of annotations is below 0",
        ),
    ],
)
def test_what_cannot_be(table, n_folds, groups, seed, message):
    with pytest.raises(InputError, match=message):
        assign_folds(table, n_folds, groups, seed)


def test_data_frame():
    pandas = pytest.importorskip("pandas")
    images = [[1, 0, 0, 0], [0, 2, 0, 0], [0, 0, 0, 0], [1, 2, 0, 0]] * 5
    table = table_of(images)
    frame = pandas.DataFrame(table)
    assert assign_folds(frame, 2) == assign_folds(table, 2)


def test_counts_far_above_others():
    """A column of 10**13 leaves the others their say."""
    images = [[10**6 + n, 0, 0, 0] for n in range(10)]
    images += [[0, 1, 0, 0]] * 10 + [[0, 0, 3, 0]] * 10
    folds = as_list(assign_folds(table_of(images), 5))
    for first in (0, 10, 20):
        assert np.bincount(folds[first : first + 10])[1:].tolist() == [2] * 5


@pytest.mark.parametrize("seed", range(6))
def test_lacks_are_filled_where_that_makes_others_less_even(seed):
    """20 images of 40 categories in 5 folds: too many for all to be even."""
    random = np.random.RandomState(seed)
    has = random.random_sample((20, 40)) < 0.25
    image, category = np.nonzero(has)
    table = {"image": image.tolist(), "category": category.tolist()}
    fold_of = assign_folds({**table, "annotations": [1] * len(image)}, 5)
    folds = np.array([fold_of[n] for n in range(20)])

    def n_lacks(folds):
        enough = has[:, has.sum(axis=0) >= 5]
        return sum(5 - len({*folds[column]}) for column in enough.T)

    least = n_lacks(folds)
    for a, b in itertools.combinations(range(20), 2):
        other = folds.copy()
        other[[a, b]] = folds[[b, a]]
        assert n_lacks(other) >= least


@given(st.lists(st.integers(0, 6), min_size=2, max_size=4), st.integers(0, 12))
def test_sizes_are_as_even_as_what_is_given_allows(least, n_more):
    n_units = sum(least) + n_more
    ones = np.ones(len(least), np.int64)
    sizes = even_sizes(n_units, ones, np.array(least)).tolist()
    assert sum(sizes) == n_units
    assert all(size >= given for size, given in zip(sizes, least, strict=True))
    # One at a time to the smallest: no other way is more even.
    filled = [*least]
    for _ in range(n_more):
        filled[filled.index(min(filled))] += 1
    assert sorted(sizes) == sorted(filled)


def test_sizes_by_shares():
    assert even_sizes(30, np.array([1, 9]), np.zeros(2, int)).tolist() == [3, 27]
    assert even_sizes(7, np.array([1, 9]), np.zeros(2, int)).tolist() == [1, 6]
    assert even_sizes(30, np.array([1, 9]), np.array([5, 0])).tolist() == [5, 25]


def test_areas_are_shared_if_they_are_balanced():
    """All images have one annotation, of an area of its own."""
    areas = [4**n for n in range(8)] * 2
    table = {
        "image": range(16),
        "category": ["cell"] * 16,
        "annotations": [1] * 16,
        "area": areas,
    }
    for seed in range(5):
        folds = as_list(
            assign_folds(table, 2, seed=seed, balance={"images": 1, "area": 1})
        )
        shares = np.bincount(folds, areas)[1:] / sum(areas)
        assert abs(shares - 0.5).max() < 0.01
