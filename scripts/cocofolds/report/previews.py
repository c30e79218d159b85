"""Draw the annotations of an image over it, as they are in the COCO JSON."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cocofolds.errors import InputError
from cocofolds.report.colours import colours_of
from cocofolds.report.legend import with_legend
from cocofolds.report.mask_layer import laid_over, mask_layer
from cocofolds.sources.image_files import IMAGE_FORMATS

#: Pixels of the longest side of a picture: a larger image is shrunk.
LONGEST_SIDE = 1600
# Images that are smaller by half and more are enlarged.
_SHORTEST_SIDE = 512
# Pixels that Pillow may unpack: it reads a file as a whole, unless it is a JPEG.
_LARGEST_READ = 10 * 4096 * 4096

# Percentiles of the values that become black and white.
_DARKEST, _BRIGHTEST = 1, 99
_GREY = 110

# Z_RLE of zlib: for photos as small as the other ways, and fast.
_RUN_LENGTHS = 3


def shown_size(size: tuple[int, int], longest_side: int) -> tuple[int, int]:
    """Say how large an image is shown: as it is, or shrunk to a longest side.

    Parameters
    ----------
    size : (int, int)
        Width and height in pixels.
    longest_side : int
        The most pixels of the longer one.
    """
    longest = max(size)
    if longest <= longest_side:
        return size
    width, height = (max(1, round(side * longest_side / longest)) for side in size)
    return width, height


def preview_size(size: tuple[int, int]) -> tuple[int, int]:
    """Say how large the picture of an image is: shrunk, or enlarged by a whole number.

    Parameters
    ----------
    size : (int, int)
        Width and height in pixels.
    """
    factor = max(1, _SHORTEST_SIDE // max(size))
    return shown_size((factor * size[0], factor * size[1]), LONGEST_SIDE)


def read_background(path: Path, size: tuple[int, int]) -> Image.Image:
    """Read an image of a size, which is width and height in pixels.

    Memory follows the size of the picture for a JPEG, that of the image for others.

    Returns
    -------
    PIL image in RGB
        Of `preview_size`. Values of more than eight bits are stretched, so that one
        sees the image.

    Raises
    ------
    InputError
        If it cannot be read, or is of another size, or too large to be read.
    """
    shown = preview_size(size)
    # The limit is that of this module, which knows what is read.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(path, formats=IMAGE_FORMATS) as image:
            found = image.size
            if found == size:
                if max(shown) < max(size):
                    # Of a JPEG, a half, a quarter or an eighth of the pixels is read.
                    image.draft(image.mode, shown)
                n_pixels = image.size[0] * image.size[1]
                if n_pixels <= _LARGEST_READ:
                    return _in_rgb(image, shown)
    # Pillow raises errors of many kinds.
    except Exception as error:
        raise InputError(f"{path}: not readable as an image: {error}.") from None
    if found == size:
        raise InputError(
            f"{path}: {size[0]}x{size[1]} pixels are too many to draw. Of an image of"
            f" more than {_LARGEST_READ:,} pixels, only a JPEG can be shown. With"
            " `images_dir: null` the preview is on grey."
        )
    raise InputError(
        f"{path}: the image file is {found[0]}x{found[1]} pixels, the annotations say"
        f" {size[0]}x{size[1]}. Check `images_dir`."
    )


def background_or_grey(
    path: Path | None, size: tuple[int, int]
) -> tuple[Image.Image, list[str]]:
    """Read an image as `read_background` does, or take plain grey.

    Parameters
    ----------
    path : Path or None
        None is grey.
    size : (int, int)
        Width and height of the image in pixels.

    Returns
    -------
    background : PIL image in RGB
        Of `preview_size`.
    problems : list of str
        Why the image cannot be read.
    """
    problems = []
    if path:
        try:
            return read_background(path, size), []
        except InputError as error:
            problems.append(str(error))
    return Image.new("RGB", preview_size(size), (_GREY, _GREY, _GREY)), problems


def _in_rgb(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Read an image in 8 bits a colour; resize it, if it has another size."""
    is_shrunk = max(size) < max(image.size)
    way = Image.Resampling.HAMMING if is_shrunk else Image.Resampling.NEAREST
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        # Of a large image, not every pixel: as numbers with a point, they take memory.
        step = max(1, max(image.size) // (2 * max(size)))
        values = np.asarray(image)[::step, ::step].astype(np.float32)
        if is_shrunk:
            values = np.asarray(Image.fromarray(values).resize(size, way))
        image = Image.fromarray(stretched(values))
    # Values that are positions in a palette have no average.
    image = image.convert("RGB")
    return image if image.size == size else image.resize(size, way)


def stretched(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Spread values over black to white, all but the darkest and the brightest.

    Parameters
    ----------
    values : (height, width) of any number
        NaN becomes black. One value alone becomes grey.
    """
    pixels = values.astype(np.float32)
    finite = pixels[np.isfinite(pixels)]
    if not finite.size:
        return np.zeros(pixels.shape, np.uint8)
    black, white = np.percentile(finite, (_DARKEST, _BRIGHTEST), method="nearest")
    if black == white:
        # A few bright spots on black.
        black, white = finite.min(), finite.max()
    if black == white:
        return np.full(pixels.shape, _GREY, np.uint8)
    # Halves, since the distance of two numbers may be too large for a number.
    shares = (pixels / 2 - black / 2) / (white / 2 - black / 2)
    shares = np.nan_to_num(shares, copy=False, nan=0, posinf=1, neginf=0)
    grey: NDArray[np.uint8] = (255 * np.clip(shares, 0, 1)).round().astype(np.uint8)
    return grey


def draw_preview(
    background: Image.Image,
    size: tuple[int, int],
    annotations: Sequence[Mapping[str, Any]],
    category_names: Mapping[Any, str],
) -> Image.Image:
    """Draw masks over an image, with a legend below.

    Parameters
    ----------
    background : PIL image in RGB
        The image, of `preview_size`.
    size : (int, int)
        Width and height of the image in pixels.
    annotations : sequence of mapping
        COCO annotations, with or without a segmentation and a box.
    category_names : mapping of id to str
        All categories of the data set. Masks have the colour of their category, or of
        their own if there is one category alone.

    Returns
    -------
    PIL image in RGB
        Higher than the image by the legend, and wider if that is too narrow for it.

    Raises
    ------
    InputError
        If a mask cannot be read, or a box is no box.
    """
    colours = colours_of(annotations, category_names)
    layer = mask_layer(annotations, colours, size, background.size)
    picture = laid_over(background, layer)
    return with_legend(picture, annotations, colours, category_names)


def save_png(picture: Image.Image, file: Path | BinaryIO) -> None:
    """Write a picture as PNG, in a third of the time that Pillow takes by itself."""
    picture.save(file, "PNG", compress_level=1, compress_type=_RUN_LENGTHS)
