"""Read files that anybody may have made."""

import gzip
import math
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from cocofolds.errors import InputError

# Bytes that a compressed file may hold, however small it is.
_SMALL = 10**8


@contextmanager
def open_source(path: str) -> Iterator[BinaryIO]:
    """Open a file of the source, plain or compressed with gzip (`.gz`).

    Raises
    ------
    InputError
        If there is no such file, it is a folder or a named pipe, or the compressed file
        is damaged.
    """
    if Path(path).exists() and not Path(path).is_file():
        raise InputError(f"{path}: this is no file. Set `annotations` to one.")
    try:
        if path.endswith(".gz"):
            with gzip.open(path, "rb") as file:
                yield cast(BinaryIO, file)
        else:
            with open(path, "rb") as file:
                yield file
    except FileNotFoundError:
        raise InputError(
            f"{path}: there is no such file. Set `annotations` to the file to read."
        ) from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            f"{path}: the compressed file is damaged or cut short ({error})."
            " Fetch it again."
        ) from None


def unpacked(path: str, pieces: Iterable[bytes], max_gz_ratio: int) -> Iterator[bytes]:
    """Pass the pieces of a file on as long as it is no bomb.

    Raises
    ------
    InputError
        If a compressed file unpacks to more than `max_gz_ratio` times its size.
    """
    most = math.inf
    if path.endswith(".gz"):
        most = max(max_gz_ratio * Path(path).stat().st_size, _SMALL)
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise InputError(
                f"{path}: it unpacks to more than {max_gz_ratio} times its size. If it"
                " is what you expect, set `max_gz_ratio` to more."
            )
        yield piece
