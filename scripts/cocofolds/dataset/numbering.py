"""Number the images of the source, and see that their rows agree."""

import json

from cocofolds.dataset.images import SourceImage
from cocofolds.dataset.rejection import RejectedRow
from cocofolds.dataset.shards import shard_of
from cocofolds.settings import ImagesPerShard
from cocofolds.sources.image_records import written_image
from cocofolds.sources.records import (
    AnnotationRecord,
    FaultyCategory,
    ImageRecord,
    SourceRow,
    TableRow,
    where,
)


class SourceImages:
    """The images that rows have named so far.

    Parameters
    ----------
    images_per_shard : int or "auto"
        See `cocofolds.dataset.shards.shard_of`.
    merge_sources : bool
        Whether an image may have rows in several files.

    Attributes
    ----------
    accepted : dict of str to SourceImage
        Those with an accepted row, one without a mask included, by the id that they
        have in the source.
    """

    def __init__(self, images_per_shard: ImagesPerShard, merge_sources: bool) -> None:
        self.accepted: dict[str, SourceImage] = {}
        self._images_per_shard: ImagesPerShard = images_per_shard
        self._merge_sources = merge_sources
        self._image_ids: dict[str, int] = {}
        # File and line of rejected records of images and categories.
        self._rejected_records: set[tuple[str, str]] = set()

    def add(self, row: SourceRow, problem: str) -> RejectedRow | None:
        """Take what a row that was counted says of its image.

        Parameters
        ----------
        row : SourceRow
        problem : str
            What is wrong with the row by itself, or empty.

        Returns
        -------
        RejectedRow or None
            If the row has a problem, contradicts an earlier one, or refers to a record
            that is left out.
        """
        image = self.accepted.get(row.image)
        because_of = self._left_out_with(row)
        if because_of:
            problem = f"it is of {because_of}, which is left out"
        elif not problem and image:
            problem = _contradiction(row, image, self._merge_sources)
        if problem:
            if isinstance(row, ImageRecord | FaultyCategory):
                self._rejected_records.add((row.path, str(row.line)))
            return RejectedRow(row.path, row.line, row.image, problem, because_of)
        if image is None:
            self.accepted[row.image] = self._image_of(row)
        elif isinstance(row, ImageRecord) and not image.record:
            # A table has named it first.
            image.record, image.record_path = _written(row), row.path
        return None

    def count(self, row: SourceRow) -> None:
        """Number the image of a row, also of one that is left out."""
        if row.image:
            self._image_ids.setdefault(row.image, len(self._image_ids) + 1)

    def _left_out_with(self, row: SourceRow) -> str:
        """Say which record that a row refers to is left out; "" if none is."""
        if not (self._rejected_records and isinstance(row, AnnotationRecord)):
            return ""
        for line in row.refers_to:
            if (row.path, line) in self._rejected_records:
                return line
        return ""

    def _image_of(self, row: SourceRow) -> SourceImage:
        image_id = self._image_ids[row.image]
        return SourceImage(
            image_id,
            int(row.width),
            int(row.height),
            row.group,
            row.path,
            row.line,
            row.dialect,
            _written(row) if isinstance(row, ImageRecord) else "",
            row.path,
            shard_of(image_id, row.number, self._images_per_shard),
            row.values if isinstance(row, TableRow | ImageRecord) else (),
        )


def _contradiction(row: SourceRow, image: SourceImage, merge_sources: bool) -> str:
    """Say where a row differs from what is known of its image; "" if nowhere."""
    difference = _difference(row, image)
    if row.path == image.path:
        return difference
    prefix = "set a `file_prefix` in the dialect of each file"
    if difference:
        two = f"{difference}; if these are two images of one name, {prefix}"
        return two if merge_sources else f"the image is in {image.path} as well: {two}"
    if merge_sources:
        return ""
    return (
        f"the image is in {image.path} as well; if the files are parts that belong"
        " together, and it is one image, set `merge_sources: true`; if these are two"
        f" images of one name, {prefix}"
    )


def _difference(row: SourceRow, image: SourceImage) -> str:
    """Say in what a row differs from what is known of its image; "" if in nothing."""
    if (int(row.width), int(row.height)) != (image.width, image.height):
        size = f"{image.width}x{image.height}"
        return f"the size {row.width}x{row.height} differs from {_said(image)}, {size}"
    if row.group != image.group:
        return f"the group {row.group!r} differs from {_said(image)}, {image.group!r}"
    if isinstance(row, TableRow | ImageRecord) and [*row.values] != [*image.values]:
        return f"{[*row.values]} differs from {_said(image)}, {[*image.values]}"
    if isinstance(row, ImageRecord) and image.record:
        record, known = json.loads(_written(row)), json.loads(image.record)
        for key in {**known, **record}:
            # These are numbered again.
            if key not in ("id", "license") and record.get(key) != known.get(key):
                return f"its {key!r} differs from what {image.record_path} says of it"
    return ""


def _said(image: SourceImage) -> str:
    return f"what {where(image.line)} of {image.path} says of this image"


def _written(row: ImageRecord) -> str:
    """The record of an image as it is written, except for its ids."""
    return written_image(
        row.record, row.dialect.file_prefix, int(row.width), int(row.height)
    )
