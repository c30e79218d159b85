"""Copies of images, side by side, for the report page."""

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from PIL import Image

from cocofolds.report.gallery import picture_in_page
from cocofolds.report.previews import background_or_grey, shown_size
from cocofolds.sources.image_files import find_or_explain
from cocofolds.sources.image_sizes import read_sizes

# What has room on the page: pairs, and pixels of the longer side of an image.
_MOST_PAIRS, _LONGEST_SIDE = 12, 256
_QUALITY = 60
_ENDS = ("first", "second")


def copies_side_by_side(
    rows: Iterable[Mapping[str, str]], images_dir: str
) -> dict[str, list[dict[str, Any]]]:
    """Make what the page shows of the first copies.

    Parameters
    ----------
    rows : iterable of mapping
        Those of `duplicates.csv`.
    images_dir : str
        The folder of the image files.

    Returns
    -------
    dict
        `pairs`: for each, its `kind` and `correlation`, and `images`: `source_id`,
        `file_name`, `width` and `height` of the file, and a `picture` with
        `shown_width` and `shown_height`.
    """
    shown = [*islice(rows, _MOST_PAIRS)]
    names = [row[f"{end}_file_name"] for row in shown for end in _ENDS]
    files, _ = find_or_explain(images_dir, [*dict.fromkeys(names)])
    sizes, _ = read_sizes(files)
    pictures = {name: _picture(files[name], size) for name, size in sizes.items()}
    pairs = [
        {
            "kind": row["kind"],
            "correlation": row["correlation"],
            "images": [
                {
                    "source_id": row[f"{end}_source_id"],
                    "file_name": row[f"{end}_file_name"],
                    **pictures[row[f"{end}_file_name"]],
                }
                for end in _ENDS
            ],
        }
        for row in shown
        # A file may have gone since it was compared.
        if all(row[f"{end}_file_name"] in pictures for end in _ENDS)
    ]
    return {"pairs": pairs}


def _picture(path: Path, size: tuple[int, int]) -> dict[str, Any]:
    """Shrink an image, or take plain grey if it is not readable any more."""
    background, _ = background_or_grey(path, size)
    shown = shown_size(size, _LONGEST_SIDE)
    return {
        "width": size[0],
        "height": size[1],
        "shown_width": shown[0],
        "shown_height": shown[1],
        "picture": picture_in_page(
            background.resize(shown, Image.Resampling.HAMMING), _QUALITY
        ),
    }
