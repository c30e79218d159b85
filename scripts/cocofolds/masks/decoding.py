"""Draw the masks of COCO annotations, at the cost of the box around each."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask
from rlemasklib import RLEMask

from cocofolds.errors import InputError

# How far outside a corner of a polygon may be, in widths and heights of the image.
_FARTHEST = 10


class BoxedMask(NamedTuple):
    """A mask in the smallest box around it.

    Attributes
    ----------
    left, top : int
        Where the box is in the image, in pixels.
    pixels : (height, width) bool
        Of the box; without any if the mask is empty.
    """

    left: int
    top: int
    pixels: NDArray[np.bool_]


def mask_of(
    annotation: Mapping[str, Any],
    height: int,
    width: int,
    shrunk_size: tuple[int, int] | None = None,
) -> BoxedMask:
    """Draw the mask of an annotation; an empty one if it has no segmentation.

    Parameters
    ----------
    annotation : mapping
        A COCO annotation.
    height, width : int
        Size of its image in pixels.
    shrunk_size : (int, int), optional
        Height and width of a smaller image to draw it on, see `decode_shrunk`.

    Raises
    ------
    InputError
        If the segmentation cannot be read.
    """
    segmentation = annotation.get("segmentation")
    try:
        if shrunk_size is None:
            return decode_in_box(segmentation, height, width)
        return decode_shrunk(segmentation, (height, width), shrunk_size)
    except ValueError as error:
        raise InputError(
            f"The mask of annotation {annotation['id']} cannot be read:"
            f" {str(error).rstrip('.')}."
        ) from None


def decode_in_box(segmentation: Any, height: int, width: int) -> BoxedMask:
    """Draw a segmentation as pycocotools does, but its box alone.

    Parameters
    ----------
    segmentation : list, dict or None
        Polygons, or run lengths, compressed or not. None and an empty list are empty.
    height, width : int
        Size of its image in pixels.

    Raises
    ------
    ValueError
        If it cannot be read.
    """
    cropped, box = _run_lengths_of(segmentation, height, width).tight_crop()
    left, top, *_ = box.tolist()
    return BoxedMask(left, top, cropped.to_array().view(bool))


def decode_shrunk(
    segmentation: Any, size: tuple[int, int], shrunk_size: tuple[int, int]
) -> BoxedMask:
    """Draw a segmentation on a smaller image: its pixels that the mask reaches into.

    Memory follows the smaller box and the number of runs.

    Parameters
    ----------
    segmentation, size
        As for `decode_in_box`; the size is height and width.
    shrunk_size : (int, int)
        Height and width of the smaller image.

    Returns
    -------
    BoxedMask
        In pixels of the smaller image.
    """
    height, width = size
    rle = _run_lengths_of(segmentation, height, width)
    ends = np.cumsum(rle.counts, dtype=np.int64)
    # A run of the mask is between an even and an odd end, in column order.
    starts, lasts = ends[: len(ends) // 2 * 2 : 2], ends[1::2] - 1
    starts, lasts = starts[lasts >= starts], lasts[lasts >= starts]
    if not len(starts):
        return BoxedMask(0, 0, np.zeros((0, 0), bool))
    corners = _shrunk(_rectangles(starts, lasts, height), size, shrunk_size)
    left, top = corners[:2].min(axis=1)
    right, bottom = corners[2:].max(axis=1)
    corners -= np.array([left, top, left, top])[:, None]
    lefts, tops, rights, bottoms = corners
    # The sum of all steps up to a pixel is the number of rectangles over it.
    steps = np.zeros((bottom - top + 2, right - left + 2), np.int32)
    np.add.at(steps, (tops, lefts), 1)
    np.add.at(steps, (bottoms + 1, rights + 1), 1)
    np.add.at(steps, (tops, rights + 1), -1)
    np.add.at(steps, (bottoms + 1, lefts), -1)
    covered = steps.cumsum(axis=0, dtype=np.int32).cumsum(axis=1, dtype=np.int32)
    return BoxedMask(int(left), int(top), covered[:-1, :-1] > 0)


def is_no_mask(segmentation: Any) -> bool:
    """Tell whether a segmentation says that there is no mask, as some writers do."""
    return not segmentation or segmentation == [[]]


def _run_lengths_of(segmentation: Any, height: int, width: int) -> RLEMask:
    if is_no_mask(segmentation):
        return RLEMask.zeros((height, width))
    try:
        if isinstance(segmentation, dict) and segmentation["size"] != [height, width]:
            raise ValueError("it is of another size than its image")
        if isinstance(segmentation, list):
            _refuse_far_corners(segmentation, height, width)
            # In pycocotools too, memory follows the outline up to here.
            polygons = coco_mask.frPyObjects(segmentation, height, width)
            return RLEMask.from_dict(coco_mask.merge(polygons))
        # Runs that do not fill the image are refused.
        if isinstance(segmentation["counts"], list):
            # pycocotools 2.0.11 writes past its memory where counts are large.
            return RLEMask.from_counts(segmentation["counts"], (height, width))
        return RLEMask.from_dict(segmentation)
    # pycocotools raises bare exceptions too.
    except Exception as error:
        raise ValueError(str(error)) from None


def _refuse_far_corners(polygons: list[Any], height: int, width: int) -> None:
    """Refuse what would end the process: pycocotools takes memory along each side."""
    farthest = _FARTHEST * max(height, width)
    for polygon in polygons:
        corners = np.asarray(polygon, np.float64)
        if corners.ndim != 1 or not (np.abs(corners) <= farthest).all():
            raise ValueError("a corner of its polygon is no number, or far outside")


def _rectangles(
    starts: NDArray[np.int64], lasts: NDArray[np.int64], height: int
) -> NDArray[np.int64]:
    """Cut runs down the columns into rectangles: (4, n) of left, top, right, bottom.

    A run over several columns is what it covers of the first and of the last one, and
    whole columns between. Right and bottom are inside.
    """
    lefts, tops = np.divmod(starts, height)
    rights, bottoms = np.divmod(lasts, height)
    several = lefts < rights
    first = np.stack([lefts, tops, lefts, np.where(several, height - 1, bottoms)])
    last = np.stack([rights, 0 * tops, rights, bottoms])[:, several]
    between = np.stack([lefts + 1, 0 * tops, rights - 1, 0 * tops + height - 1])
    return np.concatenate([first, last, between[:, lefts + 1 < rights]], axis=1)


def _shrunk(
    corners: NDArray[np.int64], size: tuple[int, int], shrunk_size: tuple[int, int]
) -> NDArray[np.int64]:
    """Find the pixels of a smaller image that corners are in: (4, n) of x, y, x, y."""
    (height, width), (shrunk_height, shrunk_width) = size, shrunk_size
    corners[0::2] = corners[0::2] * shrunk_width // width
    corners[1::2] = corners[1::2] * shrunk_height // height
    return corners
