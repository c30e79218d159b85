import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import drawn, pictures, runs_of, texts_of, written
from scipy import ndimage
from skimage.measure import label

from cocofolds.masks.cleaning import Cleaned, area, clean, digest_of_mask

ORDERS = ("row", "column")
WITH_CORNERS = np.ones((3, 3))
# A picture, what cleaning makes of it when it does both, and what it says it did.
# Both orders agree, since no two parts of a picture are equally large.
SHAPES = {
    "one pixel": ("#", "#", []),
    "one row": ("##.#", "##..", ["1 of 2 parts kept (1 of 3 pixels left out)"]),
    "full": ("###|###|###", "###|###|###", []),
    "hole": ("###|#.#|###", "###|###|###", ["1 hole filled (1 pixel)"]),
    "two holes": (
        "#####|#.#.#|#.###|#####",
        "#####|#####|#####|#####",
        ["2 holes filled (3 pixels)"],
    ),
    "two holes that touch at a corner": (
        "####|#.##|##.#|####",
        "####|####|####|####",
        ["2 holes filled (2 pixels)"],
    ),
    "a hole closed at its corners only": (
        ".#.|#.#|.#.",
        ".#.|###|.#.",
        ["1 hole filled (1 pixel)"],
    ),
    "open at the top": ("#.#|#.#|###", "#.#|#.#|###", []),
    "open at the bottom": ("###|#.#|#.#", "###|#.#|#.#", []),
    "open at the left": ("###|..#|###", "###|..#|###", []),
    "open at the right": ("###|#..|###", "###|#..|###", []),
    "open at a corner of the image": (
        "###|#.#|##.",
        "###|###|##.",
        ["1 hole filled (1 pixel)"],
    ),
    "parts that touch at a corner": ("#..|.#.|..#", "#..|.#.|..#", []),
    "not joined by the end of a line": (
        "..#|...|#..|#..",
        "...|...|#..|#..",
        ["1 of 2 parts kept (1 of 3 pixels left out)"],
    ),
    "a part inside a hole": (
        "#####|#...#|#.#.#|#...#|#####",
        "#####|#####|#####|#####|#####",
        ["1 hole filled (8 pixels)"],
    ),
    "a part that is the largest once it is filled": (
        "#####.######|#...#.######|#.#.#.######|#...#.######|#####.......",
        "#####.......|#####.......|#####.......|#####.......|#####.......",
        [
            "1 hole filled (8 pixels)",
            "1 of 2 parts kept (24 of 49 pixels left out)",
        ],
    ),
    "nested rings": (
        "#######|#.....#|#.###.#|#.#.#.#|#.###.#|#.....#|#######",
        "#######|#######|#######|#######|#######|#######|#######",
        ["2 holes filled (17 pixels)"],
    ),
}


def picture_of(shape):
    return np.array([list(row) for row in shape.split("|")]) == "#"


def cleaned(text, picture, order, fill_holes=True, keep_largest_part=True):
    return clean(
        text,
        *picture.shape,
        order,
        fill_holes=fill_holes,
        keep_largest_part=keep_largest_part,
    )


def number_of_holes(picture):
    regions, number = ndimage.label(~picture)
    edges = [regions[0], regions[-1], regions[:, 0], regions[:, -1]]
    return number - len({*np.concatenate(edges).tolist()} - {0})


def largest_part(picture, order):
    """Of equally large parts, the one met first in the order."""
    parts, _ = ndimage.label(picture, WITH_CORNERS)
    met = np.ravel(parts, order="C" if order == "row" else "F").tolist()
    # max() takes the first of equals.
    return parts == max(filter(None, met), key=met.count)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("before", "after", "changes"), SHAPES.values(), ids=SHAPES)
def test_shape(before, after, changes, order):
    before, after = picture_of(before), picture_of(after)
    text = written(runs_of(before, order))
    assert cleaned(text, before, order) == Cleaned(
        written(runs_of(after, order)), tuple(changes)
    )


@pytest.mark.parametrize("order", ORDERS)
@given(data=st.data())
def test_fill_holes(data, order):
    picture = data.draw(pictures())
    text = data.draw(texts_of(picture, order))
    found = cleaned(text, picture, order, keep_largest_part=False)
    filled = ndimage.binary_fill_holes(picture)
    if (filled == picture).all():
        assert found == (text, ())
        return
    assert found.runs == written(runs_of(filled, order))
    holes, pixels = number_of_holes(picture), filled.sum() - picture.sum()
    [change] = found.changes
    assert change.replace("holes", "hole").replace("pixels", "pixel") == (
        f"{holes} hole filled ({pixels} pixel)"
    )


@pytest.mark.parametrize("order", ORDERS)
@given(data=st.data())
def test_keep_largest_part(data, order):
    picture = data.draw(pictures())
    text = data.draw(texts_of(picture, order))
    found = cleaned(text, picture, order, fill_holes=False)
    _, n_parts = ndimage.label(picture, WITH_CORNERS)
    if n_parts == 1:
        assert found == (text, ())
        return
    kept = largest_part(picture, order)
    assert found.runs == written(runs_of(kept, order))
    before, after = picture.sum(), kept.sum()
    assert found.changes == (
        f"1 of {n_parts} parts kept ({before - after} of {before} pixels left out)",
    )


@pytest.mark.parametrize("order", ORDERS)
@given(data=st.data())
def test_both(data, order):
    picture = data.draw(pictures())
    text = data.draw(texts_of(picture, order))
    found = cleaned(text, picture, order)
    expected = largest_part(ndimage.binary_fill_holes(picture), order)
    assert (drawn(found.runs, *picture.shape, order) == expected).all()
    assert (found.runs == text) == (not found.changes)
    # Nothing is left to do.
    assert cleaned(found.runs, picture, order) == (found.runs, ())


@pytest.mark.parametrize("order", ORDERS)
@given(data=st.data())
def test_neither(data, order):
    picture = data.draw(pictures())
    text = data.draw(texts_of(picture, order))
    assert cleaned(text, picture, order, False, False) == (text, ())


@pytest.mark.parametrize(
    ("order", "after"), [("row", "..##|....|...."), ("column", "....|....|##..")]
)
def test_equally_large_parts(order, after):
    picture = picture_of("..##|....|##..")
    text = written(runs_of(picture, order))
    assert cleaned(text, picture, order).runs == written(
        runs_of(picture_of(after), order)
    )


@pytest.mark.parametrize("order", ORDERS)
def test_runs_that_touch_stay_cut_unless_the_mask_changes(order):
    solid, ring = np.ones((3, 3), bool), picture_of("###|#.#|###")
    assert cleaned("1 2 3 7", solid, order) == ("1 2 3 7", ())
    assert cleaned("1 2 3 2 6 4", ring, order).runs == "1 9"


@pytest.mark.parametrize("order", ORDERS)
def test_empty(order):
    assert cleaned("", np.zeros((3, 3), bool), order) == ("", ())
    assert area("") == 0


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [(2**32 - 1, 1), (1, 2**32 - 1), (65_535, 65_537)])
def test_large_image(size, order):
    last = size[0] * size[1]
    text = f"1 2 {last} 1"
    found = clean(text, *size, order, fill_holes=True, keep_largest_part=True)
    assert found == ("1 2", ("1 of 2 parts kept (1 of 3 pixels left out)",))


@pytest.mark.parametrize("text", ["1 10", "9 2", "10 1", "1 3 3 1", "0 1"])
def test_runs_that_are_not_a_mask(text):
    with pytest.raises(ValueError, match="counts"):
        cleaned(text, np.ones((3, 3), bool), "row")


@given(st.data())
def test_area(data):
    picture = data.draw(pictures())
    assert area(data.draw(texts_of(picture, "row"))) == picture.sum()


@given(st.data())
def test_digest_is_that_of_the_mask(data):
    first, second = data.draw(pictures()), data.draw(pictures())
    other = data.draw(st.sampled_from([first, second]))
    digests = [
        digest_of_mask(data.draw(texts_of(picture, "row")), "row")
        for picture in (first, other)
    ]
    numbers = [np.flatnonzero(picture).tolist() for picture in (first, other)]
    assert (digests[0] == digests[1]) == (numbers[0] == numbers[1])


def test_digest_knows_the_order():
    assert digest_of_mask("1 5", "row") != digest_of_mask("1 5", "column")


def as_in_scikit_image(picture, order):
    """Fill background that does not reach the border, then keep the largest part."""
    regions = label(picture == 0, connectivity=1)
    border = np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]])
    filled = (picture > 0) | ~np.isin(regions, border)
    parts = label(filled, connectivity=2)
    numbers = np.ravel(parts, order="C" if order == "row" else "F")
    # By first appearance, so that the first of equals wins.
    seen = dict.fromkeys(numbers[numbers > 0].tolist())
    return parts == max(seen, key=lambda number: (parts == number).sum())


@given(
    st.integers(1, 2**64 - 1),
    st.tuples(st.integers(1, 8), st.integers(1, 8)),
    st.sampled_from(ORDERS),
)
def test_as_in_scikit_image(bits, shape, order):
    size = shape[0] * shape[1]
    picture = np.array([bits >> n & 1 for n in range(size)]).reshape(shape)
    if picture.any():
        text = written(runs_of(picture, order))
        done = clean(text, *shape, order, fill_holes=True, keep_largest_part=True)
        expected = as_in_scikit_image(picture, order)
        np.testing.assert_array_equal(drawn(done.runs, *shape, order), expected)
