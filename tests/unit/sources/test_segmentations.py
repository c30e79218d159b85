"""Whether segmentations and boxes fit their images, with pycocotools as the oracle."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import compressed
from pycocotools import mask as coco_mask

from cocofolds.sources.segmentations import (
    box_problem,
    is_inside,
    reaches_out,
    segmentation_problem,
    sum_problem,
    sums_of_counts,
)

WIDTH, HEIGHT = 40, 30
NAN, INFINITY = float("nan"), float("inf")


def plainly_read(text):
    """Read compressed counts as ``rleFrString`` of ``maskApi.c`` does, step by step."""
    counts = []
    place = 0
    while place < len(text):
        number, shift, goes_on = 0, 0, True
        while goes_on:
            bits = ord(text[place]) - 48
            number |= (bits & 31) << shift
            shift += 5
            goes_on = bits & 32
            if not goes_on and bits & 16:
                number |= -1 << shift
            place += 1
        counts.append(number + (counts[-2] if len(counts) > 2 else 0))
    return counts


COUNTS = st.lists(
    st.one_of(st.integers(0, 40), st.integers(0, 2**32 - 1)), min_size=1, max_size=60
)


@given(st.lists(COUNTS, min_size=1, max_size=8))
def test_sums(counts):
    texts = [compressed(some) for some in counts]
    assert sums_of_counts(texts) == [sum(some) for some in counts]


@given(
    st.lists(
        st.tuples(
            st.integers(1, 12),
            st.integers(1, 12),
            st.integers(0, 2**32 - 1),
            st.booleans(),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_masks_of_pycocotools_fit(pictures):
    texts = []
    for width, height, seed, is_listed in pictures:
        pixels = np.random.RandomState(seed).randint(0, 2, (height, width), np.uint8)
        encoded = coco_mask.encode(np.asfortranarray(pixels))
        text = encoded["counts"].decode()
        texts.append(text)
        counts = plainly_read(text) if is_listed else text
        segmentation = {"size": [height, width], "counts": counts}
        assert segmentation_problem(segmentation, width, height) == ""
        assert segmentation_problem(segmentation, width + 1, height) != ""
    assert sums_of_counts(texts) == [w * h for w, h, *_ in pictures]


# Any text of the alphabet whose last character ends a number.
TEXTS = st.lists(
    st.text(st.characters(min_codepoint=48, max_codepoint=111), max_size=12), max_size=8
)


@given(TEXTS)
def test_any_text_of_the_alphabet(texts):
    for text, total in zip(texts, sums_of_counts(texts), strict=True):
        is_whole = text and ord(text[-1]) < 80
        runs = [len(run) + 1 for run in _continued(text)]
        counts = plainly_read(text) if is_whole and max(runs) <= 7 else [-1]
        assert total == (sum(counts) if min(counts) >= 0 else -1)


def _continued(text):
    """The characters of each number but its last one."""
    return "".join(" " if ord(c) < 80 else "x" for c in text).split(" ")


@given(TEXTS)
def test_what_fits_is_read_by_pycocotools(texts):
    for text, total in zip(texts, sums_of_counts(texts), strict=True):
        if 0 < total <= 10_000:
            encoded = {"size": [total, 1], "counts": text.encode()}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                pixels = coco_mask.decode(encoded)
            assert pixels.sum() == sum(plainly_read(text)[1::2])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "0P",
        "/0",
        "p0",
        "é0",
        "0é",
        "0 0",
        "0\n",
        "0\x00",
        "PPPPPPP0",
        "P" * 200 + "0",
        "\ud8000",
        # 5, then -1.
        "5O",
        # 3, 1, 1, and a difference of -2 from the second count.
        "3111N",
    ],
)
def test_malformed_counts(text):
    fine = compressed([3, 4, 5])
    assert sums_of_counts([fine, text, fine]) == [12, -1, 12]
    assert "not readable" in sum_problem(-1, WIDTH, HEIGHT)


def test_sums_of_none():
    assert sums_of_counts([]) == []


SOUND = {
    "none": None,
    "empty list": [],
    "empty object": {},
    "empty text": "",
    "polygon": [[2, 3, 7, 3, 7, 7]],
    "polygons": [[2, 3, 7, 3, 7, 7, 2, 7], [0.5, 0.5, 39.5, 1e1, 3, 29.5]],
    "polygon partly outside": [[-5, 3, 7, 3, 7, 50]],
    "polygon beside one outside": [[50, 3, 57, 3, 57, 7], [2, 3, 7, 3, 7, 7]],
    "polygon around the image": [[-9, -9, 99, -9, 99, 99, -9, 99]],
    "polygon at the border": [[40, 3, 40, 9, 40, 20]],
    "long polygon": [[390, 290, 300, 200] * 500 + [1, 2]],
    "counts": {"size": [30, 40], "counts": [0, 1200]},
    "counts with zeros": {"size": [30, 40], "counts": [600, 0, 0, 600]},
    "size with a point": {"size": [30.0, 40.0], "counts": [1200]},
    "text, for `sums_of_counts`": {"size": [30, 40], "counts": "x"},
}


@pytest.mark.parametrize("segmentation", SOUND.values(), ids=SOUND)
def test_sound_segmentation(segmentation):
    assert segmentation_problem(segmentation, WIDTH, HEIGHT) == ""


FAULTY = {
    "number": (5, "neither polygons nor"),
    "zero": (0, "neither polygons nor"),
    "false": (False, "neither polygons nor"),
    "text": ("7240m0", "neither polygons nor"),
    "flat list": ([2, 3, 7, 3, 7, 7], "no list of polygons"),
    "list of objects": ([{"x": 2}], "no list of polygons"),
    "list of none": ([None], "no list of polygons"),
    "nested wrongly": ([[[2, 3], [7, 3], [7, 7]]], "has 3 numbers"),
    "nested too deeply": ([[[2, 3, 7, 3, 7, 7]]], "has 1 numbers"),
    "pairs": ([[[2, 3]] * 6], "is no number"),
    "empty polygon": ([[2, 3, 7, 3, 7, 7], []], "polygon 1 has 0 numbers"),
    "a box": ([[2, 3, 5, 5]], "polygon 0 has 4 numbers"),
    "odd": ([[2, 3, 7, 3, 7, 7, 2]], "polygon 0 has 7 numbers"),
    "second": ([[2, 3, 7, 3, 7, 7], [1, 2]], "polygon 1 has 2 numbers"),
    "text in it": ([[2, 3, 7, 3, 7, "7"]], "polygon 0 is no number"),
    "none in it": ([[2, 3, 7, 3, 7, None]], "polygon 0 is no number"),
    "true in it": ([[2, 3, 7, 3, 7, True]], "polygon 0 is no number"),
    "NaN": ([[2, 3, 7, 3, 7, NAN]], "far outside"),
    "infinity": ([[2, 3, 7, 3, 7, -INFINITY]], "far outside"),
    "far": ([[2, 3, 7, 3, 7, 401]], "far outside"),
    "too large for a float": ([[2, 3, 7, 3, 7, 10**400]], "far outside"),
    "all to the right": ([[50, 3, 57, 3, 57, 7]], "are outside"),
    "all above": ([[5, -5, 7, -5, 7, -3]], "are outside"),
    "no size": ({"counts": [1200]}, "no 'size'"),
    "no counts": ({"size": [30, 40]}, "no 'counts'"),
    "swapped size": (
        {"size": [40, 30], "counts": [1200]},
        "[40, 30], is not [height, width] of its image, [30, 40]",
    ),
    "size as text": ({"size": "30x40", "counts": [1200]}, "'30x40', is not"),
    "size of one": ({"size": [30], "counts": [1200]}, "[30], is not"),
    "size of none": ({"size": None, "counts": [1200]}, "None, is not"),
    "long size": ({"size": [1] * 10**5, "counts": [1200]}, "..., is not"),
    "no counts in the list": ({"size": [30, 40], "counts": []}, "sum up to 0 pixels"),
    "too few": (
        {"size": [30, 40], "counts": [600, 599]},
        "sum up to 1199 pixels, but its image has 40 x 30 = 1200",
    ),
    "too many": ({"size": [30, 40], "counts": [600, 601]}, "sum up to 1201"),
    "negative": ({"size": [30, 40], "counts": [1201, -1]}, "a negative count"),
    "counts with a point": ({"size": [30, 40], "counts": [1200.0]}, "whole numbers"),
    "true": ({"size": [30, 40], "counts": [1199, True]}, "whole numbers"),
    "text in counts": ({"size": [30, 40], "counts": ["1200"]}, "whole numbers"),
    "null as counts": ({"size": [30, 40], "counts": None}, "whole numbers"),
    "number as counts": ({"size": [30, 40], "counts": 1200}, "whole numbers"),
}


@pytest.mark.parametrize(("segmentation", "problem"), FAULTY.values(), ids=FAULTY)
def test_faulty_segmentation(segmentation, problem):
    found = segmentation_problem(segmentation, WIDTH, HEIGHT)
    assert problem in found
    assert len(found) < 200


CORNERS = st.one_of(st.integers(-500, 500), st.floats(-500, 500))


@given(st.lists(st.lists(CORNERS, max_size=9), min_size=1, max_size=4))
def test_polygons_that_fit_are_read_by_pycocotools(polygons):
    is_mask = polygons != [[]]
    if is_mask and segmentation_problem(polygons, WIDTH, HEIGHT) == "":
        rles = coco_mask.frPyObjects(polygons, HEIGHT, WIDTH)
        assert len(rles) == len(polygons)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            assert coco_mask.decode(coco_mask.merge(rles)).shape == (HEIGHT, WIDTH)


@pytest.mark.parametrize(
    ("box", "is_reaching_out"),
    [
        ([0, 0, 40, 30], False),
        ([2, 3, 5.5, 4], False),
        ([0, 0, 0, 0], False),
        ([40, 30, 0, 0], False),
        ([-0.5, -1, 41.5, 32], False),
        ([-1.5, 0, 5, 5], True),
        ([0, -2, 5, 5], True),
        ([38, 0, 3.5, 5], True),
        ([0, 25, 5, 7], True),
    ],
)
def test_sound_box(box, is_reaching_out):
    assert box_problem(box, WIDTH, HEIGHT) == ""
    assert reaches_out(box, WIDTH, HEIGHT) == is_reaching_out
    assert not (is_inside(box, WIDTH, HEIGHT) and is_reaching_out)


@pytest.mark.parametrize(
    ("box", "problem"),
    [
        (None, "None, is not four numbers"),
        ([], "not four numbers"),
        ([1, 2, 3], "not four numbers"),
        ([1, 2, 3, 4, 5], "not four numbers"),
        ([1, 2, 3, "4"], "not four numbers"),
        ([1, 2, 3, None], "not four numbers"),
        ([1, 2, 3, True], "not four numbers"),
        ([[1, 2], [3, 4]], "not four numbers"),
        ([[1, 2, 3, 4]], "not four numbers"),
        ({"x": 1, "y": 2, "width": 3, "height": 4}, "not four numbers"),
        ("1 2 3 4", "not four numbers"),
        ([1, 2, NAN, 4], "not four numbers"),
        ([1, 2, INFINITY, 4], "not four numbers"),
        ([1, 2, 10**400, 4], "not four numbers"),
        ([5, 5, -1, 4], "negative width or height"),
        ([5, 5, 1, -0.5], "negative width or height"),
        ([42, 5, 3, 4], "is outside its image, 40 x 30"),
        ([-5, 5, 3, 4], "is outside"),
        ([5, 32, 0, 0], "is outside"),
        ([5, -8, 3, 4], "is outside"),
    ],
)
def test_faulty_box(box, problem):
    assert problem in box_problem(box, WIDTH, HEIGHT)
    assert not is_inside(box, WIDTH, HEIGHT)


@pytest.mark.parametrize("place", range(4))
def test_box_of_a_number_too_large_for_a_float(place):
    box = [1.5, 2.5, 3.5, 4.5]
    for number in (10**400, -(10**400)):
        box[place] = number
        assert not is_inside(box, WIDTH, HEIGHT)
        assert box_problem(box, WIDTH, HEIGHT)
