"""Make a table of run-length masks as large as a competition's, or N times as large.

As in the Sartorius 2021 competition: 606 images of 704x520 pixels with 73,585 masks in
three categories, about 28 runs a mask. The table is written row by row: memory does not
follow its size.
"""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

WIDTH, HEIGHT = 704, 520
COLUMNS = ("id", "annotation", "width", "height", "cell_type", "sample_id")
# Category: images, masks.
FULL_SIZE = {"cort": (320, 10_777), "shsy5y": (155, 52_286), "astro": (131, 10_522)}
N_SHAPES = 1000
IMAGES_PER_SAMPLE = 8

# Row, first column and length of each run.
Shape = list[tuple[int, int, int]]


def make_shape(rng: np.random.Generator) -> Shape:
    """Make a mask whose outline wanders from row to row, as that of a cell does."""
    n_rows = int(np.clip(rng.normal(28, 12), 3, 90))
    arch = np.sqrt(1 - np.linspace(-0.95, 0.95, n_rows) ** 2)
    half_widths = (arch * rng.uniform(4, 16)).clip(1)
    centres = 32 + rng.normal(0, 0.6, n_rows).cumsum().clip(-15, 15)
    first = np.rint(centres - half_widths).astype(int)
    lengths = np.rint(centres + half_widths).astype(int) - first + 1
    return list(zip(range(n_rows), first.tolist(), lengths.tolist(), strict=True))


def make_rows(scale: int, seed: int) -> Iterator[tuple[str, str, int, int, str, str]]:
    """Make the rows of the table, image after image.

    Parameters
    ----------
    scale : int
        How many times the full size.
    seed : int

    Yields
    ------
    tuple
        The fields of `COLUMNS`.
    """
    rng = np.random.default_rng(seed)
    shapes = [make_shape(rng) for _ in range(N_SHAPES)]
    for category, (n_images, n_masks) in FULL_SIZE.items():
        masks_in_image = np.full(n_images * scale, n_masks // n_images)
        masks_in_image[: n_masks * scale - masks_in_image.sum()] += 1
        for image, n_here in enumerate(masks_in_image.tolist()):
            image_id = f"{category[:2]}{image:010d}"
            sample = f"{category}_{image // IMAGES_PER_SAMPLE}"
            tops = rng.integers(0, HEIGHT - 90, n_here).tolist()
            lefts = rng.integers(0, WIDTH - 64, n_here).tolist()
            chosen = rng.integers(0, N_SHAPES, n_here).tolist()
            for top, left, shape in zip(tops, lefts, chosen, strict=True):
                offset = top * WIDTH + left + 1
                runs = " ".join(
                    f"{row * WIDTH + column + offset} {length}"
                    for row, column, length in shapes[shape]
                )
                yield image_id, runs, WIDTH, HEIGHT, category, sample


def write_workload(path: Path, scale: int, seed: int = 0) -> None:
    """Write the table to a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(make_rows(scale, seed))


def main() -> None:
    """Write the table that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path, help="the CSV file to write")
    parser.add_argument("--scale", type=int, default=1, help="times the full size")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    write_workload(arguments.output, arguments.scale, arguments.seed)


if __name__ == "__main__":
    main()
