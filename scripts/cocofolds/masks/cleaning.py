"""Repair masks that were drawn carelessly: fill their holes, drop their stray parts.

A *part* is a region of the mask whose pixels touch at sides or corners (8-connected).
A *hole* is a region of background whose pixels touch at sides (4-connected) and that
does not reach the border of the image: what `scipy.ndimage.binary_fill_holes` fills.

Masks are kept as run lengths, nothing is drawn: time and memory follow the number
of runs.
"""

from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rlemasklib import BoolFunc, RLEMask

from cocofolds.settings import Order


class Hygiene(NamedTuple):
    """What is done to masks that are valid, in this order; nothing by default.

    Attributes
    ----------
    fill_holes, keep_largest_part : bool
        As for `clean`.
    min_area : int
        Leave out masks with fewer pixels.
    drop_duplicates : bool
        Whether to leave out a mask that its image has already.
    """

    fill_holes: bool = False
    keep_largest_part: bool = False
    min_area: int = 0
    drop_duplicates: bool = False


class Cleaned(NamedTuple):
    """A mask after cleaning.

    Attributes
    ----------
    runs : str
        The text that was given if nothing changed, else sorted runs that do not touch.
    changes : tuple of str
        What was done, in words, such as "2 holes filled (13 pixels)" and "1 of 3 parts
        kept (5 of 40 pixels left out)".
    """

    runs: str
    changes: tuple[str, ...]


def clean(
    runs: str,
    height: int,
    width: int,
    order: Order,
    *,
    fill_holes: bool,
    keep_largest_part: bool,
) -> Cleaned:
    """Fill the holes of a mask, then leave out all but its largest part.

    Parameters
    ----------
    runs : str
        Run-length text as `cocofolds.masks.run_lengths.parse_runs` reads it.
    height, width : int
        Size of the image, in pixels.
    order : {"row", "column"}
        Whether the text numbers the pixels along the rows or down the columns.
    fill_holes : bool
        Whatever is inside a hole becomes one with the part around it.
    keep_largest_part : bool
        Of parts equally large, the one with the lowest pixel number is kept.

    Returns
    -------
    Cleaned

    Raises
    ------
    ValueError
        If the runs overlap or do not fit on the image.
    """
    # rlemasklib goes down the columns. The columns of the transposed image are the
    # rows of this one, and holes and parts are the same in both.
    shape = (height, width) if order == "column" else (width, height)
    mask = _read(runs, shape)
    changes = []
    if fill_holes:
        filled, n_holes = _filled(mask)
        if n_holes:
            n_pixels = filled.area() - mask.area()
            changes.append(
                f"{_counted(n_holes, 'hole')} filled ({_counted(n_pixels, 'pixel')})"
            )
            mask = filled
    if keep_largest_part:
        n_parts = mask.count_connected_components(8)
        if n_parts > 1:
            [largest] = mask.connected_components(8, filter_fn=_first_of_largest)
            n_pixels = mask.area()
            changes.append(
                f"1 of {n_parts} parts kept "
                f"({n_pixels - largest.area()} of {n_pixels} pixels left out)"
            )
            mask = largest
    return Cleaned(_written(mask) if changes else runs, tuple(changes))


def area(runs: str) -> int:
    """Count the pixels of a mask, given as a run-length text."""
    return sum(map(int, runs.split()[1::2]))


def digest_of_mask(runs: str, order: Order) -> bytes:
    """Fingerprint a mask in 16 bytes, however its runs are sorted and cut.

    A mask that is numbered in another order has another fingerprint.
    """
    ends: list[int] = []
    for start, length in _sorted_runs(runs):
        if ends and ends[-1] == start:
            ends.pop()
        else:
            ends.append(start)
        ends.append(start + length)
    return blake2b(f"{order} {ends}".encode(), digest_size=16).digest()


def _read(runs: str, shape: tuple[int, int]) -> RLEMask:
    """Read a run-length text whose order is down the columns of an image of `shape`."""
    counts, end = [], 0
    for start, length in _sorted_runs(runs):
        counts += [start - 1 - end, length]
        end = start - 1 + length
    counts.append(shape[0] * shape[1] - end)
    return RLEMask.from_counts(counts, shape)


def _sorted_runs(runs: str) -> list[tuple[int, int]]:
    """Read start and length of each run; texts that are masks need not be sorted."""
    numbers = [int(number) for number in runs.split()]
    return sorted(zip(numbers[0::2], numbers[1::2], strict=True))


def _written(mask: RLEMask) -> str:
    """Write a mask as a run-length text whose order is down its columns."""
    counts = mask.counts
    starts = np.cumsum(counts, dtype=np.int64)[0::2] + 1
    runs = zip(starts.tolist(), counts[1::2].tolist(), strict=False)
    return " ".join(f"{start} {length}" for start, length in runs)


def _filled(mask: RLEMask) -> tuple[RLEMask, int]:
    """Fill the holes of a mask, and count them."""
    height, width = mask.shape

    def on_the_border(_areas: Any, boxes: NDArray[Any], _centroids: Any) -> Any:
        first, last = boxes[:, :2], boxes[:, :2] + boxes[:, 2:] - 1
        return ((first == 0) | (last == [width - 1, height - 1])).any(axis=1)

    background = ~mask
    # Regions on the border are few. To extract holes takes the square of their number.
    outside = background.connected_components(4, filter_fn=on_the_border)
    n_holes = background.count_connected_components(4) - len(outside)
    nothing = RLEMask.zeros(mask.shape)
    return ~RLEMask.merge_many([nothing, *outside], BoolFunc.UNION), n_holes


def _first_of_largest(areas: NDArray[Any], _boxes: Any, _centroids: Any) -> Any:
    """Tell for each part whether to keep it; they come by their first pixels."""
    return np.arange(len(areas)) == np.argmax(areas)


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
