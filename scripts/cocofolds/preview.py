"""Draw the annotations of an image over it, from what stands in the COCO JSON."""

import colorsys
import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from cocofolds.errors import InputError
from cocofolds.image_files import IMAGE_FORMATS
from cocofolds.masks.decoding import BoxedMask, mask_of
from cocofolds.whole_set import WholeSet, open_coco

#: Pixels of the largest image that is drawn unasked, and of any that is drawn.
LARGEST_CHOSEN = 4096 * 4096
# Pillow reads a file as a whole, unless it is a JPEG.
_LARGEST_READ = 10 * LARGEST_CHOSEN

# Percentiles of the values that become black and white.
_DARKEST, _BRIGHTEST = 1, 99

#: Pictures in all, if there are more categories than `_FEW_CATEGORIES`.
MOST_CHOSEN = 60
_FEW_CATEGORIES = 10

_GREY = 110
_FILL = 0.3
_LINE_HEIGHT, _MARGIN = 22, 8
_SWATCH_WIDTH, _SWATCH_HEIGHT = 36, 12
# Neighbouring multiples of this turn lie far apart on the wheel of hues.
_GOLDEN_TURN = (5**0.5 - 1) / 2


def number_images(whole: WholeSet, rows: Iterable[Mapping[str, str]]) -> dict[int, int]:
    """Find the place of each image by the number that its preview is named by.

    Parameters
    ----------
    whole : WholeSet
    rows : iterable of mapping
        The rows of `images.csv`, in the order of the images of the whole set.

    Returns
    -------
    dict of int to int
        By the id in the JSON where this is a whole number, of less than 64 bits. Ids
        that are text do not make a path: there, by the number that the image has in
        `images.csv`.
    """
    ids = [record["id"] for record in whole.images]
    numbers = [int(row["image_id"]) for row in rows]
    places = {
        number: place
        for place, (number, image_id) in enumerate(zip(numbers, ids, strict=True))
        if isinstance(image_id, str)
    }
    return places | {
        image_id: place
        for place, image_id in enumerate(ids)
        if isinstance(image_id, int) and 0 <= image_id < 2**63
    }


def choose_images(
    whole: WholeSet, places: Iterable[int], n_previews: int, seed: int
) -> dict[str, list[int]]:
    """Choose some images of each category, the same for the same seed.

    Parameters
    ----------
    whole : WholeSet
    places : iterable of int
        The images to choose from; larger ones than `LARGEST_CHOSEN` are passed over.
    n_previews : int
        How many images with an annotation of a category, if there are so many.
    seed : int

    Returns
    -------
    dict of str to list of int
        Places of images by the name of their category. A new image takes the place of
        one other at most. If these were more than `MOST_CHOSEN` images of many
        categories, there are so many that show as many categories as can be.
    """
    ranks = np.full(len(whole.images), np.inf)
    for place in places:
        image = whole.images[place]
        if int(image["width"]) * int(image["height"]) <= LARGEST_CHOSEN:
            digest = sha256(f"{seed} {image['id']!r}".encode()).digest()
            ranks[place] = int.from_bytes(digest[:6])
    pairs = whole.category_places.astype(np.int64) * len(ranks) + whole.image_places
    of_category, candidates = np.divmod(np.unique(pairs), max(len(ranks), 1))
    can_be = np.isfinite(ranks[candidates])
    of_category, candidates = of_category[can_be], candidates[can_be]
    order = np.lexsort((ranks[candidates], of_category))
    of_category, candidates = of_category[order], candidates[order]
    n_categories = len(whole.categories)
    starts = np.searchsorted(of_category, np.arange(n_categories + 1))
    number = np.arange(len(order)) - starts[of_category]
    if n_categories > _FEW_CATEGORIES:
        wanted = np.unique(candidates[number < n_previews])
        if len(wanted) > MOST_CHOSEN:
            shown = _covering(of_category, candidates, ranks, n_categories)
            is_shown = np.isin(candidates, shown)
            of_category, candidates = of_category[is_shown], candidates[is_shown]
            starts = np.searchsorted(of_category, np.arange(n_categories + 1))
    return {
        category["name"]: candidates[start:end][:n_previews].tolist()
        for category, start, end in zip(
            whole.categories, starts[:-1], starts[1:], strict=True
        )
    }


def _covering(
    of_category: NDArray[np.int64],
    candidates: NDArray[np.int64],
    ranks: NDArray[np.float64],
    n_categories: int,
) -> list[int]:
    """Choose `MOST_CHOSEN` images, each the one with the most categories not seen yet.

    Once all have been seen, they are all to be seen once more.
    """
    chosen: list[int] = []
    is_left = np.ones(len(candidates), bool)
    is_unseen = np.ones(n_categories, bool)
    while len(chosen) < MOST_CHOSEN and is_left.any():
        counted = is_left & is_unseen[of_category]
        if not counted.any():
            is_unseen[:] = True
            continue
        gains = np.bincount(candidates[counted], minlength=len(ranks))
        best = np.flatnonzero(gains == gains.max())
        chosen.append(int(best[np.argmin(ranks[best])]))
        is_unseen[of_category[candidates == chosen[-1]]] = False
        is_left &= candidates != chosen[-1]
    return chosen


def read_annotations(
    whole: WholeSet, places: Collection[int]
) -> dict[int, list[dict[str, Any]]]:
    """Read the annotations of some images; the others are passed over unread.

    Parameters
    ----------
    whole : WholeSet
    places : collection of int
        Places of images.

    Returns
    -------
    dict of int to list of dict
        Records by the place of their image.
    """
    wanted = np.isin(whole.image_places, list(places))
    annotations: dict[int, list[dict[str, Any]]] = {place: [] for place in places}
    with open_coco(whole.path) as (_, lines):
        for line, place in zip(
            compress(lines, wanted), whole.image_places[wanted].tolist(), strict=True
        ):
            annotations[place].append(json.loads(line))
    return annotations


def drawn_size(size: tuple[int, int]) -> tuple[int, int]:
    """Say how large an image is drawn: as it is, or with `LARGEST_CHOSEN` pixels.

    Parameters
    ----------
    size : (int, int)
        Width and height in pixels.
    """
    n_pixels = size[0] * size[1]
    if n_pixels <= LARGEST_CHOSEN:
        return size
    factor = math.sqrt(LARGEST_CHOSEN / n_pixels)
    width, height = (max(1, math.floor(factor * side)) for side in size)
    return width, height


def read_background(path: Path, size: tuple[int, int]) -> Image.Image:
    """Read an image of a size, which is width and height in pixels.

    Returns
    -------
    PIL image in RGB
        Of `drawn_size`. Values of more than eight bits are stretched, so that one sees
        the image.

    Raises
    ------
    InputError
        If it cannot be read, or is of another size, or too large to be read.
    """
    drawn = drawn_size(size)
    # The limit is that of this module, which knows what is read.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(path, formats=IMAGE_FORMATS) as image:
            found = image.size
            if found == size:
                if drawn != size:
                    image.draft(image.mode, drawn)
                n_pixels = image.size[0] * image.size[1]
                if n_pixels <= _LARGEST_READ:
                    return _in_rgb(image, drawn)
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


def _in_rgb(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Read an image in 8 bits a colour; shrink it to a size, if it has another."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        image = Image.fromarray(stretched(np.asarray(image)))
    if image.size != size:
        # Pillow takes the nearest pixel where values are places in a palette.
        image = image.resize(size, Image.Resampling.BOX)
    return image.convert("RGB")


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
    background: Image.Image | None,
    size: tuple[int, int],
    annotations: Sequence[Mapping[str, Any]],
    category_names: Mapping[int, str],
) -> Image.Image:
    """Draw masks and boxes, each instance in its own colour, with a legend below.

    Parameters
    ----------
    background : PIL image in RGB, or None
        The image, of `drawn_size`; plain grey if it is None.
    size : (int, int)
        Width and height of the image in pixels.
    annotations : sequence of mapping
        COCO annotations, with or without a segmentation and a box.
    category_names : mapping of int to str

    Returns
    -------
    PIL image in RGB
        As wide as the drawn image, and higher by the legend: of each category the
        colours of its instances, how many they are, and its name.

    Raises
    ------
    InputError
        If pycocotools cannot read a mask, or a box is no box.
    """
    drawn = drawn_size(size)
    background = background or Image.new("RGB", drawn, (_GREY, _GREY, _GREY))
    pixels = np.array(background, np.float32)
    for number, annotation in enumerate(annotations):
        shrunk_size = None if drawn == size else drawn[::-1]
        mask = mask_of(annotation, size[1], size[0], shrunk_size)
        _draw_mask(pixels, mask, _colour(number))

    width, height = drawn
    legend = _lay_out(_instances_by_category(annotations, category_names), width)
    n_lines = 1 + max((line for _, line, _, _ in legend), default=0)
    legend_height = n_lines * _LINE_HEIGHT + 4
    picture = Image.new("RGB", (width, height + legend_height), "white")
    picture.paste(Image.fromarray(pixels.round(out=pixels).astype(np.uint8)))
    pen = ImageDraw.Draw(picture)
    for number, annotation in enumerate(annotations):
        if annotation.get("bbox"):
            corners = _corners_of(annotation, size, drawn)
            pen.rectangle(corners, outline=_colour(number))
    pen.rectangle((0, height, width, height + legend_height), "white")
    for left, line, numbers, text in legend:
        top = height + 4 + line * _LINE_HEIGHT
        for column in range(_SWATCH_WIDTH if numbers else 0):
            number = numbers[column * len(numbers) // _SWATCH_WIDTH]
            x, y = left + column, top + 4
            pen.line((x, y, x, y + _SWATCH_HEIGHT - 1), _colour(number))
        text_left = left + (_SWATCH_WIDTH + 6 if numbers else 0)
        pen.text((text_left, top), text, "black", _font())
    return picture


def _draw_mask(
    pixels: NDArray[np.float32], mask: BoxedMask, rgb: tuple[int, int, int]
) -> None:
    """Draw a mask into (height, width, 3) pixels, at the cost of the box around it."""
    height, width = mask.pixels.shape
    pixels = pixels[mask.top : mask.top + height, mask.left : mask.left + width]
    colour = np.array(rgb, np.float32)
    pixels[mask.pixels] += _FILL * (colour - pixels[mask.pixels])
    pixels[_outline(mask.pixels)] = colour


def _instances_by_category(
    annotations: Sequence[Mapping[str, Any]], category_names: Mapping[int, str]
) -> list[tuple[list[int], str]]:
    """List the numbers of the instances of each category, and what to say of them."""
    numbers: dict[int, list[int]] = {}
    for number, annotation in enumerate(annotations):
        numbers.setdefault(annotation["category_id"], []).append(number)
    return [
        (numbers[category], f"{len(numbers[category])} {category_names[category]}")
        for category in category_names
        if category in numbers
    ] or [([], "no annotations")]


def _lay_out(
    entries: Sequence[tuple[list[int], str]], width: int
) -> list[tuple[int, int, list[int], str]]:
    """Place the entries of the legend: left end and line of each, from 0."""
    placed = []
    left, line = _MARGIN, 0
    for numbers, text in entries:
        text = "".join(letter if letter.isprintable() else " " for letter in text)
        needed = _SWATCH_WIDTH + 6 + math.ceil(_font().getlength(text))
        if left > _MARGIN and left + needed > width:
            left, line = _MARGIN, line + 1
        placed.append((left, line, numbers, text))
        left += needed + 2 * _MARGIN
    return placed


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(14)


def _corners_of(
    annotation: Mapping[str, Any], size: tuple[int, int], drawn: tuple[int, int]
) -> tuple[float, float, float, float]:
    """Find the left, top, right and bottom pixels of the box of an annotation."""
    try:
        left, top, width, height = map(float, annotation["bbox"])
    except (TypeError, ValueError, OverflowError):
        raise InputError(
            f"The box of annotation {annotation['id']} is not four numbers."
        ) from None
    corners = np.array([left, top, left + max(width - 1, 0), top + max(height - 1, 0)])
    if drawn != size:
        corners *= np.tile(np.divide(drawn, size), 2)
    # Far outside, the pen would lose its way.
    ends = np.clip(corners, -1, [*drawn, *drawn])
    if np.isnan(ends).any():
        raise InputError(f"The box of annotation {annotation['id']} is no box.")
    return tuple(ends.tolist())


def _outline(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Find the pixels of a mask that touch, at an edge, one that is not of it."""
    padded = np.pad(mask, 1)
    inside = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask & ~inside


def _colour(number: int) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(number * _GOLDEN_TURN % 1, 0.75, 1)
    return round(255 * red), round(255 * green), round(255 * blue)
