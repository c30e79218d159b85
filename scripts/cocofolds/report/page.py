"""The report page: one HTML file with all in it, of a size that is bounded."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jinja2 import Environment, FileSystemLoader, Template
from numpy.typing import NDArray

from cocofolds.report.data_set import DataSet
from cocofolds.report.splits import HeatMap, Split, heat_map
from cocofolds.report.verdict import Evenness, find, measure, summary, worst

#: In bytes. Pictures are left out of the gallery before the page is larger.
MOST_BYTES = 8_000_000

# What has room on a page for a person. The longest texts are in characters.
_MOST_ROWS = 200
_MOST_SPLITS, _MOST_HEAT_MAPS = 200, 12
_MOST_CHOICES, _MOST_LABELS = 500, 12
_LONGEST_NAME, _LONGEST_MESSAGE, _LONGEST_SETTING = 80, 500, 1000


class Listed(NamedTuple):
    """The first rows of a list, and how many rows there are."""

    rows: list[dict[str, str]]
    total: int


class Copies(NamedTuple):
    """Images that are copies of others: the first pairs, and how many there are.

    Attributes
    ----------
    pairs : sequence of mapping
        As `copies_side_by_side` makes them.
    total : int
    """

    pairs: Sequence[Mapping[str, Any]]
    total: int


class Made(NamedTuple):
    """What a run says of itself.

    Attributes
    ----------
    warnings : Listed
        Rows with `of` and `text`.
    rejected, changed : Listed
        Rows of `rejected.csv` and `changed.csv`.
    checks : mapping of str to int
        What was checked of the whole data set, and on how many.
    settings : mapping of str to Any
    sources : list of dict
        `name` and `sha256` of each file of annotations.
    digest : str
        SHA-256 of the whole data set.
    versions : mapping of str to str
        Of the packages that made the results.
    """

    warnings: Listed
    rejected: Listed
    changed: Listed
    checks: Mapping[str, int]
    settings: Mapping[str, Any]
    sources: list[dict[str, str]]
    digest: str
    versions: Mapping[str, str]


class ShownSplit(NamedTuple):
    """A split as the page shows it.

    Attributes
    ----------
    split : Split
    evenness : Evenness
    images, annotations : HeatMap, or None
        None if there are more splits than the page has heat maps for.
    """

    split: Split
    evenness: Evenness
    images: HeatMap | None
    annotations: HeatMap | None


def first_rows(rows: Iterable[Mapping[str, str]]) -> Listed:
    """Keep the first rows of a list, with their texts shortened; count them all."""
    rows = iter(rows)
    kept = [
        {key: shortened(value, _LONGEST_MESSAGE) for key, value in row.items()}
        for row in islice(rows, _MOST_ROWS)
    ]
    return Listed(kept, len(kept) + sum(1 for _ in rows))


def shortened(text: str, longest: int) -> str:
    """Cut a text, and take out what cannot be seen, such as marks of direction."""
    cut = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in cut)


def name(text: str) -> str:
    """Cut a name as it is shown everywhere on the page."""
    return shortened(text, _LONGEST_NAME)


def number(value: float) -> str:
    """Write a number: 1,024 or 0.25."""
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2g}"


def render_page(
    data_set: DataSet,
    splits: Sequence[Split],
    gallery: Sequence[Mapping[str, Any]],
    made: Made,
    copies: Copies,
) -> bytes:
    """Render the report page.

    Parameters
    ----------
    data_set : DataSet
    splits : sequence of Split
    gallery : sequence of mapping
        The images of `gallery.json`.
    made : Made
    copies : Copies

    Returns
    -------
    bytes
        HTML in UTF-8 of at most `MOST_BYTES`, of which nothing depends on when or where
        it is made.
    """
    measures = [measure(split) for split in splits]
    findings = find(
        splits, measures, made.warnings.total, made.rejected.total, made.changed.total
    )
    shown = [
        show_split(split, evenness, n < _MOST_HEAT_MAPS)
        for n, (split, evenness) in enumerate(
            zip(splits[:_MOST_SPLITS], measures[:_MOST_SPLITS], strict=True)
        )
    ]
    contents = {
        "level": worst([finding.level for finding in findings]),
        "summary": summary(findings),
        "findings": findings,
        "data_set": data_set,
        "splits": shown,
        "n_splits": len(splits),
        "made": made,
        "copies": show_copies(copies, shown),
    }
    template = template_of(Path(__file__).with_name("page.html.jinja"))
    images = list(gallery)
    while True:
        choices, figures = show_gallery(images, shown)
        n_left_out = len(gallery) - len(images)
        text = template.render(
            contents, choices=choices, figures=figures, n_left_out=n_left_out
        )
        # Macros leave blank lines behind.
        page = text.lstrip().encode()
        excess = len(page) - MOST_BYTES
        if excess <= 0 or not images:
            return page
        while excess > 0 and images:
            left_out = images.pop()
            excess -= len(left_out["picture"]) + len(left_out["masks"])


def show_split(split: Split, evenness: Evenness, has_heat_maps: bool) -> ShownSplit:
    """Add its heat maps to a split, if there is room for them."""
    if not has_heat_maps:
        return ShownSplit(split, evenness, None, None)
    table = split.table
    groups = split.groups.sizes if split.groups else None
    return ShownSplit(
        split,
        evenness,
        heat_map(table.categories, table.images, split.images.sizes, groups),
        heat_map(
            table.categories, table.annotations, table.annotations.sum(axis=0), None
        ),
    )


def show_copies(copies: Copies, splits: Sequence[ShownSplit]) -> Copies:
    """Add to each image of the copies which fold of each split holds it out."""
    pairs = [
        {
            **pair,
            "images": [
                {
                    **image,
                    "folds": [s.split.folds_of[image["source_id"]] for s in splits],
                }
                for image in pair["images"]
            ],
        }
        for pair in copies.pairs
    ]
    return Copies(pairs, copies.total)


def show_gallery(
    images: Sequence[Mapping[str, Any]], splits: Sequence[ShownSplit]
) -> tuple[list[tuple[str, int]], list[dict[str, Any]]]:
    """Make what the gallery shows, and what it can be filtered by.

    Parameters
    ----------
    images : sequence of mapping
        Of `gallery.json`.
    splits : sequence of ShownSplit

    Returns
    -------
    choices : list of (str, int)
        Categories, and how many of the images have them.
    figures : list of dict
        What the page has of each image: `choices` are positions in the list of these;
        `folds` lists the folds that hold it out, for each split.
    """
    n_images: dict[str, int] = {}
    for image in images:
        for category in image["categories"]:
            n_images[category] = n_images.get(category, 0) + 1
    categories = sorted(n_images)[:_MOST_CHOICES]
    position = {category: n for n, category in enumerate(categories)}
    figures = [
        {
            **image,
            "n_annotations": sum(image["categories"].values()),
            "labels": [
                (category, count, image["legend"].get(category))
                for category, count in islice(image["categories"].items(), _MOST_LABELS)
            ],
            "n_other_labels": max(len(image["categories"]) - _MOST_LABELS, 0),
            "choices": [position[c] for c in image["categories"] if c in position],
            "folds": json.dumps(
                [shown.split.folds_of[image["source_id"]] for shown in splits],
                separators=(",", ":"),
            ),
            "warnings": [
                shortened(warning, _LONGEST_MESSAGE)
                for warning in image["warnings"][:_MOST_LABELS]
            ],
        }
        for image in images
    ]
    return [(category, n_images[category]) for category in categories], figures


def template_of(path: Path) -> Template:
    """Read a template, which may use what all pages share.

    Parameters
    ----------
    path : Path
        That of the template.
    """
    folder = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader([path.parent, folder]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "name": name,
        "number": number,
        "range": _range,
        "setting": _setting,
    }
    style, script = (
        (folder / file).read_text(encoding="utf-8") for file in ("page.css", "page.js")
    )
    environment.globals |= {
        "style": style,
        "script": script,
        "style_digest": _digest(style),
        "script_digest": _digest(script),
    }
    return environment.get_template(path.name)


def _range(sizes: NDArray[np.int64]) -> str:
    """Write the least and the largest of some numbers: 60 to 61."""
    least, most = int(sizes.min()), int(sizes.max())
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def _setting(value: Any) -> str:
    """Write a setting as JSON, cut where it is long."""
    return shortened(json.dumps(value, ensure_ascii=False), _LONGEST_SETTING)


def _digest(text: str) -> str:
    """Name a text as a Content-Security-Policy does, which lets no other be run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
