"""Put COCO JSON files together from finished records, by copying stretches of bytes."""

import json
import os
from array import array
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import chain
from os import SEEK_END
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

from cocofolds import __version__
from cocofolds.errors import InputError
from cocofolds.files import written_whole
from cocofolds.json_text import with_values
from cocofolds.output.stretches import SEPARATOR, joined, stretches_in
from cocofolds.settings import HOLD_OUT, ImageIds

_BLOCK = 2**18


class HeldOut(NamedTuple):
    """What a fold holds out.

    Attributes
    ----------
    key : {"image_id", "annotation_id"}
        What was assigned to the folds.
    parts : array of int8, (largest id + 1,)
        Where the image, or annotation, of that id is: 0 for train, 1 for val, -1 for
        neither.
    train_images, val_images : set of int
        Images with something in the train part, and in the val part.
    """

    key: Literal["image_id", "annotation_id"]
    parts: "array[int]"
    train_images: set[int]
    val_images: set[int]


def held_out_in(folds: Iterable[Mapping[str, str]], fold: int) -> HeldOut:
    """Take one fold, or the hold-out, from the rows of `folds.csv`.

    Parameters
    ----------
    folds : iterable of mapping
    fold : int
        0 for the hold-out, which is in no part of the folds.

    Raises
    ------
    InputError
        If the split has no such fold.
    """
    key: Literal["image_id", "annotation_id"] = "image_id"
    # Of train, of val, and of neither.
    of_parts = array("q"), array("q"), array("q")
    images: tuple[set[int], set[int], set[int]] = set(), set(), set()
    for row in folds:
        key = "annotation_id" if "annotation_id" in row else "image_id"
        found = int(row["fold"])
        part = 1 if found == fold else 2 if found == HOLD_OUT else 0
        images[part].add(int(row["image_id"]))
        # An image without annotations, in a split by annotation, has no such id.
        if row[key]:
            of_parts[part].append(int(row[key]))
    if not images[1] and fold == HOLD_OUT:
        raise InputError("The split has no hold-out: its name has no `-test`.")
    if not images[1]:
        raise InputError(f"There is no fold {fold}: the split has fewer.")
    parts = array("b", [-1]) * (max(chain(*of_parts), default=0) + 1)
    for part, ids in enumerate(of_parts[:2]):
        for number in ids:
            parts[number] = part
    return HeldOut(key, parts, images[0], images[1])


def header(
    what: Mapping[str, Any],
    source: Mapping[str, Any],
    categories: Iterable[Mapping[str, str]],
    images: Iterable[Mapping[str, str]],
    image_ids: ImageIds,
) -> bytes:
    """Write a COCO JSON file up to its first annotation, one record a line.

    Parameters
    ----------
    what : mapping
        What the file holds, for `info`.
    source : mapping
        What `source.json` says.
    categories, images : iterable of mapping
        Rows of `categories.csv` and `images.csv`.
    image_ids : {"integer", "source"}

    Returns
    -------
    bytes
        Up to the line feed before the first annotation. ASCII, except what is
        carried over.
    """
    made_by = {"version": __version__, **what, "sources": source["sources"]}
    members = {"info": "", "licenses": "[]", **source["members"]}
    if members["info"]:
        members["info"] = with_values(members["info"], {"cocofolds": _compact(made_by)})
    else:
        members["info"] = _compact({"description": "Made by cocofolds", **made_by})
    category_records = (
        row["record"] or _compact({"id": int(row["category_id"]), "name": row["name"]})
        for row in categories
    )
    image_records = (
        row["record"]
        or _compact(
            {
                "id": int(row["image_id"])
                if image_ids == "integer"
                else row["source_id"],
                "file_name": row["file_name"],
                "width": int(row["width"]),
                "height": int(row["height"]),
            }
        )
        for row in images
    )
    head = [
        *(f"{json.dumps(key)}:{text}" for key, text in members.items()),
        f'"categories":[\n{_lines(category_records)}]',
        f'"images":[\n{_lines(image_records)}]',
        '"annotations":[\n',
    ]
    return ("{" + ",\n".join(head)).encode()


def assemble(
    outputs: Sequence[tuple[str | Path, bytes]],
    shards: Iterable[tuple[str, str]],
    output_of: Sequence[int],
) -> None:
    """Write files that share the records of all shards, in one pass over these.

    Parameters
    ----------
    outputs : sequence of (path, bytes)
        The files and what is in each before its first annotation.
    shards : iterable of (str, str)
        The files of records, in the order of their images, and what says where these
        are: see `cocofolds.output.stretches.stretches_in`.
    output_of : sequence of int
        The position in `outputs` where the records of each image, or each annotation,
        go, by its id; -1 for none.
    """
    with ExitStack() as stack:
        files = []
        for path, head in outputs:
            file = stack.enter_context(written_whole(path))
            file.write(head)
            file.flush()
            files.append(file)
        for records, where in shards:
            stretches = joined(stretches_in(where, output_of))
            with open(records, "rb", buffering=0) as shard:
                for position, start, end in stretches:
                    _copy(shard, files[position], start, end)
        for file, (_, head) in zip(files, outputs, strict=True):
            if file.seek(0, SEEK_END) > len(head):
                file.seek(-len(SEPARATOR), SEEK_END)
                file.write(b"\n")
            file.write(b"]}\n")


def _copy(shard: BinaryIO, file: BinaryIO, start: int, end: int) -> None:
    """Append a stretch of bytes to a file that is not buffering anything."""
    while start < end:
        copied = _copied_by_the_system(shard, file, start, end - start)
        if not copied:
            shard.seek(start)
            block = shard.read(min(_BLOCK, end - start))
            if not block:
                raise OSError(f"{shard.name} is shorter than its offsets say.")
            file.write(block)
            file.flush()
            copied = len(block)
        start += copied


def _copied_by_the_system(
    shard: BinaryIO, file: BinaryIO, start: int, size: int
) -> int:
    """Let the system copy, and tell how many bytes it did; not all disks can."""
    try:
        return os.copy_file_range(shard.fileno(), file.fileno(), size, start)
    except (AttributeError, OSError):
        return 0


def _lines(records: Iterable[str]) -> str:
    return ",\n".join(records) + "\n"


def _compact(record: Mapping[str, Any]) -> str:
    return json.dumps(record, separators=(",", ":"))
