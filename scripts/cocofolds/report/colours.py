"""The colours of categories and instances, the same in each picture and legend."""

import colorsys
from collections.abc import Mapping, Sequence
from typing import Any

#: Red, green and blue, from 0 to 255.
Colour = tuple[int, int, int]

# Okabe and Ito's, which differ for all eyes, from light to dark.
_FIRST = ["#56B4E9", "#E69F00", "#F0569A", "#00B386", "#F0E442", "#D55E00", "#0072B2"]
# A layer of masks has two entries for each colour in a palette of 256.
_N_COLOURS = 120
# Neighbouring multiples of this turn are far apart on the wheel of hues.
_GOLDEN_TURN = (5**0.5 - 1) / 2
_SATURATIONS_AND_VALUES = [(0.75, 1.0), (0.9, 0.75), (0.45, 1.0)]


def colour(number: int) -> Colour:
    """Take a colour by its number, from 0; after 120 they come again."""
    number %= _N_COLOURS
    if number < len(_FIRST):
        red, green, blue = bytes.fromhex(_FIRST[number][1:])
        return red, green, blue
    shades = _SATURATIONS_AND_VALUES[number % len(_SATURATIONS_AND_VALUES)]
    rgb = colorsys.hsv_to_rgb(number * _GOLDEN_TURN % 1, *shades)
    red, green, blue = (round(255 * share) for share in rgb)
    return red, green, blue


def as_hex(rgb: Colour) -> str:
    """Write a colour as a page has it: #rrggbb."""
    return f"#{bytes(rgb).hex()}"


def colours_of(
    annotations: Sequence[Mapping[str, Any]], category_names: Mapping[Any, str]
) -> list[Colour]:
    """Give each annotation the colour of its category.

    Parameters
    ----------
    annotations : sequence of mapping
        COCO annotations of one image.
    category_names : mapping of id to str
        All categories of the data set, in their order, which the colours follow. If
        there is one alone, each annotation has a colour of its own.
    """
    if len(category_names) == 1:
        return [colour(number) for number in range(len(annotations))]
    by_category = {
        category: colour(number) for number, category in enumerate(category_names)
    }
    return [by_category[annotation["category_id"]] for annotation in annotations]
