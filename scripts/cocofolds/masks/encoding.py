"""COCO's masks from runs, whole batches at once and without ever drawing a picture.

COCO writes a mask as counts: the lengths of the stretches of background and mask, in
turn, down the columns. Here a mask is the list of its *changes*: the pixels, in column
order, whose colour differs from that of the pixel before. Counts are the differences
between neighbouring changes.

The images of a batch are laid end to end, so one array of changes, with how many of
them each mask has, describes the batch. Masks may differ in size.

Source of the format: ``maskApi.c`` of pycocotools (``rleEncode``, ``rleToString``,
``rleToBbox``); the bytes here are the same as there.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cocofolds.masks.run_lengths import Runs, parse_runs
from cocofolds.settings import Order

Integers = NDArray[np.signedinteger[Any]]


class CocoMasks(NamedTuple):
    """A batch of masks as COCO annotations hold them.

    Attributes
    ----------
    counts : list of str
        COCO's compressed counts, as `pycocotools.mask.encode` gives them.
    areas : (n_masks,) int
        Pixels in each mask.
    boxes : (n_masks, 4) int
        x, y, width, height of the smallest box around each mask, in pixels.
    """

    counts: list[str]
    areas: Integers
    boxes: Integers


class Changes(NamedTuple):
    """Where the colour changes, in column order, in images laid end to end.

    Attributes
    ----------
    positions : (n_changes,) int
        Ascending; an even number of them in each mask. The last may be the position
        just behind the image.
    per_mask : (n_masks,) int
    """

    positions: Integers
    per_mask: Integers


def encode_masks(
    texts: Sequence[str], heights: Integers, widths: Integers, order: Order
) -> CocoMasks:
    """Turn run-length texts into COCO masks.

    Parameters
    ----------
    texts : sequence of str, at least one
        Run-length texts as `cocofolds.masks.run_lengths.parse_runs` reads them.
    heights, widths : (n_masks,) int
        Sizes of the images, in pixels.
    order : {"row", "column"}
        Whether the texts number the pixels along the rows or down the columns.

    Returns
    -------
    CocoMasks
    """
    runs = parse_runs(texts)
    # 32-bit arithmetic takes half the time wherever it is wide enough.
    narrow = int(np.sum((heights + 1) * (widths + 2))) < 2**31
    dtype = np.int32 if narrow else np.int64
    heights, widths = heights.astype(dtype), widths.astype(dtype)
    changes_of = row_order_changes if order == "row" else column_order_changes
    changes = changes_of(runs, heights, widths)
    areas = np.add.reduceat(runs.lengths, _first_positions(runs.per_mask))
    counts, per_mask = counts_between(changes, heights * widths)
    return CocoMasks(
        compress(counts, per_mask), areas, bounding_boxes(changes, heights, widths)
    )


def column_order_changes(runs: Runs, heights: Integers, widths: Integers) -> Changes:
    """Changes of masks whose runs go down the columns already.

    Runs that touch are one run: the changes between them are left out.
    """
    dtype = heights.dtype
    image_starts = _first_positions(heights * widths)
    starts = runs.starts.astype(dtype) + np.repeat(image_starts, runs.per_mask)
    positions = np.concatenate([starts, starts + runs.lengths.astype(dtype)])
    positions.sort()
    touches_next = positions[1:-1:2] == positions[2::2]
    first_runs = _first_positions(runs.per_mask)
    touches_next[first_runs[1:] - 1] = False
    kept = np.ones(len(positions), bool)
    kept[1:-1:2] = kept[2::2] = ~touches_next
    kept_per_mask = np.add.reduceat(kept, 2 * first_runs, dtype=np.int64)
    return Changes(positions[kept], kept_per_mask)


def row_order_changes(runs: Runs, heights: Integers, widths: Integers) -> Changes:
    """Changes of masks whose runs go along the rows: the transposition.

    A run is up to three rectangles: what it covers of its first row, whole rows, and
    what it covers of its last row. Going down a column, the colour changes on the seam
    between two rows exactly where an odd number of rectangles begins or ends. So the
    corners of all rectangles, sorted along each seam, bound in pairs the stretches of
    columns with a change on that seam.

    The seam below the last row of a column has the position, in column order, of the
    seam above the first row of the next column. It is taken for that one, which makes
    a change that is undone there vanish before it is ever written out.

    Time and memory follow the number of runs and the length of the outline.
    """
    dtype = heights.dtype
    mask = np.repeat(np.arange(len(heights)), runs.per_mask)
    starts, ends = runs.starts.astype(dtype), (runs.starts + runs.lengths).astype(dtype)
    mask, tops, bottoms, lefts, rights = _cut_at_row_ends(mask, starts, ends, widths)

    # Corners are on a grid of seams and column borders, one column wider than needed
    # for the step from the bottom seam to the top seam of the next column.
    grid_widths = widths + 2
    grid_starts = _first_positions(heights * grid_widths)
    height, grid_width = _of_mask(heights, mask), _of_mask(grid_widths, mask)
    grid_start = grid_starts[mask]
    upper = grid_start + tops * grid_width
    lower = np.where(
        bottoms < height, grid_start + bottoms * grid_width, grid_start + 1
    )
    corners = np.concatenate(
        [upper + lefts, upper + rights, lower + lefts, lower + rights]
    )
    corners.sort()

    stretches_per_mask = 2 * np.bincount(mask, minlength=len(heights))
    mask = np.repeat(np.arange(len(heights)), stretches_per_mask)
    stretches, columns_each = corners[0::2], np.diff(corners)[0::2]
    height, grid_width = _of_mask(heights, mask), _of_mask(grid_widths, mask)
    stretches -= grid_starts[mask]
    seams = stretches // grid_width
    first_columns = stretches - seams * grid_width
    first_positions = (
        _first_positions(heights * widths)[mask] + first_columns * height + seams
    )

    # Along a stretch the position grows by the height from column to column.
    first_positions -= _first_positions(columns_each) * height
    per_mask = np.add.reduceat(columns_each, _first_positions(stretches_per_mask))
    mask = np.repeat(np.arange(len(heights)), per_mask)
    positions = np.repeat(first_positions, columns_each)
    positions += np.arange(len(positions), dtype=dtype) * _of_mask(heights, mask)
    positions.sort()
    return Changes(positions, per_mask)


def _cut_at_row_ends(
    mask: Integers, starts: Integers, ends: Integers, widths: Integers
) -> tuple[Integers, Integers, Integers, Integers, Integers]:
    """Cut runs into rectangles: their mask, top, bottom, left and right.

    Bottom and right are just outside. A rectangle may have no height.
    """
    width = _of_mask(widths, mask)
    tops, last_rows = starts // width, (ends - 1) // width
    lefts, rights = starts - tops * width, ends - last_rows * width
    crossing = np.flatnonzero(tops < last_rows)
    if not len(crossing):
        return mask, tops, tops + 1, lefts, rights
    widths_crossing = widths[mask[crossing]]
    tails = rights[crossing]
    rights[crossing] = widths_crossing
    zeros = np.zeros_like(tails)
    return (
        np.concatenate([mask, mask[crossing], mask[crossing]]),
        np.concatenate([tops, tops[crossing] + 1, last_rows[crossing]]),
        np.concatenate([tops + 1, last_rows[crossing], last_rows[crossing] + 1]),
        np.concatenate([lefts, zeros, zeros]),
        np.concatenate([rights, widths_crossing, tails]),
    )


def bounding_boxes(changes: Changes, heights: Integers, widths: Integers) -> Integers:
    """Smallest box around each mask: (n_masks, 4) of x, y, width, height, in pixels."""
    runs_per_mask = changes.per_mask // 2
    mask = np.repeat(np.arange(len(heights)), runs_per_mask)
    image_start = _first_positions(heights * widths)[mask]
    height = _of_mask(heights, mask)
    first, last = changes.positions[0::2] - image_start, changes.positions[1::2] - 1
    last -= image_start
    left, right = first // height, last // height
    # A run that goes on in the next column touches the bottom and the top.
    in_one_column = left == right
    top = (first - left * height) * in_one_column
    bottom = np.where(in_one_column, last - right * height, height - 1)
    first_run = _first_positions(runs_per_mask)
    x, y = left[first_run], np.minimum.reduceat(top, first_run)
    box_width = right[first_run + runs_per_mask - 1] - x + 1
    box_height = np.maximum.reduceat(bottom, first_run) - y + 1
    return np.stack([x, y, box_width, box_height], axis=1)


def counts_between(changes: Changes, n_pixels: Integers) -> tuple[Integers, Integers]:
    """COCO's counts of each mask, mask after mask, and how many each mask has.

    Parameters
    ----------
    changes : Changes
    n_pixels : (n_masks,) int
        Pixels in each image.

    Returns
    -------
    counts : (n_counts,) int
    per_mask : (n_masks,) int
    """
    image_ends = np.cumsum(n_pixels, dtype=n_pixels.dtype)
    edges = np.insert(changes.positions, np.cumsum(changes.per_mask), image_ends)
    counts = np.diff(edges, prepend=edges.dtype.type(0))
    per_mask = changes.per_mask + 1
    last = np.cumsum(per_mask) - 1
    # A mask that holds the last pixel ends with its own count.
    holds_last_pixel = counts[last] == 0
    return np.delete(counts, last[holds_last_pixel]), per_mask - holds_last_pixel


def compress(counts: Integers, per_mask: Integers) -> list[str]:
    """Write counts in COCO's compressed form, one string a mask.

    From the fourth on, a count is written as its difference from the count two before.
    A number goes five bits at a time, lowest first, into the characters from "0" on; a
    sixth bit says that more follow, and the fifth of the last character is the sign.
    """
    first = _first_positions(per_mask)
    numbers = counts.copy()
    numbers[2:] -= counts[:-2]
    for index in range(3):
        as_is = first[per_mask > index] + index
        numbers[as_is] = counts[as_is]

    # In n characters fit the numbers from -16 * 32 ** (n - 1) to just below +16 * ...
    magnitudes = np.where(numbers < 0, ~numbers, numbers)
    largest = int(magnitudes.max())
    characters_each = np.ones(len(numbers), np.uint8)
    longest = 1
    while largest >= 16 << 5 * (longest - 1):
        characters_each += magnitudes >= 16 << 5 * (longest - 1)
        longest += 1

    # The characters of a number are the bytes of one word, those not needed are 0.
    word = np.dtype("<u4" if longest <= 4 else "<u8")
    numbers = numbers.astype(word)
    words = np.zeros(len(numbers), word)
    for index in range(longest):
        words |= (numbers >> word.type(5 * index) & word.type(31)) << word.type(
            8 * index
        )
    more, last = ord("0") + 32, ord("0")
    offsets = [
        int.from_bytes([more] * (n - 1) + [last], "little")
        for n in range(1, longest + 1)
    ]
    used_bytes = [256**n - 1 for n in range(1, longest + 1)]
    words += np.array(offsets, word)[characters_each - 1]
    words &= np.array(used_bytes, word)[characters_each - 1]
    text = words.tobytes().translate(None, b"\0").decode("ascii")

    lengths = np.add.reduceat(characters_each, first, dtype=np.int64)
    ends = np.cumsum(lengths)
    return [
        text[start:end]
        for start, end in zip((ends - lengths).tolist(), ends.tolist(), strict=True)
    ]


def _first_positions(sizes: Integers) -> Integers:
    """Where each part starts when parts of these sizes follow each other."""
    return np.cumsum(sizes, dtype=sizes.dtype) - sizes


def _of_mask(values: Integers, mask: Integers) -> Integers:
    """``values[mask]``, or the one value that all masks of the batch share.

    NumPy divides by one number several times faster than by an array.
    """
    return values[0] if (values == values[0]).all() else values[mask]
