"""Files that appear whole or not at all, and the tables that steps hand on."""

import csv
import errno
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

#: A mask may be longer than the csv module reads by itself. In characters.
LONGEST_FIELD = 2**31 - 1

# The errors of a write that failed, which do not say where it went.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def written_whole(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file beside `path` for writing, and move it there when all went well."""
    with _moved_when_done(path) as beside, beside.open("wb") as file:
        yield file


@contextmanager
def folder_written_whole(path: str | Path) -> Iterator[Path]:
    """Make a folder beside `path`, and move it there when all went well."""
    with _moved_when_done(path) as beside:
        beside.mkdir(parents=True)
        yield beside


def write_table(
    path: str | Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Write a CSV file with a header, whole or not at all."""
    with _moved_when_done(path) as beside, open_table(beside, "w") as file:
        table_writer(file).writerows([columns, *rows])


@contextmanager
def _moved_when_done(path: str | Path) -> Iterator[Path]:
    """Name a place beside `path`, and move to `path` what has been made there.

    Nothing stays at that place. What an earlier run left there is removed.
    """
    path = Path(path)
    beside = path.with_name(f".{path.name}.part")
    _remove(beside)
    try:
        yield beside
        if path.is_dir():
            _remove(path)
        beside.replace(path)
    except OSError as error:
        if error.errno in _NO_ROOM:
            error.filename = str(path)
        raise
    finally:
        _remove(beside)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def read_table(path: str | Path) -> Iterator[dict[str, str]]:
    """Read the rows of a CSV file that `write_table` has written."""
    csv.field_size_limit(LONGEST_FIELD)
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
