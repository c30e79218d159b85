"""Check the whole data set against the source that it was made of."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from logging import Logger
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cocofolds.checks.annotations import (
    Compared,
    compare_categories,
    compare_groups,
    compare_heads,
    compare_with_source,
    what_to_delete,
)
from cocofolds.checks.file_names import compare_file_names
from cocofolds.checks.whole_set import (
    Contents,
    WholeSet,
    compare_columns,
    read_whole_set,
)
from cocofolds.job import followed
from cocofolds.settings import ImageIds, Numbering
from cocofolds.sources.complete_rows import read_complete_rows, read_missing_sizes
from cocofolds.sources.digests import as_indexed
from cocofolds.sources.image_files import list_files
from cocofolds.sources.records import Source, SourceFile, without_categories


class Expected(NamedTuple):
    """What the settings say of the whole data set.

    Attributes
    ----------
    image_ids : {"integer", "source"}
    numbering : Numbering
    categories : sequence of str, or None
        In the order of their ids; None for all names, sorted.
    images_dir : str or None
        The folder of the image files.
    file_name : str or None
        The pattern of file names; None for that of each dialect.
    unlisted : bool
        Whether image files that no row names are images.
    """

    image_ids: ImageIds
    numbering: Numbering
    categories: Sequence[str] | None
    images_dir: str | None
    file_name: str | None
    unlisted: bool


class Indexed(NamedTuple):
    """What the index says that it has read, left out and changed.

    Attributes
    ----------
    source : mapping
        The content of `source.json`.
    rejected, changed : collection of (str, str)
        File and line of each row.
    images : iterable of mapping
        The rows of `images.csv`.
    """

    source: Mapping[str, Any]
    rejected: Collection[tuple[str, str]]
    changed: Collection[tuple[str, str]]
    images: Iterable[Mapping[str, str]]


def check_against_source(
    whole_path: str,
    columns_path: str,
    source: Source,
    indexed: Indexed,
    expected: Expected,
    logger: Logger,
) -> tuple[WholeSet, dict[str, int]]:
    """Check that the whole data set is what the source and the settings say.

    Parameters
    ----------
    whole_path, columns_path : str
    source : Source
    indexed : Indexed
    expected : Expected
    logger : Logger
        Is told of the progress.

    Returns
    -------
    whole : WholeSet
        With the numbers and groups that the source has.
    checks : dict of str to int
        What was checked, and on how many.

    Raises
    ------
    CheckError
    """
    numbers = [range(*ends) for ends in indexed.source["numbers"]]
    n_rows = sum(map(len, numbers))
    with (
        as_indexed(source.paths, indexed.source["digests"]),
        what_to_delete(whole_path),
    ):
        whole, contents = read_whole_set(
            whole_path,
            partial(_is_carried_over, _of_documents(source, numbers), expected),
            expected.numbering,
            partial(followed, logger=logger, unit="masks", total=n_rows),
        )
        compared = _compare(whole, contents, source, indexed, expected, n_rows, logger)
        # An image without a group is one by itself.
        groups = [
            compared.groups[str(image["id"])] or position
            for position, image in enumerate(whole.images)
        ]
        number_of = {group: n for n, group in enumerate(dict.fromkeys(groups))}
        whole = whole._replace(
            numbers=compared.numbers,
            groups=np.array([number_of[group] for group in groups], np.int32),
        )
        compare_columns(whole, columns_path)
    return whole, _counts(whole, contents, compared)


def _of_documents(source: Source, numbers: Sequence[range]) -> list[range]:
    """List the numbers of the annotations of each COCO JSON."""
    return [
        of_file
        for of_file, dialect in zip(numbers, source.dialects, strict=True)
        if not dialect.is_table
    ]


def _is_carried_over(
    of_documents: Sequence[range], expected: Expected, annotation_id: Any
) -> bool:
    """Tell by its id whether an annotation comes from a COCO JSON."""
    if expected.numbering.annotations == "keep":
        return True
    return any(annotation_id in ids for ids in of_documents)


def _compare(
    whole: WholeSet,
    contents: Contents,
    source: Source,
    indexed: Indexed,
    expected: Expected,
    n_rows: int,
    logger: Logger,
) -> Compared:
    """Compare all that is in the whole set with the source, which is read again."""
    files: list[SourceFile] = []
    folder, file_name = expected.images_dir, expected.file_name
    has_images = folder is not None and Path(folder).is_dir()
    image_files = list_files(folder) if folder and has_images else None
    sizes = read_missing_sizes(source, image_files, file_name)
    rows = read_complete_rows(
        source, files, image_files, sizes, expected.unlisted, file_name
    )
    compared = compare_with_source(
        whole,
        contents,
        followed(rows, logger, "rows", n_rows),
        indexed.rejected,
        indexed.changed,
        expected.image_ids,
        expected.numbering,
    )
    files = without_categories(files, source.exclude_categories)
    compare_heads(whole, files, expected.numbering)
    if expected.numbering.categories == "renumber":
        listed = (file.categories for file in files)
        names = compared.category_names.union(*listed)
        compare_categories(whole, names, expected.categories)
    compare_file_names(
        whole, compared.of_tables, source, image_files, sizes.found, file_name
    )
    compare_groups(whole, compared.groups, indexed.images)
    return compared


def _counts(whole: WholeSet, contents: Contents, compared: Compared) -> dict[str, int]:
    """Say what was checked, and on how many annotations or images."""
    n_carried_over = int((contents.fingerprints != 0).sum())
    n_made = len(contents.ids) - n_carried_over
    counts = {"images_in_their_group": len(whole.images)}
    if n_made:
        counts |= {
            "annotations_with_area_and_box_of_their_mask": n_made,
            "annotations_as_in_their_row": n_made - compared.n_changed,
            "masks_equal_in_every_pixel": compared.n_drawn,
        }
    if compared.n_changed:
        counts["masks_changed_as_the_settings_say"] = compared.n_changed
    if n_carried_over:
        counts["records_as_in_the_coco_json"] = n_carried_over
    return counts
