"""Look independently at the whole data set.

Of what made the file, this shares the reader of the source and the list of rows that
were left out. Ids, sizes, groups and run lengths are taken from the source once more,
and masks are read by pycocotools.
"""

import json
import random
from collections.abc import Collection, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from cocofolds.errors import CheckError
from cocofolds.settings import ImageIds
from cocofolds.source import Dialect, SourceRow
from cocofolds.whole_set import Record, WholeSet, finder, open_coco

_SAMPLE = 200
# A mask that is drawn takes a byte a pixel.
_LARGEST_DRAWN = 2**26


def compare_with_source(
    whole: WholeSet,
    rows: Iterable[SourceRow],
    rejected: Collection[tuple[str, int]],
    changed: Collection[tuple[str, int]],
    dialect: Dialect,
    image_ids: ImageIds,
) -> tuple[dict[int | str, str], int]:
    """Check that the whole set is what the source says, no less and no more.

    Parameters
    ----------
    whole : WholeSet
    rows : iterable of SourceRow
    rejected : collection of (str, int)
        File and line of each row that is left out.
    changed : collection of (str, int)
        File and line of each row whose mask is not that of the source any more.
    dialect : Dialect
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
    place_of = finder(whole.annotation_ids)
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
        if not row.has_mask:
            groups[number if image_ids == "integer" else row.image] = row.group
            continue
        n_rows += 1
        is_changed = (row.path, row.line) in changed
        place = place_of(row.number)
        if place < 0:
            raise CheckError(f"{_where(row, whole)}: it is missing.")
        image = whole.images[whole.image_places[place]]
        expected = (
            number if image_ids == "integer" else row.image,
            # Where the source has no sizes, they are those of the image files.
            int(row.width or image["width"]),
            int(row.height or image["height"]),
            row.category,
            whole.areas[place] if is_changed else sum(map(int, row.runs.split()[1::2])),
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
        if row.number in sample and not is_changed:
            segmentation = sample[row.number]
            pixels = draw(row.runs, image["height"], image["width"], dialect)
            if not np.array_equal(coco_mask.decode(segmentation), pixels):
                raise CheckError(f"{_where(row, whole)}: the masks differ.")
            n_compared += 1
    if n_rows != len(whole.annotation_ids) or len(groups) != len(whole.images):
        raise CheckError(
            f"{whole.path} has {len(whole.annotation_ids)} annotations of"
            f" {len(whole.images)} images, the source {n_rows} of {len(groups)}."
        )
    return groups, n_compared


def compare_groups(
    whole: WholeSet,
    groups: Mapping[int | str, str],
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
    expected = [groups[image["id"]] for image in whole.images]
    if [row["group"] for row in images] != expected:
        raise CheckError("images.csv: the groups are not those of the source.")


def _where(row: SourceRow, whole: WholeSet) -> str:
    return (
        f"{row.path}, line {row.line}, against annotation {row.number} of {whole.path}"
    )


def _sample(whole: WholeSet) -> dict[int, Record]:
    """Choose annotations on images that are small enough to draw: masks by id."""
    small = np.array(
        [image["width"] * image["height"] <= _LARGEST_DRAWN for image in whole.images]
    )
    candidates = np.flatnonzero(small[whole.image_places])
    n_chosen = min(_SAMPLE, len(candidates))
    chosen = random.Random(0).sample(range(len(candidates)), n_chosen)
    wanted = frozenset(candidates[chosen].tolist())
    with open_coco(whole.path) as (_, lines):
        records = [json.loads(line) for n, line in enumerate(lines) if n in wanted]
    return {record["id"]: record["segmentation"] for record in records}


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
