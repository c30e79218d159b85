"""Draw what the colours of a picture mean, below it."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import bidirectional

from PIL import Image, ImageDraw, ImageFont

from cocofolds.report.colours import Colour
from cocofolds.wording import visible

#: Pixels; below a narrower picture, the legend is wider than that.
NARROWEST = 320

_MOST_CATEGORIES = 40
_MOST_COLOURS = 6
_LONGEST_NAME = 100
_SMALLEST_FONT, _LARGEST_FONT = 14, 24
_TEXT, _NUMBER, _LINE = "#222222", "#767676", "#DDDDDD"

_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


class _Entry(NamedTuple):
    """A category: its colours, its name and how many annotations it has."""

    colours: list[Colour]
    name: str
    number: str


def with_legend(
    picture: Image.Image,
    annotations: Sequence[Mapping[str, Any]],
    colours: Sequence[Colour],
    category_names: Mapping[Any, str],
) -> Image.Image:
    """Add a legend below a picture: the colours, name and count of each category.

    Parameters
    ----------
    picture : PIL image in RGB
    annotations : sequence of mapping
        COCO annotations.
    colours : sequence of Colour
        That of each annotation.
    category_names : mapping of id to str

    Returns
    -------
    PIL image in RGB
        At least `NARROWEST` pixels wide.
    """
    width = max(picture.width, NARROWEST)
    size = min(max(_SMALLEST_FONT, round(width / 60)), _LARGEST_FONT)
    font, space = _font(size), size // 2
    entries = _entries(annotations, colours, category_names, font)
    placed = _lay_out(entries, width - 2 * space, font, space)
    line_height = 2 * size
    n_lines = 1 + max(line for _, line, _ in placed)
    height = picture.height + n_lines * line_height + space
    page = Image.new("RGB", (width, height), "white")
    page.paste(picture, ((width - picture.width) // 2, 0))
    pen = ImageDraw.Draw(page)
    pen.line((0, picture.height, width, picture.height), _LINE)
    for left, line, entry in placed:
        x = space + left
        middle = picture.height + space // 2 + line * line_height + line_height // 2
        for rgb in entry.colours:
            corners = (
                x,
                middle - size // 2,
                x + size - 1,
                middle + size - size // 2 - 1,
            )
            pen.rectangle(corners, rgb)
            x += size
        x += space if entry.colours else 0
        pen.text((x, middle), entry.name, _TEXT, font, anchor="lm")
        x += round(font.getlength(entry.name)) + space
        pen.text((x, middle), entry.number, _NUMBER, font, anchor="lm")
    return page


def _entries(
    annotations: Sequence[Mapping[str, Any]],
    colours: Sequence[Colour],
    category_names: Mapping[Any, str],
    font: _Font,
) -> list[_Entry]:
    """List the categories of a picture, in the order of all categories."""
    of_category: dict[Any, list[Colour]] = {}
    for annotation, rgb in zip(annotations, colours, strict=True):
        of_category.setdefault(annotation["category_id"], []).append(rgb)
    found = [category for category in category_names if category in of_category]
    entries = [
        _Entry(
            [*dict.fromkeys(of_category[category])][:_MOST_COLOURS],
            _shown_name(category_names[category], category, font),
            f"{len(of_category[category]):,}",
        )
        for category in found[:_MOST_CATEGORIES]
    ]
    if len(found) > _MOST_CATEGORIES:
        n_others = len(found) - _MOST_CATEGORIES
        entries.append(_Entry([], f"and {n_others:,} more categories", ""))
    return entries or [_Entry([], "no annotations", "")]


def _shown_name(name: str, category_id: Any, font: _Font) -> str:
    """Write a name, or the id of its category if the font cannot."""
    name = visible(name)
    is_shown = all(
        _has_glyph(letter, font) and bidirectional(letter) not in ("R", "AL")
        for letter in {*name}
    )
    return name if is_shown and name.strip() else f"category {category_id}"


def _has_glyph(letter: str, font: _Font) -> bool:
    """Tell whether a font has a letter, other than the box that stands for none."""
    return letter == " " or bytes(font.getmask(letter)) != _no_glyph(font)


@cache
def _no_glyph(font: _Font) -> bytes:
    return bytes(font.getmask("\U0010ffff"))


def _lay_out(
    entries: Sequence[_Entry], width: int, font: _Font, space: int
) -> list[tuple[int, int, _Entry]]:
    """Find the left end and the line of each entry; shorten names that do not fit."""
    placed = []
    left, line = 0, 0
    for entry in entries:
        others = len(entry.colours) * 2 * space + 2 * space
        others += round(font.getlength(entry.number))
        name = _shortened(entry.name, width - others, font)
        needed = others + round(font.getlength(name))
        if left and left + needed > width:
            left, line = 0, line + 1
        placed.append((left, line, entry._replace(name=name)))
        left += needed + 2 * space
    return placed


def _shortened(text: str, width: float, font: _Font) -> str:
    """Leave out the end of a text that is long, or wider than some pixels."""
    kept = text[:_LONGEST_NAME]
    if kept == text and font.getlength(text) <= width:
        return text
    while kept and font.getlength(f"{kept}…") > width:
        kept = kept[:-1]
    return f"{kept}…"


@cache
def _font(size: int) -> _Font:
    # The one of matplotlib has most scripts. To import it would take half a second.
    package = find_spec("matplotlib")
    folder = Path(package.origin or "").parent if package else Path()
    path = folder / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
    if not path.exists():
        return ImageFont.load_default(size)
    # Another layout needs a library that not each machine has.
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)
