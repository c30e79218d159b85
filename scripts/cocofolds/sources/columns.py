"""The rows of a table in memory, such as a data frame of pandas or polars.

A table is anything with columns by their names; a column is anything that can be gone
through. So no package of data frames is imported here.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from cocofolds.errors import InputError
from cocofolds.sources.records import Source, TableRow
from cocofolds.sources.table import columns_of, interpreter, positions_of, values_in

#: What messages call the table.
NAME = "the table"


def read_columns(table: Any, source: Source) -> Iterator[TableRow]:
    """Read the rows of a table.

    Parameters
    ----------
    table : data frame, or mapping of str to columns
    source : Source
        Its one dialect is that of the table.

    Yields
    ------
    TableRow
        As those of the CSV file that the table was read from, except its line, which is
        the position of the row, from 0.

    Raises
    ------
    InputError
        If a column is missing, or shorter than another.
    """
    [dialect] = source.dialects
    header = [*map(str, getattr(table, "columns", table))]
    columns = columns_of(source, dialect)
    positions = positions_of(NAME, header, columns)
    texts: dict[int, list[str]] = {
        position: texts_of(table[header[position]])
        for position in {*positions} - {len(header)}
    }
    lengths = {len(column) for column in texts.values()}
    if len(lengths) > 1:
        raise InputError(f"{NAME}: its columns are not of one length.")
    texts[len(header)] = [""] * max(lengths)
    interpreted = interpreter(source, dialect)
    rows = zip(*(texts[position] for position in positions), strict=True)
    for position, fields in enumerate(rows):
        line = f"row {position}"
        said = interpreted("", *fields)
        values = values_in(source, fields)
        yield TableRow(position + 1, NAME, line, *said, dialect, values)


def text_of(value: object) -> str:
    """Write the value of a cell as it is in the CSV file that it was read from.

    A missing value is an empty cell. A whole number is written without a point: with a
    missing value beside it, pandas reads it as a float.
    """
    if isinstance(value, str):
        return value
    if value is None or _is_missing(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def texts_of(column: Iterable[object]) -> list[str]:
    """Write the values of a column, see `text_of`."""
    return [*map(text_of, column)]


def _is_missing(value: Any) -> bool:
    """Tell NaN, NaT and the NA of pandas, none of which is equal to itself."""
    try:
        return bool(value != value)
    except TypeError:
        # NA is neither equal nor unequal to anything.
        return True
    except ValueError:
        # An array is equal in each of its values, or not.
        return False
