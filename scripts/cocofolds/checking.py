"""Look independently at what was written.

Of what made the files, this shares the reader of the source and the list of rows that
were left out. Ids, sizes, groups and run lengths are taken from the source once more,
masks are read by pycocotools, and the two parts of each fold are compared line by line
with the file that holds everything.
"""

import json
import random
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, BinaryIO, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from cocofolds.errors import CheckError
from cocofolds.settings import ImageIds, Order, SplitBy
from cocofolds.source import SourceRow

FOLD_TABLE_COLUMNS = ("fold", "category", "images", "annotations")

# pycocotools.mask.area takes up to 255 masks at a time (2.0.11 with NumPy 2).
_BATCH = 255
_SAMPLE = 200
# A mask that is drawn takes a byte a pixel.
_LARGEST_DRAWN = 2**26

Record = dict[str, Any]
Value = TypeVar("Value")


class WholeSet(NamedTuple):
    """The file that holds the whole data set, read back.

    Attributes
    ----------
    path : str
    categories, images : list of dict
        As they stand in the file.
    lines : (n_annotations,) int64
        A fingerprint of the line of each annotation.
    annotation_ids, areas, category_ids : (n_annotations,) int64
    image_places : (n_annotations,) int64
        Place of each annotation's image in `images`.
    """

    path: str
    categories: list[Record]
    images: list[Record]
    lines: NDArray[np.int64]
    annotation_ids: NDArray[np.int64]
    areas: NDArray[np.int64]
    category_ids: NDArray[np.int64]
    image_places: NDArray[np.int64]


class SplitPart(NamedTuple):
    """One file of a split: its images by id, and fingerprints of its annotations."""

    images: dict[int | str, Record]
    lines: NDArray[np.int64]


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
        head_lines = []
        for line in file:
            head_lines.append(line)
            if line == b'"annotations":[\n':
                break
        head = _json(path, b"".join(head_lines) + b"]}")
        yield head, _annotation_lines(path, file)


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
    fingerprints = array("q")
    columns = array("q"), array("q"), array("q"), array("q")
    with open_coco(path) as (head, lines):
        places = _by_id(path, head["images"], range(len(head["images"])))
        categories = _by_id(path, head["categories"], head["categories"])
        while batch := list(islice(lines, _BATCH)):
            fingerprints.extend(map(hash, batch))
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
                columns[0].append(annotation_id)
                columns[1].append(record["area"])
                columns[2].append(category_id)
                columns[3].append(place)
    ids = np.array(columns[0])
    if len(np.unique(ids)) < len(ids):
        raise CheckError(f"{path}: two annotations have the same id.")
    return WholeSet(
        path,
        head["categories"],
        head["images"],
        np.array(fingerprints),
        *map(np.array, columns),
    )


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


def compare_with_source(
    whole: WholeSet,
    rows: Iterable[SourceRow],
    rejected: Collection[tuple[str, int]],
    order: Order,
    image_ids: ImageIds,
) -> tuple[dict[int | str, str], int]:
    """Check that the whole set is what the source says, no less and no more.

    Parameters
    ----------
    whole : WholeSet
    rows : iterable of SourceRow
    rejected : collection of (str, int)
        File and line of each row that is left out.
    order : {"row", "column"}
        How the source numbers the pixels.
    image_ids : {"integer", "source"}
        Which ids images should have.

    Returns
    -------
    groups : dict of str
        The group of each image, by its id.
    n_compared : int
        Masks that were compared pixel by pixel.

    Raises
    ------
    CheckError
        If an annotation differs from its row in image, size, category, area or, for a
        seeded sample, in a pixel; or if rows or annotations are missing.
    """
    place_of = np.full(int(whole.annotation_ids.max(initial=0)) + 1, -1)
    place_of[whole.annotation_ids] = np.arange(len(whole.annotation_ids))
    category_names = {record["id"]: record["name"] for record in whole.categories}
    sample = _sample(whole)
    number_of: dict[str, int] = {}
    groups: dict[int | str, str] = {}
    n_rows = n_compared = 0
    for row in rows:
        if row.image:
            number = number_of.setdefault(row.image, len(number_of) + 1)
        if (row.path, row.line) in rejected:
            continue
        n_rows += 1
        place = place_of[row.number] if row.number < len(place_of) else -1
        if place < 0:
            raise CheckError(f"{_where(row, whole)}: it is missing.")
        image = whole.images[whole.image_places[place]]
        expected = (
            number if image_ids == "integer" else row.image,
            int(row.width),
            int(row.height),
            row.category,
            sum(map(int, row.runs.split()[1::2])),
        )
        written = (
            image["id"],
            image["width"],
            image["height"],
            category_names[whole.category_ids[place]],
            whole.areas[place],
        )
        if expected != written:
            raise CheckError(
                f"{_where(row, whole)}: expected {expected}, but found {written}:"
                " image, width, height, category, area."
            )
        groups[image["id"]] = row.group
        if row.number in sample:
            segmentation = sample[row.number]
            pixels = draw(row.runs, int(row.height), int(row.width), order)
            if not np.array_equal(coco_mask.decode(segmentation), pixels):
                raise CheckError(f"{_where(row, whole)}: the masks differ.")
            n_compared += 1
    if n_rows != len(whole.annotation_ids) or len(groups) != len(whole.images):
        raise CheckError(
            f"{whole.path} has {len(whole.annotation_ids)} annotations of"
            f" {len(whole.images)} images, the source {n_rows} of {len(groups)}."
        )
    return groups, n_compared


def _where(row: SourceRow, whole: WholeSet) -> str:
    return (
        f"{row.path}, line {row.line}, against annotation {row.number} of {whole.path}"
    )


def _sample(whole: WholeSet) -> dict[int, Record]:
    """Choose annotations on images that are small enough to draw: masks by id."""
    small = np.array(
        [image["width"] * image["height"] <= _LARGEST_DRAWN for image in whole.images]
    )
    candidates = np.flatnonzero(small[whole.image_places]).tolist()
    chosen = random.Random(0).sample(candidates, min(_SAMPLE, len(candidates)))
    wanted = frozenset(chosen)
    with open_coco(whole.path) as (_, lines):
        records = [json.loads(line) for n, line in enumerate(lines) if n in wanted]
    return {record["id"]: record["segmentation"] for record in records}


def draw(runs: str, height: int, width: int, order: Order) -> NDArray[np.uint8]:
    """Draw a run-length text plainly: (height, width) of 0 and 1."""
    pixels = np.zeros(height * width, np.uint8)
    numbers = [int(number) for number in runs.split()]
    for start, length in zip(numbers[0::2], numbers[1::2], strict=True):
        pixels[start - 1 : start - 1 + length] = 1
    if order == "row":
        return pixels.reshape(height, width)
    return pixels.reshape(width, height).T


def compare_folds(
    whole: WholeSet,
    folds: Sequence[tuple[str, str]],
    split_by: SplitBy,
    groups: Mapping[int | str, str],
) -> NDArray[np.int64]:
    """Check that train and val of each fold part the whole set, line by line.

    Parameters
    ----------
    whole : WholeSet
    folds : sequence of (str, str)
        Train and val file of each fold.
    split_by : {"image", "group", "annotation"}
    groups : mapping
        The group of each image, by its id.

    Returns
    -------
    (n_annotations,) int64
        The fold whose val file holds each annotation, from 1.

    Raises
    ------
    CheckError
        If an annotation is not in exactly one val file and in all other train files,
        if the images of a file are not those of its annotations, or if an image or a
        group is on both sides where it should not be.
    """
    sorted_places = np.argsort(whole.lines)
    sorted_lines = whole.lines[sorted_places]
    fold_of = np.zeros(len(whole.lines), np.int64)
    fold_of_group: dict[str, int] = {}
    for fold, (_, path) in enumerate(folds, 1):
        val = _read_part(path, whole)
        found = np.searchsorted(sorted_lines, val.lines).clip(max=len(fold_of) - 1)
        places = sorted_places[found]
        if (whole.lines[places] != val.lines).any():
            raise CheckError(f"{path}: an annotation that {whole.path} has not.")
        if fold_of[places].any() or (np.diff(places) <= 0).any():
            raise CheckError(
                f"{path}: an annotation is out of order or held out twice."
            )
        fold_of[places] = fold
        _check_images(path, val, whole, fold_of == fold)
        if split_by == "group":
            for group in {groups[image_id] for image_id in val.images}:
                if fold_of_group.setdefault(group, fold) != fold:
                    raise CheckError(f"{path}: the group {group!r} is in two folds.")
    if not fold_of.all():
        missing = whole.annotation_ids[fold_of == 0][0]
        raise CheckError(f"Annotation {missing} is in no val file.")
    if split_by != "annotation":
        _check_leaks(whole, fold_of)
    for fold, (path, _) in enumerate(folds, 1):
        train = _read_part(path, whole)
        if not np.array_equal(train.lines, whole.lines[fold_of != fold]):
            raise CheckError(f"{path}: not the annotations that are not held out.")
        _check_images(path, train, whole, fold_of != fold)
    return fold_of


def _read_part(path: str, whole: WholeSet) -> SplitPart:
    with open_coco(path) as (head, lines):
        if head["categories"] != whole.categories:
            raise CheckError(f"{path}: its categories are not those of {whole.path}.")
        images = _by_id(path, head["images"], head["images"])
        return SplitPart(images, np.fromiter(map(hash, lines), np.int64))


def _check_images(
    path: str, part: SplitPart, whole: WholeSet, annotations: NDArray[np.bool_]
) -> None:
    """Check that the images of a part are those of its annotations, in order."""
    places = np.unique(whole.image_places[annotations]).tolist()
    if list(part.images.values()) != [whole.images[place] for place in places]:
        raise CheckError(f"{path}: its images are not those of its annotations.")


def _check_leaks(whole: WholeSet, fold_of: NDArray[np.int64]) -> None:
    fold_of_image = np.zeros(len(whole.images), np.int64)
    fold_of_image[whole.image_places] = fold_of
    leaking = np.flatnonzero(fold_of_image[whole.image_places] != fold_of)
    if len(leaking):
        image = whole.images[whole.image_places[leaking[0]]]
        raise CheckError(f"The image {image['id']!r} is in two val files.")


def compare_fold_numbers(
    whole: WholeSet,
    fold_of: NDArray[np.int64],
    rows: Sequence[Mapping[str, str]],
    image_ids: ImageIds,
) -> None:
    """Check that `folds.csv` says what the files of the folds say.

    Parameters
    ----------
    whole : WholeSet
    fold_of : (n_annotations,) int64
        The fold whose val file holds each annotation.
    rows : sequence of mapping
        The rows of `folds.csv`.
    image_ids : {"integer", "source"}
        Which ids images have in the files.

    Raises
    ------
    CheckError
        If an annotation is held out in another fold than its row, or that of its
        image, says.
    """
    if "annotation_id" in rows[0]:
        key, ids = "annotation_id", whole.annotation_ids.tolist()
    else:
        key = "image_id" if image_ids == "integer" else "source_id"
        ids = [whole.images[place]["id"] for place in whole.image_places.tolist()]
    said = {row[key]: int(row["fold"]) for row in rows}
    for number, fold in zip(ids, fold_of.tolist(), strict=True):
        if said.get(str(number)) != fold:
            raise CheckError(
                f"folds.csv puts {key} {number!r} in fold {said.get(str(number))}, but"
                f" the val file of fold {fold} has it."
            )


def fold_table(
    whole: WholeSet, fold_of: NDArray[np.int64]
) -> list[tuple[int, str, int, int]]:
    """Count images and annotations held out, by fold and category.

    Returns
    -------
    list of (fold, category, n_images, n_annotations)
        An image counts in each category that it has an annotation of.
    """
    table = []
    for fold in range(1, int(fold_of.max()) + 1):
        for category in whole.categories:
            chosen = (fold_of == fold) & (whole.category_ids == category["id"])
            n_images = len(np.unique(whole.image_places[chosen]))
            table.append((fold, category["name"], n_images, int(chosen.sum())))
    return table
