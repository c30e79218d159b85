"""Files that appear whole or not at all, and the tables that steps hand on."""

import csv
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast


@contextmanager
def written_whole(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file beside `path` for writing, and move it there when all went well."""
    beside = _beside(path)
    try:
        with beside.open("wb") as file:
            yield file
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def folder_written_whole(path: str | Path) -> Iterator[Path]:
    """Make a folder beside `path`, and move it there when all went well."""
    beside = _beside(path)
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        yield beside
        shutil.rmtree(path, ignore_errors=True)
        beside.replace(path)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _beside(path: str | Path) -> Path:
    path = Path(path)
    return path.with_name(f".{path.name}.part")


def write_table(
    path: str | Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Write a CSV file with a header, whole or not at all."""
    beside = _beside(path)
    try:
        with open_table(beside, "w") as file:
            table_writer(file).writerows([columns, *rows])
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def read_table(path: str | Path) -> Iterator[dict[str, str]]:
    """Read the rows of a CSV file that `write_table` has written."""
    with open_table(path, "r") as file:
        yield from csv.DictReader(file)


def open_table(path: str | Path, mode: str) -> TextIO:
    """Open a CSV file as the csv module wants it, in UTF-8 whatever the locale."""
    return cast(TextIO, open(path, mode, encoding="utf-8", newline=""))


def table_writer(file: TextIO) -> Any:
    """Make a writer of CSV that quotes all text.

    Text may hold any character, and Python before 3.13 leaves a lone carriage return
    unquoted, which ends the row when read.
    """
    return csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
