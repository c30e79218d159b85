"""The header of a table: its separator, and where a column is."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import get_args

from cocofolds.settings import Separator

# A header with a quote that is never closed would take the whole file along.
_LONGEST = 2**20


def whole_header(lines: Iterator[str]) -> list[str]:
    """Take the lines of the header, which is more than one if a name holds its end.

    Parameters
    ----------
    lines : iterator of str
        Of a table, with their ends. Those of the header are taken from it.
    """
    header: list[str] = []
    n_quotes = length = 0
    for line in lines:
        header.append(line)
        n_quotes += line.count('"')
        length += len(line)
        if n_quotes % 2 == 0 or length > _LONGEST:
            break
    return header


def separator_of(header: Sequence[str], columns: Iterable[str]) -> Separator:
    """Find what is between the fields: what makes most of the columns appear.

    Parameters
    ----------
    header : sequence of str
        Its lines.
    columns : iterable of str
        The names that should be in it.

    Returns
    -------
    separator
        Of several that fit equally well, the first one that makes most fields.
    """
    columns = [*columns]

    def fit(separator: Separator) -> tuple[int, int]:
        try:
            names = next(csv.reader(header, delimiter=separator, strict=True), [])
        except csv.Error:
            return 0, 1
        return sum(bool(fields_named(names, c)) for c in columns), len(names)

    candidates: tuple[Separator, ...] = get_args(Separator)
    return max(candidates, key=fit)


def fields_named(header: Sequence[str], column: str) -> list[int]:
    """List the positions of a column: of its name, or of its name between blanks."""
    exact = [n for n, name in enumerate(header) if name == column]
    return exact or [
        n for n, name in enumerate(header) if name.strip() == column.strip()
    ]
