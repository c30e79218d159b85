"""Find the image files."""

import os
import posixpath
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from glob import escape
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from cocofolds.errors import InputError, first_named

#: What Pillow may take a file for. It would start Ghostscript for one of PostScript.
IMAGE_FORMATS = ("PNG", "JPEG", "TIFF", "JPEG2000", "BMP", "GIF", "PPM", "WEBP")
#: How the names of image files end, in small letters.
IMAGE_SUFFIXES = frozenset(
    f".{name}"
    for name in (
        *("png", "jpg", "jpeg", "tif", "tiff", "jp2", "j2k", "bmp", "gif"),
        *("ppm", "pgm", "pbm", "pnm", "webp", "dcm"),
    )
)


def file_name_of(pattern: str, source_id: str) -> str:
    """Write the file name of an image.

    Parameters
    ----------
    pattern : str
        ``{id}`` stands for the id; ``{1}``, ``{2}`` and so on for its parts between
        underscores.
    source_id : str
    """
    parts = source_id.split("_")

    def part(found: re.Match[str]) -> str:
        if found[1] == "id":
            return source_id
        number = int(found[1])
        return parts[number - 1] if number <= len(parts) else ""

    return re.sub(r"\{(id|[1-9])\}", part, pattern)


def has_wildcards(pattern: str) -> bool:
    """Tell whether a pattern has the wildcards of a shell: ``*``, ``?`` or ``[``."""
    return re.search(r"[*?[]", pattern) is not None


class Files(NamedTuple):
    """The files of a folder and of those below it; links are followed, pipes are none.

    Attributes
    ----------
    folder : str
    by_name : mapping of str to list of str
        Their paths from the folder, with slashes, by their names.
    by_folder : mapping of str to list of str
        Their names, sorted, by the path of their folder.
    """

    folder: str
    by_name: Mapping[str, Sequence[str]]
    by_folder: Mapping[str, Sequence[str]]


def list_files(folder: str) -> Files:
    """Walk a folder once.

    Raises
    ------
    InputError
        If there is no such folder.
    """
    if not Path(folder).is_dir():
        raise InputError(f"{folder}: there is no such folder. Set `images_dir` to one.")
    by_name: dict[str, list[str]] = {}
    walked: set[str] = set()
    pending = [""]
    while pending:
        subfolder = pending.pop()
        real_path = os.path.realpath(posixpath.join(folder, subfolder))
        if real_path in walked:
            # A link to where we have been, which may be a folder above.
            continue
        walked.add(real_path)
        folders = []
        with suppress(OSError), os.scandir(real_path) as entries:
            for entry in entries:
                path = f"{subfolder}/{entry.name}" if subfolder else entry.name
                # A link may lead nowhere.
                with suppress(OSError):
                    if entry.is_dir():
                        folders.append(path)
                    elif entry.is_file():
                        by_name.setdefault(entry.name, []).append(path)
        pending += sorted(folders, reverse=True)
    by_folder: dict[str, list[str]] = {}
    for name in sorted(by_name):
        for path in by_name[name]:
            by_folder.setdefault(posixpath.dirname(path), []).append(name)
    return Files(folder, by_name, by_folder)


def find_images(
    folder: str, pattern: str, source_ids: Iterable[str]
) -> dict[str, Path]:
    """Find the file of each image.

    Parameters
    ----------
    folder : str
        Where the files are.
    pattern : str
        As for `file_name_of`; it may have wildcards.
    source_ids : iterable of str

    Returns
    -------
    dict of str to Path
        As `look_among` finds them.

    Raises
    ------
    InputError
        Naming the images without a file, or with more than one, and files for more
        than one image.
    """
    found, problems = look_for_images(folder, pattern, source_ids)
    if problems:
        raise InputError(images_message(problems))
    return found


def look_for_images(
    folder: str, pattern: str, source_ids: Iterable[str]
) -> tuple[dict[str, Path], dict[str, str]]:
    """Find the files of images as `find_images` does.

    Returns
    -------
    found : dict of str to Path
    problems : dict of str to str
        Of each other image, why there is none.

    Raises
    ------
    InputError
        If there is no such folder.
    """
    wanted = {source_id: (pattern, source_id) for source_id in source_ids}
    found, problems = look_among(list_files(folder), wanted)
    return {i: Path(folder, path) for i, path in found.items()}, problems


def find_or_explain(
    folder: str, file_names: Sequence[str]
) -> tuple[dict[str, Path], dict[str, str]]:
    """Find image files by their names, or say of each why there is none.

    Parameters
    ----------
    folder : str
        Where the files are; if there is no such folder, that is said of each.
    file_names : sequence of str

    Returns
    -------
    found : dict of str to Path
    problems : dict of str to str
    """
    try:
        return look_for_images(folder, "{id}", file_names)
    except InputError as error:
        return {}, dict.fromkeys(file_names, str(error))


def look_among(
    files: Files, wanted: Mapping[str, tuple[str, str]]
) -> tuple[dict[str, str], dict[str, str]]:
    """Find the files of images.

    Parameters
    ----------
    files : Files
    wanted : mapping of str to (str, str)
        Of each image, the pattern of its file name and the id that goes into it; see
        `file_name_of`. A pattern may have wildcards.

    Returns
    -------
    found : dict of str to str
        The path, from the folder, of the file at the path that the pattern gives; or
        else of the only one in the folder, at whatever depth, that has the last part of
        that path for its name, if it is so for no other image. Backslashes part a path
        as slashes do.
    problems : dict of str to str
        Of each other image, why there is none.
    """
    found: dict[str, str] = {}
    problems: dict[str, str] = {}
    paths: dict[str, str] = {}
    paths_of: dict[str, set[str]] = {}
    for image, (pattern, source_id) in wanted.items():
        name = file_name_of(pattern, source_id)
        paths[image] = posixpath.normpath(name)
        matches = _matches(files, pattern, source_id, name)
        if len(matches) == 1:
            found[image] = matches[0]
            paths_of.setdefault(matches[0], set()).add(paths[image])
        elif matches:
            several = " and ".join(
                posixpath.join(files.folder, match) for match in sorted(matches)[:2]
            )
            problems[image] = f"it has several files: {several}"
        else:
            problems[image] = f"there is no file {name!r} in {files.folder}"
    for image, path in found.items():
        if len(paths_of[path]) > 1 and path != paths[image]:
            several = " and ".join(map(repr, sorted(paths_of[path])[:2]))
            file = posixpath.join(files.folder, path)
            problems[image] = f"{file} is the only file for several: {several}"
    return {i: path for i, path in found.items() if i not in problems}, problems


def _matches(files: Files, pattern: str, source_id: str, name: str) -> Sequence[str]:
    if has_wildcards(pattern):
        if _leads_out(name):
            return []
        return _glob(
            files, posixpath.normpath(file_name_of(pattern, escape(source_id)))
        )
    names = [name, name.replace("\\", "/")] if "\\" in name else [name]
    for each in names:
        # An id is data: it may not lead out of the folder.
        if _leads_out(each):
            continue
        path = posixpath.normpath(each)
        # Listed, or reached by a second link to a folder.
        if path in files.by_name.get(posixpath.basename(path), ()) or posixpath.isfile(
            posixpath.join(files.folder, path)
        ):
            return [path]
    for each in names:
        if posixpath.basename(each) in files.by_name:
            return files.by_name[posixpath.basename(each)]
    return []


def _glob(files: Files, pattern: str) -> Sequence[str]:
    """Find the files at a path with wildcards, which do not stand for slashes."""
    subfolder, pattern_of_name = posixpath.split(pattern)
    if has_wildcards(subfolder) or subfolder not in files.by_folder:
        folder = Path(files.folder)
        matches = folder.glob(pattern)
        return [m.relative_to(folder).as_posix() for m in matches if m.is_file()]
    # There may be many thousand names, but few begin as this one does.
    names = files.by_folder[subfolder]
    beginning = re.split(r"[*?[]", pattern_of_name, maxsplit=1)[0]
    first = bisect_left(names, beginning)
    likely = takewhile(lambda name: name.startswith(beginning), _from(names, first))
    return [
        posixpath.join(subfolder, name)
        for name in likely
        if fnmatchcase(name, pattern_of_name)
    ]


def _from(names: Sequence[str], first: int) -> Iterator[str]:
    return (names[position] for position in range(first, len(names)))


def _leads_out(name: str) -> bool:
    return name.startswith("/") or ".." in name.split("/") or "\0" in name


def images_message(problems: Mapping[str, str]) -> str:
    """Say what is wrong with the files of images, and what to do."""
    lines = first_named([*problems], lambda i: f"image {i!r}: {problems[i]}")
    return (
        "\n  ".join(["Not all images can be read:", *lines])
        + "\nCheck `images_dir` and `file_name`, or add the missing files."
    )
