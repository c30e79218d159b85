"""The layer of masks over an image."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import HEIGHT, NAMES, WIDTH, annotation

from cocofolds.errors import InputError
from cocofolds.report.colours import as_hex, colour, colours_of
from cocofolds.report.mask_layer import mask_layer


def rgba(*annotations, size=(WIDTH, HEIGHT), shown_size=None, names=NAMES):
    """The pixels of the layer: red, green, blue and opacity."""
    colours = colours_of(annotations, names)
    layer = mask_layer(annotations, colours, size, shown_size or size)
    assert layer.image.size == (shown_size or size)
    rgb = np.asarray(layer.image.convert("RGB"), int)
    return np.dstack([rgb, np.asarray(layer.opacity(), int)])


def test_inside_and_outline():
    # An L: its box has a corner that the mask does not reach.
    found = rgba(annotation(1, (5, 30, 10, 20), (20, 30, 10, 40)))
    red, green, blue = colour(0)
    outline = np.zeros((HEIGHT, WIDTH), bool)
    outline[5:30, 10:20] = outline[20:30, 10:40] = True
    inside = np.zeros_like(outline)
    inside[6:29, 11:19] = inside[21:29, 11:39] = True
    # The pixel in the bend touches the outside at a corner alone.
    inside[20, 19] = True
    outline &= ~inside
    assert (found[outline] == (red, green, blue, 255)).all()
    assert (found[inside] == (red, green, blue, found[10, 15, 3])).all()
    assert 40 < found[10, 15, 3] < 130
    assert (found[~outline & ~inside, 3] == 0).all()


def test_small_masks_and_all_outlines_lie_above():
    small, large = annotation(1, (10, 20, 50, 70)), annotation(2, (0, HEIGHT, 0, WIDTH))
    crossing = annotation(2, (15, 35, 60, 90))
    for order in ([small, large, crossing], [crossing, large, small]):
        found = rgba(*order)
        assert (found[12, 55, :3] == colour(0)).all(), "the small one over the large"
        assert (found[15, 65] == (*colour(1), 255)).all(), (
            "an outline over the small one"
        )


def test_instances_of_one_category_have_colours_of_their_own():
    masks = [annotation(1, (9, 19, left, left + 9)) for left in range(0, 500, 10)]
    found = rgba(*masks, names={1: "cell"})
    assert len({tuple(found[12, left + 4]) for left in range(0, 500, 10)}) == 50


def test_more_instances_than_a_palette_has():
    masks = [annotation(1, (9, 19, left, left + 9)) for left in range(590)]
    found = rgba(*masks, names={1: "cell"})
    assert (found[19:] == 0).all()
    assert (found[12, :598, 3] > 0).all()


def test_colours_follow_the_categories_of_the_data_set():
    names = {number: str(number) for number in range(9)}
    records = [{"category_id": 7}, {"category_id": 2}]
    assert colours_of(records, names) == [colour(7), colour(2)]
    assert len({colour(number) for number in range(100)}) == 100
    assert as_hex(colour(0)) == "#56b4e9"


@given(
    st.integers(1, 60),
    st.integers(1, 60),
    st.lists(st.tuples(*[st.integers(0, 59)] * 2), max_size=5),
)
def test_no_mask_vanishes(height, width, pixels):
    """A pixel of a mask is coloured where it is shown, however small that is."""
    pixels = [(y, x) for y, x in pixels if y < height and x < width]
    rectangles = [(y, y + 1, x, x + 1) for y, x in pixels]
    record = annotation(1, *rectangles, height=height, width=width)
    for shown in ((3, 2), (17, 23), (2 * width, 2 * height), (width, height)):
        is_smaller = shown[0] < width and shown[1] < height
        is_enlarged = shown[0] % width == shown[1] % height == 0
        if is_smaller or is_enlarged:
            found = rgba(record, size=(width, height), shown_size=shown)
            for y, x in pixels:
                at = y * shown[1] // height, x * shown[0] // width
                assert found[at][3] > 0
            assert pixels or not found[..., 3].any()


def test_enlarged_and_shrunk():
    record = annotation(1, (10, 20, 50, 71))
    found = rgba(record, shown_size=(2 * WIDTH, 2 * HEIGHT))[..., 3] > 0
    assert found[20:40, 100:142].all()
    assert found.sum() == 20 * 42
    found = rgba(record, shown_size=(WIDTH // 2, HEIGHT // 2))[..., 3] > 0
    assert found[5:10, 25:36].all()
    assert found.sum() == 5 * 11


def test_a_mask_on_an_image_of_one_column():
    record = annotation(1, (3990, 4000, 0, 1), height=4000, width=1)
    found = rgba(record, size=(1, 4000), shown_size=(1, 1600))[..., 3] > 0
    assert found[1596:].all()
    assert found.sum() == 4


def test_a_speck_has_a_frame():
    found = rgba(annotation(1, (10, 12, 50, 52)))[..., 3] > 0
    assert found[7, 47:55].all()
    assert found[14, 47:55].all()
    assert found[7:15, 47].all()
    assert found[7:15, 54].all()
    assert not found[8, 48:54].any()
    assert found.sum() == 4 + 28


def test_a_box_alone():
    record = {"id": 1, "category_id": 1, "bbox": [50, 10, 20, 8]}
    found = rgba(record)[..., 3] > 0
    assert found[10, 50:70].all()
    assert found[17, 50:70].all()
    assert found[10:18, 50].all()
    assert found[10:18, 69].all()
    assert found.sum() == 2 * 20 + 2 * 6
    # A box around a mask says nothing new.
    with_mask = {**annotation(1, (20, 30, 100, 110)), "bbox": record["bbox"]}
    assert not rgba(with_mask)[10, 50:70, 3].any()


@pytest.mark.parametrize("far", [1e5, 1e308])
def test_box_that_goes_far_outside(far):
    around = {"id": 1, "category_id": 1, "bbox": [-far, -9, 2 * far, 1e9]}
    assert not rgba(around)[..., 3].any()
    found = rgba({"id": 1, "category_id": 1, "bbox": [20, 10, far, far]})[..., 3] > 0
    assert found[10, 20:].all()
    assert found[10:, 20].all()
    assert found.sum() == WIDTH - 20 + HEIGHT - 10 - 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"segmentation": {"size": [9, 9], "counts": "0"}}, "of another size"),
        ({"segmentation": {"counts": [1]}}, "mask of annotation 7 cannot be read"),
        (
            {"segmentation": {"size": [HEIGHT, WIDTH], "counts": [5, 3]}},
            "must be equal to height",
        ),
        (
            {"segmentation": {"size": [HEIGHT, WIDTH], "counts": "53"}},
            "does not match h.w",
        ),
        ({"segmentation": [[0, 0, 1e9, 0, 1e9, 1e9]]}, "or far outside"),
        ({"segmentation": [[0, 0, 5, 0, float("nan"), 5]]}, "or far outside"),
        ({"segmentation": [[0, 0, 5, 0, 5, "x"]]}, "cannot be read"),
        ({"segmentation": [[[0, 0], [5, 0], [5, 5]]]}, "or far outside"),
        ({"segmentation": [], "bbox": [1, 2]}, "not four numbers"),
        ({"segmentation": [], "bbox": [1, float("nan"), 2, 2]}, "no box"),
    ],
)
def test_records_that_cannot_be_drawn(change, message):
    with pytest.raises(InputError, match=message):
        rgba({**annotation(1, (0, 9, 0, 9)), "id": 7, **change})


@pytest.mark.parametrize("area", [None, "12", True, float("nan")])
def test_area_that_is_no_number(area):
    found = rgba({**annotation(1, (0, 9, 0, 9)), "area": area})
    assert (found[:9, :9, 3] > 0).all()


def test_memory_follows_the_size_that_is_shown():
    side = 65_535
    whole = {"size": [side, side], "counts": [0, side**2]}
    polygon = [[60_000, 30_000, 60_002, 30_000, 60_002, 30_002]]
    records = [{"id": 1, "category_id": 1, "segmentation": s} for s in (whole, polygon)]
    tracemalloc.start()
    layer = mask_layer(records * 20, 40 * [colour(0)], (side, side), (1600, 1600))
    # Some times the 2.6 million pixels, one byte each.
    assert tracemalloc.get_traced_memory()[1] < 1e8
    tracemalloc.stop()
    at = 60_000 * 1600 // side, 30_000 * 1600 // side
    assert layer.image.getpixel(at) == 2
