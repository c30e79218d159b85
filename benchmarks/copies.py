"""Measure how like their images copies are, and how like each other other images are.

python benchmarks/copies.py FOLDER ...   of images of which none is a copy

Copies are made of each image in several ways. Tiles of 64 x 64 pixels of all images are
images that look alike. What decides is in `cocofolds.copies.pairs`.
"""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

from cocofolds.copies.fingerprints import (
    Picture,
    fingerprint_and_picture,
    perceptual_hash,
    small_picture,
)
from cocofolds.copies.pairs import MOST_BITS, correlation, detail_of

TILE = 64
# What a picture is compared by.
Known = tuple[int, Picture]


def resized(image: Image.Image, way: Image.Resampling) -> Image.Image:
    """Take an image at half of its size."""
    return image.resize((image.width // 2, image.height // 2), way)


WAYS: dict[str, Callable[[Image.Image, Path], None]] = {
    "JPEG, quality 60": lambda image, path: image.save(path, "JPEG", quality=60),
    "JPEG, quality 30": lambda image, path: image.save(path, "JPEG", quality=30),
    "half size": lambda image, path: resized(image, Image.Resampling.BICUBIC).save(
        path
    ),
    "each second pixel": lambda image, path: resized(
        image, Image.Resampling.NEAREST
    ).save(path),
    "brightness + 10 %": lambda image, path: (
        ImageEnhance.Brightness(image).enhance(1.1).save(path)
    ),
    "half size, + 10 %, JPEG 75": lambda image, path: (
        ImageEnhance.Brightness(resized(image, Image.Resampling.BICUBIC))
        .enhance(1.1)
        .save(path, "JPEG")
    ),
}


def read(path: Path) -> Image.Image:
    """Read an image as JPEG can have it."""
    with Image.open(path) as image:
        return image.convert("L" if image.mode == "L" else "RGB")


def known(path: Path) -> Known:
    """Read what an image is compared by."""
    mark, picture = fingerprint_and_picture(path)
    return mark.bits, picture


def likeness(pairs: Sequence[tuple[Known, Known]]) -> list[tuple[int, float, float]]:
    """Compare pairs: bits that differ, and correlations of pictures and of details."""
    found = []
    for (bits, picture), (other_bits, other) in pairs:
        values = picture.astype(np.int64), other.astype(np.int64)
        of_detail = correlation(*map(detail_of, values))
        found.append(((bits ^ other_bits).bit_count(), correlation(*values), of_detail))
    return found


def tiles_of(image: Image.Image) -> list[Known]:
    """Cut an image into squares."""
    grey = image.convert("L")
    pictures = [
        small_picture(grey.crop((x, y, x + TILE, y + TILE)))
        for x in range(0, grey.width - TILE + 1, TILE)
        for y in range(0, grey.height - TILE + 1, TILE)
    ]
    return [(perceptual_hash(picture), picture) for picture in pictures]


def main() -> None:
    """Print a table of copies, and one of images that are none."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+")
    paths = [p for f in parser.parse_args().folders for p in sorted(f.glob("*.png"))]
    originals = [known(path) for path in paths]
    print(f"| copies of {len(paths)} images | most bits | least correlation | detail |")
    print("| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        for way, make in WAYS.items():
            copies = []
            for number, path in enumerate(paths):
                copy = Path(name, f"{number}.png")
                make(read(path), copy)
                copies.append(known(copy))
            bits, whole, detail = zip(
                *likeness(list(zip(originals, copies, strict=True))), strict=True
            )
            print(f"| {way} | {max(bits)} | {min(whole):.4f} | {min(detail):.4f} |")
    print(
        "\n| others | pairs | least bits | near by hash | most correlation of these |"
    )
    print("| --- | --- | --- | --- | --- |")
    tiles = [tile for path in paths for tile in tiles_of(read(path))]
    for what, some in (("images", originals), ("tiles", tiles)):
        codes = np.array([bits for bits, _ in some], np.uint64)
        off = [np.bitwise_count(codes[:n] ^ code) for n, code in enumerate(codes)]
        near = [
            (some[n], some[other])
            for n, row in enumerate(off)
            for other in np.flatnonzero(row <= MOST_BITS).tolist()
        ]
        most = max((whole for _, whole, _ in likeness(near)), default=0)
        n_pairs = sum(1 for _ in combinations(some, 2))
        least = min(int(row.min()) for row in off[1:])
        cells = f"{n_pairs:,} | {least} | {len(near)} | {most:.4f}"
        print(f"| {len(some):,} {what} | {cells} |")


if __name__ == "__main__":
    main()
