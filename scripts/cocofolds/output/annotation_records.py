"""Make finished COCO annotation records of the rows of a shard."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from cocofolds.json_text import compact, with_values
from cocofolds.masks.encoding import encode_masks
from cocofolds.masks.run_lengths import in_batches
from cocofolds.output.columns import in_order
from cocofolds.output.stretches import SEPARATOR
from cocofolds.settings import ImageIds, Numbering, Order

#: Where each record of a shard starts and ends, in bytes, and what it is: the number of
#: its annotation and its image, the position of its category in the list of categories,
#: and its area in pixels, or 0 where the record does not say a positive number.
RECORD_DTYPE = np.dtype(
    [
        ("start", "<i8"),
        ("end", "<i8"),
        ("annotation_id", "<i8"),
        ("image_id", "<i8"),
        ("category", "<i4"),
        ("area", "<f8"),
    ]
)


def encode_shard(
    rows: Iterable[Mapping[str, str]],
    category_ids: Mapping[str, str],
    image_ids: ImageIds,
    numbering: Numbering,
    records: BinaryIO,
) -> Iterator[NDArray[np.void]]:
    """Write the records of a shard in the order of its rows.

    Parameters
    ----------
    rows : iterable of mapping
        With the fields of `cocofolds.dataset.shards.ROW_COLUMNS`.
    category_ids : mapping of str to str
        As they are in JSON, in the order of the list of categories.
    image_ids : {"integer", "source"}
        Which id of the image the records of a table carry.
    numbering : Numbering
    records : binary file
        Gets the records, JSON without blanks, each followed by a comma and a line
        feed, so that they are copied as they are.

    Yields
    ------
    (n_records,) structured array of `RECORD_DTYPE`
        For each batch of records, once it has been written.
    """
    category_positions = {name: n for n, name in enumerate(category_ids)}
    position = 0
    for batch in in_batches(rows, lambda row: len(row["runs"]) + len(row["record"])):
        made: list[tuple[str, float]] = []
        for order, some in groupby(batch, lambda row: row["order"]):
            if order:
                made += _encoded([*some], category_ids, order, image_ids)
            else:
                made += (_carried_over(row, category_ids, numbering) for row in some)
        lines = [line.encode() + SEPARATOR for line, _ in made]
        part = np.empty(len(batch), RECORD_DTYPE)
        part["annotation_id"] = [int(row["annotation_id"]) for row in batch]
        part["image_id"] = [int(row["image_id"]) for row in batch]
        part["category"] = [category_positions[row["category"]] for row in batch]
        part["area"] = [area for _, area in made]
        part["end"] = position + np.cumsum([len(line) for line in lines])
        part["start"] = part["end"] - [len(line) for line in lines]
        position = int(part["end"][-1])
        records.write(b"".join(lines))
        yield part


def stretches_of(
    offsets: str, key: Literal["image_id", "annotation_id"]
) -> Iterator[tuple[int, int, int]]:
    """Say where the records of images, or of annotations, are in those of a shard.

    Parameters
    ----------
    offsets : str
        A file of `RECORD_DTYPE`.
    key : {"image_id", "annotation_id"}

    Yields
    ------
    (int, int, int)
        The id, and the start and end of its records in bytes; in the order of the
        images, then the annotations. An image whose records are apart, or not in the
        order of their ids, has several stretches.
    """
    records = in_order(np.load(offsets))
    if not len(records):
        return
    numbers, starts, ends = records[key], records["start"], records["end"]
    breaks = (numbers[1:] != numbers[:-1]) | (starts[1:] != ends[:-1])
    first = np.flatnonzero(np.concatenate([[True], breaks]))
    last = np.append(first[1:], len(records)) - 1
    yield from zip(
        numbers[first].tolist(),
        starts[first].tolist(),
        ends[last].tolist(),
        strict=True,
    )


def _carried_over(
    row: Mapping[str, str],
    category_ids: Mapping[str, str],
    numbering: Numbering,
) -> tuple[str, float]:
    """Take the record of a COCO JSON as it is, except ids that are renumbered."""
    ids = {
        "id": row["annotation_id"],
        "image_id": row["image_id"],
        "category_id": category_ids[row["category"]],
    }
    record = compact(row["record"])
    new_values = {key: ids[key] for key in numbering.new_keys}
    return with_values(record, new_values), _area_of(json.loads(record))


def _area_of(record: Mapping[str, Any]) -> float:
    """Take the area that a record says; 0 if it says no positive, finite number."""
    area = record.get("area")
    if isinstance(area, bool) or not isinstance(area, int | float):
        return 0.0
    return float(area) if 0 < area <= sys.float_info.max else 0.0


def _encoded(
    batch: list[Mapping[str, str]],
    category_ids: Mapping[str, str],
    order: Order,
    image_ids: ImageIds,
) -> Iterator[tuple[str, float]]:
    """Make the records of rows of a table, each with its area."""
    heights = np.array([int(row["height"]) for row in batch])
    widths = np.array([int(row["width"]) for row in batch])
    masks = encode_masks([row["runs"] for row in batch], heights, widths, order)
    for row, counts, area, (x, y, width, height) in zip(
        batch, masks.counts, masks.areas.tolist(), masks.boxes.tolist(), strict=True
    ):
        image_id = (
            row["image_id"] if image_ids == "integer" else json.dumps(row["source_id"])
        )
        # The backslash is the only character of counts that JSON escapes.
        counts = counts.replace("\\", "\\\\")
        attribute_ids = row["attribute_ids"]
        attributes = f'"attribute_ids":{attribute_ids},' if attribute_ids else ""
        record = (
            f'{{"id":{row["annotation_id"]},"image_id":{image_id},'
            f'"category_id":{category_ids[row["category"]]},{attributes}'
            f'"segmentation":{{"size":[{row["height"]},{row["width"]}],'
            f'"counts":"{counts}"}},"area":{area},'
            f'"bbox":[{x},{y},{width},{height}],"iscrowd":0}}'
        )
        yield record, area
