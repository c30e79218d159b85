"""Read the source: tables of run-length masks, COCO JSON, or some of each."""

from collections.abc import Iterator

from cocofolds.errors import InputError
from cocofolds.sources.coco import Measure, read_coco_source
from cocofolds.sources.records import Source, SourceFile, SourceRow
from cocofolds.sources.table import read_table_source


def read_source(
    source: Source,
    files: list[SourceFile] | None = None,
    measure: Measure | None = None,
) -> Iterator[SourceRow]:
    """Read the rows of all files, one after the other.

    Parameters
    ----------
    source : Source
        In UTF-8.
    files : list of SourceFile, optional
        Gets an entry for each file as soon as all of it has been read.
    measure : callable, optional
        Finds out how large the images are of which a COCO JSON does not say it. Without
        it, their sizes are empty.

    Yields
    ------
    SourceRow

    Raises
    ------
    InputError
        If a file is missing, empty, damaged, not UTF-8, or not what its dialect says.
    """
    files = [] if files is None else files
    next_number, is_empty = 1, True
    for path, dialect in zip(source.paths, source.dialects, strict=True):
        what = source, path, dialect, next_number, files
        rows = (
            read_table_source(*what)
            if dialect.is_table
            else read_coco_source(*what, measure)
        )
        for row in rows:
            yield row
            is_empty = False
        next_number = files[-1].numbers.stop
    if is_empty:
        raise InputError(f"{', '.join(source.paths)}: no rows below the header.")
