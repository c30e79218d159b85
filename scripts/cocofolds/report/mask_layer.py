"""Draw the masks of an image as a transparent layer, at the size that is shown."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from cocofolds.errors import InputError
from cocofolds.masks.decoding import BoxedMask, mask_of
from cocofolds.report.colours import Colour

# Of 255: how much of its colour a mask has inside.
_FILL = 85
# Pixels of the sides of a mask that has a frame, so that one finds it.
_LARGEST_FRAMED = 3
# Pixels of a longest side for each pixel of an outline.
_PIXELS_OF_OUTLINE = 800


class MaskLayer(NamedTuple):
    """Masks without their image.

    Attributes
    ----------
    image : PIL image with a palette
    opacities : bytes
        Of each entry of the palette, from 0 to 255.
    """

    image: Image.Image
    opacities: bytes

    def opacity(self) -> Image.Image:
        """Give the opacity of each pixel, as a picture in grey."""
        return self.image.point([*self.opacities.ljust(256, b"\0")], "L")


def mask_layer(
    annotations: Sequence[Mapping[str, Any]],
    colours: Sequence[Colour],
    size: tuple[int, int],
    shown_size: tuple[int, int],
) -> MaskLayer:
    """Draw masks with their outlines, and boxes where there is no mask.

    The largest mask is at the bottom, and all outlines above. A speck has a frame.

    Parameters
    ----------
    annotations : sequence of mapping
        COCO annotations, with or without a segmentation and a box.
    colours : sequence of Colour
        That of each annotation.
    size : (int, int)
        Width and height of the image in pixels.
    shown_size : (int, int)
        Those of the layer: smaller, or a multiple.

    Returns
    -------
    MaskLayer

    Raises
    ------
    InputError
        If a mask cannot be read, or a box is no box.
    """
    palette = list(dict.fromkeys(colours))
    # 0 is transparent, then each colour has an entry for insides and one for outlines.
    entries = {rgb: 1 + 2 * number for number, rgb in enumerate(palette)}
    thickness = max(1, max(shown_size) // _PIXELS_OF_OUTLINE)
    insides = np.zeros(shown_size[::-1], np.uint8)
    outlines = np.zeros_like(insides)
    frames = []
    for annotation, rgb in sorted(
        zip(annotations, colours, strict=True), key=lambda pair: -_area_of(pair[0])
    ):
        mask = _shown_mask(annotation, size, shown_size)
        outline = _outline(mask.pixels, thickness)
        _in_box(insides, mask)[mask.pixels] = entries[rgb]
        _in_box(outlines, mask)[outline] = entries[rgb] + 1
        frames.append((_frame_of(annotation, mask, size, shown_size), entries[rgb] + 1))
    layer = Image.fromarray(np.where(outlines, outlines, insides))
    pen = ImageDraw.Draw(layer)
    for frame, entry in frames:
        if frame:
            pen.rectangle(frame, outline=entry, width=thickness)
    layer.putpalette([0, 0, 0, *(value for rgb in palette for value in 2 * rgb)])
    return MaskLayer(layer, bytes([0, *(len(palette) * [_FILL, 255])]))


def laid_over(background: Image.Image, layer: MaskLayer) -> Image.Image:
    """Lay masks over a picture in RGB of the same size."""
    return Image.composite(layer.image.convert("RGB"), background, layer.opacity())


def _area_of(annotation: Mapping[str, Any]) -> float:
    """Take the area that a record says; 0 if it says none."""
    area = annotation.get("area")
    return area if isinstance(area, int | float) else 0


def _shown_mask(
    annotation: Mapping[str, Any], size: tuple[int, int], shown_size: tuple[int, int]
) -> BoxedMask:
    """Draw a mask at the size at which it is shown; no part of it vanishes."""
    factor = max(shown_size) // max(size)
    if factor == 0:
        return mask_of(annotation, size[1], size[0], shown_size[::-1])
    left, top, pixels = mask_of(annotation, size[1], size[0])
    enlarged = pixels.repeat(factor, axis=0).repeat(factor, axis=1)
    return BoxedMask(factor * left, factor * top, enlarged)


def _in_box(pixels: NDArray[np.uint8], mask: BoxedMask) -> NDArray[np.uint8]:
    """The part of a picture that a mask is on."""
    height, width = mask.pixels.shape
    return pixels[mask.top : mask.top + height, mask.left : mask.left + width]


def _outline(mask: NDArray[np.bool_], thickness: int) -> NDArray[np.bool_]:
    """Find the pixels of a mask that are near to one that is not of it."""
    height, width = mask.shape
    padded = np.zeros((height + 2, width + 2), bool)
    padded[1:-1, 1:-1] = mask
    for _ in range(thickness):
        vertical = padded[:-2, 1:-1] & padded[2:, 1:-1]
        horizontal = padded[1:-1, :-2] & padded[1:-1, 2:]
        padded[1:-1, 1:-1] &= vertical & horizontal
    return mask & ~padded[1:-1, 1:-1]


def _frame_of(
    annotation: Mapping[str, Any],
    mask: BoxedMask,
    size: tuple[int, int],
    shown_size: tuple[int, int],
) -> list[float] | None:
    """Find the left, top, right and bottom pixels of a frame; None if there is none."""
    height, width = mask.pixels.shape
    if max(height, width) > _LARGEST_FRAMED:
        return None
    if mask.pixels.size:
        starts = mask.left - 3, mask.top - 3
        return [*starts, mask.left + width + 2, mask.top + height + 2]
    if not annotation.get("bbox"):
        return None
    try:
        left, top, width, height = map(float, annotation["bbox"])
    except (TypeError, ValueError, OverflowError):
        raise InputError(
            f"The box of annotation {annotation['id']} is not four numbers."
        ) from None
    if not width or not height:
        return None
    scale = np.divide(shown_size, size)
    first = scale * (left, top)
    last = np.maximum(scale * (left + width, top + height) - 1, first)
    # Far outside, the pen would lose its way.
    corners = np.clip([*first, *last], -9, np.tile(shown_size, 2) + 9)
    if np.isnan(corners).any():
        raise InputError(f"The box of annotation {annotation['id']} is no box.")
    frame: list[float] = corners.tolist()
    return frame
