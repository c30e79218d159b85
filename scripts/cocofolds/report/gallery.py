"""Make the pictures of the report page: small, and with the masks as a layer."""

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any

from PIL import Image

from cocofolds.report.colours import as_hex, colours_of
from cocofolds.report.mask_layer import MaskLayer, mask_layer
from cocofolds.report.previews import shown_size

#: Bytes of the whole gallery.
MOST_BYTES = 7_000_000

# Longest sides in pixels and qualities of WebP, from the best on.
_WAYS = [(1024, 80), (1024, 60), (1024, 40), (768, 40), (512, 40), (256, 40)]
# From 0, fast, to 6, small.
_EFFORT = 2


def gallery_entry(
    image: Mapping[str, str],
    background: Image.Image,
    size: tuple[int, int],
    annotations: Sequence[Mapping[str, Any]],
    category_names: Mapping[Any, str],
    warnings: Sequence[str],
    most_bytes: int,
) -> str | None:
    """Write an image with its masks for the gallery.

    Parameters
    ----------
    image : mapping of str to str
        Its row of `images.csv`, and the `name` of its picture.
    background : PIL image in RGB
        As `read_background` gives it.
    size : (int, int)
        Width and height of the image in pixels.
    annotations : sequence of mapping
        COCO annotations.
    category_names : mapping of id to str
        All categories of the data set.
    warnings : sequence of str
        What to say of the image.
    most_bytes : int
        If it has more, the quality goes down, then the size.

    Returns
    -------
    str or None
        JSON; None if there is no way to make it small enough.

    Raises
    ------
    InputError
        If a mask cannot be read, or a box is no box.
    """
    colours = colours_of(annotations, category_names)
    counts = Counter(annotation["category_id"] for annotation in annotations)
    colour_of = dict(zip((a["category_id"] for a in annotations), colours, strict=True))
    found = [category for category in category_names if category in counts]
    said = {
        **{key: image[key] for key in ("name", "source_id", "file_name")},
        "width": size[0],
        "height": size[1],
        "categories": {category_names[c]: counts[c] for c in found},
        "legend": {category_names[c]: as_hex(colour_of[c]) for c in found},
        "warnings": [*warnings],
    }
    is_enlarged = max(background.size) > max(size)
    way = Image.Resampling.BOX if is_enlarged else Image.Resampling.HAMMING
    shown = (0, 0)
    for longest_side, quality in _WAYS:
        if shown != (shown := shown_size(size, longest_side)):
            picture = background.resize(shown, way)
            masks = layer_in_page(mask_layer(annotations, colours, size, shown))
        entry = json.dumps(
            {
                **said,
                "shown_width": shown[0],
                "shown_height": shown[1],
                "picture": picture_in_page(picture, quality),
                "masks": masks,
            }
        )
        if len(entry) <= most_bytes:
            return entry
    return None


def picture_in_page(picture: Image.Image, quality: int) -> str:
    """Write a picture as an address that holds it, in WebP."""
    return _address(picture, quality=quality)


def layer_in_page(layer: MaskLayer) -> str:
    """Write a layer as an address that holds it: without loss, and smaller than PNG."""
    transparent = layer.image.convert("RGB")
    transparent.putalpha(layer.opacity())
    return _address(transparent, lossless=True)


def _address(picture: Image.Image, **options: Any) -> str:
    file = BytesIO()
    picture.save(file, "WEBP", method=_EFFORT, **options)
    return f"data:image/webp;base64,{b64encode(file.getvalue()).decode()}"


def share_of_gallery(n_images: int) -> int:
    """Say how many bytes an image may have in a gallery of so many."""
    # What the list needs besides.
    return (MOST_BYTES - 100) // max(n_images, 1) - 10


def gallery_text(entries: Iterable[str | None]) -> str:
    """Join what `gallery_entry` gives to JSON, an image a line; None is left out."""
    return '{"images": [\n' + ",\n".join(filter(None, entries)) + "\n]}\n"
