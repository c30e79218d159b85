"""Whether the rows of the source are masks, each by itself."""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

import numpy as np

from cocofolds.masks.run_lengths import MAX_PIXELS, find_invalid, numbered_from_1
from cocofolds.sources.records import SourceRow

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
    masks = [
        index
        for index, row in enumerate(rows)
        if row.has_mask and row.dialect.is_table and not problems[index]
    ]
    sizes = [(int(rows[index].width), int(rows[index].height)) for index in masks]
    n_pixels = np.array([width * height for width, height in sizes], np.int64)
    invalid, canonical = find_invalid([rows[index].runs for index in masks], n_pixels)
    for number, problem in invalid.items():
        index = masks[number]
        if rows[index].runs != as_written[index].runs:
            problem += " (counted from 1: are `base` and `runs` of the dialect right?)"
        problems[index] = problem
    for number, runs in canonical.items():
        rows[masks[number]] = rows[masks[number]]._replace(runs=runs)
    return rows, problems


def _numbered_from_1(row: SourceRow) -> SourceRow:
    base, relative = row.dialect.base, row.dialect.runs == "relative"
    if not row.has_mask or (base == 1 and not relative):
        return row
    return row._replace(runs=numbered_from_1(row.runs, base, relative))


def _problem(row: SourceRow, categories: Collection[str] | None) -> str:
    """Say what is wrong with the fields of a row other than the runs; "" if nothing."""
    if row.problem:
        return row.problem
    if not row.image:
        return "the image has no id"
    if row.has_mask and not row.category:
        return "the category is empty"
    if row.has_mask and categories is not None and row.category not in categories:
        return f"the category {row.category!r} is not one of `categories`"
    if (
        row.has_mask
        and row.attribute_ids
        and not _ATTRIBUTE_IDS.fullmatch(row.attribute_ids)
    ):
        return f"the attributes {row.attribute_ids} are no numbers between commas"
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
