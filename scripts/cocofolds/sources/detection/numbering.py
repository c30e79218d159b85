"""Tell how run-length texts number the pixels: from 0 or 1, along rows or columns."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cocofolds.masks.pixel_order import order_votes
from cocofolds.masks.run_lengths import Runs, numbered_from_1, parse_runs
from cocofolds.settings import Order
from cocofolds.sources.detection.columns import is_marker

#: Masks that are asked.
MOST_MASKS = 10_000

#: The fewest masks, or runs, that prove something.
FEWEST = 10


class Numbering(NamedTuple):
    """What the texts themselves say of their numbers.

    Attributes
    ----------
    relative : bool
        Whether the start of a run is counted from the end of the one before.
    n_masks : int
        Masks of several runs.
    n_absolute : int
        Those of them whose runs do not overlap if their starts are pixels.
    from_0 : bool
        Whether a run starts at 0.
    last : int
        The largest end of a run: of the last pixel, if pixels are numbered from 1.
    """

    relative: bool
    n_masks: int
    n_absolute: int
    from_0: bool
    last: int


def count_markers(texts: Iterable[str]) -> Counter[str]:
    """Count what is in place of runs where there is no mask."""
    return Counter(text.strip() for text in texts if is_marker(text))


def find_numbering(texts: Sequence[str]) -> Numbering:
    """Tell what the numbers of run-length texts are.

    Parameters
    ----------
    texts : sequence of str
        Pairs of numbers, one mask each.
    """
    runs = parse_runs([" ".join(text.split()) for text in texts])
    mask = np.repeat(np.arange(len(texts)), runs.per_mask)
    by_start = np.lexsort((runs.starts, mask))
    starts, lengths = runs.starts[by_start], runs.lengths[by_start]
    overlaps = (starts[:-1] + lengths[:-1] > starts[1:]) & (mask[:-1] == mask[1:])
    is_absolute = np.ones(len(texts), bool)
    is_absolute[mask[1:][overlaps]] = False
    has_several = runs.per_mask > 1
    n_masks = int(has_several.sum())
    n_absolute = int((has_several & is_absolute).sum())
    relative = 2 * n_absolute < n_masks
    if relative:
        texts = [numbered_from_1(text, 1, True) for text in texts]
        runs = parse_runs(texts)
    ends = runs.starts + runs.lengths
    from_0 = bool((runs.starts < 0).any())
    last = int(ends.max(initial=0))
    return Numbering(relative, n_masks, n_absolute, from_0, last)


def as_runs(texts: Sequence[str], base: int, relative: bool) -> Runs:
    """Read run-length texts, whatever their numbers are; pixels are counted from 0."""
    return parse_runs(
        [
            numbered_from_1(text, base, relative)
            if relative or base != 1
            else " ".join(text.split())
            for text in texts
        ]
    )


def count_order_votes(
    runs: Runs, heights: NDArray[np.int64], widths: NDArray[np.int64]
) -> dict[Order, int]:
    """Count the masks that hang together by row, and by column; see `order_votes`."""
    along_rows, down_columns = order_votes(runs, heights, widths)
    return {"row": along_rows, "column": down_columns}


def winning_order(votes: Mapping[Order, int]) -> Order | None:
    """Tell the order that enough masks vote for; None if it is in doubt."""
    if votes["row"] >= FEWEST and votes["row"] > 2 * votes["column"]:
        return "row"
    if votes["column"] >= FEWEST and votes["column"] > 2 * votes["row"]:
        return "column"
    return None


def count_edge_runs(
    runs: Runs, heights: NDArray[np.int64], widths: NDArray[np.int64], order: Order
) -> tuple[int, int]:
    """Count the runs that begin or end at an edge of the image, by where numbers start.

    A mask that reaches an edge has many of them, if they are counted as they are
    meant; others end at an edge by chance.

    Parameters
    ----------
    runs : Runs
        Read as if the first pixel were 1.
    heights, widths : (n_masks,) int64
    order : {"row", "column"}

    Returns
    -------
    from_0, from_1 : int
    """
    lines = np.repeat(widths if order == "row" else heights, runs.per_mask)

    def at_an_edge(starts: NDArray[np.int64]) -> int:
        ends = starts + runs.lengths
        return int(((starts % lines == 0) ^ (ends % lines == 0)).sum())

    return at_an_edge(runs.starts + 1), at_an_edge(runs.starts)
