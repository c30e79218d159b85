"""Look for rows of a table that are no masks, as the workflow will find them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np

from cocofolds.errors import InputError
from cocofolds.masks.run_lengths import find_invalid, in_batches, numbered_from_1
from cocofolds.sources.detection.findings import Question
from cocofolds.sources.detection.table_parts import Known, Part
from cocofolds.sources.records import Dialect, Source, TableRow
from cocofolds.sources.table import read_table_source
from cocofolds.wording import counted


def find_faults(known: Known, dialect: Mapping[str, Any]) -> tuple[Part, set[str]]:
    """Find faulty rows, and images whose size is not known.

    Returns
    -------
    part : Part
        Of the config.
    faulty : set of str
        The images that have no other rows.

    Raises
    ------
    InputError
        If half of the masks or more are faulty: the table is not what it seems.
    """
    n_rows = len(known.table.rows)
    has_sizes = "width" in dialect or "width_column" in dialect
    unsized = [] if has_sizes else [i for i in known.ids if i not in known.sizes]
    reading = Dialect(**{"file_name": "{id}", **dialect})
    source = Source([known.head.path], [reading])
    rows = islice(read_table_source(source, known.head.path, reading, 1, []), n_rows)
    n_faulty, first = 0, ""
    n_faulty_of: Counter[str] = Counter()
    for row, reason in _faulty(rows, known):
        n_faulty += 1
        n_faulty_of[row.image] += 1
        first = first or f"line {row.line}, image {row.image!r}: {reason}"
    if n_faulty and 2 * n_faulty >= len(known.masks):
        raise InputError(
            f"{known.head.path}: {n_faulty:,} of {counted(n_rows, 'row')} are not"
            f" masks, such as {first}."
        )
    if unsized and len(unsized) > len(known.ids) - 2:
        raise InputError(
            f"{known.head.path}: the sizes of {len(unsized)} of {len(known.ids)} images"
            f" are not known, such as that of {unsized[0]!r}: no column has them, and"
            " their files are not there or not images. `--images FOLDER` says where the"
            " files are."
        )
    said = []
    if n_faulty:
        what = counted(n_faulty, "row is no mask", "rows are no masks")
        said.append(f"{what}, such as {first}")
    if unsized:
        what = counted(len(unsized), "image has", "images have")
        said.append(f"{what} no readable file, so no size, such as {unsized[0]!r}")
    if not said:
        return Part({}), set()
    question = Question(
        "on_invalid",
        "Leave them out (skip), or let the run stop at them (error)?",
        "skip",
        {"skip": {"on_invalid": "skip"}, "error": {"on_invalid": None}},
        "; ".join(said),
    )
    n_rows_of = Counter(known.images)
    faulty = {image for image, n in n_faulty_of.items() if n >= n_rows_of[image]}
    return Part(question.changes("skip"), [], [question]), faulty.union(unsized)


def _faulty(rows: Iterator[TableRow], known: Known) -> Iterator[tuple[TableRow, str]]:
    """Go through the rows that are no masks on their images, with the reason."""
    for batch in in_batches(rows, lambda row: len(row.runs)):
        masks = []
        for row in batch:
            if row.problem:
                yield row, row.problem
            elif row.has_mask and row.image in known.sizes:
                masks.append(row)
        sizes = [known.sizes[row.image] for row in masks]
        n_pixels = np.array([width * height for width, height in sizes], np.int64)
        invalid, _ = find_invalid([_counted_from_1(row) for row in masks], n_pixels)
        yield from ((masks[position], reason) for position, reason in invalid.items())


def _counted_from_1(row: TableRow) -> str:
    base, is_relative = row.dialect.base, row.dialect.runs == "relative"
    if base == 1 and not is_relative:
        return row.runs
    return numbered_from_1(row.runs, base, is_relative)
