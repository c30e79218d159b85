"""Find the image files, and read how large the images are."""

import os
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from glob import escape
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from cocofolds.errors import InputError, first_named
from cocofolds.run_lengths import MAX_PIXELS

# Reading a header is waiting for the disk.
_AT_A_TIME = 16


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
        whatever depth, that has the last part of that path for its name.

    Raises
    ------
    InputError
        Naming the images without a file, or with more than one.
    """
    if not Path(folder).is_dir():
        raise InputError(f"{folder}: there is no such folder. Set `images_dir` to one.")
    by_name: dict[str, list[Path]] = {}
    for place, _, names in os.walk(folder):
        for name in names:
            by_name.setdefault(name, []).append(Path(place, name))
    found: dict[str, Path] = {}
    problems = []
    for source_id in source_ids:
        matches = _matches(Path(folder), pattern, source_id, by_name)
        if len(matches) == 1:
            found[source_id] = matches[0]
        elif matches:
            several = " and ".join(map(str, sorted(matches)[:2]))
            problems.append(f"image {source_id!r} has several files: {several}")
        else:
            path = file_name_of(pattern, source_id)
            problems.append(f"image {source_id!r} has no file {path!r}")
    _raise(folder, problems)
    return found


def _matches(
    folder: Path, pattern: str, source_id: str, by_name: Mapping[str, list[Path]]
) -> list[Path]:
    name = file_name_of(pattern, source_id)
    # An id is data: it may neither lead out of the folder nor hold wildcards.
    if ".." in Path(name).parts or Path(name).is_absolute() or "\0" in name:
        return []
    if has_wildcards(pattern):
        return list(folder.glob(file_name_of(pattern, escape(source_id))))
    if (folder / name).is_file():
        return [folder / name]
    return by_name.get(Path(name).name, [])


def read_sizes(paths: Mapping[str, Path]) -> dict[str, tuple[int, int]]:
    """Read width and height of images from the headers of their files.

    Parameters
    ----------
    paths : mapping of str to Path

    Returns
    -------
    dict of str to (width, height)
        In pixels.

    Raises
    ------
    InputError
        Naming the files that are not images.
    """
    # No pixel is decoded here, and microscopes make images past Pillow's own limit.
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        sizes = dict(zip(paths, pool.map(_read_size, paths.values()), strict=True))
    problems = [
        f"image {source_id!r}, {paths[source_id]}: {size}"
        for source_id, size in sizes.items()
        if isinstance(size, str)
    ]
    _raise("Sizes are read from the images", problems)
    return {name: size for name, size in sizes.items() if not isinstance(size, str)}


def _read_size(path: Path) -> tuple[int, int] | str:
    """Width and height, or what is wrong with the file."""
    try:
        with Image.open(path) as image:
            return image.size
    except UnidentifiedImageError:
        return "not an image that Pillow can read"
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        return str(error)


def _raise(where: str, problems: list[str]) -> None:
    if problems:
        lines = "\n  ".join(first_named(problems, str))
        raise InputError(
            f"{where}:\n  {lines}\nCheck `images_dir` and `file_name`, or add the"
            " missing files."
        )
