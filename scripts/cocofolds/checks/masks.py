"""Check with other packages that a mask fits its image."""

from typing import Any

from pycocotools import mask as coco_mask
from rlemasklib import RLEMask

from cocofolds.masks.decoding import is_no_mask


def problem_of_mask(segmentation: Any, height: int, width: int) -> str:
    """Say why a segmentation is not a mask on its image; "" if it is one, or is empty.

    Nothing is drawn: memory follows the outline of the mask.

    Parameters
    ----------
    segmentation : object
        That of a COCO annotation: polygons, or run lengths, compressed or not.
    height, width : int
        Size of the image in pixels.
    """
    if is_no_mask(segmentation):
        return ""
    try:
        if isinstance(segmentation, list):
            coco_mask.frPyObjects(segmentation, height, width)
            return ""
        size, counts = segmentation["size"], segmentation["counts"]
        if size != [height, width]:
            return f"its size is {size}, that of the image [{height}, {width}]"
        if isinstance(counts, list):
            covered = sum(counts)
            if min(counts) < 0 or covered != height * width:
                return f"its counts cover {covered} of {height * width} pixels"
            return ""
        # It refuses runs that do not fill the image.
        RLEMask.from_dict(segmentation)
    # pycocotools raises bare exceptions.
    except Exception as error:
        return f"it cannot be read ({error})"
    return ""
