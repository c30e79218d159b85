"""COCO annotations to draw."""

import numpy as np
from oracles import as_in_pycocotools

HEIGHT, WIDTH = 40, 600
NAMES = {1: "astro", 2: "cort"}


def annotation(category_id, *rectangles, height=HEIGHT, width=WIDTH):
    """Annotate rectangles: (top, bottom, left, right)."""
    picture = np.zeros((height, width), np.uint8)
    for top, bottom, left, right in rectangles:
        picture[top:bottom, left:right] = 1
    counts, area, box = as_in_pycocotools(picture)
    segmentation = {"size": [height, width], "counts": counts}
    return {
        "category_id": category_id,
        "segmentation": segmentation,
        "bbox": box,
        "area": area,
    }
