from io import BytesIO
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib.layout_engine import ConstrainedLayoutEngine

from cocofolds.report.plots import (
    NO_MASK,
    count_groups,
    plot_areas,
    plot_masks_per_image,
    plot_shares,
    read_counts,
    save_svg,
    styled,
)

QUESTION = "Does every fold hold every category in equal share?"


def drawn(plot, *arguments):
    """Draw a plot, and return its bytes, its text in order, and its axes."""
    with styled():
        figure = plot(QUESTION, *arguments)
        file = BytesIO()
        save_svg(figure, file)
    texts = [
        element.text
        for element in ElementTree.fromstring(file.getvalue()).iter()
        if element.tag.endswith("}text")
    ]
    return file.getvalue(), texts, figure.axes


def numbered(n_names):
    return [f"category {number}" for number in range(n_names)]


@pytest.mark.parametrize("n_names", [1, 3, 90])
def test_numbers_in_the_cells_are_those_of_the_table(n_names):
    counts = np.random.default_rng(1).integers(1, 500, (n_names, 5))
    _, texts, [axes] = drawn(plot_shares, numbered(n_names), counts)
    assert QUESTION in texts
    cells = {
        (round(text.get_position()[1]), round(text.get_position()[0])): text.get_text()
        for text in axes.texts
    }
    assert cells == {place: str(count) for place, count in np.ndenumerate(counts)}
    assert {*map(str, counts.ravel())} <= {*texts}
    assert [name for name in texts if name.startswith("category")] == numbered(n_names)
    height = axes.figure.get_size_inches()[1]
    assert height / n_names > 0.2, "each row has room for its text"


def test_of_many_categories_the_smallest_are_summed_up():
    counts = np.tile(np.arange(250), (3, 1)).T
    _, texts, [axes] = drawn(plot_shares, numbered(250), counts)
    shown = [text for text in texts if text.startswith(("category", "150 others"))]
    assert shown == [*(f"category {n}" for n in range(150, 250)), "150 others"]
    [cells] = axes.collections
    assert cells.get_array().shape == (101, 3)
    assert str(sum(range(150))) in {text.get_text() for text in axes.texts}


def test_areas_of_the_smallest_categories_are_one_row():
    # One category has more masks than the others.
    places = np.array([*range(250), 249])
    _, texts, _ = drawn(plot_areas, numbered(250), places, np.ones(251))
    shown = [text for text in texts if text.startswith(("category", "150 others"))]
    kept = [*(f"category {n} (1)" for n in range(99)), "category 249 (2)"]
    assert shown == [*kept, "150 others (150)"]


@pytest.mark.slow
def test_the_empty_cells_of_very_many_folds_are_not_hatched_one_by_one():
    counts = np.eye(100, 1000, dtype=int)
    _, _, [axes] = drawn(plot_shares, numbered(100), counts)
    assert not axes.patches


def test_lightness_is_the_share_of_the_category():
    counts = np.array([[10, 10, 10, 10], [2, 0, 1, 1]])
    _, _, [axes] = drawn(plot_shares, numbered(2), counts)
    [cells] = axes.collections
    assert cells.get_array().tolist() == [[1, 1, 1, 1], [2, 0, 1, 1]]
    assert cells.get_clim() == (0, 2)


def test_empty_cells_are_hatched_and_have_no_number():
    _, texts, [axes] = drawn(plot_shares, numbered(2), np.array([[3, 0], [0, 0]]))
    hatched = [patch.get_xy() for patch in axes.patches if patch.get_hatch()]
    assert hatched == [(0.5, -0.5), (-0.5, 0.5), (0.5, 0.5)]
    assert "0" not in texts


def test_many_folds_have_no_numbers():
    counts = np.full((2, 31), 77)
    _, texts, _ = drawn(plot_shares, numbered(2), counts)
    assert "77" not in texts


def test_groups_have_panels_of_their_own():
    groups = np.array([41, 42]), np.array([7, 8])
    _, texts, panels = drawn(plot_shares, ["a"], np.array([[1, 2]]), groups)
    heights = [[bar.get_height() for bar in panel.patches] for panel in panels[1:]]
    assert heights == [[41, 42], [7, 8]]
    assert {"41", "42", "7", "8"} <= {*texts}
    assert {bool(panel.patches[0].get_hatch()) for panel in panels[1:]} == {True, False}


def test_counts_are_read_from_the_fold_table():
    table = [
        {"fold": "1", "category": "a", "images": "2", "annotations": "20"},
        {"fold": "1", "category": "", "images": "1", "annotations": "0"},
        {"fold": "2", "category": "a", "images": "3", "annotations": "30"},
        {"fold": "2", "category": "", "images": "4", "annotations": "0"},
    ]
    counts = read_counts(table)
    assert counts.names == ["a", NO_MASK]
    assert counts.images.tolist() == [[2, 3], [1, 4]]
    assert counts.annotations.tolist() == [[20, 30], [0, 0]]


def fold_row(fold, image_id, group):
    return {"fold": str(fold), "image_id": str(image_id), "group": group}


def test_groups_and_images_are_counted_once_in_a_fold():
    rows = [fold_row(1, 1, "p"), fold_row(1, 1, "p"), fold_row(1, 2, "p")]
    rows += [fold_row(3, 3, "q"), fold_row(3, 3, "p")]
    images, groups = count_groups(rows, 3)
    assert images.tolist() == [2, 0, 1]
    assert groups.tolist() == [1, 0, 2]


def test_no_groups():
    assert count_groups([fold_row(1, 1, ""), fold_row(2, 2, "")], 2) is None


def test_areas_are_drawn_where_they_lie():
    # Places of the percentiles fall on these values.
    areas = np.array([*range(100, 201), *range(1000, 1101), 0.0])
    places = np.array([0] * 101 + [1] * 102)
    _, texts, [axes] = drawn(plot_areas, ["a", "b", "none"], places, areas)
    assert {"a (101)", "b (101)", "none (0)"} <= {*texts}
    assert "Annotations that say no area: 1" in texts
    assert axes.get_xscale() == "log"
    middle = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in axes.patches]
    assert middle == [(125, 175), (1025, 1075)]
    ends, medians = axes.lines[::2], axes.lines[1::2]
    assert [[*line.get_xdata()] for line in ends] == [[105, 195], [1005, 1095]]
    assert [[*line.get_xdata()] for line in medians] == [[150], [1050]]


def test_no_areas_at_all():
    _, texts, _ = drawn(plot_areas, ["a"], np.zeros(2, int), np.zeros(2))
    assert "a (0)" in texts


@pytest.mark.parametrize("largest", [3, 40, 41, 1000])
def test_bars_are_images_with_so_many_masks(largest):
    n_masks = np.array([0, 0, 1, 2, 2, largest, largest])
    _, texts, [axes] = drawn(plot_masks_per_image, n_masks)
    assert "median: 2" in texts
    assert "without masks: 2" in texts
    *with_masks, without = axes.patches
    assert (without.get_height(), bool(without.get_hatch())) == (2, True)
    assert without.get_x() + without.get_width() == 0.5
    assert len(with_masks) <= 40
    for bar in with_masks:
        first = bar.get_x()
        inside = (n_masks > first) & (n_masks < first + bar.get_width())
        assert bar.get_height() == inside.sum()
    assert sum(bar.get_height() for bar in with_masks) == 5


@pytest.mark.parametrize("n_masks", [[], [0, 0]])
def test_no_masks_at_all(n_masks):
    _, texts, _ = drawn(plot_masks_per_image, np.array(n_masks, int))
    assert QUESTION in texts


def test_names_of_any_kind():
    names = ["$x$ & <b>", "神経", "a\x00b\ud800", "n" * 99]
    _, texts, _ = drawn(plot_shares, names, np.ones((4, 2), int))
    shown = ["$x$ & <b>", "神経", "a\ufffdb\ufffd", "n" * 39 + "…"]
    assert {*shown} <= {*texts}


def test_same_bytes_whatever_the_settings(monkeypatch):
    arguments = (["a", "b"], np.array([[1, 2], [3, 0]]))
    first, _, _ = drawn(plot_shares, *arguments)
    with matplotlib.rc_context({"svg.fonttype": "path", "axes.facecolor": "red"}):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
        again, _, _ = drawn(plot_shares, *arguments)
    assert first == again
    assert b"<dc:date>" not in first
    assert f"<dc:title>{QUESTION}</dc:title>".encode() in first


def test_same_bytes_where_the_layout_has_other_last_digits(monkeypatch):
    counts = np.array([[4, 3, 5], [2, 6, 1]])
    arguments = (["a", "b"], counts, (np.array([6, 9, 6]), np.array([2, 2, 2])))
    first, _, _ = drawn(plot_shares, *arguments)
    laid_out = ConstrainedLayoutEngine.execute

    def with_noise(self, figure):
        laid_out(self, figure)
        for axes in figure.axes:
            x, y, width, height = axes.get_position().bounds
            axes.set_position((x + 1e-13, y, width, height - 1e-13))

    monkeypatch.setattr(ConstrainedLayoutEngine, "execute", with_noise)
    again, _, _ = drawn(plot_shares, *arguments)
    assert first == again


def test_a_hold_out_is_not_counted():
    rows = [fold_row(1, 1, "p"), fold_row(2, 2, "q"), fold_row(0, 3, "r")]
    images, groups = count_groups(rows, 2)
    assert images.tolist() == groups.tolist() == [1, 1]
