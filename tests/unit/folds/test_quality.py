"""The numbers of a split, by hand and beside plain loops."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocofolds.folds.balance import units_by_category
from cocofolds.folds.quality import (
    Assigned,
    HoldOutCounts,
    class_proportion,
    effective_images,
    hold_out_quality,
    label_distribution,
    quality,
)

# An annotation: image, category, fold, area. Image 4 has none.
ROWS = [
    (0, 0, 1, 10),
    (0, 0, 1, 20),
    (0, 1, 1, 5),
    (1, 0, 2, 30),
    (2, 1, 2, 5),
    (3, 2, 1, 8),
]
NAMES = ["car", "dog", "bus", "none"]


def assigned(rows=ROWS, folds_of_images=(1, 2, 2, 1, 2), split_by="image"):
    images, categories, folds, areas = (np.array(column) for column in zip(*rows))  # noqa: B905
    groups = np.arange(len(folds_of_images))
    n_units = units_by_category(split_by, categories, images, groups, len(NAMES))
    return Assigned(
        images,
        categories,
        folds,
        areas.astype(float),
        np.array(folds_of_images),
        n_units,
    )


def test_by_hand():
    found = quality(NAMES, assigned(), 2)
    json.dumps(found)
    assert found["folds"] == 2
    assert found["images_of_folds"] == [2, 3]
    # 3 and 1 annotations; 1 and 1.
    assert found["effective_images_of_folds"] == [1.6, 2.0]
    car, dog, bus, none = found["categories"]
    assert [car["name"], none["name"]] == ["car", "none"]
    assert car["images"] == {
        "total": 2,
        "worst_share": 0.5,
        "deviation": 0.0,
        "floor": 0.0,
    }
    # Two of three; no better is possible.
    assert car["annotations"]["deviation"] == round(1 / 3, 5)
    assert car["annotations"]["floor"] == round(1 / 3, 5)
    assert car["area"]["deviation"] == 0
    assert dog["holes"] == 0
    assert (bus["holes"], bus["avoidable_holes"]) == (1, 0)
    assert bus["images"]["worst_share"] == 1
    assert none["images"]["total"] == none["holes"] == 0
    assert found["images"]["deviation"] == round(1 / 3, 5)
    assert found["images"]["floor"] == round(1 / 3, 5)
    assert (found["holes"], found["avoidable_holes"]) == (1, 0)


def test_an_avoidable_hole():
    rows = [(0, 0, 1, 1), (1, 0, 1, 1), (2, 1, 2, 1)]
    found = quality(NAMES, assigned(rows, (1, 1, 2)), 2)
    assert found["avoidable_holes"] == 1
    assert found["categories"][0]["avoidable_holes"] == 1


def test_annotations_by_themselves():
    """Image 0 is in both folds; image 4, which has none, in one."""
    rows = [(0, 0, 1, 1), (0, 0, 2, 1), (1, 0, 2, 1)]
    found = quality(NAMES, assigned(rows, (0, 0, 1), "annotation"), 2)
    assert found["images_of_folds"] == [2, 2]


def test_random_folds_are_worse_than_even_ones():
    rows = [(n, n % 3, n // 3 % 4 + 1, 1) for n in range(120)]
    found = quality(NAMES, assigned(rows, [fold for _, _, fold, _ in rows]), 4)
    assert found["images"]["deviation"] == found["annotations"]["deviation"] == 0
    assert 0.1 < found["images"]["random"] < 0.4


COUNTS = st.lists(
    st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=1, max_size=5
)


@given(COUNTS, st.lists(st.integers(0, 9), min_size=3, max_size=3))
def test_measures_of_others(counts, more):
    """As the papers have them, in loops."""
    images = np.array(counts)
    sizes = images.sum(axis=0) + more
    odds = [
        abs(
            row[fold] / (sizes[fold] - row[fold])
            - row.sum() / (sizes.sum() - row.sum())
        )
        for row in images
        for fold in range(3)
        if row.sum() and sizes[fold] > row[fold]
    ]
    if all(sizes.sum() > row.sum() for row in images):
        expected = np.mean(odds) if odds else 0
        assert label_distribution(images, sizes) == pytest.approx(expected)
    above = [max(row) / row.sum() - 1 / 3 for row in images if row.sum()]
    assert class_proportion(images) == pytest.approx(np.mean(above) if above else 0)


def test_effective_images():
    images, folds = np.array([0, 1, 2, 2]), np.array([0, 0, 1, 1])
    assert effective_images(images, folds, np.array([1, 3, 1, 1]), 3) == [1.6, 1, 0]


def test_no_annotations():
    nothing = np.array([], np.int64)
    empty = Assigned(
        nothing,
        nothing,
        nothing,
        nothing.astype(float),
        np.array([1, 2]),
        np.zeros(1, int),
    )
    found = quality(["car"], empty, 2)
    assert found["images"]["deviation"] == 0
    assert found["images_of_folds"] == [1, 1]


def test_a_hold_out():
    """4 of 20 images: of 10 with a car 2, of 5 with a dog 2 (not 1), and no bus."""
    held_out = np.array([2, 2, 0, 0]), np.array([2, 8, 0, 0])
    everything = np.array([10, 5, 1, 0]), np.array([10, 40, 1, 0])
    found = hold_out_quality(NAMES, HoldOutCounts(4, 20, held_out, everything), 0.2)
    assert (found["images_of_hold_out"], found["share_of_images"]) == (4, 0.2)
    # Shares of .2, .4 and 0; at best .2, .2 and 0.
    assert found["images"] == {"deviation": 0.66667, "floor": 0.33333}
    assert found["annotations"] == {"deviation": 0.33333, "floor": 0.33333}
    assert found["without"] == ["bus"]
