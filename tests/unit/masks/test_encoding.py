import csv
import gzip
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import (
    as_in_pycocotools,
    as_tuples,
    compressed,
    counts_of,
    decompressed,
    drawn,
    pictures,
    runs_of,
    texts_of,
    written,
)
from pycocotools import mask as coco_mask

from cocofolds.masks.encoding import compress, encode_masks
from cocofolds.masks.run_lengths import MAX_PIXELS, in_batches

ORDERS = ("row", "column")
SHAPES = {
    "one pixel": "#",
    "one row": ".##.#.###",
    "one row, first and last pixel": "#.......#",
    "one column": ".|#|#|.|#",
    "one column, first and last pixel": "#|.|.|#",
    "full": "#####|#####|#####",
    "top left": "#...|....|....",
    "top right": "...#|....|....",
    "bottom left": "....|....|#...",
    "bottom right": "....|....|...#",
    "top": "####|....|....",
    "bottom": "....|....|####",
    "left": "#...|#...|#...",
    "right": "...#|...#|...#",
    "corners": "#..#|....|#..#",
    "frame": "####|#..#|####",
    "hole": ".....|.###.|.#.#.|.###.|.....",
    "many parts": "#.#.#|.#.#.|#.#.#",
    "empty rows between": ".##.|....|....|.##.",
    "a run crosses a row end": "..##|#...|....",
    "a run holds whole rows": "...#|####|####|#...",
    "a run ends with its row": ".###|####|....",
    "bottom of one column, top of the next": ".#|.#|#.",
    "two stretches that meet at a column end": "..#..|..#..|.#...|.#...",
    "all but the last pixel": "###|###|##.",
    "all but the first pixel": ".##|###|###",
}
# Sizes at which 32 bits are just enough, just not enough, and COCO's largest.
LARGE_SIZES = [
    (46_338, 46_338),
    (46_340, 46_340),
    (715_827_880, 1),
    (715_827_881, 1),
    (1, 1_073_741_821),
    (1, 1_073_741_822),
    (40_000, 60_000),
    (60_000, 40_000),
    (65_535, 65_537),
    (1, MAX_PIXELS),
    (MAX_PIXELS, 1),
]


def picture_of(shape):
    return np.array([list(row) for row in shape.split("|")]) == "#"


def encoded(texts, sizes, order):
    heights, widths = np.array(sizes).T
    return as_tuples(encode_masks(texts, heights, widths, order))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_shape(shape, order):
    picture = picture_of(shape)
    text = written(runs_of(picture, order))
    assert encoded([text], [picture.shape], order) == [as_in_pycocotools(picture)]


@pytest.mark.parametrize("order", ORDERS)
def test_all_shapes_in_one_batch(order):
    batch = [picture_of(shape) for shape in SHAPES.values()]
    texts = [written(runs_of(picture, order)) for picture in batch]
    sizes = [picture.shape for picture in batch]
    assert encoded(texts, sizes, order) == [as_in_pycocotools(p) for p in batch]


@st.composite
def batches(draw, order):
    """Pictures, and a text of each."""
    batch = draw(st.lists(pictures(), min_size=1, max_size=5))
    return batch, [draw(texts_of(picture, order)) for picture in batch]


@pytest.mark.parametrize("order", ORDERS)
@given(data=st.data())
def test_any_batch(data, order):
    batch, texts = data.draw(batches(order))
    sizes = [picture.shape for picture in batch]
    expected = [as_in_pycocotools(picture) for picture in batch]
    assert encoded(texts, sizes, order) == expected
    one_by_one = [
        encoded([text], [size], order)[0]
        for text, size in zip(texts, sizes, strict=True)
    ]
    assert one_by_one == expected


@pytest.mark.parametrize("order", ORDERS)
@given(data=st.data())
def test_any_batch_beside_an_image_too_large_for_32_bits(data, order):
    batch, texts = data.draw(batches(order))
    sizes = [*(picture.shape for picture in batch), (60_000, 40_000)]
    found = encoded([*texts, "1 1"], sizes, order)
    assert found[:-1] == [as_in_pycocotools(picture) for picture in batch]
    assert found[-1][1:] == (1, [0, 0, 1, 1])


@pytest.mark.parametrize(
    ("text", "picture"),
    [("1 1 2 1", "##|..|.."), ("2 1 5 1 3 2", ".#|##|#.")],
    ids=["sorted", "unsorted"],
)
@pytest.mark.parametrize("order", ORDERS)
def test_last_two_runs_touch(text, picture, order):
    picture = picture_of(picture)
    if order == "column":
        picture = picture.T
    assert encoded([text], [picture.shape], order) == [as_in_pycocotools(picture)]


@given(pictures(), st.integers(2, 20))
def test_same_size_throughout(picture, n_masks):
    text = written(runs_of(picture, "row"))
    found = encoded([text] * n_masks, [picture.shape] * n_masks, "row")
    assert found == [as_in_pycocotools(picture)] * n_masks


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("height", "width"), LARGE_SIZES)
def test_large_image(height, width, order):
    n_pixels = height * width
    texts = ["1 1", f"{n_pixels} 1", f"1 {n_pixels}", f"1 1 {n_pixels} 1"]
    # One by one, since a batch of several needs more bits.
    found = [encoded([text], [(height, width)], order)[0] for text in texts]
    assert encoded(texts, [(height, width)] * len(texts), order) == found
    assert [decompressed(counts) for counts, _, _ in found] == [
        [0, 1, n_pixels - 1],
        [n_pixels - 1, 1],
        [0, n_pixels],
        [0, 1, n_pixels - 2, 1],
    ]
    assert [area for _, area, _ in found] == [1, 1, n_pixels, 2]
    assert [box for _, _, box in found] == [
        [0, 0, 1, 1],
        [width - 1, height - 1, 1, 1],
        [0, 0, width, height],
        [0, 0, width, height],
    ]


@pytest.mark.parametrize("size", [(1, MAX_PIXELS), (MAX_PIXELS, 1), (65_535, 65_537)])
@pytest.mark.parametrize("order", ORDERS)
def test_large_image_takes_little_memory(size, order):
    tracemalloc.start()
    encoded([f"1 {MAX_PIXELS}"], [size], order)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000


# Nobody can decode these: 40,000 rows of 60,000 pixels. Each is given by its rows, as
# (row, left, right), and by its columns, as (left, right, top, bottom).
HEIGHT, WIDTH = 40_000, 60_000
LARGE_SHAPES = {
    "rectangle": (
        [(row, 50_000, 50_400) for row in range(30_000, 30_300)],
        [(50_000, 50_400, 30_000, 30_300)],
    ),
    "rectangle at the last pixel": (
        [(row, WIDTH - 7, WIDTH) for row in range(HEIGHT - 9, HEIGHT)],
        [(WIDTH - 7, WIDTH, HEIGHT - 9, HEIGHT)],
    ),
    "full, a run a row": (
        [(row, 0, WIDTH) for row in range(HEIGHT)],
        [(0, WIDTH, 0, HEIGHT)],
    ),
    "L": (
        [(row, 0, 3) for row in range(HEIGHT - 2)]
        + [(row, 0, WIDTH) for row in range(HEIGHT - 2, HEIGHT)],
        [(0, 3, 0, HEIGHT), (3, WIDTH, HEIGHT - 2, HEIGHT)],
    ),
    "rows 10 to 20, but for both ends": (
        [(10, 59_000, WIDTH)]
        + [(row, 0, WIDTH) for row in range(11, 20)]
        + [(20, 0, 1_000)],
        [(0, 1_000, 11, 21), (1_000, 59_000, 11, 20), (59_000, WIDTH, 10, 20)],
    ),
    "diagonal": (
        [(row, row, row + 1) for row in range(HEIGHT)],
        [(column, column + 1, column, column + 1) for column in range(HEIGHT)],
    ),
}


@pytest.mark.parametrize("joined", [False, True], ids=["runs cut", "runs joined"])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("shape", LARGE_SHAPES)
def test_large_shape(shape, order, joined):
    rows, blocks = LARGE_SHAPES[shape]
    by_row = [(row * WIDTH + left, row * WIDTH + right) for row, left, right in rows]
    by_column = [
        (column * HEIGHT + top, column * HEIGHT + bottom)
        for left, right, top, bottom in blocks
        for column in range(left, right)
    ]
    stretches = by_row if order == "row" else by_column
    if joined:
        # Counts are in turn background and mask, in whatever order.
        edges = np.cumsum(counts_of(stretches, HEIGHT * WIDTH)).tolist()
        stretches = list(zip(edges[0::2], edges[1::2], strict=False))
    text = written((start + 1, end - start) for start, end in stretches)

    [(counts, area, box)] = encoded([text], [(HEIGHT, WIDTH)], order)

    expected = counts_of(by_column, HEIGHT * WIDTH)
    assert decompressed(counts) == expected
    assert area == sum(right - left for _, left, right in rows)
    lefts, rights, tops, bottoms = zip(*blocks, strict=True)
    x, y = min(lefts), min(tops)
    assert box == [x, y, max(rights) - x, max(bottoms) - y]
    assert counts == compressed(expected)
    mask = {"size": [HEIGHT, WIDTH], "counts": counts}
    assert (area, box) == (coco_mask.area(mask), coco_mask.toBbox(mask).tolist())


def as_pycocotools_compresses(counts):
    mask = coco_mask.frPyObjects({"size": [1, 1], "counts": counts}, 1, 1)
    return mask["counts"].decode()


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
@given(data=st.data())
def test_compress(data, dtype):
    largest = min(MAX_PIXELS, np.iinfo(dtype).max)
    # Few bits as often as many.
    count = st.integers(0, largest.bit_length()).map(lambda bits: 2**bits - 1)
    count = st.one_of(count, count.map(lambda n: n // 2 + 1), st.integers(0, largest))
    batch = data.draw(st.lists(st.lists(count, min_size=2), min_size=1, max_size=4))
    found = compress(
        np.array([n for counts in batch for n in counts], dtype),
        np.array([len(counts) for counts in batch]),
    )
    assert found == [compressed(counts) for counts in batch]
    assert [decompressed(text) for text in found] == batch
    for counts, text in zip(batch, found, strict=True):
        # pycocotools 2.0.11 writes past its memory where a string is longer.
        if len(text) < 6 * len(counts):
            assert text == as_pycocotools_compresses(counts)


def assert_as_in_pycocotools(rows, order):
    """Compare (text, height, width) with pycocotools; return what was found."""
    found = []
    for batch in in_batches(rows, lambda row: len(row[0])):
        texts, heights, widths = zip(*batch, strict=True)
        masks = encode_masks(texts, np.array(heights), np.array(widths), order)
        expected = [as_in_pycocotools(drawn(*row, order)) for row in batch]
        assert as_tuples(masks) == expected
        found += expected
    return found


def test_real_nuclei_in_both_orders(real_data):
    folder = real_data / "dsb2018"
    with open(folder / "train_row_major.csv") as file:
        by_row = [
            (row["annotation"], int(row["height"]), int(row["width"]))
            for row in csv.DictReader(file)
        ]
    with open(folder / "sizes.csv") as file:
        sizes = {
            row["ImageId"]: (int(row["height"]), int(row["width"]))
            for row in csv.DictReader(file)
        }
    with open(folder / "train_column_major.csv") as file:
        by_column = [
            (row["EncodedPixels"], *sizes[row["ImageId"]])
            for row in csv.DictReader(file)
        ]
    found = assert_as_in_pycocotools(by_row, "row")
    assert len(found) == 6_950
    assert assert_as_in_pycocotools(by_column, "column") == found


@pytest.mark.slow
def test_full_size_workload(real_data):
    with gzip.open(real_data / "sartorius_scale.csv.gz", "rt") as file:
        rows = [
            (row["annotation"], int(row["height"]), int(row["width"]))
            for row in csv.DictReader(file)
        ]
    assert len(assert_as_in_pycocotools(rows, "row")) == 73_585
