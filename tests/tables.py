"""Tables of masks for the workflow to read, and the plain way to read them."""

import csv
import gzip
from pathlib import Path

import numpy as np
import yaml

REPO = Path(__file__).parents[1]
SAMPLE = REPO / "data" / "sample" / "train.csv"
# The keys of the preset for tables such as the sample.
SARTORIUS = yaml.safe_load(
    (REPO / "workflow" / "dialects" / "sartorius-2021.yaml").read_text(encoding="utf-8")
)


def rectangle(x, y, width, height):
    """Write a rectangle on an image 30 pixels wide as a run-length text."""
    return " ".join(f"{30 * row + x + 1} {width}" for row in range(y, y + height))


def tiny_rows():
    """18 masks on 6 images of 30 x 20 pixels.

    The rows of the images alternate; neither the images nor the categories appear in
    the order of their names.
    """
    return [
        {
            "id": f"image-{6 - image}",
            "annotation": rectangle(5 * mask + image, 3 * mask, 4 + image, 5),
            "width": "30",
            "height": "20",
            "cell_type": ("thin", "round")[image % 2],
            "sample_id": f"plate-{image // 2}",
        }
        for mask in range(3)
        for image in range(6)
    ]


def write_table(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)


def read_table(path):
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def draw(row):
    """Draw the mask of a row, pixel by pixel along the rows of its image."""
    height, width = int(row["height"]), int(row["width"])
    pixels = np.zeros(height * width, np.uint8)
    numbers = [int(number) for number in row["annotation"].split()]
    for start, length in zip(numbers[0::2], numbers[1::2], strict=True):
        pixels[start - 1 : start - 1 + length] = 1
    return pixels.reshape(height, width)
