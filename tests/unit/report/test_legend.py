"""The legend below a preview."""

import numpy as np
import pytest
from PIL import Image

from cocofolds.report.colours import colour
from cocofolds.report.legend import NARROWEST, _entries, _font, _lay_out, with_legend

GREY = (110, 110, 110)


def legend(category_ids, names, width=600, colours=None):
    """The legend of annotations of some categories, as pixels."""
    annotations = [{"category_id": category_id} for category_id in category_ids]
    order = [*names]
    colours = colours or [colour(order.index(number)) for number in category_ids]
    picture = Image.new("RGB", (width, 20), GREY)
    page = with_legend(picture, annotations, colours, names)
    pixels = np.asarray(page, int)
    left = (page.width - width) // 2
    assert (pixels[:20, left : left + width] == GREY).all()
    # A line lies between.
    return pixels[21:]


def shown(category_ids, names, width=600):
    """The texts of the legend: line, name and number of each entry."""
    annotations = [{"category_id": category_id} for category_id in category_ids]
    font = _font(14)
    entries = _entries(annotations, [colour(0)] * len(annotations), names, font)
    return [
        (line, entry.name, entry.number)
        for _, line, entry in _lay_out(entries, width, font, 7)
    ]


def is_in(rgb, pixels):
    return (pixels == rgb).all(axis=-1).any()


def test_a_swatch_for_each_category_of_the_image():
    names = {1: "astro", 2: "cort", 3: "shsy5y"}
    found = legend([3, 1, 3], names)
    assert is_in(colour(0), found)
    assert not is_in(colour(1), found)
    assert is_in(colour(2), found)
    assert shown([3, 1, 3], names) == [(0, "astro", "1"), (0, "shsy5y", "2")]


def test_swatches_of_instances():
    found = legend([1] * 20, {1: "cell"}, colours=[colour(n) for n in range(20)])
    assert all(is_in(colour(number), found) for number in range(6))
    assert not is_in(colour(6), found)
    assert shown([1] * 2000, {1: "cell"}) == [(0, "cell", "2,000")]


def test_no_annotations():
    assert shown([], {1: "cell"}) == [(0, "no annotations", "")]
    assert (legend([], {1: "cell"}) < 128).any()


def test_a_second_line():
    names = dict.fromkeys(range(4), "a name of some length")
    lines = [line for line, _, _ in shown([0, 1, 2, 3], names)]
    assert lines == [0, 0, 1, 1]
    assert len(legend([0, 1, 2, 3], names)) > len(legend([0, 1], names))


@pytest.mark.parametrize("width", [3, 30, NARROWEST, 700])
@pytest.mark.parametrize("name", ["a", "word " * 80, "W" * 100_000])
def test_nothing_is_cut(width, name):
    """The margins are free, however narrow the picture and long the name."""
    found = legend([1, 2, 2], {1: name, 2: name}, width)
    assert found.shape[1] == max(width, NARROWEST)
    for margin in (found[:, :6], found[:, -6:], found[-4:]):
        assert (margin == 255).all()
    assert (found[:, 6:-6] < 128).any()


@pytest.mark.parametrize("name", ["Föhre β µ², 5 %", "сосна", "SH-SY5Y", "a  b"])
def test_names_in_many_scripts(name):
    assert shown([1], {1: name}) == [(0, name, "1")]


@pytest.mark.parametrize(
    "name", ["細胞", "cell 細胞", "תא", "कोशिका", "🦠", "", " \n", "\0"]
)
def test_a_name_without_glyphs_is_the_id(name):
    assert shown(["x7"], {"x7": name}) == [(0, "category x7", "1")]


def test_line_breaks_and_the_like_are_blanks():
    assert shown([1], {1: "a\nb\u202ec"}) == [(0, "a b c", "1")]


def test_very_many_categories():
    names = {number: f"category {number}" for number in range(8000)}
    found = shown(range(8000), names)
    assert len(found) == 41
    assert found[-1][1:] == ("and 7,960 more categories", "")
