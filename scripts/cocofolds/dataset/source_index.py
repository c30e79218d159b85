"""Read the source, and make the tables of it that all other steps begin with."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from logging import Logger
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

from cocofolds.dataset.duplicates import look_alike_messages
from cocofolds.dataset.exclusions import Exclusions
from cocofolds.dataset.index import Index, IndexSettings, index_source
from cocofolds.dataset.namesakes import namesake_messages
from cocofolds.dataset.pixel_order import wrong_order_message
from cocofolds.dataset.rejection import (
    REJECTED_COLUMNS,
    ChangedRow,
    rejection_message,
)
from cocofolds.dataset.repetitions import repetition_message
from cocofolds.dataset.tables import (
    IMAGE_COLUMNS,
    Head,
    category_names,
    category_rows,
    found_names,
    head_of,
    image_rows,
)
from cocofolds.errors import InputError, first_named
from cocofolds.files import written_whole
from cocofolds.job import followed
from cocofolds.settings import Numbering
from cocofolds.sources.complete_rows import (
    Sizes,
    read_complete_rows,
    read_missing_sizes,
)
from cocofolds.sources.digests import digests_as_read, unchanged_while_read
from cocofolds.sources.empty_masks import advice
from cocofolds.sources.file_names import (
    missing_message,
    names_where_found,
    pattern_and_id,
    wildcards_message,
)
from cocofolds.sources.image_files import (
    Files,
    file_name_of,
    has_wildcards,
    images_message,
    list_files,
)
from cocofolds.sources.records import (
    Dialect,
    Source,
    SourceFile,
    without_categories,
)
from cocofolds.sources.unlisted_images import left_out_message, unlisted_images
from cocofolds.sources.untrusted_files import share_read

Said = TypeVar("Said")


class SourceSettings(NamedTuple):
    """What the settings say of the source, besides its dialects.

    Attributes
    ----------
    indexing : IndexSettings
    images_dir : str or None
        The folder of the image files.
    file_name : str or None
        The pattern of file names; None for that of each dialect.
    unlisted_images : {"leave_out", "include"}
        What becomes of image files that no row names.
    on_invalid : {"error", "skip"}
        What becomes of rows that are not masks.
    check_order : bool
        Whether masks that do not hang together are an error.
    numbering : Numbering
    """

    indexing: IndexSettings
    images_dir: str | None
    file_name: str | None
    unlisted_images: Literal["leave_out", "include"]
    on_invalid: Literal["error", "skip"]
    check_order: bool
    numbering: Numbering


class Tables(NamedTuple):
    """What is written of a source, besides its annotations and shards.

    Attributes
    ----------
    images, categories : sequence of tuple
        Rows of `IMAGE_COLUMNS` and `CATEGORY_COLUMNS` of `cocofolds.dataset.tables`.
    rejected, changed : sequence of tuple
        Rows of `REJECTED_COLUMNS` and `CHANGED_COLUMNS` of
        `cocofolds.dataset.rejection`.
    source : dict
        What is known of its files.
    summary : str
        How much there is, in a few words.
    """

    images: Sequence[tuple[Any, ...]]
    categories: Sequence[tuple[Any, ...]]
    rejected: Sequence[tuple[Any, ...]]
    changed: Sequence[ChangedRow]
    source: dict[str, Any]
    summary: str


def make_index(
    source: Source,
    settings: SourceSettings,
    shards: Path,
    annotations: str,
    logger: Logger,
) -> Tables:
    """Number and check the rows of a source, and write its annotations and shards.

    Parameters
    ----------
    source : Source
    settings : SourceSettings
    shards : Path
        The folder that gets one table for each shard.
    annotations : str
        The file that gets the table of all annotations.
    logger : Logger
        Gets a warning of each thing that a user should know of the source.

    Raises
    ------
    InputError
        If something is wrong with the source, or with how the settings say to read it.
    """
    image_files = _image_files(source, settings, logger)
    sizes = read_missing_sizes(source, image_files, settings.file_name)
    problems = _of_kept_images(sizes.problems, source, settings)
    if problems and settings.on_invalid == "error":
        raise InputError(
            f"{images_message(problems)} `on_invalid: skip` leaves them out."
        )
    files: list[SourceFile] = []
    rows = read_complete_rows(
        source,
        files,
        image_files,
        sizes,
        settings.unlisted_images == "include",
        settings.file_name,
    )
    share = partial(share_read, source.paths, source.opened)
    with written_whole(annotations) as table, unchanged_while_read(source.paths):
        index = index_source(
            followed(rows, logger, "rows", share=share),
            settings.indexing,
            shards,
            table,
        )
        _refuse(index, source, settings)
    _refuse_unknown_exclusions(index, files)
    files = without_categories(files, source.exclude_categories)
    head = head_of(files, settings.numbering)
    for message in _messages(index, source, files, head, settings):
        logger.warning("%s", message)
    names = category_names(
        index, files, settings.indexing.categories, settings.numbering
    )
    images = _images(index, names, head, source, settings, image_files, sizes, logger)
    same_looks = look_alike_messages(
        {
            "image ids": index.images,
            "categories": names,
            "groups": (image.group for image in index.images.values()),
            "file names": (row[IMAGE_COLUMNS.index("file_name")] for row in images),
        }
    )
    for message in [*namesake_messages(index, images), *same_looks]:
        logger.warning("%s", message)
    if index.left_out or index.changed:
        logger.warning(
            "%d rows are left out by the settings, and %d masks are changed:"
            " rejected.csv and changed.csv in the folder of results list them.",
            len(index.left_out),
            len({row[:2] for row in index.changed}),
        )
    rejected = index.rejected + index.left_out
    return Tables(
        images,
        [*category_rows(names, files, settings.numbering)],
        [row[: len(REJECTED_COLUMNS)] for row in rejected],
        index.changed,
        {
            "sources": head.sources,
            "digests": digests_as_read(files),
            "numbers": [[file.numbers.start, file.numbers.stop] for file in files],
            "members": head.members,
        },
        f"{index.n_annotations} annotations of {len(index.images)} images in"
        f" {len(names)} categories",
    )


def _image_files(
    source: Source, settings: SourceSettings, logger: Logger
) -> Files | None:
    """List the files in the folder of images; None without one."""
    folder = settings.images_dir
    if folder is None:
        return None
    # A folder that is not there is an error only where files of it are needed.
    has_sizes = all(dialect.has_sizes for dialect in source.dialects)
    if settings.unlisted_images == "include" or not has_sizes or Path(folder).is_dir():
        return list_files(folder)
    logger.warning(
        "%s: there is no such folder, so no image file is looked for. Set `images_dir`"
        " to one, or to null.",
        folder,
    )
    return None


def _refuse(index: Index, source: Source, settings: SourceSettings) -> None:
    """Raise an error if the settings do not allow what the index has found."""
    wrong_order = wrong_order_message(index.order_votes, source)
    if settings.check_order and wrong_order:
        raise InputError(wrong_order)
    if index.rejected and settings.on_invalid == "error":
        raise InputError(_rejection(index, settings))
    if not index.images:
        raise InputError(f"{rejection_message(index.rejected)}\nNo image is left.")


def _of_kept_images(
    said: Mapping[str, Said], source: Source, settings: SourceSettings
) -> dict[str, Said]:
    """Take what is said of images of tables that the settings do not leave out."""
    exclusions = Exclusions(settings.indexing.exclude_images, ())
    prefixes = {dialect.file_prefix for dialect in source.dialects}
    return {
        image: what
        for image, what in said.items()
        if not exclusions.names_of(image, prefixes)
    }


def _refuse_unknown_exclusions(index: Index, files: Sequence[SourceFile]) -> None:
    """Raise an error if something is to be left out that is not there."""
    listed = {name for file in files for name in file.categories}
    for what, names in (
        ("images", index.unknown_images),
        ("categories", [n for n in index.unknown_categories if n not in listed]),
    ):
        if names:
            raise InputError(
                f"config: exclude_{what}: the annotations have no such {what}:"
                f" {', '.join(first_named(names, repr))}."
            )


def _rejection(index: Index, settings: SourceSettings) -> str:
    """Name the first rows that are not masks, and say what to do about them."""
    reasons = [(row.image, row.reason) for row in index.rejected]
    to_do = advice(reasons, index.images, settings.on_invalid == "skip")
    return f"{rejection_message(index.rejected)}\n{to_do}"


def _messages(
    index: Index,
    source: Source,
    files: Sequence[SourceFile],
    head: Head,
    settings: SourceSettings,
) -> Iterator[str]:
    """Say what a user should know of the rows, files and categories of a source."""
    if index.rejected:
        yield _rejection(index, settings)
    if index.repeated:
        yield f"{repetition_message(index.repeated)}\nThey are kept."
    for file, dialect in zip(files, source.dialects, strict=True):
        if file.n_reaching_out:
            yield (
                f"{file.path}: {file.n_reaching_out} boxes reach out of their images by"
                f" more than a pixel, such as those of {', '.join(file.reaching_out)}."
                " They are kept."
            )
        if dialect.is_table and not dialect.separator and file.separator != ",":
            yield f"{file.path}: the fields are separated by {file.separator!r}."
    if head.left_out:
        yield (
            "Left out of the COCO JSON, which is not the only source:"
            f" {', '.join(head.left_out)}."
        )
    unused = {*source.rename_categories.values()} - found_names(index, files)
    if unused:
        yield (
            "rename_categories: no category of the annotations became"
            f" {', '.join(map(repr, sorted(unused)))}."
        )


def _images(
    index: Index,
    names: Sequence[str],
    head: Head,
    source: Source,
    settings: SourceSettings,
    image_files: Files | None,
    sizes: Sizes,
    logger: Logger,
) -> list[tuple[Any, ...]]:
    """List the images as rows of `IMAGE_COLUMNS`, named after their files."""

    def file_name(source_id: str, dialect: Dialect) -> str:
        return file_name_of(
            *pattern_and_id(source_id, dialect, source, settings.file_name)
        )

    images = [
        *image_rows(index, names, file_name, settings.numbering, head.new_license_ids)
    ]
    patterns = {
        source_id: pattern_and_id(source_id, image.dialect, source, settings.file_name)
        for source_id, image in index.images.items()
        if not image.record
    }
    if not image_files:
        for pattern, _ in patterns.values():
            if has_wildcards(pattern):
                raise InputError(
                    wildcards_message(pattern, "no folder of images is given")
                )
        return images
    named, found, missing = names_where_found(
        {row[1]: row[2] for row in images},
        patterns,
        image_files,
        sizes.found,
        settings.file_name,
    )
    if missing:
        logger.warning("%s", missing_message(missing, len(images)))
    if settings.unlisted_images != "include":
        unlisted = unlisted_images(
            image_files, found, _dialects(index, source), source, settings.file_name
        )
        if unlisted := _of_kept_images(unlisted, source, settings):
            logger.warning("%s", left_out_message(unlisted, image_files.folder))
    return [(*row[:2], named[row[1]], *row[3:]) for row in images]


def _dialects(index: Index, source: Source) -> Mapping[str, Dialect]:
    """Tell the dialect of each image that a row names, rejected ones included."""
    of_path = dict(zip(source.paths, source.dialects, strict=True))
    named = {row.image: of_path[row.file] for row in index.rejected if row.image}
    return named | {name: image.dialect for name, image in index.images.items()}
