"""A table with one run-length mask a row, as a competition publishes it."""

import csv
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import BinaryIO

from cocofolds.errors import InputError
from cocofolds.files import LONGEST_FIELD
from cocofolds.settings import Separator
from cocofolds.sources.empty_masks import unlisted_marker
from cocofolds.sources.groups import group_in_name, joined
from cocofolds.sources.header import fields_named, separator_of, whole_header
from cocofolds.sources.records import Dialect, Source, SourceFile, TableRow
from cocofolds.sources.untrusted_files import open_source, unpacked

# Bytes of a header and of any other line that are taken for a table.
_LONGEST_HEADER = 2**20
_LONGEST_LINE = 2**28


def read_table_source(
    source: Source,
    path: str,
    dialect: Dialect,
    first_number: int,
    files: list[SourceFile],
) -> Iterator[TableRow]:
    """Read the rows of a table of run-length masks, in constant memory.

    Parameters
    ----------
    source : Source
    path : str
        A CSV file with a header.
    dialect : Dialect
    first_number : int
        The number of its first row.
    files : list of SourceFile
        Gets an entry once all of it has been read.

    Yields
    ------
    TableRow

    Raises
    ------
    InputError
        If the file is too large to be a table, or a column is missing.
    """
    csv.field_size_limit(LONGEST_FIELD)
    columns = columns_of(source, dialect)
    interpreted = interpreter(source, dialect)
    digest = hashlib.sha256()
    number = first_number
    with open_source(path, source.opened) as file:
        lines = unpacked(path, _lines(path, file), source.max_gz_ratio)
        texts = _decoded(path, lines, digest)
        header = whole_header(texts)
        names = filter(None, columns.values())
        separator = dialect.separator or separator_of(header, names)
        texts = chain(header, texts)
        for line, fields, problem in _read_rows(path, texts, separator, columns):
            said = interpreted(problem, *fields)
            values = values_in(source, fields)
            yield TableRow(number, path, line, *said, dialect, values)
            number += 1
    numbers = range(first_number, number)
    files.append(SourceFile(path, digest.hexdigest(), numbers, separator=separator))


def columns_of(source: Source, dialect: Dialect) -> dict[str, str | None]:
    """Name the columns of a table that a dialect reads, by key, in a fixed order."""
    return {
        "image_column": dialect.image_column,
        "runs_column": dialect.runs_column,
        "category_column": dialect.category_column,
        "width_column": dialect.width_column,
        "height_column": dialect.height_column,
        "attributes_column": dialect.attributes_column,
        **{f"group_column {n}": name for n, name in enumerate(source.group_columns)},
        **{f"balance {n}": name for n, name in enumerate(source.image_columns)},
    }


def values_in(source: Source, fields: Sequence[str]) -> Sequence[str]:
    """Take the fields of the `image_columns` from those of `columns_of`."""
    return tuple(fields[len(fields) - len(source.image_columns) :])


def _read_rows(
    path: str,
    texts: Iterable[str],
    separator: Separator,
    columns: Mapping[str, str | None],
) -> Iterator[tuple[int, Sequence[str], str]]:
    """Read line number, the fields of the columns and the problem of each row.

    The field of a column that is None is empty.
    """
    reader = csv.reader(texts, delimiter=separator, strict=True)
    try:
        header = next(reader, None)
        if not header:
            raise InputError(f"{path}: the file is empty.")
        # The position behind the last field is that of an empty one.
        pick = itemgetter(*positions_of(path, header, columns))
        line = reader.line_num + 1
        for fields in reader:
            if len(fields) == len(header):
                fields.append("")
                yield line, pick(fields), ""
            elif fields:
                problem = f"{len(fields)} fields, but the header has {len(header)}"
                yield line, [""] * len(columns), problem
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{path}, line {reader.line_num}: not readable as CSV: {error}."
            f"{_hint(path)}"
        ) from None


def _lines(path: str, file: BinaryIO) -> Iterator[bytes]:
    number, longest = 1, _LONGEST_HEADER
    while line := file.readline(longest):
        if len(line) == longest:
            raise InputError(
                f"{path}, line {number}: more than {longest} bytes. This is no table"
                f" of masks.{_hint(path)}"
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


def interpreter(
    source: Source, dialect: Dialect
) -> Callable[..., tuple[str, str, str, str, str, str, str, bool, str]]:
    """Make a function that takes the fields of a row for what the dialect says.

    Returns
    -------
    callable
        Takes what is wrong with the row as a whole, or "", and the fields of
        `columns_of`; returns those of `TableRow` from `image` to `problem`.
    """
    id_prefix = source.id_prefix(dialect)
    no_mask = {value.strip() for value in dialect.no_mask}
    width, height = (str(size or "") for size in (dialect.width, dialect.height))
    n_groups = len(source.group_columns)
    has_attributes = dialect.attributes_column or dialect.attributes_separator

    def interpreted(
        problem: str,
        image: str,
        runs: str,
        category: str,
        row_width: str,
        row_height: str,
        attributes: str,
        *others: str,
    ) -> tuple[str, str, str, str, str, str, str, bool, str]:
        attribute_ids = ""
        if dialect.category_separator is not None:
            image, _, category = image.rpartition(dialect.category_separator)
        elif dialect.category is not None:
            category = dialect.category
        if dialect.attributes_separator is not None:
            category, _, attributes = category.partition(dialect.attributes_separator)
        if has_attributes:
            attribute_ids = f"[{attributes}]"
        group = joined(others[:n_groups])
        if source.group_pattern:
            group = group_in_name(source.group_pattern, image)
        if id_prefix and image:
            image = id_prefix + image
        stripped = runs.strip()
        has_mask = stripped not in no_mask
        if has_mask and not problem:
            problem = unlisted_marker(stripped, dialect.no_mask)
        category = source.rename_categories.get(category, category)
        size = row_width or width, row_height or height
        return image, runs, category, *size, group, attribute_ids, has_mask, problem

    return interpreted


def positions_of(
    path: str, header: Sequence[str], columns: Mapping[str, str | None]
) -> list[int]:
    """Find columns in a header; one that is None is behind the last field.

    Raises
    ------
    InputError
        If one is missing, or there twice.
    """
    named = {k: fields_named(header, c) for k, c in columns.items() if c is not None}
    missing = [key for key, fields in named.items() if not fields]
    if missing:
        raise InputError(
            f"{path}: no column {', '.join(repr(columns[key]) for key in missing)}. The"
            f" columns are {', '.join(map(repr, header))}. Check"
            f" {_settings_of(missing)}.{_advice(missing)}{_hint(path)}"
        )
    twice = [columns[key] for key, fields in named.items() if len(fields) > 1]
    if twice:
        raise InputError(f"{path}: duplicate column {twice[0]!r}.")
    return [named[key][0] if key in named else len(header) for key in columns]


def _settings_of(missing: Sequence[str]) -> str:
    """Name the settings that may name columns which are missing."""
    if all(key.startswith("balance") for key in missing):
        return "`balance`"
    return "`dialect` and `group_column`"


def _advice(missing: Sequence[str]) -> str:
    """Say how the keys of a preset are changed that name columns which are missing."""
    if {*missing} <= {"width_column", "height_column"}:
        keys = "width_column: null, height_column: null"
        return f" `dialect: {{preset: NAME, {keys}}}` reads sizes from the images."
    of_dialect = (key for key in missing if key in Dialect._fields)
    keys = ", ".join(f"{key}: ..." for key in of_dialect)
    return f" `dialect: {{preset: NAME, {keys}}}` changes a preset." if keys else ""


def _hint(path: str) -> str:
    is_json = path.removesuffix(".gz").endswith(".json")
    return " For a COCO JSON, set `dialect: coco`." if is_json else ""
