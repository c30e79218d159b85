"""The columns of the whole data set: what its annotations are, as plain arrays."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def columns_of(
    offsets: Sequence[str], images: Iterable[Mapping[str, str]]
) -> dict[str, NDArray[Any]]:
    """Describe the annotations of the whole data set, in its order.

    Parameters
    ----------
    offsets : sequence of str
        The files of `RECORD_DTYPE` in `cocofolds.output.annotation_records`, in the
        order of their images.
    images : iterable of mapping
        Rows of `images.csv`.

    Returns
    -------
    numbers : (n_annotations,) int64
        What the annotations are known by in `folds.csv`.
    category_positions, image_positions : (n_annotations,) int32
        Positions of category and image in the lists of the data set.
    areas : (n_annotations,) float64
        In pixels; 0 where a record does not say a positive number.
    groups : (n_images,) int32
        The number of the group of each image, counted from 0 by first appearance. An
        image without a group is one by itself.
    """
    image_ids, groups = [], []
    numbers_of_groups: dict[str | int, int] = {}
    for position, row in enumerate(images):
        image_ids.append(int(row["image_id"]))
        group = row["group"] or position
        groups.append(numbers_of_groups.setdefault(group, len(numbers_of_groups)))
    position_of = np.zeros(max(image_ids, default=0) + 1, np.int32)
    position_of[image_ids] = np.arange(len(image_ids))
    n_annotations = sum(len(np.load(path, mmap_mode="r")) for path in offsets)
    columns: dict[str, NDArray[Any]] = {
        "numbers": np.empty(n_annotations, np.int64),
        "category_positions": np.empty(n_annotations, np.int32),
        "image_positions": np.empty(n_annotations, np.int32),
        "areas": np.empty(n_annotations, np.float64),
    }
    start = 0
    for path in offsets:
        records = in_order(np.load(path))
        part = slice(start, start + len(records))
        columns["numbers"][part] = records["annotation_id"]
        columns["category_positions"][part] = records["category"]
        columns["image_positions"][part] = position_of[records["image_id"]]
        columns["areas"][part] = records["area"]
        start = part.stop
    return {**columns, "groups": np.array(groups, np.int32)}


def in_order(records: NDArray[np.void]) -> NDArray[np.void]:
    """Sort records by image, and those of an image by annotation."""
    return records[np.lexsort((records["annotation_id"], records["image_id"]))]
