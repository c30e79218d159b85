"""The source: a table with one run-length mask a row, as a competition publishes it."""

import csv
import gzip
import hashlib
import math
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple, cast

from cocofolds.errors import InputError
from cocofolds.files import LONGEST_FIELD
from cocofolds.settings import Order

# Bytes of a header and of any other line that are taken for a table.
_LONGEST_HEADER = 2**20
_LONGEST_LINE = 2**28
# Bytes that a compressed file may hold, however small it is.
_SMALL = 10**8


class Dialect(NamedTuple):
    """How to read a table; `workflow/schemas/dialect.schema.yaml` says what is what."""

    image_column: str
    runs_column: str
    order: Order
    base: Literal[0, 1] = 1
    runs: Literal["absolute", "relative"] = "absolute"
    no_mask: Sequence[str] = ()
    category_column: str | None = None
    category_separator: str | None = None
    category: str | None = None
    attributes_separator: str | None = None
    width_column: str | None = None
    height_column: str | None = None
    width: int | None = None
    height: int | None = None
    file_name: str = "{id}"

    @property
    def has_sizes(self) -> bool:
        """Whether the table, or the dialect, says how large the images are."""
        return self.width is not None or self.width_column is not None


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
        The fields, with the blanks around them. What has no column is that of the
        dialect, or empty. All are empty if the row has too many or too few fields.
    has_mask : bool
        Whether the dialect takes the runs for a mask.
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
    has_mask: bool
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
    max_gz_ratio: int = 200,
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
    max_gz_ratio : int
        How many times its size a compressed file may unpack to.

    Yields
    ------
    SourceRow

    Raises
    ------
    InputError
        If a file is missing, empty, damaged, not UTF-8 or too large to be a table, or
        a column is missing.
    """
    csv.field_size_limit(LONGEST_FIELD)
    columns = (
        dialect.image_column,
        dialect.runs_column,
        dialect.category_column,
        dialect.width_column,
        dialect.height_column,
        group_column,
    )
    interpreted = _interpreter(dialect)
    number = 0
    for path in paths:
        digest = hashlib.sha256()
        for line, fields, problem in _read_file(path, columns, max_gz_ratio, digest):
            number += 1
            yield SourceRow(number, path, line, *interpreted(*fields), problem)
        if files is not None:
            name = Path(path).name.removesuffix(".gz")
            files.append(SourceFile(name, digest.hexdigest()))
    if number == 0:
        raise InputError(f"{', '.join(paths)}: no rows below the header.")


def _read_file(
    path: str,
    columns: Sequence[str | None],
    max_gz_ratio: int,
    digest: "hashlib._Hash",
) -> Iterator[tuple[int, Sequence[str], str]]:
    """Read line number, the fields of the columns and the problem of each row.

    The field of a column that is None is empty.
    """
    try:
        with _open(path) as file:
            lines = _lines(path, file, max_gz_ratio)
            reader = csv.reader(_decoded(path, lines, digest), strict=True)
            header = next(reader, None)
            if not header:
                raise InputError(f"{path}: the file is empty.")
            # The place behind the last field is that of an empty one.
            pick = itemgetter(*_places(path, header, columns))
            line = reader.line_num + 1
            for fields in reader:
                if len(fields) == len(header):
                    fields.append("")
                    yield line, pick(fields), ""
                elif fields:
                    problem = f"{len(fields)} fields, but the header has {len(header)}"
                    yield line, [""] * len(columns), problem
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


def _lines(path: str, file: BinaryIO, max_gz_ratio: int) -> Iterator[bytes]:
    """Read the lines of a file that anybody may have made."""
    most = math.inf
    if path.endswith(".gz"):
        most = max(max_gz_ratio * Path(path).stat().st_size, _SMALL)
    position, number, longest = 0, 1, _LONGEST_HEADER
    while line := file.readline(longest):
        position += len(line)
        if len(line) == longest:
            raise InputError(
                f"{path}, line {number}: more than {longest} bytes. This is no table"
                " of masks."
            )
        if position > most:
            raise InputError(
                f"{path}: it unpacks to more than {max_gz_ratio} times its size. If it"
                " is what you expect, set `max_gz_ratio` to more."
            )
        yield line
        number, longest = number + 1, _LONGEST_LINE


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


def _interpreter(
    dialect: Dialect,
) -> Callable[..., tuple[str, str, str, str, str, str, bool]]:
    """Make a function that takes the fields of a row for what the dialect says."""
    no_mask = {value.strip() for value in dialect.no_mask}
    width, height = (str(size or "") for size in (dialect.width, dialect.height))

    def interpreted(
        image: str,
        runs: str,
        category: str,
        row_width: str,
        row_height: str,
        group: str,
    ) -> tuple[str, str, str, str, str, str, bool]:
        if dialect.category_separator is not None:
            image, _, category = image.rpartition(dialect.category_separator)
        elif dialect.category is not None:
            category = dialect.category
        if dialect.attributes_separator is not None:
            category = category.partition(dialect.attributes_separator)[0]
        has_mask = runs.strip() not in no_mask
        size = row_width or width, row_height or height
        return image, runs, category, *size, group, has_mask

    return interpreted


def _places(
    path: str, header: Sequence[str], columns: Sequence[str | None]
) -> list[int]:
    named = [column for column in columns if column is not None]
    missing = [column for column in named if column not in header]
    if missing:
        raise InputError(
            f"{path}: no column {', '.join(map(repr, missing))}. The columns are"
            f" {', '.join(map(repr, header))}. Check `dialect` and `group_column`."
        )
    twice = [column for column in named if header.count(column) > 1]
    if twice:
        raise InputError(f"{path}: the column {twice[0]!r} stands there twice.")
    return [len(header) if c is None else header.index(c) for c in columns]
