"""Fingerprints of image files: what tells a file, and what tells a picture, again."""

from hashlib import file_digest
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cocofolds.errors import InputError
from cocofolds.sources.image_files import IMAGE_FORMATS

#: Pixels of each side of the small picture by which two images are compared.
SIDE = 64

Picture = NDArray[np.uint16]

# An image is averaged to twice as many pixels to a side, by whole numbers, which is
# fast, and then resized with the weights of a triangle. No more of a JPEG is decoded.
_FINER = 2 * SIDE
# Pixels that Pillow may unpack: it reads a file as a whole, unless it is a JPEG.
_LARGEST_READ = 10 * 4096 * 4096

# The lowest frequencies in each direction. Sums of such whole numbers are exact, so
# every machine has the same.
_FREQUENCIES = 8
_COSINES = np.round(
    256
    * np.cos(np.pi / SIDE * np.outer(np.arange(_FREQUENCIES), np.arange(SIDE) + 0.5))
)


class Fingerprint(NamedTuple):
    """What tells an image again.

    Attributes
    ----------
    digest : str
        The SHA-256 of the file.
    bits : int
        64 bits that are nearly the same for two files of one picture; 0 for a picture
        of one grey, which has nothing to tell it by.
    """

    digest: str
    bits: int


def fingerprint(path: str | Path) -> Fingerprint:
    """Take the fingerprint of an image file.

    Raises
    ------
    InputError
        If it cannot be read as an image.
    """
    return fingerprint_and_picture(path)[0]


def fingerprint_and_picture(path: str | Path) -> tuple[Fingerprint, Picture]:
    """Take the fingerprint of an image file, and the small picture of it, at once.

    Returns
    -------
    fingerprint : Fingerprint
    picture : (SIDE, SIDE) uint16
        See `small_picture`.

    Raises
    ------
    InputError
        If it cannot be read as an image.
    """
    # The limit is that of this module, which knows what is read.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with open(path, "rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
            with Image.open(file, formats=IMAGE_FORMATS) as image:
                # Of a JPEG, a half, a quarter or an eighth of the pixels is read.
                image.draft(image.mode, (_FINER, _FINER))
                width, height = image.size
                if width * height <= _LARGEST_READ:
                    picture = small_picture(image)
                    return Fingerprint(digest, perceptual_hash(picture)), picture
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file.") from None
    # Pillow raises errors of many kinds.
    except Exception as error:
        said = str(error) or type(error).__name__
        raise InputError(f"{path}: not readable as an image: {said}.") from None
    raise InputError(
        f"{path}: {width}x{height} pixels are too many to read. Of an image of more"
        f" than {_LARGEST_READ:,} pixels, only a JPEG can be compared."
    )


def small_picture(image: Image.Image) -> Picture:
    """Shrink an image to grey values of a square, whatever its proportions.

    Parameters
    ----------
    image : PIL image

    Returns
    -------
    (SIDE, SIDE) uint16
        From 0, the darkest, to 65535, the brightest; all 0 if they are the same.
    """
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        numbers = np.asarray(image).astype(np.float32)
        grey = Image.fromarray(np.nan_to_num(numbers, nan=0, posinf=0, neginf=0))
    else:
        grey = image.convert("L")
    if (factor := min(grey.size) // _FINER) > 1:
        grey = grey.reduce(factor)
    shrunk = grey.convert("F").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    values = np.asarray(shrunk, np.float64)
    darkest, brightest = values.min(), values.max()
    if darkest == brightest:
        return np.zeros((SIDE, SIDE), np.uint16)
    spread = (values - darkest) * (65535 / (brightest - darkest))
    picture: Picture = (spread + 0.5).astype(np.uint16)
    return picture


def perceptual_hash(picture: Picture) -> int:
    """Take 64 bits of a small picture that tell it again.

    The picture is taken for a sum of waves, as in a JPEG. Of the 63 with the lowest
    frequencies that are not the mean, a bit says whether there is more of it than of
    half of the others; the first bit is 0.

    Parameters
    ----------
    picture : (SIDE, SIDE) uint16

    References
    ----------
    C. Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions,
    2010, section 3.2.1.
    """
    waves = (_COSINES @ picture.astype(np.float64) @ _COSINES.T).ravel()
    waves[0] = np.sort(waves[1:])[len(waves) // 2 - 1]
    return int.from_bytes(np.packbits(waves > waves[0]).tobytes())
