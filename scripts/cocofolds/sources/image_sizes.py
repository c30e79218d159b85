"""Read how large the images are, where the source does not say it."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from cocofolds.errors import InputError
from cocofolds.masks.run_lengths import MAX_PIXELS
from cocofolds.sources.file_names import pattern_and_id
from cocofolds.sources.image_files import (
    IMAGE_FORMATS,
    Files,
    look_among,
    look_for_images,
)
from cocofolds.sources.records import Source
from cocofolds.sources.table import read_table_source

# Reading a header is waiting for the disk.
_AT_A_TIME = 16


def look_for_unsized_images(
    source: Source, files: Files | None, pattern: str | None
) -> tuple[dict[str, str], dict[str, str]]:
    """Look for the files of the images whose sizes the source does not say.

    Parameters
    ----------
    source : Source
    files : Files or None
        Those of the folder of images.
    pattern : str or None
        As for `look_among`; None for that of the dialect.

    Returns
    -------
    found : dict of str to str
        Paths from the folder.
    problems : dict of str to str
        Of each other image, why there is none.

    Raises
    ------
    InputError
        If no folder is given.
    """
    wanted: dict[str, tuple[str, str]] = {}
    for path, dialect in zip(source.paths, source.dialects, strict=True):
        if dialect.has_sizes:
            continue
        if files is None:
            raise InputError(
                f"{path}: it does not say how large the images are. Set `images_dir` to"
                " their folder, or `width` and `height` in the dialect."
            )
        part = source._replace(paths=[path], dialects=[dialect])
        rows = read_table_source(part, path, dialect, 1, [])
        for row in filter(lambda row: row.image, rows):
            image = source.id_prefix(dialect) + row.image
            wanted.setdefault(image, pattern_and_id(image, dialect, source, pattern))
    return look_among(files, wanted) if files and wanted else ({}, {})


def measure(
    folder: str | None, path: str, file_names: Sequence[str]
) -> tuple[dict[str, tuple[int, int]], dict[str, str]]:
    """Find out how large images are of which a COCO JSON does not say it.

    Parameters
    ----------
    folder : str or None
        Where the image files are.
    path : str
        The COCO JSON.
    file_names : sequence of str

    Returns
    -------
    sizes, problems : dict
        As for `read_sizes`.

    Raises
    ------
    InputError
        If no folder is given, or there is no such folder.
    """
    if folder is None:
        raise InputError(
            f"{path}: {len(file_names)} images have no width and height, such as"
            f" {file_names[0]!r}. Set `images_dir` to the folder of the image files, to"
            " take their sizes from these."
        )
    found, not_found = look_for_images(folder, "{id}", file_names)
    sizes, not_readable = read_sizes(found)
    return sizes, {**not_found, **not_readable}


def read_sizes(
    paths: Mapping[str, Path],
) -> tuple[dict[str, tuple[int, int]], dict[str, str]]:
    """Read width and height of images from the headers of their files.

    Parameters
    ----------
    paths : mapping of str to Path

    Returns
    -------
    sizes : dict of str to (width, height)
        In pixels.
    problems : dict of str to str
        What is wrong with the files that are not images.
    """
    # No pixel is decoded here, and microscopes make images past Pillow's own limit.
    Image.MAX_IMAGE_PIXELS = None
    sizes: dict[str, tuple[int, int]] = {}
    problems: dict[str, str] = {}
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        read = pool.map(_read_size, paths.values())
        for (source_id, path), size in zip(paths.items(), read, strict=True):
            if isinstance(size, str):
                problems[source_id] = f"{path}: {size}"
            else:
                sizes[source_id] = size
    return sizes, problems


def _read_size(path: Path) -> tuple[int, int] | str:
    """Width and height, or what is wrong with the file."""
    try:
        with Image.open(path, formats=IMAGE_FORMATS) as image:
            width, height = image.size
    except UnidentifiedImageError:
        return f"not an image: none of {', '.join(IMAGE_FORMATS)}"
    # A header may claim what it likes, and lead Pillow to any exception.
    except Exception as error:
        return f"its header is not readable: {str(error) or type(error).__name__}"
    if not 0 < width * height <= MAX_PIXELS:
        return f"its size, {width}x{height}, exceeds limits: 1 to {MAX_PIXELS} pixels"
    return width, height
