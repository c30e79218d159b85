"""Tell whether the segmentations and boxes of a COCO JSON fit their images.

Nothing is drawn: the counts of a mask have to sum up to its pixels, and a polygon needs
three corners that are numbers, not all of them far from the image.

Source of the forms: https://cocodataset.org/#format-data, and ``maskApi.c`` of
pycocotools (``rleFrString``, ``rleFrPoly``).
"""

from collections.abc import Sequence
from math import hypot, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

# How far outside a corner may be, in widths and heights of the image, as in
# `cocofolds.masks.decoding`: pycocotools takes memory along each side.
_FARTHEST = 10

# The characters that end a number in compressed counts, and the most characters of a
# number below 2**32 with its sign.
_LAST_CHARACTERS = frozenset(map(chr, range(48, 80)))
_LONGEST_NUMBER = 7

_NUMBERS = frozenset((int, float))
_WHOLE = frozenset((int,))


def segmentation_problem(segmentation: object, width: int, height: int) -> str:
    """Say why a segmentation is no mask of its image; "" if it is one.

    The sum of compressed counts is left to `sums_of_counts`, many at a time.

    Parameters
    ----------
    segmentation : object
        As JSON has it. None, and what is empty, is no mask and no fault.
    width, height : int
        Of the image in pixels.
    """
    if segmentation in (None, [], [[]], {}, ""):
        return ""
    if isinstance(segmentation, list):
        return _problem_of_polygons(segmentation, width, height)
    if not isinstance(segmentation, dict):
        return "its segmentation is neither polygons nor run lengths"
    if "size" not in segmentation or "counts" not in segmentation:
        return "its run lengths have no 'size', or no 'counts'"
    size, counts = segmentation["size"], segmentation["counts"]
    if size != [height, width]:
        return (
            f"the size of its run lengths, {_short(size)}, is not [height, width] of"
            f" its image, [{height}, {width}]"
        )
    if isinstance(counts, str):
        return ""
    if not isinstance(counts, list) or not _WHOLE.issuperset(map(type, counts)):
        return "its counts are neither text nor a list of whole numbers"
    if min(counts, default=0) < 0:
        return "it has a negative count"
    return sum_problem(sum(counts), width, height)


def sum_problem(total: int, width: int, height: int) -> str:
    """Say that counts do not fill the image; "" if they do.

    Parameters
    ----------
    total : int
        Their sum, or -1 if they are malformed.
    width, height : int
        Of the image in pixels.
    """
    if total == width * height:
        return ""
    if total < 0:
        return "its counts are not readable as compressed run lengths"
    return (
        f"its counts sum up to {total} pixels, but its image has"
        f" {width} x {height} = {width * height}"
    )


def sums_of_counts(texts: Sequence[str]) -> list[int]:
    """Sum up compressed counts.

    Parameters
    ----------
    texts : sequence of str

    Returns
    -------
    list of int
        Of each text, the pixels of its image; -1 if it is none of ``rleToString``, or
        has a negative count.
    """
    sums = [-1] * len(texts)
    valid = [
        index
        for index, text in enumerate(texts)
        if text[-1:] in _LAST_CHARACTERS and text.isascii()
    ]
    if valid:
        found = _sums([texts[index] for index in valid])
        for index, total in zip(valid, found.tolist(), strict=True):
            sums[index] = total
    return sums


def _sums(texts: Sequence[str]) -> NDArray[np.int64]:
    """Sum up counts whose last characters end a number; -1 where they are malformed."""
    bits = np.frombuffer("".join(texts).encode(), np.uint8) - np.uint8(48)
    ends_of_texts = np.cumsum([len(text) for text in texts])
    last = np.flatnonzero(bits & 32 == 0)
    first = np.concatenate([[0], np.searchsorted(last, ends_of_texts[:-1])])
    digits = np.diff(last, prepend=-1)
    counts = _undone_differences(_numbers(bits, last, digits), first)
    sums = np.add.reduceat(counts, first)
    for is_wrong, starts in (
        (counts < 0, first),
        (digits > _LONGEST_NUMBER, first),
        (bits > 63, np.concatenate([[0], ends_of_texts[:-1]])),
    ):
        if is_wrong.any():
            sums[np.logical_or.reduceat(is_wrong, starts)] = -1
    return sums


def _numbers(
    bits: NDArray[np.uint8], last: NDArray[np.int64], digits: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Put numbers together from groups of five bits; those too long may be any."""
    lowest = last - digits + 1
    numbers = (bits.take(lowest) & 31).astype(np.int64)
    for index in range(1, min(int(digits.max()), _LONGEST_NUMBER)):
        longer = np.flatnonzero(digits > index)
        group = bits[lowest[longer] + index] & 31
        numbers[longer] += group.astype(np.int64) << 5 * index
    negative = np.flatnonzero(bits.take(last) & 16)
    numbers[negative] -= 1 << 5 * np.minimum(digits[negative], _LONGEST_NUMBER)
    return numbers


def _undone_differences(
    numbers: NDArray[np.int64], first: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Counts of numbers: from the fourth on, one is added to the count two before."""
    is_count = np.zeros(len(numbers) + 2, bool)
    for index in range(3):
        is_count[first + index] = True
    # There, what has been added up before is taken away.
    totals, differences = _totals(numbers), numbers.copy()
    for parity in range(2):
        starts = 2 * np.flatnonzero(is_count[parity : len(numbers) : 2]) + parity
        before = np.where(starts < 2, 0, totals[np.maximum(starts - 2, 0)])
        differences[starts] -= np.diff(before, prepend=0)
    return _totals(differences)


def _totals(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Add up every second number."""
    totals = np.empty_like(numbers)
    np.cumsum(numbers[0::2], out=totals[0::2])
    np.cumsum(numbers[1::2], out=totals[1::2])
    return totals


def _problem_of_polygons(polygons: list[Any], width: int, height: int) -> str:
    farthest = _FARTHEST * max(width, height)
    is_outside = True
    for index, polygon in enumerate(polygons):
        if not isinstance(polygon, list):
            return "its segmentation is no list of polygons, each a list of numbers"
        if len(polygon) < 6 or len(polygon) % 2:
            return (
                f"its polygon {index} has {len(polygon)} numbers, not two for each of"
                " three or more corners"
            )
        if not _NUMBERS.issuperset(map(type, polygon)):
            return f"a corner of its polygon {index} is no number"
        if not _are_within(polygon, farthest):
            return f"a corner of its polygon {index} is far outside its image"
        is_outside = is_outside and _is_outside(polygon, width, height)
    return "its polygons are outside its image" if is_outside else ""


def _are_within(numbers: Sequence[float], farthest: int) -> bool:
    # The first is the faster way, and says yes to most.
    try:
        return hypot(*numbers) <= farthest or all(abs(n) <= farthest for n in numbers)
    except OverflowError:
        # A whole number that is too large for a float.
        return False


def _is_outside(polygon: Sequence[float], width: int, height: int) -> bool:
    """Tell whether all corners are on one side of the image, and not at its edge."""
    # Most polygons are told by their first corner.
    if 0 < polygon[0] < width and 0 < polygon[1] < height:
        return False
    x, y = polygon[0::2], polygon[1::2]
    return max(x) < -1 or min(x) > width + 1 or max(y) < -1 or min(y) > height + 1


def box_problem(box: object, width: int, height: int) -> str:
    """Say why a box is none of its image; "" if it is one, or reaches out of it.

    Parameters
    ----------
    box : object
        As JSON has it: x, y, width, height in pixels.
    width, height : int
        Of the image in pixels.
    """
    if not (
        isinstance(box, list)
        and len(box) == 4
        and _NUMBERS.issuperset(map(type, box))
        and all(map(_is_finite, box))
    ):
        return f"its bbox, {_short(box)}, is not four numbers"
    x, y, box_width, box_height = box
    if box_width < 0 or box_height < 0:
        return f"its bbox, {_short(box)}, has a negative width or height"
    if _is_beyond(x, box_width, width) or _is_beyond(y, box_height, height):
        return f"its bbox, {_short(box)}, is outside its image, {width} x {height}"
    return ""


def is_inside(box: object, width: int, height: int) -> bool:
    """Tell whether a box is one, and is in its image: so do most."""
    if not (isinstance(box, list) and len(box) == 4 and _has_numbers(box)):
        return False
    x, y, box_width, box_height = box
    return bool(
        0 <= x < width
        and 0 <= y < height
        and 0 <= box_width <= width - x
        and 0 <= box_height <= height - y
    )


def reaches_out(box: Sequence[float], width: int, height: int) -> bool:
    """Tell whether a box reaches out of its image by more than a pixel."""
    x, y, box_width, box_height = box
    return x < -1 or y < -1 or x + box_width > width + 1 or y + box_height > height + 1


def _is_beyond(start: float, length: float, size: int) -> bool:
    """Tell whether a stretch is outside that from 0 to `size` by more than a pixel.

    Rounding, or positions counted from 1, put a box of one pixel just outside.
    """
    return start > size + 1 or start + length < -1


def _has_numbers(values: Sequence[object]) -> bool:
    return _NUMBERS.issuperset(map(type, values))


def _is_finite(number: float) -> bool:
    try:
        return isfinite(number)
    except OverflowError:
        return False


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
