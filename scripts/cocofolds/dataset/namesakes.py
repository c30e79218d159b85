"""Images that have the file name of another one, or a similar one."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

from cocofolds.dataset.index import Index
from cocofolds.errors import InputError
from cocofolds.sources.records import where


def namesake_messages(index: Index, rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    """Say what a user should know of images that are named like another one.

    Parameters
    ----------
    index : Index
    rows : iterable of tuple
        As `cocofolds.dataset.tables.image_rows` lists them.

    Yields
    ------
    str

    Raises
    ------
    InputError
        If two files of the source have an image of one file name.
    """
    rows = [*rows]
    shared = [*shared_files(rows)]
    if message := shared_file_message(index, shared):
        raise InputError(message)
    if shared:
        source_id, other_id, name = shared[0]
        yield (
            f"{len(shared)} images have the file name of another one, such as"
            f" {source_id!r} that of {other_id!r}, {name}. A split may put one into"
            " train and the other into val."
        )
    if found := [*namesakes(index, rows)]:
        name, path, other, other_path = found[0]
        yield (
            f"{len(found)} images are named as one of another file, in another folder,"
            f" such as {name!r} of {path} and {other!r} of {other_path}. If they are"
            " the same image, one may be in train and the other in val: give them one"
            " file name, with `file_name` of the dialect."
        )


def shared_files(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, str, str]]:
    """Find the images that have the file name of an earlier one.

    Parameters
    ----------
    rows : iterable of tuple
        As `cocofolds.dataset.tables.image_rows` lists them.

    Yields
    ------
    source_id, other_id, file_name : str
    """
    for (source_id, name), (other_id, _) in _alike(rows, str):
        yield source_id, other_id, name


def namesakes(
    index: Index, rows: Iterable[tuple[Any, ...]]
) -> Iterator[tuple[str, str, str, str]]:
    """Find the images whose file is named as one of another source, but elsewhere.

    Parameters
    ----------
    index : Index
    rows : iterable of tuple
        As `cocofolds.dataset.tables.image_rows` lists them.

    Yields
    ------
    file_name, path, other_name, other_path : str
        The file names, and the files of the source that the images are in.
    """
    for (source_id, name), (other_id, other) in _alike(
        rows, lambda name: PurePosixPath(name).name
    ):
        path, other_path = (index.images[i].path for i in (source_id, other_id))
        if path != other_path and name != other:
            yield name, path, other, other_path


def shared_file_message(index: Index, shared: Iterable[tuple[str, str, str]]) -> str:
    """Say which image has the file name of one in another file; "" if none has."""
    for source_id, other_id, name in shared:
        image, other = index.images[source_id], index.images[other_id]
        if other.path != image.path:
            return (
                f"{image.path}, {where(image.line)}: the image {source_id!r} has the"
                f" file name {name!r}, as has {where(other.line)} of {other.path}. One"
                " image in two files could be in train and in val. Take it out of one"
                " of them. If these are two images of one name, set a `file_prefix` in"
                " the dialect of each file."
            )
    return ""


def _alike(
    rows: Iterable[tuple[Any, ...]], key: Callable[[str], str]
) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Pair the images with the first one whose file name has the same key."""
    first: dict[str, tuple[str, str]] = {}
    for _, source_id, name, *_ in rows:
        other = first.setdefault(key(name), (source_id, name))
        if other[0] != source_id:
            yield (source_id, name), other
