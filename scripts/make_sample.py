"""Draw the embedded sample: a small made-up stand-in for the competition data.

Nothing goes in but the constants below. Out come ``train.csv``, one row a mask, and
``train/{id}.png``, one 8-bit greyscale phase contrast image of 576 x 432 pixels for
each image id. The table has the columns of Kaggle's Sartorius 2021 competition:

=================== ==========================================================
column              content
=================== ==========================================================
id                  image id, 12 hex digits; the rows of an image are adjacent
annotation          mask as "start length start length ...", row-major, 1-based
width, height       image size in pixels
cell_type           ``shsy5y``, ``astro`` or ``cort``; some images have several
plate_time          time since plating, such as ``11h30m00s``
sample_date         date of the plate, such as ``2019-06-16``
sample_id           well of the plate, shared by two images
elapsed_timedelta   the plate time again, such as ``0 days 11:30:00``
=================== ==========================================================

Each type is the most frequent one of 10 images in 5 wells, so that 10 folds by image
and 5 by well all hold it.

A cell is a set of branches, chains of circles joined into tapered limbs. Its signed
distance, read on smoothly warped coordinates, gives both the mask (where it is
negative) and the optical thickness from which the image is made.

The files are the same on every run. Whatever decides a pixel is kept to integer sums
and to + - * / sqrt on float64, which every machine rounds alike; only the compression
of the PNG files is up to the zlib that Pillow was built with.
"""

import argparse
import csv
import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
Pixels: TypeAlias = npt.NDArray[np.uint8]
Mask: TypeAlias = npt.NDArray[np.bool_]
Random: TypeAlias = np.random.Generator
Row: TypeAlias = dict[str, str | int]

WIDTH, HEIGHT = 576, 432
SEED = 20190616
IMAGES_PER_WELL = 2
MAX_OVERLAP = 0.06
MIN_AREA = 40
GREY_STEP = 3


class Circle(NamedTuple):
    """Centre and radius in pixels."""

    x: float
    y: float
    radius: float


Branch: TypeAlias = list[Circle]


class Cell(NamedTuple):
    """Branches that make up a cell, the soma first, and a circle cut out of it."""

    branches: list[Branch]
    gap: Circle | None = None


class CellType(NamedTuple):
    """How cells of one type are drawn, placed and seen.

    ``masks`` is the least and the largest number an image, ``clumping`` the chance
    that a cell is placed beside an earlier one, ``spacing`` their distance in pixels,
    ``blend`` the width in pixels over which limbs merge and ``thickness`` the optical
    thickness; cells look darkest at 1 and bright from 2 on.
    """

    draw: Callable[[Random, float, float], Cell]
    masks: tuple[int, int]
    clumping: float
    spacing: tuple[float, float]
    blend: float
    thickness: float


class Well(NamedTuple):
    """A well: its sample id, the date of its plate, and its cells.

    ``shares`` has, for each cell type in the well, its number of cells as a share of
    what the type has where it is alone.
    """

    sample_id: str
    sample_date: str
    shares: dict[str, float]


WELLS = [
    Well("astro[cereb]_A2-1_Vessel-361_Ph_1", "2019-09-21", {"astro": 1}),
    Well("astro[cereb]_A5-3_Vessel-361_Ph_1", "2019-09-21", {"astro": 1}),
    Well("astro+cort_B3-2_Vessel-361_Ph_2", "2019-09-21", {"astro": 1, "cort": 0.3}),
    Well("cort[low]_C3-2_Vessel-361_Ph_2", "2019-09-21", {"cort": 1}),
    Well("cort[low]_C8-1_Vessel-361_Ph_4", "2019-09-21", {"cort": 1}),
    Well("shsy5y[diff]_E4-4_Vessel-361_Ph_3", "2019-09-21", {"shsy5y": 1}),
    Well("shsy5y[diff]_F10-1_Vessel-361_Ph_3", "2019-09-21", {"shsy5y": 1}),
    Well(
        "shsy5y+astro+cort_G7-1_Vessel-361_Ph_4",
        "2019-09-21",
        {"astro": 0.4, "cort": 0.5, "shsy5y": 0.7},
    ),
    Well("astro[hippo]_A3-3_Vessel-714_Ph_1", "2019-10-05", {"astro": 1}),
    Well("astro[hippo]_B9-1_Vessel-714_Ph_2", "2019-10-05", {"astro": 1}),
    Well("cort+astro_C2-2_Vessel-714_Ph_1", "2019-10-05", {"astro": 0.4, "cort": 0.8}),
    Well("cort[high]_C5-4_Vessel-714_Ph_1", "2019-10-05", {"cort": 1}),
    Well("cort[high]_D6-2_Vessel-714_Ph_2", "2019-10-05", {"cort": 1}),
    Well("shsy5y[nodiff]_F6-2_Vessel-714_Ph_1", "2019-10-05", {"shsy5y": 1}),
    Well("shsy5y[nodiff]_G4-3_Vessel-714_Ph_2", "2019-10-05", {"shsy5y": 1}),
]


def between(rng: Random, low: float, high: float) -> float:
    """Draw one float from [low, high)."""
    return low + (high - low) * float(rng.random())


def unit_vector(x: float, y: float) -> tuple[float, float]:
    """Scale a vector to length one."""
    length = math.sqrt(x * x + y * y)
    return x / length, y / length


def random_direction(rng: Random) -> tuple[float, float]:
    """Draw a unit vector, by rejection so that no sine is needed."""
    while True:
        x, y = between(rng, -1, 1), between(rng, -1, 1)
        if 0.01 < x * x + y * y < 1:
            return unit_vector(x, y)


def grow_branch(
    rng: Random, start: Circle, length: float, tip_radius: float, wobble: float
) -> Branch:
    """Grow a branch of `length` pixels in any direction, tapered to its tip.

    Each step of about 9 pixels turns by `wobble` times a random unit vector.
    """
    steps = max(1, round(length / 9))
    stride = length / steps
    taper = (tip_radius - start.radius) / steps
    direction = random_direction(rng)
    branch = [start]
    for _ in range(steps):
        turn = random_direction(rng)
        direction = unit_vector(
            direction[0] + wobble * turn[0], direction[1] + wobble * turn[1]
        )
        x, y, radius = branch[-1]
        branch.append(
            Circle(x + stride * direction[0], y + stride * direction[1], radius + taper)
        )
    return branch


def draw_shsy5y(rng: Random, x: float, y: float) -> Cell:
    """Draw a small roundish cell, often with a short protrusion or two."""
    centre = Circle(x, y, between(rng, 7, 10))
    tip_radius = centre.radius * between(rng, 0.6, 1)
    branches = [grow_branch(rng, centre, between(rng, 1, 9), tip_radius, wobble=0)]
    for _ in range(rng.integers(0, 3)):
        root = Circle(x, y, between(rng, 2.5, 5))
        branches.append(grow_branch(rng, root, between(rng, 10, 27), 1.4, wobble=0.4))
    return Cell(branches)


def draw_astro(rng: Random, x: float, y: float) -> Cell:
    """Draw a large irregular cell with lobes, at times with a hole in it."""
    centre = Circle(x, y, between(rng, 12, 19))
    tip_radius = between(rng, 8, 14)
    branches = [grow_branch(rng, centre, between(rng, 4, 22), tip_radius, wobble=0.3)]
    for _ in range(rng.integers(3, 7)):
        root = Circle(x, y, between(rng, 7, 14))
        length, tip_radius = between(rng, 22, 65), between(rng, 1.5, 8)
        branches.append(grow_branch(rng, root, length, tip_radius, wobble=0.45))
    hole = Circle(x, y, between(rng, 3, 5))
    return Cell(branches, gap=hole if rng.random() < 0.15 else None)


def draw_cort(rng: Random, x: float, y: float) -> Cell:
    """Draw a small soma with thin neurites, at times with a neurite broken in two."""
    centre = Circle(x, y, between(rng, 6.5, 9.5))
    tip_radius = centre.radius * between(rng, 0.5, 0.9)
    branches = [grow_branch(rng, centre, between(rng, 2, 8), tip_radius, wobble=0)]
    for _ in range(rng.integers(1, 4)):
        root = Circle(x, y, between(rng, 2, 3))
        neurite = grow_branch(rng, root, between(rng, 25, 90), 1.4, wobble=0.35)
        branches.append(neurite)
        if rng.random() < 0.35:
            fork = neurite[len(neurite) // 2]
            branches.append(grow_branch(rng, fork, between(rng, 15, 45), 1.4, 0.35))
    cut = branches[1][len(branches[1]) // 2]._replace(radius=4)
    return Cell(branches, gap=cut if rng.random() < 0.1 else None)


# The largest first: in a mixed culture the others find room between them.
CELL_TYPES = {
    "astro": CellType(
        draw_astro, (17, 21), clumping=0.3, spacing=(45, 80), blend=12, thickness=0.8
    ),
    "cort": CellType(
        draw_cort, (29, 35), clumping=0.3, spacing=(20, 60), blend=3, thickness=1.3
    ),
    "shsy5y": CellType(
        draw_shsy5y, (90, 106), clumping=0.95, spacing=(13, 20), blend=5, thickness=1.2
    ),
}


def box_sum(values: Integers, radius: int) -> Integers:
    """Sum over squares of side 2 * radius + 1; each axis loses 2 * radius entries."""
    for _ in range(2):  # each pass sums along the columns and swaps the axes
        sums = np.cumsum(np.pad(values, ((1, 0), (0, 0))), axis=0)
        values = (sums[2 * radius + 1 :] - sums[: -2 * radius - 1]).T
    return values


def smooth_noise(rng: Random, radius: int) -> Floats:
    """Draw (height, width) noise from -1 to 1 with blobs about 4 `radius` wide."""
    margin = 6 * radius
    noise = rng.integers(0, 1 << 16, (HEIGHT + margin, WIDTH + margin), np.int64)
    for _ in range(3):
        noise = box_sum(noise, radius)
    low, high = int(noise.min()), int(noise.max())
    return (noise - low) / (high - low) * 2 - 1


def blur(values: Floats, radius: int) -> Floats:
    """Blur a (height, width) array by three box means, in fixed point to 1e-4."""
    fixed = np.pad(np.rint(values * 1e4).astype(np.int64), 3 * radius, mode="edge")
    for _ in range(3):
        fixed = box_sum(fixed, radius)
    return fixed / (1e4 * (2 * radius + 1) ** 6)


def branch_distance(branch: Branch, x: Floats, y: Floats) -> Floats:
    """Measure the signed distance from each (x, y) to a branch, negative inside."""
    distance = np.full_like(x, np.inf)
    for start, end in pairwise(branch):
        dx, dy = end.x - start.x, end.y - start.y
        along = ((x - start.x) * dx + (y - start.y) * dy) / (dx * dx + dy * dy)
        along = np.clip(along, 0, 1)
        off_x, off_y = x - start.x - along * dx, y - start.y - along * dy
        radius = start.radius + along * (end.radius - start.radius)
        distance = np.minimum(distance, np.sqrt(off_x * off_x + off_y * off_y) - radius)
    return distance


def cell_distance(cell: Cell, x: Floats, y: Floats, blend: float) -> Floats:
    """Measure the signed distance from each (x, y) to a cell, negative inside.

    Where two branches are less than `blend` pixels apart, the corner between them is
    filled (the polynomial smooth minimum).
    """
    distance = branch_distance(cell.branches[0], x, y)
    for branch in cell.branches[1:]:
        other = branch_distance(branch, x, y)
        share = np.clip(0.5 + (other - distance) / (2 * blend), 0, 1)
        distance = other + (distance - other) * share - blend * share * (1 - share)
    if cell.gap:
        off_x, off_y = x - cell.gap.x, y - cell.gap.y
        from_centre = np.sqrt(off_x * off_x + off_y * off_y)
        distance = np.maximum(distance, cell.gap.radius - from_centre)
    return distance


def cell_thickness(
    cell: Cell, x: Floats, y: Floats, distance: Floats, grain: Floats
) -> Floats:
    """Thin a cell out towards its outline, with a grainy body and a thick nucleus.

    All arrays are of the shape of the cell's window; 1 is the usual full thickness.
    """
    depth = np.maximum(-distance, 0)
    soma = cell.branches[0]
    soma_depth = -branch_distance(soma, x, y) / soma[0].radius
    nucleus = np.clip(3 * soma_depth - 1.2, 0, 1)
    body = 1 + 0.9 * grain + nucleus * (0.45 - 0.5 * grain)
    return depth / (depth + 2.5) * body


def window_around(cell: Cell, margin: float) -> tuple[slice, slice]:
    """Find the rows and columns of the image that hold a cell and a margin (pixels)."""
    circles = [circle for branch in cell.branches for circle in branch]
    margin += max(circle.radius for circle in circles)
    rows = [circle.y for circle in circles]
    columns = [circle.x for circle in circles]
    return (
        slice(max(0, int(min(rows) - margin)), int(max(rows) + margin)),
        slice(max(0, int(min(columns) - margin)), int(max(columns) + margin)),
    )


def pick_position(
    rng: Random, cell_type: CellType, positions: list[tuple[float, float]]
) -> tuple[float, float]:
    """Pick where the next soma goes: beside an earlier one or anywhere."""
    if positions and rng.random() < cell_type.clumping:
        x, y = positions[rng.integers(len(positions))]
        direction = random_direction(rng)
        distance = between(rng, *cell_type.spacing)
        x, y = x + distance * direction[0], y + distance * direction[1]
        if 0 <= x < WIDTH and 0 <= y < HEIGHT:
            return x, y
    return between(rng, 0, WIDTH), between(rng, 0, HEIGHT)


def grow_culture(
    rng: Random, shares: dict[str, float]
) -> tuple[list[tuple[str, Mask]], Floats]:
    """Fill one image with cells that hardly overlap.

    Returns
    -------
    masks
        The type and the mask of each cell, bool of shape (height, width).
    thickness
        Optical thickness of all cells, float64 of shape (height, width); 0 is none.
    """
    y, x = np.indices((HEIGHT, WIDTH), dtype=np.float64)
    x += 9 * smooth_noise(rng, 7) + 3 * smooth_noise(rng, 2)
    y += 9 * smooth_noise(rng, 7) + 3 * smooth_noise(rng, 2)
    grain = smooth_noise(rng, 1)
    thickness = np.zeros((HEIGHT, WIDTH))
    taken = np.zeros((HEIGHT, WIDTH), np.bool_)
    masks: list[tuple[str, Mask]] = []
    for name, share in shares.items():
        cell_type = CELL_TYPES[name]
        wanted = round(share * int(rng.integers(*cell_type.masks, endpoint=True)))
        positions: list[tuple[float, float]] = []
        while len(positions) < wanted:
            position = pick_position(rng, cell_type, positions)
            cell = cell_type.draw(rng, *position)
            window = window_around(cell, margin=12)
            near_x, near_y = x[window], y[window]
            distance = cell_distance(cell, near_x, near_y, cell_type.blend)
            inside = distance < 0
            area = np.count_nonzero(inside)
            overlap = np.count_nonzero(inside & taken[window])
            if area < MIN_AREA or overlap > MAX_OVERLAP * area:
                continue
            mask = np.zeros_like(taken)
            mask[window] = inside
            masks.append((name, mask))
            positions.append(position)
            taken |= mask
            full = cell_type.thickness * between(rng, 0.7, 1.3)
            thickness[window] += full * cell_thickness(
                cell, near_x, near_y, distance, grain[window]
            )
    return masks, thickness


def phase_contrast(rng: Random, thickness: Floats) -> Pixels:
    """Make the uint8 image of a culture: dark cells, or bright where thick, in halos.

    Few grey levels, a multiple of `GREY_STEP` each, keep the PNG small.
    """
    # The peaks of a noise field serve as debris that no mask covers.
    thickness = thickness + 3 * np.maximum(smooth_noise(rng, 2) - 0.72, 0)
    halo = 1.7 * blur(thickness, 2) + 0.7 * blur(thickness, 8)
    shade = thickness * (2 - thickness)
    light = 9 * smooth_noise(rng, 50)
    texture = 5 * smooth_noise(rng, 2) + 6 * smooth_noise(rng, 1)
    grey = 124 + light + texture + 65 * (halo - 1.9 * shade)
    levels: Floats = np.rint(grey / GREY_STEP) * GREY_STEP
    return np.clip(levels, 0, 255).astype(np.uint8)


def encode_runs(mask: Mask) -> str:
    """Write a mask as "start length ..." of its maximal runs, row-major and 1-based."""
    edges = np.flatnonzero(np.diff(mask.ravel(), prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2]
    runs = np.stack([starts + 1, ends - starts], axis=1)
    return " ".join(map(str, runs.ravel()))


def make_image(rng: Random, well: Well, number: int) -> tuple[str, Pixels, list[Row]]:
    """Make image `number` of a well: its id, its pixels and its table rows."""
    image_id = rng.bytes(6).hex()
    hours, minutes = divmod(330 * number + 30 * int(rng.integers(3, 10)), 60)
    masks, thickness = grow_culture(rng, well.shares)
    rows: list[Row] = [
        {
            "id": image_id,
            "annotation": encode_runs(mask),
            "width": WIDTH,
            "height": HEIGHT,
            "cell_type": cell_type,
            "plate_time": f"{hours:02}h{minutes:02}m00s",
            "sample_date": well.sample_date,
            "sample_id": well.sample_id,
            "elapsed_timedelta": f"0 days {hours:02}:{minutes:02}:00",
        }
        for cell_type, mask in masks
    ]
    return image_id, phase_contrast(rng, thickness), rows


def main() -> None:
    """Write the table and the images into the output folder."""
    parser = argparse.ArgumentParser(description="Draw the embedded sample.")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(__file__).resolve().parent.parent / "data" / "sample",
        help="folder for train.csv and train/ (default: data/sample)",
    )
    output: Path = parser.parse_args().output
    (output / "train").mkdir(parents=True, exist_ok=True)

    images = [(well, number) for well in WELLS for number in range(IMAGES_PER_WELL)]
    seeds = np.random.SeedSequence(SEED).spawn(len(images))
    table: list[Row] = []
    for seed, (well, number) in zip(seeds, images, strict=True):
        rng = np.random.Generator(np.random.PCG64(seed))
        image_id, pixels, rows = make_image(rng, well, number)
        Image.fromarray(pixels).save(output / f"train/{image_id}.png", optimize=True)
        table += rows

    # Sorted by id, the cell types are mixed as in the competition's table.
    table.sort(key=lambda row: row["id"])
    with (output / "train.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)


if __name__ == "__main__":
    main()
