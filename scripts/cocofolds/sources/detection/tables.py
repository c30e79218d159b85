"""Take the beginning of a table apart: separator, header, and rows."""

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple, get_args

from cocofolds.errors import InputError
from cocofolds.files import LONGEST_FIELD
from cocofolds.settings import Separator
from cocofolds.sources.detection.head import Head

#: Rows that are looked at.
MOST_ROWS = 100_000

# Rows that tell what is between the fields.
_FEW = 200
_OTHER_SEPARATORS = ("|", ":", " ")


class TableHead(NamedTuple):
    r"""The beginning of a table.

    Attributes
    ----------
    path : str
    separator : {",", ";", "\t"}
    header : sequence of str
    rows : sequence of sequence of str
        Those with as many fields as the header.
    is_whole : bool
        Whether these are all rows.
    """

    path: str
    separator: Separator
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    is_whole: bool

    def values(self, position: int) -> list[str]:
        """Take the fields of a column."""
        return [row[position] for row in self.rows]


def read_table_head(head: Head) -> TableHead:
    """Take the beginning of a table apart.

    Raises
    ------
    InputError
        If it is no table with a header and rows.
    """
    csv.field_size_limit(LONGEST_FIELD)
    separators: tuple[Separator, ...] = get_args(Separator)
    separator = max(separators, key=lambda each: _fit(head.text, each))
    if _fit(head.text, separator) <= (0, 1):
        _refuse_one_column(head)
    reader = csv.reader(lines_of(head.text), delimiter=separator)
    try:
        header = next(reader)
        rows = [row for row in islice(reader, MOST_ROWS) if len(row) == len(header)]
        is_whole = head.is_whole and next(reader, None) is None
    except csv.Error as error:
        raise InputError(
            f"{head.path}, line {reader.line_num}: not readable as CSV: {error}."
        ) from None
    if not rows:
        raise InputError(f"{head.path}: no rows below the header.")
    if any(re.fullmatch(r"\d+( \d+)+", name) for name in header):
        raise InputError(
            f"{head.path}: its first line has runs, so there seems to be no header."
            " Add a first line with the names of the columns, such as"
            " image_id,runs,category."
        )
    return TableHead(head.path, separator, header, rows, is_whole)


def lines_of(text: str) -> Iterator[str]:
    """Go through the lines of a text, with their ends."""
    # A copy of all lines would take the memory of the text again.
    return (found[0] for found in re.finditer(r"[^\n]*\n|[^\n]+", text))


def _fit(text: str, separator: str) -> tuple[int, int]:
    """Count the rows with as many fields as the header, if several; and these."""
    reader = csv.reader(lines_of(text), delimiter=separator)
    try:
        rows = [*islice(reader, _FEW)]
    except csv.Error:
        return 0, 0
    n_fields = len(rows[0]) if rows else 0
    n_alike = sum(len(row) == n_fields for row in rows)
    return (n_alike if n_fields > 1 else 0), n_fields


def _refuse_one_column(head: Head) -> None:
    for separator in _OTHER_SEPARATORS:
        n_rows, n_fields = _fit(head.text, separator)
        if n_rows > 1 and n_fields > 1:
            raise InputError(
                f"{head.path}: its fields seem to be separated by {separator!r}. Save"
                " it with commas, semicolons or tabs between the fields."
            )
    line = head.text.lstrip().splitlines()[0][:60]
    raise InputError(
        f"{head.path}: neither a table nor JSON: it begins with {line!r}. Name a table"
        " (CSV) with a run-length text a row, or a COCO JSON."
    )
