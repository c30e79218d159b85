"""Number the rows and images of the source, check them, and cut them into shards."""

import json
import re
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from io import TextIOWrapper
from itertools import groupby
from math import isqrt
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from cocofolds.errors import InputError, first_named
from cocofolds.files import open_table, table_writer
from cocofolds.masks.cleaning import Hygiene, area, clean, digest_of_mask
from cocofolds.masks.run_lengths import (
    MAX_PIXELS,
    find_invalid,
    in_batches,
    numbered_from_1,
    order_votes,
    parse_runs,
)
from cocofolds.settings import ImagesPerShard, Order
from cocofolds.sources.image_records import written_image
from cocofolds.sources.records import Dialect, Source, SourceRow, where

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
REJECTED_COLUMNS = ("file", "line", "image", "reason")
CHANGED_COLUMNS = ("file", "line", "image", "change")

_NUMBER = "(0|[1-9][0-9]{0,17})"
_ATTRIBUTE_IDS = re.compile(rf"\[({_NUMBER}(,{_NUMBER})*)?\]")

# How much longer each shard is than the one before, in rows. See `shard_of`.
_SHARD_GROWTH = 4000

# Enough masks to tell how the pixels are numbered, and the fewest that prove it wrong.
_ENOUGH_VOTES = 10_000
_FEWEST_VOTES = 10

# Rows that are not masks in a table that is taken for one.
_MOST_REJECTED = 10**6


@dataclass
class SourceImage:
    """An image of the source, as its first accepted row has it.

    Attributes
    ----------
    image_id : int
        Counted from 1 in the order of first appearance.
    width, height : int
        In pixels.
    group : str
    path : str
        The file of the source that it stands in.
    line : int or str
        Where that row stands in it.
    dialect : Dialect
        That of the file.
    record : str
        The record of the image in a COCO JSON, or empty.
    record_path : str
        The file that the record stands in.
    shard : str
        The shard that it lies in.
    categories : Counter of str
        Accepted annotations of each category.
    """

    image_id: int
    width: int
    height: int
    group: str
    path: str
    line: int | str
    dialect: Dialect
    record: str
    record_path: str
    shard: str
    categories: Counter[str] = field(default_factory=Counter)


class RejectedRow(NamedTuple):
    """A row that is left out, and why.

    Attributes
    ----------
    file : str
    line : int or str
    image : str
    reason : str
    because_of : str
        Where the record stands that it refers to, if that is all that is wrong.
    """

    file: str
    line: int | str
    image: str
    reason: str
    because_of: str = ""


class ChangedRow(NamedTuple):
    """A row whose mask has been changed, and how."""

    file: str
    line: int | str
    image: str
    change: str


class Index(NamedTuple):
    """What is known of the source once it has been read.

    Attributes
    ----------
    images : dict of str to SourceImage
        Those with an accepted row, one without a mask included, by the id that they
        have in the source.
    n_annotations : int
        Masks that were accepted.
    rejected : list of RejectedRow
    left_out : list of RejectedRow
        Masks that `hygiene` leaves out.
    changed : list of ChangedRow
        Masks that `hygiene` has changed.
    repeated : list of (int, int)
        Row numbers: a row, and an earlier one with the same image, category and mask.
    order_votes : dict of str to (int, int)
        For each table, the masks that look numbered along the rows, and down the
        columns; some thousands have been asked.
    """

    images: dict[str, SourceImage]
    n_annotations: int
    rejected: list[RejectedRow]
    left_out: list[RejectedRow]
    changed: list[ChangedRow]
    repeated: list[tuple[int, int]]
    order_votes: dict[str, tuple[int, int]]


def index_source(
    rows: Iterable[SourceRow],
    categories: Sequence[str] | None,
    images_per_shard: ImagesPerShard,
    merge_sources: bool,
    hygiene: Hygiene,
    folder: Path,
    annotations: BinaryIO,
) -> Index:
    """Check the rows of the source and write those that are masks to shards.

    Parameters
    ----------
    rows : iterable of SourceRow
        Read once, in batches.
    categories : sequence of str, or None
        The categories there may be; None for any.
    images_per_shard : int or "auto"
        See `shard_of`.
    merge_sources : bool
        Whether an image may have rows in several files.
    hygiene : Hygiene
        What is done to masks of tables that are valid.
    folder : Path
        Gets one table for each shard, `{shard}.csv`, in the order of the source.
    annotations : binary file
        Gets a table of all annotations, in the order of the source.

    Returns
    -------
    Index

    Raises
    ------
    InputError
        If more than a million rows are not masks.
    """
    text = TextIOWrapper(annotations, encoding="utf-8", newline="")
    annotation_table = table_writer(text)
    annotation_table.writerow(("annotation_id", "image_id", "category"))
    image_ids: dict[str, int] = {}
    images: dict[str, SourceImage] = {}
    rejected: list[RejectedRow] = []
    rejected_records: set[tuple[str, str]] = set()
    left_out: list[RejectedRow] = []
    changed: list[ChangedRow] = []
    first_rows: dict[tuple[int, bytes], int] = {}
    numbers, fingerprints = array("q"), array("q")
    votes: dict[str, tuple[int, int]] = {}
    n_annotations = 0
    known = None if categories is None else frozenset(categories)
    for batch in in_batches(rows, lambda row: len(row.runs) + len(row.record)):
        accepted, rejected_here = _check(
            batch,
            image_ids,
            images,
            rejected_records,
            known,
            images_per_shard,
            merge_sources,
        )
        rejected += rejected_here
        if len(rejected) > _MOST_REJECTED:
            raise InputError(
                f"{rejection_message(rejected)}\nThe rest is not read. Check `dialect`."
            )
        for path, rows_of_file in groupby(accepted, lambda row: row.path):
            before = votes.get(path, (0, 0))
            if sum(before) < _ENOUGH_VOTES:
                along_rows, down_columns = _order_votes([*rows_of_file])
                votes[path] = before[0] + along_rows, before[1] + down_columns
        if hygiene != Hygiene():
            accepted = list(
                _cleaned(accepted, images, hygiene, first_rows, left_out, changed)
            )
        for row in accepted:
            image = images[row.image]
            image.categories[row.category] += 1
            annotation_table.writerow((row.number, image.image_id, row.category))
            n_annotations += 1
            if row.runs:
                numbers.append(row.number)
                mask = row.runs, row.dialect.order
                fingerprints.append(hash((row.image, row.category, mask)))
        _append_to_shards(accepted, images, folder)
    text.detach()
    for shard in {image.shard for image in images.values()}:
        _create_shard(folder / f"{shard}.csv")
    repeated = _repeated(numbers, fingerprints)
    return Index(images, n_annotations, rejected, left_out, changed, repeated, votes)


def shard_of(image_id: int, first_row: int, images_per_shard: ImagesPerShard) -> str:
    """Name the shard that an image lies in: 00001 and on.

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


def rejection_message(rejected: Sequence[RejectedRow]) -> str:
    """Count the rows that are not masks, or faulty records, and name the first of them.

    What is left out with a record that it refers to is only counted, beside that, as
    are further rows of an image with the same reason.
    """
    followers = Counter((row.file, row.because_of) for row in rejected)
    faulty = [row for row in rejected if not row.because_of]
    alike: dict[tuple[str, int | str, str], list[RejectedRow]] = {}
    for row in faulty:
        whose = row.image if row.image and isinstance(row.line, int) else row.line
        alike.setdefault((row.file, whose, row.reason), []).append(row)
    kinds = {isinstance(row.line, int) for row in faulty}
    heading = "Rows that are not masks" if True in kinds else "Faulty records"
    if len(kinds) > 1:
        heading += ", and faulty records"

    def say(rows: Sequence[RejectedRow]) -> str:
        row = rows[0]
        said = f"{row.file}, {where(row.line)}, image {row.image!r}: {row.reason}"
        if len(rows) > 1:
            said += f" (and {len(rows) - 1} more of its rows)"
        n_followers = followers[row.file, str(row.line)]
        plural = "s" if n_followers > 1 else ""
        return (
            f"{said} (and its {n_followers} annotation{plural})"
            if n_followers
            else said
        )

    lines = first_named([*alike.values()], say)
    return "\n  ".join([f"{heading}: {len(faulty)}", *lines])


def repetition_message(index: Index) -> str:
    """Count the rows that repeat another and name the first of them."""
    pairs = first_named(index.repeated, lambda pair: f"{pair[0]} (as {pair[1]})")
    return (
        "Rows with the image, category and mask of an earlier row:"
        f" {len(index.repeated)}\n  {', '.join(pairs)}"
    )


def wrong_order_message(
    order_votes: Mapping[str, tuple[int, int]], source: Source
) -> str | None:
    """Say which tables have their pixels numbered another way than their dialect says.

    Each table votes by itself; those of one dialect with few votes do so together. None
    if all is well.
    """
    parties: dict[tuple[Order, str], list[str]] = {}
    for path, dialect in zip(source.paths, source.dialects, strict=True):
        if path in order_votes:
            has_few = sum(order_votes[path]) < _FEWEST_VOTES
            party = dialect.order, repr(dialect) if has_few else path
            parties.setdefault(party, []).append(path)
    for (order, _), paths in parties.items():
        along_rows = sum(order_votes[path][0] for path in paths)
        down_columns = sum(order_votes[path][1] for path in paths)
        message = order_message((along_rows, down_columns), order)
        if message:
            return f"{', '.join(paths)}: {message}"
    return None


def order_message(votes: tuple[int, int], order: Order) -> str | None:
    """Say why the pixels seem to be numbered another way, and what to do; or None."""
    evidence = other_order_evidence(votes, order)
    if not evidence:
        return None
    return (
        f"{evidence} Set `order: {_other(order)}` in the dialect. If the masks are"
        " right as they are, set `check_order: false`."
    )


def other_order_evidence(votes: tuple[int, int], order: Order) -> str:
    """Say why the pixels seem to be numbered another way than `order`; "" if not.

    Parameters
    ----------
    votes : (int, int)
        As `cocofolds.masks.run_lengths.order_votes` counts them.
    order : {"row", "column"}
    """
    other = _other(order)
    for_order, against = votes if order == "row" else votes[::-1]
    if against < _FEWEST_VOTES or against < 2 * for_order:
        return ""
    return (
        f"The pixels seem to be numbered by {other}, not by {order}. Of"
        f" {for_order + against} masks on images that are not square, {against} hang"
        f" together if they are numbered by {other}, {for_order} if by {order}."
    )


def _other(order: Order) -> Order:
    return "column" if order == "row" else "row"


def _numbered_from_1(row: SourceRow) -> SourceRow:
    base, relative = row.dialect.base, row.dialect.runs == "relative"
    if not row.has_mask or (base == 1 and not relative):
        return row
    return row._replace(runs=numbered_from_1(row.runs, base, relative))


def _order_votes(rows: Sequence[SourceRow]) -> tuple[int, int]:
    # Those on square images do not vote: their runs need not be read.
    rows = [row for row in rows if row.runs and row.width != row.height]
    runs = parse_runs([row.runs for row in rows])
    heights = np.array([int(row.height) for row in rows], np.int64)
    widths = np.array([int(row.width) for row in rows], np.int64)
    return order_votes(runs, heights, widths)


def _check(
    as_written: Sequence[SourceRow],
    image_ids: dict[str, int],
    images: dict[str, SourceImage],
    rejected_records: set[tuple[str, str]],
    categories: Collection[str] | None,
    images_per_shard: ImagesPerShard,
    merge_sources: bool,
) -> tuple[list[SourceRow], list[RejectedRow]]:
    """Part the rows of a batch into masks, in canonical form, and others.

    Images that were not seen before get a number in `image_ids`; those of accepted
    rows, and of rows that say that there is no mask, are added to `images`. File and
    line of the images and categories of a COCO JSON that are rejected are added to
    `rejected_records`, and take what refers to them along.
    """
    batch = [_numbered_from_1(row) for row in as_written]
    reasons = [_problem(row, categories) for row in batch]
    places = [
        place
        for place, (row, reason) in enumerate(zip(batch, reasons, strict=True))
        if row.has_mask and row.dialect.is_table and not reason
    ]
    sizes = [(int(batch[place].width), int(batch[place].height)) for place in places]
    n_pixels = np.array([width * height for width, height in sizes], np.int64)
    invalid, canonical = find_invalid([batch[place].runs for place in places], n_pixels)
    for among_places, reason in invalid.items():
        place = places[among_places]
        if batch[place].runs != as_written[place].runs:
            reason += " (counted from 1: are `base` and `runs` of the dialect right?)"
        reasons[place] = reason
    runs_of = {places[among]: runs for among, runs in canonical.items()}

    accepted, rejected = [], []
    for place, (row, reason) in enumerate(zip(batch, reasons, strict=True)):
        if row.image:
            image_ids.setdefault(row.image, len(image_ids) + 1)
        because_of = _left_out_with(row, rejected_records)
        if because_of:
            reason = f"it is of {because_of}, which is left out"
        else:
            reason = reason or _contradiction(row, images.get(row.image), merge_sources)
        if reason:
            rejected.append(
                RejectedRow(row.path, row.line, row.image, reason, because_of)
            )
            if row.record and not row.has_mask:
                rejected_records.add((row.path, str(row.line)))
            continue
        image = images.get(row.image)
        if image and not row.has_mask and row.record and not image.record:
            # A table has named it first.
            image.record, image.record_path = _written(row), row.path
        if image is None:
            image_id = image_ids[row.image]
            images[row.image] = SourceImage(
                image_id,
                int(row.width),
                int(row.height),
                row.group,
                row.path,
                row.line,
                row.dialect,
                "" if row.has_mask else _written(row),
                row.path,
                shard_of(image_id, row.number, images_per_shard),
            )
        if place in runs_of:
            row = row._replace(runs=runs_of[place])
        if row.has_mask:
            accepted.append(row)
    return accepted, rejected


def _cleaned(
    rows: Sequence[SourceRow],
    images: Mapping[str, SourceImage],
    hygiene: Hygiene,
    first_rows: dict[tuple[int, bytes], int],
    left_out: list[RejectedRow],
    changed: list[ChangedRow],
) -> Iterator[SourceRow]:
    """Change the masks of accepted rows, and leave some out; both are taken down.

    `first_rows` holds the number of the first row with each mask of each image.
    """
    for row in rows:
        if not row.dialect.is_table:
            yield row
            continue
        image = images[row.image]
        place = row.path, row.line, row.image
        if hygiene.fill_holes or hygiene.keep_largest_part:
            runs, changes = clean(
                row.runs,
                image.height,
                image.width,
                row.dialect.order,
                fill_holes=hygiene.fill_holes,
                keep_largest_part=hygiene.keep_largest_part,
            )
            changed += [ChangedRow(*place, change) for change in changes]
            row = row._replace(runs=runs)
        size = area(row.runs)
        if size < hygiene.min_area:
            reason = f"its {size} pixels are fewer than `min_area`, {hygiene.min_area}"
            left_out.append(RejectedRow(*place, reason))
            continue
        if hygiene.drop_duplicates:
            mask = image.image_id, digest_of_mask(row.runs, row.dialect.order)
            first = first_rows.setdefault(mask, row.number)
            if first != row.number:
                reason = f"it has the mask of annotation {first} again"
                left_out.append(RejectedRow(*place, reason))
                continue
        yield row


def _problem(row: SourceRow, categories: Collection[str] | None) -> str:
    """Say what is wrong with the fields of a row other than the runs; "" if nothing."""
    if row.problem:
        return row.problem
    if not row.image:
        return "the image has no id"
    if row.has_mask and not row.category:
        return "the category is empty"
    if row.has_mask and categories is not None and row.category not in categories:
        return f"the category {row.category!r} is not one of `categories`"
    if (
        row.has_mask
        and row.attribute_ids
        and not _ATTRIBUTE_IDS.fullmatch(row.attribute_ids)
    ):
        return f"the attributes {row.attribute_ids} are no numbers between commas"
    return size_problem(row.width, row.height)


# Few sizes are in many rows.
@lru_cache
def size_problem(width: str, height: str) -> str:
    """Say what is wrong with the text of a size in pixels; "" if nothing."""
    for name, text in (("width", width), ("height", height)):
        if not (text.isascii() and text.isdigit() and text.strip("0")):
            return f"the {name} {text!r} is not a number of pixels"
        if len(text) > len(str(MAX_PIXELS)):
            return f"the {name} {text[:20]!r} is more than {MAX_PIXELS} pixels"
    if int(width) * int(height) > MAX_PIXELS:
        return f"{width}x{height} is more than {MAX_PIXELS} pixels, COCO's limit"
    return ""


def _contradiction(
    row: SourceRow, image: SourceImage | None, merge_sources: bool
) -> str:
    """Say where a row differs from what is known of its image; "" if nowhere."""
    if image is None:
        return ""
    difference = _difference(row, image)
    if row.path == image.path:
        return difference
    prefix = "set a `file_prefix` in the dialect of each file"
    if difference:
        two = f"{difference}; if these are two images of one name, {prefix}"
        return (
            two if merge_sources else f"the image stands in {image.path} as well: {two}"
        )
    if merge_sources:
        return ""
    return (
        f"the image stands in {image.path} as well; if the files are parts that belong"
        " together, and it is one image, set `merge_sources: true`; if these are two"
        f" images of one name, {prefix}"
    )


def _difference(row: SourceRow, image: SourceImage) -> str:
    """Say in what a row differs from what is known of its image; "" if in nothing."""
    said = f"what {where(image.line)} of {image.path} says of this image"
    if (int(row.width), int(row.height)) != (image.width, image.height):
        size = f"{image.width}x{image.height}"
        return f"the size {row.width}x{row.height} differs from {said}, {size}"
    if row.group != image.group:
        return f"the group {row.group!r} differs from {said}, {image.group!r}"
    if row.record and not row.has_mask and image.record:
        record, known = json.loads(_written(row)), json.loads(image.record)
        for key in {**known, **record}:
            # These are numbered anew.
            if key not in ("id", "license") and record.get(key) != known.get(key):
                return f"its {key!r} differs from what {image.record_path} says of it"
    return ""


def _left_out_with(row: SourceRow, rejected_records: set[tuple[str, str]]) -> str:
    """Say which record that a row refers to is left out; "" if none is."""
    for line in row.refers_to if rejected_records else ():
        if (row.path, line) in rejected_records:
            return line
    return ""


def _written(row: SourceRow) -> str:
    """The record of an image as it is written, but for its ids."""
    if not row.record:
        return ""
    return written_image(
        row.record, row.dialect.file_prefix, int(row.width), int(row.height)
    )


def _append_to_shards(
    rows: Sequence[SourceRow], images: dict[str, SourceImage], folder: Path
) -> None:
    lines_of_shard: dict[str, list[str]] = {}
    for source_id, rows_of_image in groupby(rows, lambda row: row.image):
        image = images[source_id]
        size, quoted_id = f"{image.height},{image.width}", _quoted(source_id)
        # By hand, since the csv module looks at each character of the runs.
        lines_of_shard.setdefault(image.shard, []).extend(
            f"{row.number},{image.image_id},{quoted_id},{_quoted(row.category)},{size},"
            f"{row.runs},{row.dialect.order if row.runs else ''},"
            f"{_quoted(row.record)},{_quoted(row.attribute_ids)}\n"
            for row in rows_of_image
        )
    for shard, lines in lines_of_shard.items():
        path = folder / f"{shard}.csv"
        _create_shard(path)
        with open_table(path, "a") as file:
            file.writelines(lines)


def _create_shard(path: Path) -> None:
    if not path.exists():
        with open_table(path, "w") as file:
            table_writer(file).writerow(ROW_COLUMNS)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _repeated(
    numbers: "array[int]", fingerprints: "array[int]"
) -> list[tuple[int, int]]:
    """Pair the rows that have the fingerprint of an earlier row with that row."""
    fingerprint = np.frombuffer(fingerprints, np.int64)
    order = np.argsort(fingerprint, kind="stable")
    same = np.flatnonzero(fingerprint[order[1:]] == fingerprint[order[:-1]])
    number = np.frombuffer(numbers, np.int64)
    pairs = zip(
        number[order[same + 1]].tolist(), number[order[same]].tolist(), strict=True
    )
    return sorted(pairs)
