"""Draw the masks of COCO annotations with pycocotools, whatever form they have."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask
from rlemasklib import RLEMask

from cocofolds.errors import InputError

# How far outside a corner of a polygon may lie, in widths and heights of the image.
_FARTHEST = 10


def mask_of(
    annotation: Mapping[str, Any], height: int, width: int
) -> NDArray[np.bool_]:
    """Draw the mask of an annotation: polygons, or run lengths, compressed or not.

    Parameters
    ----------
    annotation : mapping
        A COCO annotation.
    height, width : int
        Size of its image in pixels.

    Returns
    -------
    (height, width) bool
        All False if it has no segmentation.

    Raises
    ------
    InputError
        If pycocotools cannot read the segmentation.
    """
    segmentation = annotation.get("segmentation")
    if not segmentation:
        return np.zeros((height, width), bool)
    try:
        if isinstance(segmentation, dict) and segmentation["size"] != [height, width]:
            raise ValueError("it is of another size than its image")
        if isinstance(segmentation, list):
            _refuse_far_corners(segmentation, height, width)
        if isinstance(segmentation, list) or isinstance(segmentation["counts"], list):
            segmentation = coco_mask.frPyObjects(segmentation, height, width)
        if isinstance(segmentation, list):
            segmentation = coco_mask.merge(segmentation)
        # pycocotools leaves pixels to chance if the runs do not fill the image.
        RLEMask.from_dict(segmentation)
        pixels: NDArray[np.uint8] = coco_mask.decode(segmentation)
        return pixels.view(bool)
    # pycocotools raises bare exceptions too.
    except Exception as error:
        raise InputError(
            f"pycocotools cannot read the mask of annotation {annotation['id']}:"
            f" {error}."
        ) from None


def _refuse_far_corners(polygons: list[Any], height: int, width: int) -> None:
    """Refuse what would end the process: pycocotools takes memory along each side."""
    farthest = _FARTHEST * max(height, width)
    for polygon in polygons:
        corners = np.asarray(polygon, np.float64)
        if corners.ndim != 1 or not (np.abs(corners) <= farthest).all():
            raise ValueError("a corner of its polygon is no number, or far outside")
