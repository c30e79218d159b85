"""Read the beginning of a file, and refuse what is neither a table nor a JSON."""

import codecs
import re
from pathlib import Path
from typing import Literal, NamedTuple

from cocofolds.errors import InputError
from cocofolds.sources.untrusted_files import open_source

#: Bytes of a file that are looked at, once it is unpacked.
MOST_BYTES = 2**25

_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"GIF8", b"BM", b"RIFF")
# How files of other kinds begin, what they are, and what to do.
_OTHERS = (
    (b"PK\x03\x04", "an Excel file, a .npz or another ZIP file. Save its table as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file. Save the table as CSV"),
    (b"PAR1", "a Parquet file. Write it as CSV: pandas.read_parquet(...).to_csv(...)"),
    (b"\x89HDF", "an HDF5 file. Write its annotations as CSV or COCO JSON"),
    (b"\x93NUMPY", "a NumPy file. Write its masks as CSV or COCO JSON"),
    (b"SQLite format 3", "a SQLite database. Write its table as CSV"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "compressed with gzip. Its name has to end in .gz"),
)
_UNICODE_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Head(NamedTuple):
    """The beginning of a file.

    Attributes
    ----------
    path : str
    text : str
        Decoded, without a byte order mark; of a file that is not whole, whole lines.
    is_whole : bool
    has_mark : bool
        Whether it begins with a byte order mark.
    kind : {"table", "json"}
    """

    path: str
    text: str
    is_whole: bool
    has_mark: bool
    kind: Literal["table", "json"]


def read_head(path: str) -> Head:
    """Read the beginning of a file of annotations.

    Parameters
    ----------
    path : str
        Plain, or compressed with gzip (`.gz`).

    Raises
    ------
    InputError
        If it is a folder, empty, or of a kind that cannot be read.
    """
    if Path(path).is_dir():
        raise InputError(
            f"{path}: this is a folder. Name the file of annotations in it. Folders of"
            " label images are not supported yet: write their masks as a CSV of"
            " run-length texts or as COCO JSON."
        )
    with open_source(path) as file:
        data = file.read(MOST_BYTES + 1)
    is_whole = len(data) <= MOST_BYTES
    _refuse_other_kinds(path, data)
    has_mark = data.startswith(codecs.BOM_UTF8)
    if not is_whole:
        # The last line is cut: it would be read as a row with fewer fields.
        data = data[: data.rfind(b"\n", 0, MOST_BYTES) + 1] or data[:MOST_BYTES]
    text = _decoded(path, data, is_whole)
    if not text.strip():
        raise InputError(f"{path}: the file is empty.")
    kind: Literal["table", "json"] = (
        "json" if re.match(r"\s*[\[{]", text[:1000]) else "table"
    )
    return Head(path, text, is_whole, has_mark, kind)


def _refuse_other_kinds(path: str, data: bytes) -> None:
    if data.startswith(_UNICODE_MARKS):
        raise InputError(
            f"{path}: the file is in UTF-16 or UTF-32. Save it as UTF-8:"
            " iconv -f UTF-16 -t UTF-8 OLD > NEW"
        )
    if data.startswith(_IMAGES):
        raise InputError(
            f"{path}: this is an image. Label images are not supported yet: name a"
            " table of run-length texts or a COCO JSON."
        )
    for beginning, what in _OTHERS:
        if data.startswith(beginning):
            raise InputError(f"{path}: this is {what}.")
    if b"\0" in data[:4096]:
        raise InputError(
            f"{path}: this is no text. Name a table (CSV) or a COCO JSON, in UTF-8."
        )
    if b"\r" in data[:65536] and b"\n" not in data:
        raise InputError(
            f"{path}: its lines end in carriage returns alone, as on old Macs. Save it"
            " with line feeds: tr '\\r' '\\n' < OLD > NEW"
        )


def _decoded(path: str, data: bytes, is_whole: bool) -> str:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        return decoder.decode(data, final=is_whole)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        example = data[max(error.start - 10, 0) : error.start + 10].decode(
            "cp1252", "replace"
        )
        raise InputError(
            f"{path}, line {line}: not UTF-8. It may be Windows-1252, in which it says"
            f" {example!r}. Save it as UTF-8: iconv -f CP1252 -t UTF-8 OLD > NEW"
        ) from None
