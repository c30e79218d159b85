"""What an audit keeps of a COCO JSON file: little, however large its masks are."""

import json
import posixpath
from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cocofolds.sources.coco import Id, group_of, read_coco_source
from cocofolds.sources.image_records import file_name_in, size_in
from cocofolds.sources.records import (
    AnnotationRecord,
    Dialect,
    FaultyCategory,
    ImageRecord,
    Source,
    SourceFile,
)

_COCO = Dialect(format="coco")

# The faults that are named.
_NAMED = 10

# Segmentations that are none.
_NO_MASK: tuple[object, ...] = (None, [], [[]], {}, "")


class Images(NamedTuple):
    """The images of a part, also faulty ones, as long as they have a file name.

    Attributes
    ----------
    names : (n_images,) list of str
        Their file names, as paths with slashes.
    ids : (n_images,) list of int, str or None
        None for what cannot be an id.
    groups : (n_images,) list of str
        "" for an image of no group.
    sizes : (n_images,) list of (str, str)
        Width and height in pixels; "" where the record does not say.
    """

    names: list[str]
    ids: list[Id | None]
    groups: list[str]
    sizes: list[tuple[str, str]]


class Annotations(NamedTuple):
    """The annotations of a part, also faulty ones.

    Attributes
    ----------
    ids : (n_annotations,) list of int, str or None
        None for what cannot be an id.
    images : (n_annotations,) int32
        The position of each one's image; -1 if that is not known.
    categories : (n_annotations,) int32
        The position of each one's category in those of the part; -1 if that is not
        known.
    masks : (n_annotations,) int64
        A hash of the segmentation, or else of the box; 0 for neither.
    """

    ids: list[Id | None]
    images: NDArray[np.int32]
    categories: NDArray[np.int32]
    masks: NDArray[np.int64]


class Part(NamedTuple):
    """A file of a split.

    Attributes
    ----------
    name : str
        What it is called.
    images : Images
    annotations : Annotations
    categories : dict of str to Id
        The ids of the valid categories, by name.
    n_faulty : int
        Records that a run would refuse.
    faults : list of str
        The first of them, and what is wrong.
    """

    name: str
    images: Images
    annotations: Annotations
    categories: dict[str, Id]
    n_faulty: int
    faults: list[str]


def read_part(
    name: str,
    path: str,
    group_column: str | None = None,
    group_pattern: str | None = None,
) -> Part:
    """Read a file of a split.

    Parameters
    ----------
    name : str
        What it is called.
    path : str
        A COCO JSON, plain or compressed with gzip (`.gz`).
    group_column : str, optional
        The key of image records that names the group of an image.
    group_pattern : str, optional
        A regular expression that finds the group in the file name.

    Returns
    -------
    Part

    Raises
    ------
    InputError
        If the file is not one JSON object with images and categories, or no image has
        the key of groups.
    """
    source = Source(
        [path],
        [_COCO],
        group_column=group_column,
        group_pattern=group_pattern,
        needs_annotations=False,
    )
    images = Images([], [], [], [])
    annotation_ids: list[Id | None] = []
    image_positions, category_positions = array("i"), array("i")
    masks = array("q")
    positions: dict[Id | None, int] = {}
    # The names of categories, in the order in which annotations have them.
    categories: dict[str, int] = {}
    n_faulty, faults = 0, []
    files: list[SourceFile] = []
    for row in read_coco_source(source, path, _COCO, 1, files):
        if row.problem:
            n_faulty += 1
            if n_faulty <= _NAMED:
                faults.append(f"{row.line}: {row.problem}")
        if isinstance(row, FaultyCategory):
            continue
        record = json.loads(row.record)
        if not isinstance(record, dict):
            continue
        if isinstance(row, ImageRecord):
            file_name = file_name_in(record)
            if isinstance(file_name, str) and file_name:
                positions.setdefault(_id_in(record, "id"), len(images.names))
                images.names.append(_as_path(file_name))
                images.ids.append(_id_in(record, "id"))
                images.groups.append(group_of(record, file_name, source))
                size = ("", "") if row.problem else size_in(record)
                images.sizes.append(size)
        elif isinstance(row, AnnotationRecord):
            image_id = _id_in(record, "image_id")
            is_known = image_id is not None and image_id in positions
            annotation_ids.append(_id_in(record, "id"))
            image_positions.append(positions[image_id] if is_known else -1)
            category_positions.append(
                categories.setdefault(row.category, len(categories))
                if row.category
                else -1
            )
            masks.append(_hash_of_mask(record))
    [file] = files
    for category in file.categories:
        categories.setdefault(category, len(categories))
    return Part(
        name,
        images,
        Annotations(
            annotation_ids,
            np.asarray(image_positions, np.int32),
            np.asarray(category_positions, np.int32),
            np.asarray(masks, np.int64),
        ),
        {
            category: json.loads(file.categories[category])["id"]
            for category in categories
        },
        n_faulty,
        faults,
    )


def names_of(paths: Sequence[str]) -> list[str]:
    """Name each part by its file, with its folders where two files share a name.

    Parameters
    ----------
    paths : sequence of str

    Returns
    -------
    list of str
    """
    names = [Path(path).name.removesuffix(".gz") for path in paths]
    return names if len({*names}) == len(names) else [*paths]


def _id_in(record: Mapping[str, Any], key: str) -> Id | None:
    value = record.get(key)
    return value if type(value) in (int, str) else None


def _as_path(file_name: str) -> str:
    """Write a file name in one way: with slashes, and without ``./``."""
    return posixpath.normpath(file_name.replace("\\", "/"))


def _hash_of_mask(record: Mapping[str, Any]) -> int:
    """Tell masks apart, or boxes where there is no mask; 0 for neither."""
    value: Any = record.get("segmentation")
    if value in _NO_MASK:
        value = [record.get("bbox")]
    if value in ([None], [[]]):
        return 0
    if isinstance(value, dict):
        value = [value.get("size"), value.get("counts")]
    try:
        # A whole number is the same with a point and without.
        return hash(tuple(array("d", numbers).tobytes() for numbers in value))
    except (TypeError, OverflowError):
        return hash(repr(value))
