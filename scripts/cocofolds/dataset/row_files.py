"""Where the rows of the shards are between `index` and the jobs that encode them.

A folder has a file of each shard, so that an edit changes those of its images alone. A
storage hands files from job to job, and no folders: there, the files are in an archive.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from cocofolds.archives import write_archive
from cocofolds.files import folder_written_whole, read_rows, read_table


@contextmanager
def rows_written_whole(path: str) -> Iterator[Path]:
    """Make a folder for the rows of all shards, kept at `path` when all went well.

    Parameters
    ----------
    path : str
        A folder, or an archive if it ends in .zip.

    Yields
    ------
    Path
        Gets the file of each shard, {shard}.csv.
    """
    if not path.endswith(".zip"):
        with folder_written_whole(path) as folder:
            yield folder
        return
    parent = Path(path).parent
    parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=parent) as name:
        yield Path(name)
        write_archive(path, {file.name: file for file in Path(name).iterdir()})


def rows_of_shard(path: str, shard: str) -> Iterator[dict[str, str]]:
    """Read the rows of a shard from its file, or from the archive of all."""
    if not path.endswith(".zip"):
        yield from read_table(path)
        return
    with (
        ZipFile(path) as archive,
        io.TextIOWrapper(archive.open(f"{shard}.csv"), "utf-8", newline="") as file,
    ):
        yield from read_rows(file)
