"""Put COCO JSON files together from finished records, by copying stretches of bytes."""

import json
from array import array
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import chain
from os import SEEK_CUR
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cocofolds import __version__
from cocofolds.errors import InputError
from cocofolds.files import written_whole
from cocofolds.json_text import with_values
from cocofolds.output.columns import in_order
from cocofolds.settings import HOLD_OUT, ImageIds

_BLOCK = 2**18
_SEPARATOR = b",\n"


class HeldOut(NamedTuple):
    """What a fold holds out.

    Attributes
    ----------
    key : {"image_id", "annotation_id"}
        What was assigned to the folds.
    parts : (largest id + 1,) int8
        Where the image, or annotation, of that id is: 0 for train, 1 for val, -1 for
        neither.
    train_images, val_images : set of int
        Images with something in the train part, and in the val part.
    """

    key: Literal["image_id", "annotation_id"]
    parts: NDArray[np.int8]
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
    parts = np.full(max(chain(*of_parts), default=0) + 1, -1, np.int8)
    for part, ids in enumerate(of_parts[:2]):
        parts[np.asarray(ids, np.int64)] = part
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
    key: str,
    output_of: NDArray[Any],
) -> None:
    """Write files that share the records of all shards, in one pass over these.

    Parameters
    ----------
    outputs : sequence of (path, bytes)
        The files and what is in each before its first annotation.
    shards : iterable of (str, str)
        The files of records and of `RECORD_DTYPE` in
        `cocofolds.output.annotation_records`, in the order of their images.
    key : {"image_id", "annotation_id"}
    output_of : (largest id + 1,) int
        The position in `outputs` where the records of each id go; -1 for none.
    """
    with ExitStack() as stack:
        files = []
        for path, start in outputs:
            file = stack.enter_context(written_whole(path))
            file.write(start)
            files.append(file)
        for records_path, offsets_path in shards:
            records = in_order(np.load(offsets_path))
            with open(records_path, "rb", buffering=0) as shard:
                _copy_records(shard, records, output_of[records[key]], files)
        for file, (_, start) in zip(files, outputs, strict=True):
            if file.tell() > len(start):
                file.seek(-len(_SEPARATOR), SEEK_CUR)
                file.write(b"\n")
            file.write(b"]}\n")
            file.truncate()


def _copy_records(
    shard: BinaryIO,
    records: NDArray[np.void],
    output: NDArray[Any],
    files: Sequence[BinaryIO],
) -> None:
    """Append each record to its file."""
    if not len(records):
        return
    starts, ends = records["start"], records["end"]
    # Neighbours that go to the same file are one stretch.
    breaks = (output[1:] != output[:-1]) | (starts[1:] != ends[:-1])
    first = np.flatnonzero(np.concatenate([[True], breaks]))
    last = np.append(first[1:], len(records)) - 1
    for start, end, position in zip(
        starts[first].tolist(), ends[last].tolist(), output[first].tolist(), strict=True
    ):
        if position < 0:
            continue
        shard.seek(start)
        while start < end:
            block = shard.read(min(_BLOCK, end - start))
            if not block:
                raise OSError(f"{shard.name} is shorter than its offsets say.")
            files[position].write(block.replace(b"\n", _SEPARATOR))
            start += len(block)


def _lines(records: Iterable[str]) -> str:
    return ",\n".join(records) + "\n"


def _compact(record: Mapping[str, Any]) -> str:
    return json.dumps(record, separators=(",", ":"))
