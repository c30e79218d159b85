"""Read back the file that holds the whole data set, with pycocotools."""

import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, BinaryIO, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from cocofolds.errors import CheckError

# pycocotools.mask.area takes up to 255 masks at a time (2.0.11 with NumPy 2).
_BATCH = 255

_ARRAYS = ("annotation_ids", "areas", "category_ids", "image_places")

Record = dict[str, Any]
Value = TypeVar("Value")


class WholeSet(NamedTuple):
    """The file that holds the whole data set, read back.

    Attributes
    ----------
    path : str
    categories, images : list of dict
        As they stand in the file.
    annotation_ids : (n_annotations,) int64
    areas : (n_annotations,) uint32
    category_ids : (n_annotations,) int32
    image_places : (n_annotations,) int32
        Place of each annotation's image in `images`.
    """

    path: str
    categories: list[Record]
    images: list[Record]
    annotation_ids: NDArray[np.int64]
    areas: NDArray[np.uint32]
    category_ids: NDArray[np.int32]
    image_places: NDArray[np.int32]


@contextmanager
def open_coco(path: str) -> Iterator[tuple[Record, Iterator[bytes]]]:
    """Read a COCO JSON file up to its annotations, and these line by line.

    Yields
    ------
    head : dict
        The file without its annotations.
    lines : iterator of bytes
        The annotations, without what separates them.

    Raises
    ------
    CheckError
        If the file is not one JSON document with an annotation a line.
    """
    with open(path, "rb") as file:
        # Not kept in a variable here: many such files may be open at a time.
        yield _read_head(path, file), _annotation_lines(path, file)


def _read_head(path: str, file: BinaryIO) -> Record:
    lines = []
    for line in file:
        lines.append(line)
        if line == b'"annotations":[\n':
            break
    head: Record = _json(path, b"".join(lines) + b"]}")
    return head


def _annotation_lines(path: str, file: BinaryIO) -> Iterator[bytes]:
    last, complete = b"", False
    for line in file:
        if line == b"]}\n":
            complete = not last.endswith(b",\n") and not file.read(1)
            break
        if last and not last.endswith(b",\n"):
            break
        yield line.rstrip(b",\n")
        last = line
    if not complete:
        raise CheckError(f"{path}: the list of annotations does not end well.")


def _json(path: str, text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise CheckError(f"{path}: not JSON: {error}.") from None


def read_whole_set(path: str) -> WholeSet:
    """Read the file with all annotations, and check each record by itself.

    Raises
    ------
    CheckError
        If an id is not positive or not unique, a reference leads nowhere, or
        pycocotools finds another area or box than stands beside a mask.
    """
    ids, areas, category_ids = array("q"), array("I"), array("i")
    image_places = array("i")
    with open_coco(path) as (head, lines):
        places = _by_id(path, head["images"], range(len(head["images"])))
        categories = _by_id(path, head["categories"], head["categories"])
        while batch := list(islice(lines, _BATCH)):
            records = _json(path, b"[" + b",".join(batch) + b"]")
            _check_masks(path, records)
            for record in records:
                annotation_id, category_id = record["id"], record["category_id"]
                place = places.get(record["image_id"])
                if annotation_id < 1 or place is None or category_id not in categories:
                    raise CheckError(
                        f"{path}: an id below 1, or of an unknown image or category:"
                        f" annotation {annotation_id}, image {record['image_id']},"
                        f" category {category_id}."
                    )
                image = head["images"][place]
                if record["segmentation"]["size"] != [image["height"], image["width"]]:
                    raise CheckError(
                        f"{path}: the mask of annotation {annotation_id} has another"
                        " size than its image."
                    )
                ids.append(annotation_id)
                areas.append(record["area"])
                category_ids.append(category_id)
                image_places.append(place)
    # As arrays without a copy: there may be many millions of annotations.
    whole = WholeSet(
        path,
        head["categories"],
        head["images"],
        np.asarray(ids, np.int64),
        np.asarray(areas, np.uint32),
        np.asarray(category_ids, np.int32),
        np.asarray(image_places, np.int32),
    )
    sorted_ids = np.sort(whole.annotation_ids)
    if (sorted_ids[1:] == sorted_ids[:-1]).any():
        raise CheckError(f"{path}: two annotations have the same id.")
    return whole


def _by_id(
    path: str, records: Sequence[Record], values: Iterable[Value]
) -> dict[int | str, Value]:
    by_id = {record["id"]: value for record, value in zip(records, values, strict=True)}
    if len(by_id) < len(records):
        raise CheckError(f"{path}: two images, or two categories, have the same id.")
    return by_id


def _check_masks(path: str, records: Sequence[Record]) -> None:
    masks = [record["segmentation"] for record in records]
    found = zip(coco_mask.area(masks), coco_mask.toBbox(masks), strict=True)
    for record, (area, box) in zip(records, found, strict=True):
        if record["area"] != area or record["bbox"] != box.tolist():
            raise CheckError(
                f"{path}: annotation {record['id']} says area {record['area']} and box"
                f" {record['bbox']}, but its mask has {area} and {box.tolist()}."
            )


def save_arrays(whole: WholeSet, file: BinaryIO) -> None:
    """Write what was read of each annotation, to load it without reading it again.

    The arrays stand one after the other in the file, in the form of `numpy.save`.
    """
    for name in _ARRAYS:
        np.save(file, getattr(whole, name))


def load_whole_set(path: str, arrays: str) -> WholeSet:
    """Read the head of the file, and what `save_arrays` has written."""
    with open_coco(path) as (head, _), open(arrays, "rb") as file:
        loaded = {name: np.load(file) for name in _ARRAYS}
        return WholeSet(path, head["categories"], head["images"], **loaded)


def finder(ids: NDArray[np.int64]) -> Callable[[int], int]:
    """Make a function that finds the place of an id among the ids, or -1."""
    places = np.full(int(ids.max(initial=0)) + 1, -1, np.int32)
    places[ids] = np.arange(len(ids), dtype=np.int32)
    return lambda number: int(places[number]) if number < len(places) else -1
