"""Files that appear whole or not at all, and the tables that steps hand on."""

import csv
import errno
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from glob import escape
from hashlib import file_digest
from pathlib import Path
from socket import gethostname
from typing import Any, BinaryIO, TextIO, cast

from cocofolds.errors import InputError

#: A mask may be longer than the csv module reads by itself. In characters.
LONGEST_FIELD = 2**31 - 1

# The errors of a write that failed, which do not say where it went.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def written_whole(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file beside `path` for writing, and move it there when all went well."""
    with _moved_when_done(path) as temporary, temporary.open("wb") as file:
        yield file


@contextmanager
def folder_written_whole(path: str | Path) -> Iterator[Path]:
    """Make a folder beside `path`, and move it there when all went well."""
    with _moved_when_done(path, replaces_folder=True) as temporary:
        temporary.mkdir(parents=True)
        yield temporary


def write_table(
    path: str | Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Write a CSV file with a header, whole or not at all."""
    with _moved_when_done(path) as temporary, open_table(temporary, "w") as file:
        table_writer(file).writerows([columns, *rows])


def write_json(path: str | Path, document: Any) -> None:
    """Write a JSON file for people to read, whole or not at all."""
    with written_whole(path) as file:
        file.write(json.dumps(document, indent=2).encode() + b"\n")


def read_json(path: str | Path) -> Any:
    """Read a JSON file."""
    return json.loads(Path(path).read_bytes())


def read_json_object(path: str | Path) -> dict[str, Any]:
    """Read a JSON object; an empty one without a file, or if it is none."""
    try:
        value = read_json(path)
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def sha256_of(path: str | Path) -> str:
    """Take the SHA-256 of a file, in hexadecimal digits."""
    with open(path, "rb") as file:
        return file_digest(file, "sha256").hexdigest()


def write_sha256(path: str | Path, files: Iterable[str | Path]) -> None:
    """Write the SHA-256 of files as sha256sum does, by their names."""
    lines = [f"{sha256_of(file)}  {Path(file).name}\n" for file in files]
    with written_whole(path) as file:
        file.write("".join(lines).encode())


@contextmanager
def _moved_when_done(path: str | Path, replaces_folder: bool = False) -> Iterator[Path]:
    """Name a path beside `path`, and move to `path` what has been made there.

    Raises
    ------
    InputError
        If a folder is there that is not to be replaced: it is not of this workflow.
    """
    path = Path(path)
    with beside(path) as temporary:
        yield temporary
        if path.is_dir():
            if not replaces_folder:
                raise InputError(
                    f"{path}: a folder is where this file is to be written. Move it"
                    " away, or give it another name."
                )
            _remove(path)
        temporary.replace(path)


@contextmanager
def beside(path: str | Path) -> Iterator[Path]:
    """Name a path beside `path` where something can be made.

    Nothing is left at that path. It has the name of the process: on a cluster, a job
    that has lost its Snakemake may still be at work when another makes the same file.
    What ended processes of this machine left is removed.
    """
    path = Path(path)
    prefix = f".{path.name}.{gethostname()}."
    for left in path.parent.glob(f"{escape(prefix)}*.part"):
        process = left.name[len(prefix) : -len(".part")]
        # Another machine's name may begin as this one's.
        if process.isdecimal() and not _is_running_elsewhere(int(process)):
            _remove(left)
    temporary = path.with_name(f"{prefix}{os.getpid()}.part")
    try:
        yield temporary
    except OSError as error:
        if error.errno in _NO_ROOM:
            error.filename = str(path)
        raise
    finally:
        _remove(temporary)


def _is_running_elsewhere(process: int) -> bool:
    """Tell whether there is a process of this number that is not this one."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def read_table(path: str | Path) -> Iterator[dict[str, str]]:
    """Read the rows of a CSV file that `write_table` has written."""
    with open_table(path, "r") as file:
        yield from read_rows(file)


def read_rows(file: TextIO) -> Iterator[dict[str, str]]:
    """Read the rows of a CSV file that is open."""
    csv.field_size_limit(LONGEST_FIELD)
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


def fits_in_utf8(text: str) -> bool:
    """Tell whether a file can hold a text, which it cannot with surrogates in it."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
