"""Read back the file that holds the whole data set, with pycocotools."""

import json
import sys
from array import array
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import contextmanager
from itertools import compress, islice
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from cocofolds.checks.masks import problem_of_mask
from cocofolds.errors import CheckError
from cocofolds.files import sha256_of
from cocofolds.settings import Numbering

# pycocotools.mask.area takes up to 255 masks at a time (2.0.11 with NumPy 2).
_BATCH = 255

#: The arrays of a `WholeSet`.
COLUMNS = ("numbers", "category_positions", "image_positions", "areas", "groups")

Record = dict[str, Any]


class WholeSet(NamedTuple):
    """The file that holds the whole data set, read back.

    Attributes
    ----------
    path : str
    head : dict
        All that is in the file but the annotations, numbers with a point as text.
    numbers : (n_annotations,) int64
        What the annotations are known by in `folds.csv`.
    category_positions, image_positions : (n_annotations,) int32
        Places of the category and the image of each annotation in their lists.
    areas : (n_annotations,) float64
        In pixels, as the records say; 0 where one says no positive number.
    groups : (n_images,) int32
        The number of the group of each image, counted from 0 by first appearance. An
        image without a group is one by itself.
    digest : str
        SHA-256 of the file, as it was when it was checked.
    """

    path: str
    head: Record
    numbers: NDArray[np.int64]
    category_positions: NDArray[np.int32]
    image_positions: NDArray[np.int32]
    areas: NDArray[np.float64]
    groups: NDArray[np.int32]
    digest: str

    @property
    def images(self) -> list[Record]:
        """The records of the images."""
        images: list[Record] = self.head["images"]
        return images

    @property
    def categories(self) -> list[Record]:
        """The records of the categories."""
        categories: list[Record] = self.head["categories"]
        return categories


class Contents(NamedTuple):
    """What the annotations say, to be compared with the source.

    Attributes
    ----------
    ids : (n_annotations,) int64
        Their ids; of text, and of numbers that are too long, a hash.
    fingerprints : (n_annotations,) int64
        Of the records that were carried over; 0 for others.
    """

    ids: NDArray[np.int64]
    fingerprints: NDArray[np.int64]


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
    try:
        head: Record = read_record(b"".join(lines) + b"]}")
    except ValueError as error:
        raise CheckError(f"{path}: not JSON: {error}.") from None
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


def read_record(text: str | bytes) -> Any:
    """Read a JSON value; numbers with a point or an exponent stay text."""
    return json.loads(text, parse_float=str)


def without(record: Record, keys: Collection[str]) -> Record:
    """Copy a record without some of its keys."""
    return {key: value for key, value in record.items() if key not in keys}


def fingerprint(text: str, keys: Collection[str]) -> int:
    """Hash what a record says apart from some keys, and from blanks; never 0."""
    if keys:
        text = repr(without(read_record(text), keys))
    return hash("".join(text.split())) or 1


def read_whole_set(
    path: str,
    carried_over: Callable[[Any], bool],
    numbering: Numbering,
    followed: Callable[[Iterable[bytes]], Iterable[bytes]] = iter,
) -> tuple[WholeSet, Contents]:
    """Read the file with all annotations, and check each record by itself.

    Parameters
    ----------
    path : str
    carried_over : callable
        Tells by its id whether a record is that of a COCO JSON.
    numbering : Numbering
        Which ids such a record does not have from there.
    followed : callable
        What the annotations pass through as they are read.

    Raises
    ------
    CheckError
        If an id is not unique, or not positive, a reference leads nowhere, a mask does
        not fit its image, or pycocotools finds another area or box than the one beside
        a mask that was made of a table.
    """
    ids, areas, fingerprints = array("q"), array("d"), array("q")
    category_positions, image_positions = array("i"), array("i")
    with open_coco(path) as (head, lines):
        image_position = _by_id(path, head["images"])
        category_position = _by_id(path, head["categories"])
        lines = iter(followed(lines))
        while batch := list(islice(lines, _BATCH)):
            try:
                records = json.loads(b"[" + b",".join(batch) + b"]")
            except ValueError as error:
                raise CheckError(f"{path}: not JSON: {error}.") from None
            made = [not carried_over(record["id"]) for record in records]
            _check_masks(path, head, image_position, list(compress(records, made)))
            for line, record, is_made in zip(batch, records, made, strict=True):
                image = image_position.get(record["image_id"])
                category = category_position.get(record["category_id"])
                if image is None or category is None:
                    raise CheckError(
                        f"{path}: annotation {record['id']} is of an unknown image,"
                        f" {record['image_id']}, or category, {record['category_id']}."
                    )
                if not is_made:
                    _check_fit(path, record, head["images"][image])
                ids.append(_as_int64(record["id"]))
                areas.append(_positive(record.get("area")))
                fingerprints.append(
                    0 if is_made else fingerprint(line.decode(), numbering.new_keys)
                )
                category_positions.append(category)
                image_positions.append(image)
    # As arrays without a copy: there may be many millions of annotations.
    contents = Contents(
        np.asarray(ids, np.int64),
        np.asarray(fingerprints, np.int64),
    )
    sorted_ids = np.sort(contents.ids)
    if (sorted_ids[1:] == sorted_ids[:-1]).any():
        raise CheckError(f"{path}: two annotations have the same id.")
    whole = WholeSet(
        path,
        head,
        contents.ids,
        np.asarray(category_positions, np.int32),
        np.asarray(image_positions, np.int32),
        np.asarray(areas, np.float64),
        np.zeros(len(head["images"]), np.int32),
        sha256_of(path),
    )
    return whole, contents


def _as_int64(record_id: int | str) -> int:
    """Take an id for itself if it fits; else for a hash of how it is written."""
    if isinstance(record_id, int) and -(2**63) <= record_id < 2**63:
        return record_id
    return hash(repr(record_id))


def _positive(value: Any) -> float:
    """Take a value for a number if it is one that is above 0 and finite; else 0."""
    # A bool is no number here.
    if type(value) in (int, float) and 0 < value <= sys.float_info.max:
        return float(value)
    return 0.0


def _by_id(path: str, records: Sequence[Record]) -> dict[int | str, int]:
    """Find the place of each record by its id."""
    positions = {record["id"]: position for position, record in enumerate(records)}
    if len(positions) < len(records):
        raise CheckError(f"{path}: two images, or two categories, have the same id.")
    return positions


def _check_masks(
    path: str,
    head: Record,
    image_position: Mapping[int | str, int],
    records: Sequence[Record],
) -> None:
    if not records:
        return
    masks = [record["segmentation"] for record in records]
    found = zip(coco_mask.area(masks), coco_mask.toBbox(masks), strict=True)
    for record, (area, box) in zip(records, found, strict=True):
        if record["id"] < 1:
            raise CheckError(f"{path}: the annotation id {record['id']} is below 1.")
        if record["area"] != area or record["bbox"] != box.tolist():
            raise CheckError(
                f"{path}: annotation {record['id']} says area {record['area']} and box"
                f" {record['bbox']}, but its mask has {area} and {box.tolist()}."
            )
        position = image_position.get(record["image_id"])
        image = head["images"][position] if position is not None else None
        size = record["segmentation"]["size"]
        if image and size != [image["height"], image["width"]]:
            raise CheckError(
                f"{path}: the mask of annotation {record['id']} has another size than"
                " its image."
            )


def _check_fit(path: str, record: Record, image: Record) -> None:
    problem = problem_of_mask(
        record.get("segmentation"), int(image["height"]), int(image["width"])
    )
    if problem:
        raise CheckError(
            f"{path}: the mask of annotation {record['id']} does not fit its image"
            f" {image['id']}: {problem}."
        )


def compare_columns(whole: WholeSet, path: str) -> None:
    """Check the columns that were written beside the whole set.

    Raises
    ------
    CheckError
        If they are not what was read of it.
    """
    with np.load(path) as columns:
        for name in COLUMNS:
            if not np.array_equal(columns[name], getattr(whole, name)):
                raise CheckError(f"{path}: {name} are not those of {whole.path}.")


def load_columns(path: str) -> dict[str, NDArray[Any]]:
    """Read the columns of the whole set: the arrays of `WholeSet` by their names."""
    with np.load(path) as columns:
        return {name: columns[name] for name in COLUMNS}


def load_whole_set(path: str, columns: str, checked: str) -> WholeSet:
    """Read what was checked of the whole set, without its annotations.

    Parameters
    ----------
    path : str
    columns : str
        Of the same data set.
    checked : str
        What `check_annotations` has written once all was well.
    """
    with open_coco(path) as (head, _):
        return WholeSet(path, head, **load_columns(columns), digest=digest_in(checked))


def digest_in(checked: str) -> str:
    """Tell the SHA-256 that the whole set had when it was checked."""
    with open(checked, encoding="utf-8") as file:
        [digest] = json.load(file).values()
    return str(digest)


def finder(ids: NDArray[np.int64]) -> Callable[[int], int]:
    """Make a function that finds the place of an id among the ids, or -1."""
    positions = np.full(int(ids.max(initial=0)) + 1, -1, np.int32)
    positions[ids] = np.arange(len(ids), dtype=np.int32)
    return lambda number: int(positions[number]) if number < len(positions) else -1
