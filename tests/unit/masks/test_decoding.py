"""Masks in their boxes, against pycocotools on the whole image."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco_mask

from cocofolds.masks.decoding import decode_in_box, decode_shrunk

SIZES = st.tuples(st.integers(1, 30), st.integers(1, 30))
# Around the image, and well outside.
COORDINATES = st.floats(-12, 42) | st.integers(-12, 42) | st.sampled_from([0.5, 9.9])
POLYGONS = st.lists(
    st.integers(3, 6).flatmap(
        lambda n: st.lists(COORDINATES, min_size=2 * n, max_size=2 * n)
    ),
    min_size=1,
    max_size=3,
)


@st.composite
def segmentations(draw):
    """Draw a segmentation of any form, with the height and width of its image."""
    height, width = draw(SIZES)
    if draw(st.booleans()):
        # Corners may lie ten sides away at most.
        return draw(POLYGONS), max(height, 5), max(width, 5)
    mask = draw(arrays(np.uint8, (height, width), elements=st.integers(0, 1)))
    rle = coco_mask.encode(np.asfortranarray(mask))
    form = draw(st.sampled_from(["bytes", "text", "list"]))
    if form == "text":
        rle["counts"] = rle["counts"].decode()
    if form == "list":
        flat = mask.ravel(order="F")
        ends = np.flatnonzero(np.diff(flat, prepend=0)).tolist()
        rle["counts"] = np.diff([0, *ends, flat.size]).tolist()
    return rle, height, width


def whole_mask(segmentation, height, width):
    if isinstance(segmentation, list) or isinstance(segmentation["counts"], list):
        segmentation = coco_mask.frPyObjects(segmentation, height, width)
    if isinstance(segmentation, list):
        segmentation = coco_mask.merge(segmentation)
    return coco_mask.decode(segmentation).astype(bool)


def on_image(found, height, width):
    mask = np.zeros((height, width), bool)
    n_rows, n_columns = found.pixels.shape
    rows = slice(found.top, found.top + n_rows)
    mask[rows, found.left : found.left + n_columns] = found.pixels
    return mask


@given(segmentations())
def test_same_pixels_in_the_smallest_box(case):
    found = decode_in_box(*case)
    assert (on_image(found, *case[1:]) == whole_mask(*case)).all()
    if found.pixels.size:
        # No row and no column at the border of the box is empty.
        for border in (0, -1):
            assert found.pixels[border].any()
            assert found.pixels[:, border].any()


@given(segmentations(), st.integers(1, 4))
def test_shrunk_mask_has_the_pixels_that_it_reaches_into(case, factor):
    segmentation, height, width = case
    shrunk = -(-height // factor), -(-width // factor)
    expected = np.zeros(shrunk, bool)
    for row, column in np.argwhere(whole_mask(*case)):
        expected[row * shrunk[0] // height, column * shrunk[1] // width] = True
    found = decode_shrunk(segmentation, (height, width), shrunk)
    assert (on_image(found, *shrunk) == expected).all()


@pytest.mark.parametrize("segmentation", [None, [], [[1.2, 1, 1.2, 1, 1.2, 1]]])
def test_empty_mask(segmentation):
    assert decode_in_box(segmentation, 9, 9).pixels.size == 0
    assert decode_shrunk(segmentation, (9, 9), (3, 3)).pixels.size == 0


SIDE = 65_535
IN_THE_MIDDLE = 30_000 * SIDE + 40_000


@pytest.mark.parametrize(
    "segmentation",
    [
        [[30_000, 40_000, 30_009, 40_000, 30_009, 40_009, 30_000, 40_009]],
        {
            "size": [SIDE, SIDE],
            "counts": [
                IN_THE_MIDDLE,
                9,
                SIDE - 9,
                9,
                SIDE**2 - IN_THE_MIDDLE - SIDE - 9,
            ],
        },
        {
            "size": [SIDE, SIDE],
            "counts": coco_mask.frPyObjects(
                [[SIDE - 9, SIDE - 9, SIDE + 99, SIDE - 9, SIDE + 99, SIDE + 99]],
                SIDE,
                SIDE,
            )[0]["counts"].decode(),
        },
    ],
    ids=["polygon", "counts", "compressed counts"],
)
def test_memory_follows_the_box(segmentation):
    tracemalloc.start()
    found = decode_in_box(segmentation, SIDE, SIDE)
    shrunk = decode_shrunk(segmentation, (SIDE, SIDE), (4096, 4096))
    assert tracemalloc.get_traced_memory()[1] < 1e6
    tracemalloc.stop()
    assert 0 < found.pixels.sum() <= 81
    assert 0 < shrunk.pixels.sum() <= 4


def test_a_whole_huge_image_is_drawn_shrunk():
    tracemalloc.start()
    counts = {"size": [SIDE, SIDE], "counts": [0, SIDE**2]}
    found = decode_shrunk(counts, (SIDE, SIDE), (500, 400))
    assert tracemalloc.get_traced_memory()[1] < 1e7
    tracemalloc.stop()
    assert found.pixels.shape == (500, 400)
    assert found.pixels.all()
