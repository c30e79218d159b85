"""Draw an image for all who look at it: its preview, and its part of the gallery."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from cocofolds.errors import InputError
from cocofolds.report.gallery import gallery_entry
from cocofolds.report.previews import background_or_grey, draw_preview
from cocofolds.sources.image_files import look_for_images


class Drawn(NamedTuple):
    """An image with its masks.

    Attributes
    ----------
    picture : PIL image or None
        The preview; None if a mask cannot be drawn.
    entry : str or None
        The part of the gallery, as `gallery_entry` gives it.
    problems : list of str
        What the picture cannot show, and why.
    """

    picture: Image.Image | None
    entry: str | None
    problems: list[str]


def find_files(
    images_dir: str | None, file_names: Sequence[str]
) -> tuple[dict[str, Path], dict[str, str]]:
    """Find the files of images, or say of each image why there is none.

    Parameters
    ----------
    images_dir : str or None
        Their folder; without one, there is nothing to find and nothing to say.
    file_names : sequence of str

    Returns
    -------
    found : dict of str to Path
    problems : dict of str to str
    """
    if images_dir is None:
        return {}, {}
    try:
        found, problems = look_for_images(images_dir, "{id}", file_names)
    except InputError as error:
        return {}, dict.fromkeys(file_names, str(error))
    return found, {name: f"image {name!r}: {problems[name]}" for name in problems}


def draw_image(
    image: Mapping[str, str],
    path: Path | None,
    annotations: Sequence[Mapping[str, Any]],
    category_names: Mapping[Any, str],
    warnings: Iterable[str],
    most_bytes: int,
) -> Drawn:
    """Draw an image; what cannot be shown is no reason to stop.

    Parameters
    ----------
    image : mapping of str to str
        Its row of `images.csv`, and the `name` of its picture.
    path : Path or None
        Its file; None is grey.
    annotations : sequence of mapping
        COCO annotations.
    category_names : mapping of id to str
        All categories of the data set.
    warnings : iterable of str
        What the gallery says of the image, besides what cannot be shown.
    most_bytes : int
        Of the part of the gallery; 0 if it has none.
    """
    size = int(image["width"]), int(image["height"])
    background, problems = background_or_grey(path, size)
    of_image = background, size, annotations, category_names
    try:
        picture = draw_preview(*of_image)
    except InputError as error:
        return Drawn(None, None, [*problems, f"{error} Its image has no preview."])
    entry = None
    if most_bytes:
        entry = gallery_entry(image, *of_image, [*problems, *warnings], most_bytes)
    return Drawn(picture, entry, problems)
