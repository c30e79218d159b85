"""Read files that anybody may have made."""

import gzip
import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from cocofolds.errors import InputError

# Bytes that a compressed file may hold, however small it is.
_SMALL = 10**8


@contextmanager
def open_source(path: str, opened: list[BinaryIO] | None = None) -> Iterator[BinaryIO]:
    """Open a file of the source, plain or compressed with gzip (`.gz`).

    Parameters
    ----------
    path : str
    opened : list of binary file, optional
        Gets the file as it is on the disk, for `share_read`.

    Raises
    ------
    InputError
        If there is no such file, it is a folder or a named pipe, or the compressed file
        is damaged.
    """
    if Path(path).exists() and not Path(path).is_file():
        raise InputError(f"{path}: this is no file. Set `annotations` to one.")
    try:
        with open(path, "rb") as on_disk:
            if opened is not None:
                opened.append(on_disk)
            if path.endswith(".gz"):
                with gzip.open(on_disk, "rb") as file:
                    yield cast(BinaryIO, file)
            else:
                yield on_disk
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
    """Yield chunks until the decompression limit is exceeded.

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


def share_read(paths: Sequence[str], opened: Sequence[BinaryIO] | None) -> float:
    """Tell how much of some files has been read, by their bytes on the disk.

    Parameters
    ----------
    paths : sequence of str
        In the order in which they are read.
    opened : sequence of binary file, or None
        Those that `open_source` has opened, the last one being read.

    Returns
    -------
    float
        From 0 to 1.
    """
    if not opened:
        return 0.0
    sizes = [Path(path).stat().st_size for path in paths]
    position = [*paths].index(opened[-1].name)
    of_file = sizes[position] if opened[-1].closed else opened[-1].tell()
    return (sum(sizes[:position]) + of_file) / max(sum(sizes), 1)
