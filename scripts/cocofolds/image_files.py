"""Find the image files."""

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from glob import escape
from pathlib import Path

from cocofolds.errors import InputError, first_named

#: What Pillow may take a file for. It would start Ghostscript for one of PostScript.
IMAGE_FORMATS = ("PNG", "JPEG", "TIFF", "JPEG2000", "BMP", "GIF", "PPM", "WEBP")


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


def find_images(
    folder: str, pattern: str, source_ids: Iterable[str]
) -> dict[str, Path]:
    """Find the file of each image.

    Parameters
    ----------
    folder : str
        Where the files lie.
    pattern : str
        As for `file_name_of`; it may have wildcards.
    source_ids : iterable of str

    Returns
    -------
    dict of str to Path
        The file at that path in the folder; or else the only one in the folder, at
        whatever depth, that has the last part of that path for its name, if it is so
        for no other image.

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
    if not Path(folder).is_dir():
        raise InputError(f"{folder}: there is no such folder. Set `images_dir` to one.")
    by_name: dict[str, list[Path]] = {}
    walked: set[str] = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        folders.sort()
        real_place = os.path.realpath(place)
        if real_place in walked:
            # A link to where we have been, which may be a folder above.
            folders.clear()
            continue
        walked.add(real_place)
        for name in names:
            by_name.setdefault(name, []).append(Path(place, name))
    found: dict[str, Path] = {}
    problems: dict[str, str] = {}
    name_of = {i: file_name_of(pattern, i) for i in source_ids}
    names_of: dict[Path, set[str]] = {}
    for source_id, name in name_of.items():
        matches = _matches(Path(folder), pattern, source_id, by_name)
        if len(matches) == 1:
            found[source_id] = matches[0]
            names_of.setdefault(matches[0], set()).add(name)
        elif matches:
            several = " and ".join(map(str, sorted(matches)[:2]))
            problems[source_id] = f"it has several files: {several}"
        else:
            problems[source_id] = f"there is no file {name!r} in {folder}"
    for source_id, file in found.items():
        is_at_its_path = file == Path(folder, name_of[source_id])
        if len(names_of[file]) > 1 and not is_at_its_path:
            several = " and ".join(map(repr, sorted(names_of[file])[:2]))
            problems[source_id] = f"{file} is the only file for several: {several}"
    return {i: file for i, file in found.items() if i not in problems}, problems


def _matches(
    folder: Path, pattern: str, source_id: str, by_name: Mapping[str, list[Path]]
) -> list[Path]:
    name = file_name_of(pattern, source_id)
    # An id is data: it may neither lead out of the folder nor hold wildcards.
    if ".." in Path(name).parts or Path(name).is_absolute() or "\0" in name:
        return []
    if has_wildcards(pattern):
        return list(folder.glob(file_name_of(pattern, escape(source_id))))
    # A name may be longer than any file's.
    with suppress(OSError):
        if (folder / name).is_file():
            return [folder / name]
    return by_name.get(Path(name).name, [])


def images_message(problems: Mapping[str, str]) -> str:
    """Say what is wrong with the files of images, and what to do."""
    lines = first_named([*problems], lambda i: f"image {i!r}: {problems[i]}")
    return (
        "\n  ".join(["Not all images can be read:", *lines])
        + "\nCheck `images_dir` and `file_name`, or add the missing files."
    )
