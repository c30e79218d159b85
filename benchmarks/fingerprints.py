"""Time the fingerprints of images beside decoding them with Pillow: processor time.

The images are made up: photos of 12 megapixels in colour as JPEG and PNG, micrographs
of 4 megapixels in grey as PNG, and pictures of 704 x 520. Both ways read each file
once, in turn, and JPEG at the smallest scale that will do.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from cocofolds.copies.fingerprints import SIDE, fingerprint

# What issue 15 asks for: times the cost of decoding.
BOUND = 1.3


def made_up(size: tuple[int, int], chance: np.random.Generator) -> Image.Image:
    """Make a grey picture with structure at several scales, and noise."""
    pixels = chance.normal(110, 3, (size[1], size[0])).astype(np.float32)
    for n_columns, strength in ((8, 40), (64, 20), (300, 6)):
        coarse = chance.normal(size=(n_columns * 3 // 4, n_columns)).astype(np.float32)
        smooth = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
        pixels += strength * np.asarray(smooth)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def in_colour(grey: Image.Image) -> Image.Image:
    """Make a colour picture of a grey one."""
    shades = [grey.point([v * n // 10 for v in range(256)]) for n in (10, 9, 7)]
    return Image.merge("RGB", shades)


def write_images(folder: Path, n_images: int) -> dict[str, list[Path]]:
    """Write the images of each kind; return their paths."""
    chance = np.random.default_rng(0)
    paths: dict[str, list[Path]] = {}
    for n in range(n_images):
        photo = in_colour(made_up((4000, 3000), chance))
        micrograph, small = (
            made_up(size, chance) for size in ((2048, 2048), (704, 520))
        )
        for kind, image, name in (
            ("photos, JPEG", photo, "photo.jpg"),
            ("photos, PNG", photo, "photo.png"),
            ("micrographs, PNG", micrograph, "micrograph.png"),
            ("704 x 520, JPEG", small, "small.jpg"),
            ("704 x 520, PNG", small, "small.png"),
        ):
            path = folder / f"{n}-{name}"
            image.save(path, quality=90)
            paths.setdefault(kind, []).append(path)
    return paths


def decode(path: Path) -> None:
    """Decode an image with Pillow."""
    with Image.open(path) as image:
        image.draft(image.mode, (2 * SIDE, 2 * SIDE))
        image.load()


def seconds(way: Callable[[Path], object], path: Path) -> float:
    """Tell how long a way takes for an image, in processor time."""
    start = time.process_time()
    way(path)
    return time.process_time() - start


def main() -> None:
    """Print a table of milliseconds an image."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=5, help="of each kind")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        paths = write_images(Path(name), options.images)
        print("| images | decoded, ms | fingerprint, ms | ratio | bound |")
        print("| --- | --- | --- | --- | --- |")
        totals = np.zeros(2)
        for kind, some in paths.items():
            # Of each image, the quickest of some rounds of both.
            least = np.min(
                [
                    [
                        [seconds(way, path) for path in some]
                        for way in (decode, fingerprint)
                    ]
                    for _ in range(options.rounds)
                ],
                axis=0,
            )
            decoded, taken = 1000 * least.mean(axis=1)
            totals += decoded, taken
            cells = f"{decoded:.2f} | {taken:.2f} | {taken / decoded:.2f}"
            print(f"| {kind} | {cells} | {BOUND} |")
        print(f"| all | | | {totals[1] / totals[0]:.2f} | {BOUND} |")


if __name__ == "__main__":
    main()
