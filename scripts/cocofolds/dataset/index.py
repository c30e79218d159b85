"""Number the rows and images of the source, check them, and cut them into shards."""

from collections.abc import Collection, Iterable, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, NamedTuple

from cocofolds.dataset.cleaning import Cleaning
from cocofolds.dataset.exclusions import Exclusions
from cocofolds.dataset.images import SourceImage
from cocofolds.dataset.numbering import SourceImages
from cocofolds.dataset.pixel_order import Votes, with_votes
from cocofolds.dataset.rejection import ChangedRow, RejectedRow, rejection_message
from cocofolds.dataset.repetitions import Repetitions
from cocofolds.dataset.shards import append_to_shards, create_shard
from cocofolds.dataset.validation import validated
from cocofolds.errors import InputError
from cocofolds.files import table_writer
from cocofolds.masks.cleaning import Hygiene
from cocofolds.masks.run_lengths import in_batches
from cocofolds.settings import ImagesPerShard
from cocofolds.sources.records import (
    AnnotationRow,
    SourceRow,
    is_annotation,
    n_characters,
)

# Rows that are not masks in a table that is taken for one.
_MOST_REJECTED = 10**6


class IndexSettings(NamedTuple):
    """How to index a source.

    Attributes
    ----------
    categories : sequence of str, or None
        The categories there may be; None for any.
    images_per_shard : int or "auto"
        See `cocofolds.dataset.shards.shard_of`.
    merge_sources : bool
        Whether an image may have rows in several files.
    hygiene : Hygiene
        What is done to masks of tables that are valid.
    exclude_images, exclude_categories : collection of str
        See `cocofolds.dataset.exclusions.Exclusions`.
    """

    categories: Sequence[str] | None = None
    images_per_shard: ImagesPerShard = "auto"
    merge_sources: bool = False
    hygiene: Hygiene = Hygiene()
    exclude_images: Collection[str] = ()
    exclude_categories: Collection[str] = ()


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
        Rows that the settings leave out.
    changed : list of ChangedRow
        Masks that `hygiene` has changed.
    repeated : list of (int, int)
        Row numbers: a row, and an earlier one with the same image, category and mask.
    order_votes : mapping of str to (int, int)
        For each table, the masks that look numbered along the rows, and down the
        columns; some thousands have been asked.
    unknown_images, unknown_categories : list of str
        What the settings leave out and no row has.
    """

    images: dict[str, SourceImage]
    n_annotations: int
    rejected: list[RejectedRow]
    left_out: list[RejectedRow]
    changed: list[ChangedRow]
    repeated: list[tuple[int, int]]
    order_votes: Votes
    unknown_images: list[str]
    unknown_categories: list[str]


def index_source(
    rows: Iterable[SourceRow],
    settings: IndexSettings,
    folder: Path,
    annotations: BinaryIO,
) -> Index:
    """Check the rows of the source and write those that are masks to shards.

    Parameters
    ----------
    rows : iterable of SourceRow
        Read once, in batches.
    settings : IndexSettings
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
    images = SourceImages(settings.images_per_shard, settings.merge_sources)
    cleaning, repetitions = Cleaning(settings.hygiene), Repetitions()
    rejected: list[RejectedRow] = []
    votes: Votes = {}
    n_annotations = 0
    categories = settings.categories and frozenset(settings.categories)
    exclusions = Exclusions(settings.exclude_images, settings.exclude_categories)
    for batch in in_batches(rows, n_characters):
        masks: list[AnnotationRow] = []
        for row in batch:
            images.count(row)
        kept_rows = exclusions.applied(batch)
        for row, problem in zip(*validated(kept_rows, categories), strict=True):
            if rejection := images.add(row, problem):
                rejected.append(rejection)
            elif is_annotation(row):
                masks.append(row)
        if len(rejected) > _MOST_REJECTED:
            raise InputError(
                f"{rejection_message(rejected)}\nThe rest is not read. Check `dialect`."
            )
        votes = with_votes(votes, masks)
        kept = cleaning.clean(masks, images.accepted)
        lines = []
        for row in kept:
            image = images.accepted[row.image]
            image.categories[row.category] += 1
            lines.append((row.number, image.image_id, row.category))
        annotation_table.writerows(lines)
        n_annotations += len(kept)
        repetitions.add(kept)
        append_to_shards(kept, images.accepted, folder)
    text.detach()
    for shard in {image.shard for image in images.accepted.values()}:
        create_shard(folder / f"{shard}.csv")
    return Index(
        images.accepted,
        n_annotations,
        rejected,
        exclusions.left_out + cleaning.left_out,
        cleaning.changed,
        repetitions.found(),
        votes,
        exclusions.unknown_images,
        exclusions.unknown_categories,
    )
