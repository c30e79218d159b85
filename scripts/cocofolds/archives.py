"""Archives whose bytes depend on what is in them, not on when they were made."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from cocofolds.files import written_whole

# The first day that the format knows.
_DATE = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16
_UNIX = 3


def write_archive(path: str | Path, files: Mapping[str, str | Path]) -> None:
    """Pack files into a ZIP archive, in the order of their names.

    Parameters
    ----------
    path : str or Path
        Where the archive goes, whole or not at all.
    files : mapping of str to path
        The files by their names in the archive.
    """
    with written_whole(path) as file, ZipFile(file, "w") as archive:
        for name in sorted(files):
            entry = ZipInfo(name, _DATE)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = _READABLE
            entry.create_system = _UNIX
            with (
                open(files[name], "rb") as source,
                archive.open(entry, "w", force_zip64=True) as packed,
            ):
                shutil.copyfileobj(source, packed)
