"""Look independently at the whole data set.

Of what made the file, this shares the reader of the source and the list of rows that
were left out. Ids, sizes, groups and run lengths are taken from the source once more,
and masks are read by pycocotools. Records of a COCO JSON are parsed and compared.
"""

import json
import random
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from cocofolds.checks.whole_set import (
    Contents,
    Record,
    WholeSet,
    fingerprint,
    open_coco,
    read_record,
    without,
)
from cocofolds.errors import CheckError
from cocofolds.settings import ImageIds, Numbering
from cocofolds.sources.image_records import written_image
from cocofolds.sources.records import (
    AnnotationRecord,
    AnnotationRow,
    Dialect,
    ImageRecord,
    SourceFile,
    SourceRow,
    TableRow,
    is_annotation,
    where,
)

# Rows that are compared with their annotations at a time.
_BATCH = 500

_SAMPLE = 200
# A mask that is drawn takes a byte a pixel.
_LARGEST_DRAWN = 2**26


class Compared(NamedTuple):
    """What the source says of the annotations and images of the whole set.

    Attributes
    ----------
    numbers : (n_annotations,) int64
        The number of the row of each annotation.
    groups : dict of str to str
        The group of each image, by its id.
    category_names : set of str
        Those of the annotations.
    of_tables : dict of str to (str, Dialect)
        By the id of each image that has no record of its own: its id in the source, and
        the dialect of the table that names it first.
    n_drawn : int
        Masks that were compared pixel by pixel.
    n_changed : int
        Masks that are not those of their rows, as the settings want it.
    """

    numbers: NDArray[np.int64]
    groups: dict[str, str]
    category_names: set[str]
    of_tables: dict[str, tuple[str, Dialect]]
    n_drawn: int
    n_changed: int


def compare_with_source(
    whole: WholeSet,
    contents: Contents,
    rows: Iterable[SourceRow],
    rejected: Collection[tuple[str, str]],
    changed: Collection[tuple[str, str]],
    image_ids: ImageIds,
    numbering: Numbering,
) -> Compared:
    """Check that the whole set is what the source says, no less and no more.

    Parameters
    ----------
    whole : WholeSet
    contents : Contents
        Of the same file.
    rows : iterable of SourceRow
    rejected : collection of (str, str)
        File and line of each row that is left out.
    changed : collection of (str, str)
        File and line of each row whose mask is not that of the source any more.
    image_ids : {"integer", "source"}
        Which ids images should have.
    numbering : Numbering
        Which ids records of a COCO JSON should not have from there.

    Raises
    ------
    CheckError
        If an annotation differs from its row in image, size, category, area or, for a
        seeded sample, in a pixel; if a record is not what it was; or if rows or
        annotations are missing.
    """
    comparison = _Comparison(whole, contents, image_ids, numbering)
    try:
        for row in rows:
            place = row.path, str(row.line)
            if place in rejected:
                comparison.leave_out(row)
            else:
                comparison.compare(row, is_changed=place in changed)
    except CheckError:
        # What is wrong with a row before comes first.
        comparison.compare_pending()
        raise
    return comparison.result()


class _Comparison:
    """The rows of a source, one after the other, beside what was made of them.

    Annotations are image by image, those of an image in the order of the source. So of
    each image it is known which annotation is next.
    """

    def __init__(
        self,
        whole: WholeSet,
        contents: Contents,
        image_ids: ImageIds,
        numbering: Numbering,
    ) -> None:
        if (np.diff(whole.image_positions) < 0).any():
            raise CheckError(f"{whole.path}: the annotations are not in order.")
        self._whole, self._contents = whole, contents
        self._image_ids, self._numbering = image_ids, numbering
        self._positions = {str(image["id"]): n for n, image in enumerate(whole.images)}
        n_of_images = np.bincount(whole.image_positions, minlength=len(whole.images))
        self._ends = np.cumsum(n_of_images).tolist()
        self._next = [0, *self._ends][:-1]
        self._sample = _sample(whole)
        # Images by their id in the source, counted by first appearance.
        self._image_numbers: dict[str, int] = {}
        self._numbers = np.zeros(len(contents.ids), np.int64)
        # By the id of the image in the JSON.
        self._groups: dict[str, str] = {}
        self._groups_of_left_out: dict[str, str] = {}
        self._tables: dict[str, tuple[str, Dialect]] = {}
        self._tables_of_left_out: dict[str, tuple[str, Dialect]] = {}
        self._with_record: set[str] = set()
        self._category_names: set[str] = set()
        self._n_drawn = self._n_changed = 0
        # Rows of tables, the positions of their annotations, and whether these are
        # changed.
        self._pending: list[tuple[TableRow, int, bool]] = []

    def leave_out(self, row: SourceRow) -> None:
        """Take note of a row that has no annotation; its image may be kept."""
        image_id = self._image_id(row)
        if row.image and image_id in self._positions:
            self._groups_of_left_out.setdefault(image_id, row.group)
            self._tables_of_left_out.setdefault(image_id, (row.image, row.dialect))

    def compare(self, row: SourceRow, is_changed: bool) -> None:
        """Compare a row with its image, and with its annotation if it has a mask."""
        image_id = self._image_id(row)
        position = self._positions.get(image_id)
        if position is None:
            raise CheckError(f"{_where(row, self._whole)}: its image is missing.")
        self._groups[image_id] = row.group
        self._tables.setdefault(image_id, (row.image, row.dialect))
        if isinstance(row, TableRow):
            _compare_size(row, self._whole, position)
        elif isinstance(row, ImageRecord):
            number = self._image_numbers[row.image]
            _compare_image(row, self._whole, position, number, self._numbering)
            self._with_record.add(image_id)
        if is_annotation(row):
            self._compare_mask(row, position, is_changed)

    def _image_id(self, row: SourceRow) -> str:
        """Tell the id that the image of a row has in the JSON."""
        number = len(self._image_numbers) + 1
        if row.image:
            number = self._image_numbers.setdefault(row.image, number)
        return str(number) if self._image_ids == "integer" else row.image

    def _compare_mask(
        self, row: AnnotationRow, position: int, is_changed: bool
    ) -> None:
        """Compare a row with the next annotation of its image."""
        index = self._next[position]
        if index == self._ends[position]:
            raise CheckError(f"{_where(row, self._whole)}: it is missing.")
        self._next[position] += 1
        self._numbers[index] = row.number
        self._category_names.add(row.category)
        self._n_changed += is_changed
        if isinstance(row, TableRow):
            self._pending.append((row, index, is_changed))
            if len(self._pending) == _BATCH:
                self.compare_pending()
        else:
            _compare_record(row, self._whole, self._contents, index, self._numbering)
        if index in self._sample and not is_changed:
            _compare_closely(row, self._sample[index], self._numbering)
            self._n_drawn += isinstance(row, TableRow)

    def compare_pending(self) -> None:
        """Compare the rows of tables that wait for it with their annotations."""
        pending, self._pending = self._pending, []
        for position in _suspects(pending, self._whole, self._contents):
            row, index, is_changed = pending[position]
            _compare_row(row, self._whole, self._contents, index, is_changed)

    def result(self) -> Compared:
        """Say what was compared, once no row and no annotation is left."""
        self.compare_pending()
        whole, n_annotations = self._whole, len(self._contents.ids)
        groups = self._groups_of_left_out | self._groups
        if self._next != self._ends or len(groups) != len(whole.images):
            raise CheckError(
                f"{whole.path} has {n_annotations} annotations of {len(whole.images)}"
                f" images, the source {np.count_nonzero(self._numbers)} of"
                f" {len(groups)}."
            )
        tables = self._tables_of_left_out | self._tables
        return Compared(
            self._numbers,
            groups,
            self._category_names,
            {i: image for i, image in tables.items() if i not in self._with_record},
            self._n_drawn,
            self._n_changed,
        )


def _suspects(
    pending: Sequence[tuple[TableRow, int, bool]], whole: WholeSet, contents: Contents
) -> list[int]:
    """Find the rows that may differ from their annotations in number, category or area.

    All of them, if a text has more than digits with single blanks.
    """
    if not pending:
        return []
    rows, indices, changed = zip(*pending, strict=True)
    areas = _areas_of([row.runs for row in rows])
    if areas is None:
        return list(range(len(rows)))
    found = np.array(indices)
    names = [category["name"] for category in whole.categories]
    categories = whole.category_positions[found].tolist()
    differs = np.array([row.number for row in rows]) != contents.ids[found]
    differs |= (areas != whole.areas[found]) & ~np.array(changed)
    differs |= [
        row.category != names[position]
        for row, position in zip(rows, categories, strict=True)
    ]
    suspects: list[int] = np.flatnonzero(differs).tolist()
    return suspects


def _areas_of(texts: Sequence[str]) -> NDArray[np.int64] | None:
    """Sum up the lengths of runs; None if a text has more than numbers in pairs."""
    joined = " ".join(texts)
    others = joined.encode("ascii", "replace").translate(None, b"0123456789 ")
    counts = np.array([text.count(" ") + 1 for text in texts])
    if others or "  " in f" {joined} " or (counts % 2).any():
        return None
    lengths = np.fromstring(joined, np.int64, sep=" ")[1::2]
    return np.add.reduceat(lengths, (np.cumsum(counts) - counts) // 2)


def _compare_row(
    row: TableRow, whole: WholeSet, contents: Contents, index: int, is_changed: bool
) -> None:
    """Compare a row of a table with the annotation that was made of it."""
    _compare_number(row, whole, contents, index)
    area = int(whole.areas[index])
    expected = (
        row.category,
        area if is_changed else sum(map(int, row.runs.split()[1::2])),
    )
    written = whole.categories[whole.category_positions[index]]["name"], area
    if expected != written:
        raise CheckError(
            f"{_where(row, whole)}: expected {expected}, but found {written}:"
            " category, area."
        )


def _compare_size(row: TableRow, whole: WholeSet, image_position: int) -> None:
    """Compare the size of an image of a table with that in a row of it."""
    image = whole.images[image_position]
    written = image["width"], image["height"]
    if (int(row.width), int(row.height)) != written:
        raise CheckError(
            f"{_where(row, whole)}: expected {row.width}x{row.height} pixels, but found"
            f" {written[0]}x{written[1]}."
        )


def _compare_number(
    row: AnnotationRow, whole: WholeSet, contents: Contents, index: int
) -> None:
    if row.number != contents.ids[index]:
        raise CheckError(
            f"{_where(row, whole)}: annotation {contents.ids[index]} is in its place."
        )


def _compare_record(
    row: AnnotationRecord,
    whole: WholeSet,
    contents: Contents,
    index: int,
    numbering: Numbering,
) -> None:
    """Compare a record of a COCO JSON with what it has become."""
    if numbering.annotations == "renumber":
        _compare_number(row, whole, contents, index)
    category = whole.categories[whole.category_positions[index]]
    if fingerprint(row.record, numbering.new_keys) != contents.fingerprints[index] or (
        numbering.categories == "renumber" and row.category != category["name"]
    ):
        raise CheckError(f"{_where(row, whole)}: the record is not what it was.")


def _compare_closely(
    row: AnnotationRow, annotation: Record, numbering: Numbering
) -> None:
    """Compare every pixel of a mask, or every value of a record."""
    if isinstance(row, AnnotationRecord):
        expected = without(read_record(row.record), numbering.new_keys)
        is_same = without(annotation, numbering.new_keys) == expected
    else:
        segmentation = annotation["segmentation"]
        height, width = segmentation["size"]
        pixels = draw(row.runs, height, width, row.dialect)
        attribute_ids = json.loads(row.attribute_ids or "null")
        is_same = annotation.get("attribute_ids") == attribute_ids and np.array_equal(
            coco_mask.decode(segmentation), pixels
        )
    if not is_same:
        raise CheckError(
            f"{row.path}, {where(row.line)}: annotation {row.number} is another mask,"
            " or has other values."
        )


def _compare_image(
    row: ImageRecord,
    whole: WholeSet,
    image_position: int,
    number: int,
    numbering: Numbering,
) -> None:
    """Compare the record of an image with what it has become."""
    written = whole.images[image_position]
    # Where the source has no sizes, they are those of the image files.
    size = (
        int(row.width or written["width"]),
        int(row.height or written["height"]),
    )
    expected = read_record(written_image(row.record, row.dialect.file_prefix, *size))
    if numbering.images == "renumber":
        expected["id"] = number
        expected, written = (
            without(expected, ["license"]),
            without(written, ["license"]),
        )
    if expected != written:
        raise CheckError(f"{_where(row, whole)}: the record is not what it was.")


def compare_categories(
    whole: WholeSet,
    names: Collection[str],
    categories: Sequence[str] | None,
) -> None:
    """Check that categories are numbered from 1, in the order that the settings say.

    Parameters
    ----------
    whole : WholeSet
    names : collection of str
        Those of the annotations, and those that a COCO JSON lists.
    categories : sequence of str, or None
        As the settings list them; None for all names, sorted.

    Raises
    ------
    CheckError
    """
    expected = [*enumerate(categories or sorted(names), 1)]
    found = [(category["id"], category["name"]) for category in whole.categories]
    if found != expected:
        differing = [pair for pair in found if pair not in expected] or found
        raise CheckError(
            f"{whole.path}: its categories are not those of the source, such as"
            f" {differing[0][1]!r} with the id {differing[0][0]}."
        )


def compare_heads(
    whole: WholeSet, files: Sequence[SourceFile], numbering: Numbering
) -> None:
    """Check that what else is in a COCO JSON was carried over.

    Parameters
    ----------
    whole : WholeSet
    files : sequence of SourceFile
        Those of the source.
    numbering : Numbering

    Raises
    ------
    CheckError
    """
    records = {n: text for f in reversed(files) for n, text in f.categories.items()}
    if numbering.categories == "renumber":
        expected = {
            name: without(read_record(text), ["id", "name"])
            for name, text in records.items()
        }
        for category in whole.categories:
            its_record = without(category, ["id", "name"])
            if its_record != expected.get(category["name"], {}):
                raise CheckError(
                    f"{whole.path}: the category {category['name']!r} is not what it"
                    " was."
                )
    elif whole.categories != [*map(read_record, records.values())]:
        raise CheckError(f"{whole.path}: the categories are not what they were.")
    if numbering.images == "keep":
        for key, text in files[0].members.items():
            member, found = read_record(text), whole.head.get(key, {})
            if key == "info":
                member, found = (without(r, ["cocofolds"]) for r in (member, found))
            if member != found:
                raise CheckError(f"{whole.path}: {key!r} is not what it was.")


def compare_groups(
    whole: WholeSet,
    groups: Mapping[str, str],
    images: Iterable[Mapping[str, str]],
) -> None:
    """Check that `images.csv` lists the images of the whole set with their groups.

    Parameters
    ----------
    whole : WholeSet
    groups : mapping
        The group of each image in the source, by its id.
    images : iterable of mapping
        The rows of `images.csv`.

    Raises
    ------
    CheckError
    """
    expected = [groups[str(image["id"])] for image in whole.images]
    if [row["group"] for row in images] != expected:
        raise CheckError("images.csv: the groups are not those of the source.")


@contextmanager
def what_to_delete(whole_path: str) -> Iterator[None]:
    """Add to a failed check which files to delete, so that they are made again."""
    try:
        yield
    except CheckError as error:
        folder = Path(whole_path).parent
        raise CheckError(
            f"{error}\nDelete {folder}/index, {folder}/shards and {whole_path}, then"
            " give the same command again: they are made again. If you see this once"
            " more, it is a defect in cocofolds: please report it."
        ) from None


def _where(row: SourceRow, whole: WholeSet) -> str:
    return (
        f"{row.path}, {where(row.line)}, against annotation {row.number} of"
        f" {whole.path}"
    )


def _sample(whole: WholeSet) -> dict[int, Record]:
    """Choose annotations on images that are small enough to draw, by their places."""
    small = np.array(
        [image["width"] * image["height"] <= _LARGEST_DRAWN for image in whole.images]
    )
    candidates = np.flatnonzero(small[whole.image_positions])
    n_chosen = min(_SAMPLE, len(candidates))
    chosen = random.Random(0).sample(range(len(candidates)), n_chosen)
    wanted = frozenset(candidates[chosen].tolist())
    with open_coco(whole.path) as (_, lines):
        return {
            place: read_record(line)
            for place, line in enumerate(lines)
            if place in wanted
        }


def draw(runs: str, height: int, width: int, dialect: Dialect) -> NDArray[np.uint8]:
    """Draw a run-length text plainly: (height, width) of 0 and 1."""
    pixels = np.zeros(height * width, np.uint8)
    numbers = [int(number) for number in runs.split()]
    position = 0
    for start, length in zip(numbers[0::2], numbers[1::2], strict=True):
        position = start + (position if dialect.runs == "relative" else 0)
        first = position - dialect.base
        pixels[first : first + length] = 1
        position += length
    if dialect.order == "row":
        return pixels.reshape(height, width)
    return pixels.reshape(width, height).T
