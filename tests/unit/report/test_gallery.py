"""The pictures of the report page."""

import json
from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from pictures import NAMES, annotation
from PIL import Image

from cocofolds.report.colours import as_hex, colour
from cocofolds.report.gallery import (
    MOST_BYTES,
    gallery_entry,
    gallery_text,
    share_of_gallery,
)
from cocofolds.report.previews import preview_size

ROW = {
    "image_id": "7",
    "source_id": "a b",
    "file_name": "train/a b.png",
    "name": "a_b",
    "record": "",
}


def noise(size):
    pixels = np.random.default_rng(1).integers(0, 256, (*size[::-1], 3), np.uint8)
    return Image.fromarray(pixels)


def entry(size, annotations=(), background=None, most_bytes=MOST_BYTES, **said):
    background = background or Image.new("RGB", preview_size(size))
    text = gallery_entry(
        {**ROW, **said}, background, size, annotations, NAMES, ["hm"], most_bytes
    )
    assert text is None or len(text) <= most_bytes
    return text and json.loads(text)


def opened(address):
    kind, data = address.split(";base64,")
    assert kind == "data:image/webp"
    return Image.open(BytesIO(b64decode(data)))


def test_what_is_said_of_an_image():
    masks = [annotation(number, (5, 20, 5, 20)) for number in (2, 1, 2)]
    found = entry((600, 40), masks)
    picture, layer = found.pop("picture"), found.pop("masks")
    assert found == {
        "name": "a_b",
        "source_id": "a b",
        "file_name": "train/a b.png",
        "width": 600,
        "height": 40,
        "shown_width": 600,
        "shown_height": 40,
        "categories": {"astro": 1, "cort": 2},
        "legend": {"astro": as_hex(colour(0)), "cort": as_hex(colour(1))},
        "warnings": ["hm"],
    }
    assert opened(picture).size == opened(layer).size == (600, 40)


@pytest.mark.parametrize(
    ("size", "shown"),
    [((4000, 3000), (1024, 768)), ((30, 20), (30, 20)), ((65_535, 9), (1024, 1))],
)
def test_size(size, shown):
    found = entry(size)
    assert (found["width"], found["height"]) == size
    assert (found["shown_width"], found["shown_height"]) == shown
    assert opened(found["picture"]).size == opened(found["masks"]).size == shown


def test_a_small_image_is_as_it_is():
    small = noise((30, 20))
    background = small.resize((510, 340), Image.Resampling.NEAREST)
    found = np.asarray(opened(entry((30, 20), background=background)["picture"]), int)
    # Of random pixels, WebP keeps the lightness at best.
    lightness = np.asarray(small.convert("L"), int)
    assert abs(found.mean(axis=-1) - lightness).mean() < 20


@pytest.mark.parametrize("size", [(600, 40), (8, 8)])
def test_layer_is_transparent_where_no_mask_is(size):
    width, height = size
    mask = annotation(2, (2, 7, 2, 7), height=height, width=width)
    pixels = np.asarray(opened(entry(size, [mask])["masks"]).convert("RGBA"), int)
    is_opaque = pixels[..., 3] == 255
    assert is_opaque.sum() == 25 - 9
    assert (pixels[is_opaque][:, :3] == colour(1)).all()
    inside = pixels[3:6, 3:6]
    assert (inside[..., :3] == colour(1)).all(axis=-1).sum() == 9
    assert (inside[..., 3] == 85).all()
    assert (pixels[..., 3] > 0).sum() == 25


def test_quality_goes_down_then_the_size():
    background = noise((1600, 1200))
    mask = annotation(1, (100, 900, 100, 900), height=1200, width=1600)
    widths, sizes = [], []
    for most_bytes in (2_000_000, 500_000, 300_000, 200_000, 100_000, 20_000):
        found = entry((1600, 1200), [mask], background, most_bytes)
        picture = opened(found["picture"])
        assert picture.size == opened(found["masks"]).size
        assert picture.size == (found["shown_width"], found["shown_height"])
        widths.append(picture.width)
        sizes.append(len(found["picture"]))
    assert sizes == sorted(sizes, reverse=True)
    assert widths == sorted(widths, reverse=True)
    assert widths[:2] == [1024, 1024]
    assert sizes[1] < sizes[0]
    assert widths[-1] < 1024
    # The same each time.
    assert found == entry((1600, 1200), [mask], background, 20_000)


def test_an_image_that_cannot_be_made_small_enough_is_left_out():
    assert entry((30, 20), most_bytes=5000, source_id="x" * 6000) is None


def test_the_gallery_is_bounded():
    for n_images in (0, 1, 7, 60):
        most_bytes = share_of_gallery(n_images)
        text = gallery_text(['"' + "x" * (most_bytes - 2) + '"'] * n_images)
        assert len(json.loads(text)["images"]) == n_images
        assert len(text) <= MOST_BYTES
        assert n_images == 0 or len(text) > MOST_BYTES - 1000


def test_left_out_of_the_gallery():
    assert json.loads(gallery_text([None, "1", None, "2"])) == {"images": [1, 2]}
