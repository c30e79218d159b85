"""Whether the rows of the source are masks, each by itself."""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

import numpy as np

from cocofolds.masks.run_lengths import MAX_PIXELS, find_invalid, numbered_from_1
from cocofolds.sources.records import SourceRow, TableRow, is_annotation

_NUMBER = "(0|[1-9][0-9]{0,17})"
_ATTRIBUTE_IDS = re.compile(rf"\[({_NUMBER}(,{_NUMBER})*)?\]")


def validated(
    as_written: Sequence[SourceRow], categories: Collection[str] | None
) -> tuple[list[SourceRow], list[str]]:
    """Bring the masks of rows into canonical form, and say what is wrong with others.

    Parameters
    ----------
    as_written : sequence of SourceRow
    categories : collection of str, or None
        The categories there may be; None for any.

    Returns
    -------
    rows : list of SourceRow
        The runs of valid masks are plain numbers counted from 1, with single blanks.
    problems : list of str
        Of each row; empty where nothing is wrong with it.
    """
    rows = [_numbered_from_1(row) for row in as_written]
    problems = [_problem(row, categories) for row in rows]
    masks = {
        index: row
        for index, row in enumerate(rows)
        if isinstance(row, TableRow) and row.has_mask and not problems[index]
    }
    sizes = [(int(row.width), int(row.height)) for row in masks.values()]
    n_pixels = np.array([width * height for width, height in sizes], np.int64)
    invalid, canonical = find_invalid([row.runs for row in masks.values()], n_pixels)
    indices = [*masks]
    for number, problem in invalid.items():
        index = indices[number]
        if rows[index] != as_written[index]:
            problem += " (counted from 1: are `base` and `runs` of the dialect right?)"
        problems[index] = problem
    for number, runs in canonical.items():
        index = indices[number]
        rows[index] = masks[index]._replace(runs=runs)
    return rows, problems


def _numbered_from_1(row: SourceRow) -> SourceRow:
    base, relative = row.dialect.base, row.dialect.runs == "relative"
    if (
        not isinstance(row, TableRow)
        or not row.has_mask
        or (base == 1 and not relative)
    ):
        return row
    return row._replace(runs=numbered_from_1(row.runs, base, relative))


def _problem(row: SourceRow, categories: Collection[str] | None) -> str:
    """Say what is wrong with the fields of a row other than the runs; "" if nothing."""
    if row.problem:
        return row.problem
    if not row.image:
        return "the image has no id"
    if is_annotation(row):
        if not row.category:
            return "the category is empty"
        if categories is not None and row.category not in categories:
            return f"the category {row.category!r} is not one of `categories`"
        attributes = row.attribute_ids if isinstance(row, TableRow) else ""
        if attributes and not _ATTRIBUTE_IDS.fullmatch(attributes):
            return f"the attributes {attributes} are no numbers between commas"
    return size_problem(row.width, row.height)


# Few sizes are in many rows.
@lru_cache
def size_problem(width: str, height: str) -> str:
    """Say what is wrong with the text of a size in pixels; "" if nothing."""
    for name, text in (("width", width), ("height", height)):
        if not (text.isascii() and text.isdigit() and text.strip("0")):
            return f"the {name} {text!r} is not a number of pixels"
        if len(text) > len(str(MAX_PIXELS)):
            return f"the {name} {text[:20]!r} is more than {MAX_PIXELS} pixels"
    if int(width) * int(height) > MAX_PIXELS:
        return f"{width}x{height} is more than {MAX_PIXELS} pixels, COCO's limit"
    return ""
