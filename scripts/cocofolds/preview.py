"""Draw the annotations of an image over it, from what stands in the COCO JSON."""

import colorsys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from cocofolds.errors import InputError
from cocofolds.segmentation import mask_of

_GREY = 110
_FILL = 0.3
_LEGEND_HEIGHT = 26
# Neighbouring multiples of this turn lie far apart on the wheel of hues.
_GOLDEN_TURN = (5**0.5 - 1) / 2


def draw_preview(
    background: Image.Image | None,
    size: tuple[int, int],
    annotations: Sequence[Mapping[str, Any]],
    category_names: Mapping[int, str],
) -> Image.Image:
    """Draw masks and boxes, each instance in its own colour, with a legend below.

    Parameters
    ----------
    background : PIL image, or None
        The image; plain grey if it is None.
    size : (int, int)
        Width and height of the image in pixels.
    annotations : sequence of mapping
        COCO annotations, with or without a segmentation and a box.
    category_names : mapping of int to str

    Returns
    -------
    PIL image in RGB
        As wide as the image, and higher by the legend.

    Raises
    ------
    InputError
        If the background is of another size, or pycocotools cannot read a mask.
    """
    background = background or Image.new("L", size, _GREY)
    if background.size != size:
        raise InputError(
            f"The image file is {background.size[0]}x{background.size[1]} pixels, the"
            f" annotations say {size[0]}x{size[1]}. Check `images_dir`."
        )
    pixels = np.asarray(background.convert("RGB"), np.float32).copy()
    for number, annotation in enumerate(annotations):
        mask = mask_of(annotation, size[1], size[0])
        colour = np.array(_colour(number), np.float32)
        pixels[mask] += _FILL * (colour - pixels[mask])
        pixels[_outline(mask)] = colour

    width, height = size
    picture = Image.new("RGB", (width, height + _LEGEND_HEIGHT), "white")
    picture.paste(Image.fromarray(pixels.round().astype(np.uint8)))
    pen = ImageDraw.Draw(picture)
    for number, annotation in enumerate(annotations):
        if "bbox" in annotation:
            x, y, box_width, box_height = annotation["bbox"]
            corners = (x, y, x + max(box_width - 1, 0), y + max(box_height - 1, 0))
            pen.rectangle(corners, outline=_colour(number))
    counts = Counter(annotation["category_id"] for annotation in annotations)
    legend = ", ".join(
        f"{count} {category_names[category]}"
        for category, count in sorted(counts.items())
    )
    font = ImageFont.load_default(14)
    pen.text((8, height + 4), legend or "no annotations", "black", font)
    return picture


def _outline(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Find the pixels of a mask that touch, at an edge, one that is not of it."""
    padded = np.pad(mask, 1)
    inside = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask & ~inside


def _colour(number: int) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(number * _GOLDEN_TURN % 1, 0.75, 1)
    return round(255 * red), round(255 * green), round(255 * blue)
