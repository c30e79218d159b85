"""Make finished COCO annotation records of the rows of a shard."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from cocofolds.json_text import compact, with_values
from cocofolds.masks.encoding import encode_masks
from cocofolds.masks.run_lengths import in_batches
from cocofolds.settings import ImageIds, Numbering, Order

#: Where each record of a shard starts and ends, in bytes, and whose it is.
RECORD_DTYPE = np.dtype(
    [("start", "<i8"), ("end", "<i8"), ("annotation_id", "<i8"), ("image_id", "<i8")]
)


def encode_shard(
    rows: Iterable[Mapping[str, str]],
    category_ids: Mapping[str, str],
    image_ids: ImageIds,
    numbering: Numbering,
    records: BinaryIO,
) -> Iterator[NDArray[np.void]]:
    """Write the records of a shard, one a line, in the order of its rows.

    Parameters
    ----------
    rows : iterable of mapping
        With the fields of `cocofolds.dataset.shards.ROW_COLUMNS`.
    category_ids : mapping of str to str
        As they are in JSON.
    image_ids : {"integer", "source"}
        Which id of the image the records of a table carry.
    numbering : Numbering
    records : binary file
        Gets the records, JSON without blanks, each ended by a line feed.

    Yields
    ------
    (n_records,) structured array of `RECORD_DTYPE`
        For each batch of records, once it has been written.
    """
    position = 0
    for batch in in_batches(rows, lambda row: len(row["runs"]) + len(row["record"])):
        lines: list[bytes] = []
        for order, some in groupby(batch, lambda row: row["order"]):
            if order:
                made = _encoded([*some], category_ids, order, image_ids)
            else:
                made = (_carried_over(row, category_ids, numbering) for row in some)
            lines += (line.encode() + b"\n" for line in made)
        part = np.empty(len(batch), RECORD_DTYPE)
        part["annotation_id"] = [int(row["annotation_id"]) for row in batch]
        part["image_id"] = [int(row["image_id"]) for row in batch]
        part["end"] = position + np.cumsum([len(line) for line in lines])
        part["start"] = part["end"] - [len(line) for line in lines]
        position = int(part["end"][-1])
        records.write(b"".join(lines))
        yield part


def _carried_over(
    row: Mapping[str, str],
    category_ids: Mapping[str, str],
    numbering: Numbering,
) -> str:
    """Take the record of a COCO JSON as it is, except ids that are renumbered."""
    ids = {
        "id": row["annotation_id"],
        "image_id": row["image_id"],
        "category_id": category_ids[row["category"]],
    }
    return with_values(
        compact(row["record"]), {key: ids[key] for key in numbering.new_keys}
    )


def _encoded(
    batch: list[Mapping[str, str]],
    category_ids: Mapping[str, str],
    order: Order,
    image_ids: ImageIds,
) -> Iterator[str]:
    """Make the records of rows of a table."""
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
        yield (
            f'{{"id":{row["annotation_id"]},"image_id":{image_id},'
            f'"category_id":{category_ids[row["category"]]},{attributes}'
            f'"segmentation":{{"size":[{row["height"]},{row["width"]}],'
            f'"counts":"{counts}"}},"area":{area},'
            f'"bbox":[{x},{y},{width},{height}],"iscrowd":0}}'
        )
