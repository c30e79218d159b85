"""The fingerprint of an image file is nearly the same for its copies."""

import hashlib

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from cocofolds.copies import fingerprints
from cocofolds.copies.fingerprints import (
    SIDE,
    fingerprint,
    fingerprint_and_picture,
    perceptual_hash,
    small_picture,
)
from cocofolds.copies.pairs import MOST_BITS, correlation_of_copies
from cocofolds.errors import InputError
from tables import SAMPLE

IMAGES = sorted((SAMPLE.parent / "train").glob("*.png"))
# A photo has structure at all sizes.
LARGE = (
    np.random.default_rng(0).normal(128, 30, (300, 400)).repeat(8, 0).repeat(8, 1)
    + 60 * np.sin(np.arange(3200) / 500)
).clip(0, 255)


def re_encoded(image, path):
    image.save(path.with_suffix(".jpg"), quality=60)
    return path.with_suffix(".jpg")


def halved(image, path):
    image.resize((image.width // 2, image.height // 2)).save(path)
    return path


def brighter(image, path):
    ImageEnhance.Brightness(image).enhance(1.1).save(path)
    return path


def n_bits(first, second):
    return (first.bits ^ second.bits).bit_count()


@pytest.mark.parametrize("copy", [re_encoded, halved, brighter])
@pytest.mark.parametrize("mode", ["L", "RGB", "P", "LA"])
def test_copies_are_told(tmp_path, copy, mode):
    for number, path in enumerate(IMAGES[:4]):
        image = Image.open(path).convert("RGB")
        if copy is not re_encoded and mode != "P":
            image = image.convert(mode)
        elif mode == "P":
            image.quantize(128).save(tmp_path / "palette.png")
            path = tmp_path / "palette.png"
        found = copy(image, tmp_path / f"{number}.png")
        (one, picture), (other, its_picture) = map(
            fingerprint_and_picture, (path, found)
        )
        assert n_bits(one, other) <= MOST_BITS
        assert correlation_of_copies(picture, its_picture) > 0.99


@pytest.mark.parametrize("copy", [re_encoded, halved, brighter])
def test_copies_of_a_large_image(tmp_path, copy):
    """Of which a JPEG is read at an eighth of its size."""
    image = Image.fromarray(LARGE.astype(np.uint8))
    image.save(tmp_path / "large.png")
    one, picture = fingerprint_and_picture(tmp_path / "large.png")
    other, its_picture = fingerprint_and_picture(copy(image, tmp_path / "copy.png"))
    assert n_bits(one, other) <= MOST_BITS
    assert correlation_of_copies(picture, its_picture) > 0.99


def test_other_images_are_told_apart():
    found = [fingerprint(path) for path in IMAGES]
    assert len({one.digest for one in found}) == len(IMAGES)
    least = min(
        n_bits(one, other)
        for number, one in enumerate(found)
        for other in found[:number]
    )
    assert least > 2 * MOST_BITS


def test_digest_is_that_of_the_file():
    expected = hashlib.sha256(IMAGES[0].read_bytes()).hexdigest()
    assert fingerprint(str(IMAGES[0])).digest == expected


@pytest.mark.parametrize("grey", [0, 130, 255])
def test_one_grey_has_no_bits(tmp_path, grey):
    Image.new("L", (300, 200), grey).save(tmp_path / "grey.png")
    one, picture = fingerprint_and_picture(tmp_path / "grey.png")
    assert one.bits == 0
    assert not picture.any()


@pytest.mark.parametrize("kind", [np.uint16, np.int32, np.float32])
def test_images_of_other_numbers(tmp_path, kind):
    """An image of 12 bits in 16 is the same picture as one of 8 bits."""
    values = np.asarray(Image.open(IMAGES[0]), np.int64)
    Image.fromarray(((values * 16) + 5).astype(kind)).save(tmp_path / "image.tif")
    one, picture = fingerprint_and_picture(tmp_path / "image.tif")
    other, its_picture = fingerprint_and_picture(IMAGES[0])
    assert n_bits(one, other) == 0
    assert correlation_of_copies(picture, its_picture) > 0.999


def test_no_number(tmp_path):
    values = np.asarray(Image.open(IMAGES[0]), np.float32).copy()
    values[:50] = np.nan
    values[50:60] = np.inf
    Image.fromarray(values).save(tmp_path / "image.tif")
    assert fingerprint(tmp_path / "image.tif").bits


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (5000, 3), (63, 64)])
def test_any_size(size):
    picture = small_picture(Image.linear_gradient("L").resize(size))
    assert picture.shape == (SIDE, SIDE)
    assert perceptual_hash(picture) < 2**63


def test_hash_has_half_of_its_bits():
    picture = np.random.default_rng(0).integers(0, 65536, (SIDE, SIDE), np.uint16)
    assert perceptual_hash(picture).bit_count() == 31
    assert perceptual_hash(65535 - picture).bit_count() == 31


def test_no_image(tmp_path):
    (tmp_path / "words.png").write_text("no image")
    with pytest.raises(InputError, match=r"words\.png: not readable as an image: "):
        fingerprint(tmp_path / "words.png")


def test_cut_short(tmp_path):
    (tmp_path / "cut.png").write_bytes(IMAGES[0].read_bytes()[:1000])
    with pytest.raises(InputError, match=r"cut\.png: not readable as an image: "):
        fingerprint(tmp_path / "cut.png")


def test_missing(tmp_path):
    with pytest.raises(InputError, match=r"gone\.png: there is no such file"):
        fingerprint(tmp_path / "gone.png")


def test_too_large(monkeypatch):
    monkeypatch.setattr(fingerprints, "_LARGEST_READ", 1000)
    with pytest.raises(InputError, match=r"576x432 pixels are too many to read"):
        fingerprint(IMAGES[0])
