"""Whether pixels are numbered along the rows or down the columns.

A mask says nothing of it, but masks hang together: read in the wrong order, they decode
to scattered pixels.
"""

import numpy as np
from numpy.typing import NDArray

from cocofolds.masks.run_lengths import MAX_PIXELS, Runs
from cocofolds.settings import Order

#: Masks whose votes are enough to tell the order.
ENOUGH_VOTES = 10_000
#: The fewest that prove an order wrong.
FEWEST_VOTES = 10


def order_votes(
    runs: Runs, heights: NDArray[np.int64], widths: NDArray[np.int64]
) -> tuple[int, int]:
    """Count the masks that look numbered along the rows, and down the columns.

    A mask hangs together: moved by the width of the image, a run along a row meets the
    run of the next row; moved by the height, one down a column that of the next column.
    A mask votes for what is true of more than twice as many of its runs. On an image
    that is nearly square it does not vote, nor does one of specks.

    Parameters
    ----------
    runs : Runs
    heights, widths : (n_masks,) int64
        Size in pixels of the image of each mask.

    Returns
    -------
    along_rows, down_columns : int
    """
    mask = np.repeat(np.arange(len(heights)), runs.per_mask)
    # Each mask has a range of its own, too wide to be left.
    starts = mask * 4 * MAX_PIXELS + runs.starts
    ends = starts + runs.lengths

    def meeting(distances: NDArray[np.int64]) -> NDArray[np.int64]:
        """Count the runs of each mask that touch one, if moved; corners count."""
        moved = distances[mask]
        next_run = np.searchsorted(ends, starts + moved - 1, side="right")
        begins = np.append(starts, np.iinfo(np.int64).max)[next_run]
        return np.bincount(mask[begins < ends + moved + 1], minlength=len(heights))

    along_rows, down_columns = meeting(widths), meeting(heights)
    return (
        int((along_rows > 2 * down_columns).sum()),
        int((down_columns > 2 * along_rows).sum()),
    )


def order_message(votes: tuple[int, int], order: Order) -> str | None:
    """Say why the pixels seem to be numbered another way, and what to do; or None."""
    evidence = other_order_evidence(votes, order)
    if not evidence:
        return None
    return (
        f"{evidence} Set `order: {_other(order)}` in the dialect. If the masks are"
        " right as they are, set `check_order: false`."
    )


def other_order_evidence(votes: tuple[int, int], order: Order) -> str:
    """Say why the pixels seem to be numbered another way than `order`; "" if not.

    Parameters
    ----------
    votes : (int, int)
        As `order_votes` counts them.
    order : {"row", "column"}
    """
    other = _other(order)
    for_order, against = votes if order == "row" else votes[::-1]
    if against < FEWEST_VOTES or against < 2 * for_order:
        return ""
    return (
        f"The pixels seem to be numbered by {other}, not by {order}. Of"
        f" {for_order + against} masks on images that are not square, {against} hang"
        f" together if they are numbered by {other}, {for_order} if by {order}."
    )


def _other(order: Order) -> Order:
    return "column" if order == "row" else "row"
