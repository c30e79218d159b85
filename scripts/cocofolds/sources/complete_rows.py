"""The rows of the source, with what image files add: sizes, and images of no row."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from cocofolds.sources.image_files import Files
from cocofolds.sources.image_sizes import look_for_unsized_images, measure, read_sizes
from cocofolds.sources.reading import read_source
from cocofolds.sources.records import Source, SourceFile, SourceRow, TableRow
from cocofolds.sources.unlisted_images import with_unlisted_images


class Sizes(NamedTuple):
    """The sizes of images of tables that do not say them.

    Attributes
    ----------
    found : dict of str to str
        The file of each image, as a path from the folder of images.
    sizes : dict of str to (width, height)
        In pixels.
    problems : dict of str to str
        Of each other image, why its size is not known.
    """

    found: dict[str, str]
    sizes: dict[str, tuple[int, int]]
    problems: dict[str, str]


def read_missing_sizes(
    source: Source, image_files: Files | None, file_name: str | None
) -> Sizes:
    """Read from image files the sizes that tables do not say.

    Parameters
    ----------
    source : Source
    image_files : Files or None
        Those of the folder of images.
    file_name : str or None
        The pattern of file names; None for that of each dialect.

    Raises
    ------
    InputError
        If no folder is given.
    """
    found, not_found = look_for_unsized_images(source, image_files, file_name)
    folder = image_files.folder if image_files else ""
    paths = {image: Path(folder, path) for image, path in found.items()}
    sizes, not_readable = read_sizes(paths)
    return Sizes(found, sizes, {**not_found, **not_readable})


def read_complete_rows(
    source: Source,
    files: list[SourceFile],
    image_files: Files | None,
    sizes: Sizes,
    unlisted: bool,
    file_name: str | None,
) -> Iterator[SourceRow]:
    """Read the rows of all files, with the sizes of their images.

    Parameters
    ----------
    source : Source
    files : list of SourceFile
        Gets an entry for each file as soon as all of it has been read.
    image_files : Files or None
        Those of the folder of images.
    sizes : Sizes
    unlisted : bool
        Whether to add a row for each image file that no row names.
    file_name : str or None
        The pattern of file names; None for that of each dialect.

    Yields
    ------
    SourceRow

    Raises
    ------
    InputError
        As `read_source`.
    """
    folder = image_files.folder if image_files else None
    rows = read_source(source, files, partial(measure, folder))
    if sizes.sizes or sizes.problems:
        rows = (
            with_size(row, sizes)
            if isinstance(row, TableRow) and not row.dialect.has_sizes
            else row
            for row in rows
        )
    if unlisted and image_files:
        rows = with_unlisted_images(rows, image_files, source, file_name)
    return rows


def with_size(row: TableRow, sizes: Sizes) -> TableRow:
    """Give a row the size that its image has, or what is wrong with its image."""
    width, height = sizes.sizes.get(row.image, ("", ""))
    problem = sizes.problems.get(row.image, "") or row.problem
    return row._replace(width=str(width), height=str(height), problem=problem)
