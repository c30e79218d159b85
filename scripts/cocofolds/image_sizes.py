"""Read how large the images are, where the source does not say it."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from cocofolds.errors import InputError
from cocofolds.image_files import (
    IMAGE_FORMATS,
    find_images,
    has_wildcards,
    raise_named,
)
from cocofolds.run_lengths import MAX_PIXELS
from cocofolds.source import read_source
from cocofolds.source_rows import Source

# Reading a header is waiting for the disk.
_AT_A_TIME = 16


def find_unsized_images(
    source: Source, folder: str | None, pattern: str | None
) -> dict[str, Path]:
    """Find the files of the images whose sizes the source does not say.

    Parameters
    ----------
    source : Source
    folder : str or None
        Where the files lie.
    pattern : str or None
        As for `find_images`; None for that of the dialect.

    Raises
    ------
    InputError
        As `find_images`; if no folder is given; or if the pattern has wildcards where
        no file is looked for.
    """
    found: dict[str, Path] = {}
    for path, dialect in zip(source.paths, source.dialects, strict=True):
        its_pattern = pattern or dialect.file_name
        if dialect.has_sizes and dialect.is_table and has_wildcards(its_pattern):
            raise InputError(
                f"`file_name` is {its_pattern!r}: wildcards stand for the names of"
                " files only where sizes are read from the images."
            )
        if not dialect.has_sizes:
            if folder is None:
                raise InputError(
                    f"{path}: it does not say how large the images are. Set"
                    " `images_dir` to their folder, or `width` and `height` in the"
                    " dialect."
                )
            part = source._replace(paths=[path], dialects=[dialect])
            source_ids = dict.fromkeys(row.image for row in read_source(part))
            found |= find_images(folder, its_pattern, filter(None, source_ids))
    return found


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
    raise_named("Sizes are read from the images", problems)
    return {name: size for name, size in sizes.items() if not isinstance(size, str)}


def _read_size(path: Path) -> tuple[int, int] | str:
    """Width and height, or what is wrong with the file."""
    try:
        with Image.open(path, formats=IMAGE_FORMATS) as image:
            return image.size
    except UnidentifiedImageError:
        return f"not an image: none of {', '.join(IMAGE_FORMATS)}"
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        return str(error)
