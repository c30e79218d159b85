"""The source: a table with one run-length mask a row, as a competition publishes it."""

import csv
import gzip
import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from cocofolds.errors import InputError
from cocofolds.files import LONGEST_FIELD
from cocofolds.settings import Order


class Dialect(NamedTuple):
    """How to read a table: which column holds what, and the order of the pixels."""

    image_column: str
    runs_column: str
    category_column: str
    width_column: str
    height_column: str
    order: Order


class SourceRow(NamedTuple):
    """One row of the source, as it stands there.

    Attributes
    ----------
    number : int
        Counted from 1 over all files of the source.
    path : str
        The file.
    line : int
        Where the row begins in its file, the header being line 1.
    image, runs, category, width, height, group : str
        The fields, with the blanks around them; `group` is empty without a group
        column. All empty if the row has too many or too few fields.
    problem : str
        What is wrong with the row as a whole, or empty.
    """

    number: int
    path: str
    line: int
    image: str
    runs: str
    category: str
    width: str
    height: str
    group: str
    problem: str


class SourceFile(NamedTuple):
    """What a file of the source is: name without `.gz`, checksum of the plain text."""

    name: str
    sha256: str


def read_source(
    paths: Sequence[str],
    dialect: Dialect,
    group_column: str | None,
    files: list[SourceFile] | None = None,
) -> Iterator[SourceRow]:
    """Read the rows of all files, one after the other, in constant memory.

    Parameters
    ----------
    paths : sequence of str
        CSV files in UTF-8 with a header, plain or compressed with gzip (`.gz`).
    dialect : Dialect
    group_column : str or None
        The column that names the group of an image.
    files : list of SourceFile, optional
        Gets an entry for each file as soon as all of it has been read.

    Yields
    ------
    SourceRow

    Raises
    ------
    InputError
        If a file is missing, empty, damaged or not UTF-8, or a column is missing.
    """
    csv.field_size_limit(LONGEST_FIELD)
    columns = [
        dialect.image_column,
        dialect.runs_column,
        dialect.category_column,
        dialect.width_column,
        dialect.height_column,
        *([group_column] if group_column else []),
    ]
    number = 0
    for path in paths:
        digest = hashlib.sha256()
        for row in _read_file(path, columns, digest):
            number += 1
            yield SourceRow(number, path, *row)
        if files is not None:
            name = Path(path).name.removesuffix(".gz")
            files.append(SourceFile(name, digest.hexdigest()))
    if number == 0:
        raise InputError(f"{', '.join(paths)}: no rows below the header.")


def _read_file(
    path: str, columns: Sequence[str], digest: "hashlib._Hash"
) -> Iterator[tuple[int, str, str, str, str, str, str, str]]:
    """Read line number, the six fields and the problem of each row of one file."""
    try:
        with _open(path) as file:
            reader = csv.reader(_decoded(path, file, digest), strict=True)
            header = next(reader, None)
            if not header:
                raise InputError(f"{path}: the file is empty.")
            places = _places(path, header, columns)
            line = reader.line_num + 1
            for fields in reader:
                if len(fields) == len(header):
                    image, runs, category, width, height, *group = [
                        fields[place] for place in places
                    ]
                    group_name = group[0] if group else ""
                    yield line, image, runs, category, width, height, group_name, ""
                elif fields:
                    problem = f"{len(fields)} fields, but the header has {len(header)}"
                    yield line, "", "", "", "", "", "", problem
                line = reader.line_num + 1
    except FileNotFoundError:
        raise InputError(
            f"{path}: there is no such file. Set `annotations` to the file to read."
        ) from None
    except csv.Error as error:
        raise InputError(
            f"{path}, line {reader.line_num}: not readable as CSV: {error}."
        ) from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            f"{path}: the compressed file is damaged or cut short ({error})."
            " Fetch it again."
        ) from None


def _open(path: str) -> BinaryIO:
    if path.endswith(".gz"):
        return cast(BinaryIO, gzip.open(path, "rb"))
    return open(path, "rb")


def _decoded(
    path: str, lines: Iterable[bytes], digest: "hashlib._Hash"
) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        digest.update(line)
        try:
            # A byte order mark, as spreadsheets write it, is not part of the header.
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path}, line {number}: not UTF-8 ({error.reason} at byte"
                f" {error.start + 1} of the line). Save the file as UTF-8."
            ) from None


def _places(path: str, header: Sequence[str], columns: Sequence[str]) -> list[int]:
    missing = [column for column in columns if column not in header]
    if missing:
        raise InputError(
            f"{path}: no column {', '.join(map(repr, missing))}. The columns are"
            f" {', '.join(map(repr, header))}. Check `dialect` and `group_column`."
        )
    twice = [column for column in columns if header.count(column) > 1]
    if twice:
        raise InputError(f"{path}: the column {twice[0]!r} stands there twice.")
    return [header.index(column) for column in columns]
