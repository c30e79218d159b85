"""Image files that no row names, such as those of images without an object."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from cocofolds.files import fits_in_utf8
from cocofolds.sources.file_names import pattern_and_id
from cocofolds.sources.groups import group_in_name
from cocofolds.sources.image_files import (
    IMAGE_SUFFIXES,
    Files,
    file_name_of,
    has_wildcards,
    look_among,
)
from cocofolds.sources.image_sizes import read_sizes
from cocofolds.sources.records import Dialect, Source, SourceRow, TableRow

_PLACEHOLDER = re.compile(r"(\{(?:id|[1-9])\}|\*|\?|\[[^]]*\])")


def with_unlisted_images(
    rows: Iterable[SourceRow], files: Files, source: Source, file_name: str | None
) -> Iterator[SourceRow]:
    """Pass the rows of the source on, and then a row for each image that none names.

    Parameters
    ----------
    rows : iterable of SourceRow
        All rows of the source.
    files : Files
        Those of the folder of images.
    source : Source
    file_name : str or None
        The pattern of file names; None for that of each dialect.

    Yields
    ------
    SourceRow
        Those of unlisted images have no mask. Their size is that of the dialect, or of
        the header of the file.
    """
    first_rows: dict[str, tuple[str, Dialect]] = {}
    number = 0
    for row in rows:
        if row.image not in first_rows:
            first_rows[row.image] = row.path, row.dialect
        number = max(number, row.number)
        yield row
    first_rows.pop("", None)
    dialects = {image: dialect for image, (_, dialect) in first_rows.items()}
    wanted = {
        image: pattern_and_id(image, dialect, source, file_name)
        for image, dialect in dialects.items()
    }
    found, _ = look_among(files, wanted)
    unlisted = unlisted_images(files, found, dialects, source, file_name)
    to_size = {
        image: Path(files.folder, path)
        for image, (path, like) in unlisted.items()
        if dialects[like].width is None
    }
    sizes, problems = read_sizes(to_size)
    for image, (path, like) in unlisted.items():
        number += 1
        source_path, dialect = first_rows[like]
        prefix = source.id_prefix(dialect)
        width, height = sizes.get(image, (dialect.width, dialect.height))
        yield TableRow(
            number,
            source_path,
            f"no row for {path}",
            image,
            "",
            "",
            str(width or ""),
            str(height or ""),
            group_in_name(source.group_pattern, image.removeprefix(prefix))
            if source.group_pattern
            else "",
            "",
            False,
            problems.get(image, ""),
            dialect,
            [""] * len(source.image_columns),
        )


def unlisted_images(
    files: Files,
    found: Mapping[str, str],
    dialects: Mapping[str, Dialect],
    source: Source,
    file_name: str | None,
) -> dict[str, tuple[str, str]]:
    """Find the image files that no row names, among those of the images of tables.

    An image file is one in a folder in which the file of an image was found, that ends
    as one of these does, and whose name the pattern of file names could have made.

    Parameters
    ----------
    files : Files
    found : mapping of str to str
        The files of images.
    dialects : mapping of str to Dialect
        Those of all images that rows name, with a file or without.
    source : Source
    file_name : str or None
        The pattern of file names; None for that of each dialect.

    Returns
    -------
    dict of str to (str, str)
        By their ids: the path of the file, from the folder, and an image with a row
        whose file is in the same folder. In the order of the paths.
    """
    like: dict[str, str] = {}
    suffixes: set[tuple[str, str]] = set()
    for image, path in found.items():
        if dialects[image].is_table:
            folder = posixpath.dirname(path)
            like.setdefault(folder, image)
            suffixes.add((folder, PurePosixPath(path).suffix.lower()))
    named = {*found.values()}
    candidates: dict[str, tuple[str, str]] = {}
    paths = (path for paths in files.by_name.values() for path in paths)
    for path in sorted(path for path in paths if path not in named):
        folder, suffix = posixpath.dirname(path), PurePosixPath(path).suffix.lower()
        if suffix not in IMAGE_SUFFIXES or (folder, suffix) not in suffixes:
            continue
        example = like[folder]
        dialect = dialects[example]
        pattern, its_id = pattern_and_id(example, dialect, source, file_name)
        is_at_its_path = found[example] == file_name_of(pattern, its_id)
        image_id = _id_of(path, pattern, is_at_its_path or has_wildcards(pattern))
        image = source.id_prefix(dialect) + image_id
        # The name of a file may be no UTF-8.
        if image not in dialects and fits_in_utf8(image):
            candidates.setdefault(image, (path, example))
    looked_for, _ = look_among(
        files,
        {
            image: pattern_and_id(image, dialects[example], source, file_name)
            for image, (_, example) in candidates.items()
        },
    )
    return {i: c for i, c in candidates.items() if looked_for.get(i) == c[0]}


def left_out_message(unlisted: Mapping[str, tuple[str, str]], folder: str) -> str:
    """Count the image files without a row, name one and say how to have them."""
    path = next(iter(unlisted.values()))[0]
    return (
        f"{len(unlisted)} image files in {folder} have no row and are left out, such as"
        f" {path!r}. `unlisted_images: include` takes them as images without"
        " annotations."
    )


def _id_of(path: str, pattern: str, is_at_its_path: bool) -> str:
    """Tell the id that the pattern makes a path of, or, without folders, its name."""
    if not is_at_its_path:
        pattern, path = posixpath.basename(pattern), posixpath.basename(path)
    match = re.fullmatch(_reversed(pattern), path)
    parts = match.groupdict() if match else {}
    if "id" in parts:
        return parts["id"]
    if parts and [*sorted(parts)] == [f"part{n}" for n in range(1, len(parts) + 1)]:
        return "_".join(parts[name] for name in sorted(parts))
    return PurePosixPath(path).stem


def _reversed(pattern: str) -> str:
    """Make a regular expression of a pattern that finds the id and its parts."""
    text = ""
    for piece in _PLACEHOLDER.split(pattern):
        group = "id" if piece == "{id}" else f"part{piece[1:2]}"
        if not _PLACEHOLDER.fullmatch(piece):
            text += re.escape(piece)
        elif piece[0] != "{":
            text += "[^/]*" if piece == "*" else "[^/]"
        elif f"(?P<{group}>" in text:
            text += f"(?P={group})"
        else:
            text += f"(?P<{group}>{'.+' if group == 'id' else '[^/_]*'})"
    return text
