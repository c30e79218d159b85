"""The shards: tables of the masks of some images, each encoded by a job of its own."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import isqrt
from pathlib import Path

from cocofolds.dataset.images import SourceImage
from cocofolds.files import open_table, table_writer
from cocofolds.settings import ImagesPerShard
from cocofolds.sources.records import AnnotationRow, TableRow

ROW_COLUMNS = (
    "annotation_id",
    "image_id",
    "source_id",
    "category",
    "height",
    "width",
    "runs",
    "order",
    "record",
    "attribute_ids",
)


# How much longer each shard is than the one before, in rows. See `shard_of`.
_SHARD_GROWTH = 4000


def shard_of(image_id: int, first_row: int, images_per_shard: ImagesPerShard) -> str:
    """Name the shard that an image is in: 00001 and on.

    Parameters
    ----------
    image_id : int
        Counted from 1.
    first_row : int
        The number of the image's first row, from 1.
    images_per_shard : int or "auto"
        With "auto", the images whose first rows are among the first 4,000 make the
        first shard, those of the next 8,000 the second, and so on. So the number of
        shards grows with the square root of the rows, as does the size of the largest;
        and rows that are appended move no image to another shard.
    """
    if images_per_shard == "auto":
        step = -(-first_row // _SHARD_GROWTH)
        # The smallest k with 1 + 2 + ... + k >= step.
        number = (isqrt(8 * step - 7) + 1) // 2
    else:
        number = (image_id - 1) // images_per_shard + 1
    return f"{number:05d}"


def append_to_shards(
    rows: Sequence[AnnotationRow], images: Mapping[str, SourceImage], folder: Path
) -> None:
    """Write rows to the shards of their images, `{shard}.csv`, behind those before."""
    lines_of_shard: dict[str, list[str]] = {}
    quoted = {category: _quoted(category) for category in {r.category for r in rows}}
    for source_id, rows_of_image in groupby(rows, lambda row: row.image):
        image = images[source_id]
        size, quoted_id = f"{image.height},{image.width}", _quoted(source_id)
        # By hand, since the csv module looks at each character of the runs.
        lines_of_shard.setdefault(image.shard, []).extend(
            f"{row.number},{image.image_id},{quoted_id},{quoted[row.category]},{size},"
            f"{_mask_fields(row)}\n"
            for row in rows_of_image
        )
    for shard, lines in lines_of_shard.items():
        path = folder / f"{shard}.csv"
        create_shard(path)
        with open_table(path, "a") as file:
            file.writelines(lines)


def create_shard(path: Path) -> None:
    """Write the header of a shard that has none yet."""
    if not path.exists():
        with open_table(path, "w") as file:
            table_writer(file).writerow(ROW_COLUMNS)


def _mask_fields(row: AnnotationRow) -> str:
    """Write the fields from `runs` to `attribute_ids`."""
    if isinstance(row, TableRow):
        return f'{row.runs},{row.dialect.order},"",{_quoted(row.attribute_ids)}'
    return f',,{_quoted(row.record)},""'


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
