import numpy as np

from cocofolds.report.splits import (
    MOST_CATEGORIES,
    MOST_FOLDS,
    heat_map,
    read_folds,
)


def row(image_id, fold, group="", **more):
    return {
        "image_id": str(image_id),
        "source_id": f"image-{image_id}",
        "group": group,
        "fold": str(fold),
        **more,
    }


def test_folds_of_images():
    rows = [row(1, 2), row(2, 1), row(3, 2)]
    found = read_folds(rows, 3, ["image-1", "image-2"])
    assert found.images.sizes.tolist() == [1, 2, 0]
    assert found.images.n_divided == 0
    assert found.groups is None
    assert found.folds_of == {"image-1": [2], "image-2": [1]}


def test_an_image_with_annotations_in_two_folds_is_divided():
    rows = [row(1, 2), row(1, 1), row(1, 2), row(2, 2)]
    found = read_folds(rows, 2, ["image-1"])
    assert found.images.sizes.tolist() == [1, 2]
    assert found.images.n_divided == 1
    assert found.folds_of == {"image-1": [1, 2]}


def test_images_without_a_group_are_in_none():
    rows = [row(1, 1), row(2, 1, "a"), row(3, 2, "a"), row(4, 2, "b"), row(5, 1)]
    found = read_folds(rows, 2, [])
    assert found.groups.sizes.tolist() == [1, 2]
    assert found.groups.n_divided == 1


def test_shades_say_how_far_from_an_equal_share():
    counts = np.array([[4, 4, 4, 4], [0, 1, 3, 4], [16, 0, 0, 0]])
    sizes = np.array([5, 5, 5, 5])
    shown = heat_map(["a", "b", "c"], counts, sizes, None)
    shades = [[cell.shade for cell in row.cells] for row in shown.rows]
    assert shades == [[0, 0, 0, 0], [None, -2, 2, 4], [4, None, None, None]]
    assert [[cell.n for cell in row.cells] for row in shown.rows] == counts.tolist()
    assert [row.total for row in shown.rows] == [16, 8, 16]
    assert [row.deviation for row in shown.rows] == [0, 0.75, 1.5]
    assert [cell.shade for cell in shown.sizes] == [0, 0, 0, 0]
    assert shown.size == 20
    assert shown.groups is None


def test_groups_have_a_row():
    ones = np.ones((1, 2), int)
    shown = heat_map(["a"], ones, np.array([3, 1]), np.array([1, 1]))
    assert shown.groups == [(1, 0), (1, 0)]
    assert shown.sizes == [(3, 2), (1, -2)]


def test_few_categories_are_in_their_order():
    counts = np.array([[1, 1], [2, 0], [1, 1]])
    shown = heat_map(["b", "a", "c"], counts, counts.sum(axis=0), None)
    assert [row.name for row in shown.rows] == ["b", "a", "c"]
    assert shown.n_other_categories == shown.n_other_folds == 0


def test_of_many_categories_the_least_even_are_shown():
    counts = np.full((8000, 4), 10)
    # One image in four folds is as even as can be; the others are not.
    counts[17] = [1, 0, 0, 0]
    counts[4000] = [40, 0, 0, 0]
    counts[5000] = [13, 9, 9, 9]
    names = [f"category {n}" for n in range(8000)]
    shown = heat_map(names, counts, counts.sum(axis=0), None)
    assert len(shown.rows) == MOST_CATEGORIES
    assert [row.name for row in shown.rows[:2]] == ["category 4000", "category 5000"]
    assert "category 17" not in {row.name for row in shown.rows[:2]}
    assert shown.n_other_categories == 8000 - MOST_CATEGORIES


def test_of_many_folds_the_least_even_are_shown_in_their_order():
    counts = np.full((1, 1000), 10)
    counts[0, [700, 30]] = [60, 100]
    sizes = np.arange(1000)
    shown = heat_map(["a"], counts, sizes, None)
    assert len(shown.folds) == MOST_FOLDS
    assert shown.folds == sorted(shown.folds)
    assert {31, 701} <= {*shown.folds}
    assert shown.n_other_folds == 1000 - MOST_FOLDS
    assert [cell.n for cell in shown.sizes] == [fold - 1 for fold in shown.folds]
    assert len(shown.rows[0].cells) == MOST_FOLDS


def test_a_hold_out_is_in_no_fold():
    rows = [row(1, 1, "p"), row(2, 2, "q"), row(3, 0, "r")]
    found = read_folds(rows, 2, ["image-1", "image-3"])
    assert found.images.sizes.tolist() == [1, 1]
    assert found.groups.sizes.tolist() == [1, 1]
    assert found.folds_of == {"image-1": [1], "image-3": [0]}
