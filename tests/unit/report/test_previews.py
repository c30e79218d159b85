"""Previews: the image, its masks and the legend in one picture."""

import os
import tracemalloc

import numpy as np
import pytest
from pictures import HEIGHT, NAMES, WIDTH, annotation
from PIL import Image

from cocofolds.errors import InputError
from cocofolds.report.colours import colour
from cocofolds.report.previews import (
    LONGEST_SIDE,
    background_or_grey,
    draw_preview,
    preview_size,
    read_background,
    save_png,
    shown_size,
    stretched,
)


def preview(*annotations, background=None, size=(WIDTH, HEIGHT)):
    """The pixels of a preview: the image, without the legend."""
    background = background or background_or_grey(None, size)[0]
    picture = draw_preview(background, size, annotations, NAMES)
    assert (picture.mode, picture.width) == ("RGB", background.width)
    assert picture.height > background.height
    return np.asarray(picture, int)[: background.height]


def test_masks_on_grey():
    found = preview(annotation(2, (5, 30, 10, 40)))
    grey = found[0, 0]
    assert len({*grey}) == 1
    assert (found[5, 10] == colour(1)).all(), "the outline"
    expected = grey + 85 / 255 * (colour(1) - grey)
    assert abs(found[6:29, 11:39] - expected).max() <= 1
    found[5:30, 10:40] = grey
    assert (found == grey).all()


def test_masks_on_an_image():
    background = Image.linear_gradient("L").resize((WIDTH, HEIGHT)).convert("RGB")
    found = preview(annotation(1, (0, 9, 0, 9)), background=background)
    assert (found[:, 9:] == np.asarray(background)[:, 9:]).all()
    assert (found[0, 0] != np.asarray(background)[0, 0]).any()


def test_what_is_written_is_what_was_drawn(tmp_path):
    picture = Image.linear_gradient("L").convert("RGB")
    save_png(picture, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as saved:
        assert (saved.format, saved.tobytes()) == ("PNG", picture.tobytes())


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "I;16"])
def test_image_of_any_mode(mode, tmp_path):
    image = Image.linear_gradient("L").convert("I" if mode == "I;16" else mode)
    image.convert(mode).save(tmp_path / "a.png")
    found = read_background(tmp_path / "a.png", (256, 256))
    assert (found.mode, found.size) == ("RGB", (512, 512))


@pytest.mark.parametrize(
    "values",
    [
        np.arange(200, 4296, dtype=np.uint16).reshape(8, 512),
        np.arange(200, 4296, dtype=">u2").reshape(8, 512),
        np.arange(-70_000, 64 * 64 - 70_000, dtype=np.int32).reshape(8, 512),
        np.linspace(-3e38, 3e38, 64 * 64, dtype=np.float32).reshape(8, 512),
        np.linspace(0, 1e-3, 64 * 64, dtype=np.float32).reshape(8, 512),
    ],
    ids=["I;16", "I;16B", "I", "F", "F of small values"],
)
def test_values_of_more_than_eight_bits_are_stretched(values, tmp_path):
    Image.fromarray(values).save(tmp_path / "a.tif")
    found = np.asarray(read_background(tmp_path / "a.tif", (512, 8)), int)[..., 0]
    assert (np.diff(found.ravel()) >= 0).all()
    assert len({*found.ravel()}) == 256
    # A percent at each end.
    assert ((found == 0).sum(), (found == 255).sum()) == pytest.approx((50, 50), abs=8)


def test_values_that_are_no_numbers():
    values = np.array([[np.nan, 1, 2, 3, np.inf, -np.inf]], np.float32)
    assert stretched(values).tolist() == [[0, 0, 128, 255, 255, 0]]
    assert stretched(np.full((2, 2), np.nan)).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("value", [0, 7, 65535])
def test_constant_image(value):
    assert len({*stretched(np.full((3, 3), value, np.uint16)).ravel()}) == 1


def test_a_few_bright_spots():
    values = np.zeros((100, 100), np.uint16)
    values[5, 5] = 300
    found = stretched(values)
    assert (found[5, 5], found.sum()) == (255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr"])
def test_eight_bits_are_shown_as_they_are(mode, tmp_path):
    image = Image.linear_gradient("L").point(lambda v: 100 + v // 8).convert(mode)
    image.save(tmp_path / "a.tif")
    with Image.open(tmp_path / "a.tif") as saved:
        expected = saved.convert("RGB").resize((512, 512), Image.Resampling.NEAREST)
    assert read_background(tmp_path / "a.tif", image.size) == expected


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((1600, 1200), (1600, 1200)),
        ((4000, 3000), (1600, 1200)),
        ((3000, 4000), (1200, 1600)),
        ((65_535, 65_535), (1600, 1600)),
        ((100_000, 160), (1600, 3)),
        ((1, 100_000), (1, 1600)),
        ((704, 520), (704, 520)),
        # A whole number of pixels for each.
        ((256, 200), (512, 400)),
        ((30, 20), (510, 340)),
        ((1, 1), (512, 512)),
    ],
)
def test_size_of_a_preview(size, shown):
    assert preview_size(size) == shown
    assert max(shown) <= LONGEST_SIDE
    assert preview().shape[:2] == (HEIGHT, WIDTH)


def test_shown_size_is_not_larger_than_the_image():
    assert shown_size((30, 20), 1024) == (30, 20)
    assert shown_size((2048, 512), 1024) == (1024, 256)


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_large_image_is_shrunk(mode, suffix, tmp_path):
    """The picture shows what it would show at full size."""
    gradient = Image.linear_gradient("L").resize((4000, 500)).convert(mode)
    gradient.save(tmp_path / f"a.{suffix}")
    background = read_background(tmp_path / f"a.{suffix}", (4000, 500))
    assert background.size == (1600, 200)
    expected = np.asarray(gradient.resize((1600, 200)).convert("RGB"), int)
    assert abs(np.asarray(background, int) - expected).max() < 8


def test_of_a_large_jpeg_not_every_pixel_is_read(monkeypatch, tmp_path):
    Image.new("L", (6400, 800)).save(tmp_path / "a.jpg")
    monkeypatch.setattr("cocofolds.report.previews._LARGEST_READ", 1600 * 200)
    assert read_background(tmp_path / "a.jpg", (6400, 800)).size == (1600, 200)


def test_small_image_is_enlarged(tmp_path):
    """Its pixels are squares of one colour."""
    values = np.random.default_rng(1).integers(0, 256, (20, 30), np.uint8)
    Image.fromarray(values).save(tmp_path / "a.png")
    found = np.asarray(read_background(tmp_path / "a.png", (30, 20)))[..., 0]
    assert (found == values.repeat(17, axis=0).repeat(17, axis=1)).all()


def test_large_image_of_16_bits(tmp_path):
    values = np.linspace(1000, 5000, 2000 * 1000).reshape(2000, 1000)
    Image.fromarray(values.astype(np.uint16)).save(tmp_path / "a.png")
    found = np.asarray(read_background(tmp_path / "a.png", (1000, 2000)), int)[..., 0]
    assert found.shape == (1600, 800)
    assert (np.diff(found[:, 0]) >= 0).all()
    assert (found.min(), found.max()) == (0, 255)


def test_memory_of_a_large_image_of_16_bits(tmp_path):
    """It does not become one of floating point, of twice the memory."""
    Image.fromarray(np.zeros((320, 16_000), np.uint16)).save(tmp_path / "a.png")
    tracemalloc.start()
    read_background(tmp_path / "a.png", (16_000, 320))
    n_bytes = 2 * 320 * 16_000
    assert tracemalloc.get_traced_memory()[1] < 2.5 * n_bytes
    tracemalloc.stop()


def test_image_that_is_too_large_to_be_read(monkeypatch, tmp_path):
    Image.new("L", (WIDTH, HEIGHT)).save(tmp_path / "a.png")
    monkeypatch.setattr("cocofolds.report.previews._LARGEST_READ", WIDTH * HEIGHT - 1)
    with pytest.raises(InputError, match=f"{WIDTH}x40 pixels are too many to draw"):
        read_background(tmp_path / "a.png", (WIDTH, HEIGHT))


def test_grey_in_place_of_an_image(tmp_path):
    grey, problems = background_or_grey(None, (30, 20))
    assert (grey.size, problems) == ((510, 340), [])
    assert (np.asarray(grey) == 110).all()
    path = tmp_path / "a.png"
    path.write_text("no picture")
    found, [problem] = background_or_grey(path, (30, 20))
    assert found == grey
    assert "a.png: not readable as an image" in problem
    Image.new("L", (30, 20)).save(path)
    assert background_or_grey(path, (30, 20))[1] == []


def test_memory_of_a_huge_image():
    side = 65_535
    record = {
        "id": 1,
        "category_id": 1,
        "segmentation": [[60_000, 30_000, 60_002, 30_000, 60_002, 30_002]],
        "bbox": [60_000, 30_000, 2, 2],
    }
    tracemalloc.start()
    found = preview(record, size=(side, side))
    assert tracemalloc.get_traced_memory()[1] < 1e8
    tracemalloc.stop()
    x, y = 60_000 * LONGEST_SIDE // side, 30_000 * LONGEST_SIDE // side
    assert (found[y, x] == colour(0)).all()


def test_image_of_another_size(tmp_path):
    Image.new("L", (HEIGHT, WIDTH)).save(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"a\.png: .* is 40x600 .* say 600x40"):
        read_background(tmp_path / "a.png", (WIDTH, HEIGHT))


def test_no_image(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n and more")
    with pytest.raises(InputError, match=r"a\.png: not readable as an image"):
        read_background(tmp_path / "a.png", (WIDTH, HEIGHT))


def test_no_program_is_started_for_an_image(tmp_path, monkeypatch):
    (tmp_path / "gs").write_text("#!/bin/sh\ntouch $(dirname $0)/started\n")
    (tmp_path / "gs").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    size = f"%%BoundingBox: 0 0 {WIDTH} {HEIGHT}"
    (tmp_path / "a.png").write_text(f"%!PS-Adobe-3.0 EPSF-3.0\n{size}\n%%EndComments\n")
    with pytest.raises(InputError, match="not readable as an image"):
        read_background(tmp_path / "a.png", (WIDTH, HEIGHT))
    assert not (tmp_path / "started").exists()
