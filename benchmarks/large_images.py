"""Time the previews of 12-megapixel photos with 10 masks: processor time a preview.

Beside it is the plain way: read the photo and draw each mask at full size, then
shrink the picture. Both write a PNG of the same size. The largest memory is that of the
process so far, so the workflow's way comes first.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any

import numpy as np
from PIL import Image
from pycocotools import mask as coco_mask

from cocofolds.report.colours import colours_of
from cocofolds.report.gallery import gallery_entry, share_of_gallery
from cocofolds.report.previews import (
    LONGEST_SIDE,
    draw_preview,
    read_background,
    save_png,
)

WIDTH, HEIGHT = SIZE = 4000, 3000
N_MASKS = 10
NAMES = {1: "tree", 2: "house", 3: "road"}

Annotations = list[dict[str, Any]]


def write_photo(path: Path, seed: int) -> Annotations:
    """Write a JPEG with structure at several scales, and make masks for it."""
    chance = np.random.default_rng(seed)
    pixels = np.full((HEIGHT, WIDTH), 128, np.float32)
    for n_columns, strength in ((8, 60), (64, 40), (400, 20), (1500, 8)):
        coarse = chance.normal(size=(n_columns * 3 // 4, n_columns)).astype(np.float32)
        smooth = Image.fromarray(coarse).resize(SIZE, Image.Resampling.BICUBIC)
        pixels += strength * np.asarray(smooth)
    grey = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    shades = [grey.point([v * n // 10 for v in range(256)]) for n in (10, 9, 7)]
    Image.merge("RGB", shades).save(path, quality=88)
    return [made_up(number, chance) for number in range(1, N_MASKS + 1)]


def made_up(number: int, chance: np.random.Generator) -> dict[str, Any]:
    """Make up a mask with a rough outline."""
    turns = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    radii = chance.uniform(150, 500) * chance.uniform(0.8, 1, len(turns))
    centre = chance.uniform(0, WIDTH), chance.uniform(0, HEIGHT)
    corners = radii[:, None] * np.stack([np.cos(turns), np.sin(turns)], 1) + centre
    polygons = [corners.ravel().tolist()]
    mask = coco_mask.merge(coco_mask.frPyObjects(polygons, HEIGHT, WIDTH))
    area = int(coco_mask.area(mask))
    mask["counts"] = mask["counts"].decode()
    return {"category_id": 1 + number % 3, "segmentation": mask, "area": area}


def preview(path: Path, annotations: Annotations) -> None:
    """Draw a photo as the rule `preview` does."""
    background = read_background(path, SIZE)
    save_png(draw_preview(background, SIZE, annotations, NAMES), BytesIO())


def preview_and_gallery(path: Path, annotations: Annotations) -> None:
    """Draw a photo as the rule `draw_previews` does, for a gallery of 60."""
    background = read_background(path, SIZE)
    save_png(draw_preview(background, SIZE, annotations, NAMES), BytesIO())
    image = {"name": path.stem, "source_id": path.stem, "file_name": path.name}
    most_bytes = share_of_gallery(60)
    gallery_entry(image, background, SIZE, annotations, NAMES, [], most_bytes)


def plain(path: Path, annotations: Annotations) -> None:
    """Draw a photo at full size, and shrink the picture."""
    with Image.open(path) as image:
        pixels = np.array(image.convert("RGB"))
    colours = colours_of(annotations, NAMES)
    for annotation, rgb in zip(annotations, colours, strict=True):
        mask = coco_mask.decode(annotation["segmentation"]).astype(bool)
        pixels[mask] = 2 / 3 * pixels[mask] + np.array(rgb) / 3
    picture = Image.fromarray(pixels)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    picture.save(BytesIO(), "PNG")


def main() -> None:
    """Print seconds a photo of each way, and the memory up to then."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=10)
    n_photos = parser.parse_args().photos
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{number}.jpg") for number in range(n_photos)]
        # In a process of its own, whose memory does not count.
        with ProcessPoolExecutor(1) as pool:
            masks = [*pool.map(write_photo, paths, range(n_photos))]
        before = getrusage(RUSAGE_SELF).ru_maxrss / 1024
        print(f"memory before: {before:.0f} MB")
        ways: list[Callable[[Path, Annotations], None]]
        ways = [preview, preview_and_gallery, plain]
        for way in ways:
            seconds = []
            for path, annotations in zip(paths, masks, strict=True):
                start = time.process_time()
                way(path, annotations)
                seconds.append(time.process_time() - start)
            peak = getrusage(RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{way.__name__:20} median {statistics.median(seconds):.2f} s,"
                f" slowest {max(seconds):.2f} s, memory up to then {peak:.0f} MB"
            )


if __name__ == "__main__":
    main()
