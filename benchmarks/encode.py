"""Time the encoding of masks beside the other ways to do it: us a mask.

All ways get the same texts in the same run, in turns, and give COCO's compressed
counts, area and box. What they give is compared first.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rlemasklib import RLEMask

from cocofolds.masks.encoding import encode_masks
from cocofolds.masks.run_lengths import in_batches
from cocofolds.sources.records import Dialect, Source, TableRow
from cocofolds.sources.table import read_table_source
from make_workload import write_workload
from notebook import encode as decode_and_encode

REPOSITORY = Path(__file__).resolve().parent.parent
PRESET = REPOSITORY / "workflow" / "dialects" / "sartorius-2021.yaml"
SARTORIUS = Dialect(**yaml.safe_load(PRESET.read_text(encoding="utf-8")))

Mask = tuple[str, int, list[int]]


def ours(rows: list[TableRow]) -> list[Mask]:
    """Encode in batches, as the workflow does."""
    masks: list[Mask] = []
    for batch in in_batches(rows, lambda row: len(row.runs)):
        heights = np.array([int(row.height) for row in batch])
        widths = np.array([int(row.width) for row in batch])
        texts = [row.runs for row in batch]
        encoded = encode_masks(texts, heights, widths, "row")
        areas, boxes = encoded.areas.tolist(), encoded.boxes.tolist()
        masks += zip(encoded.counts, areas, boxes, strict=True)
    return masks


def with_rlemasklib(rows: list[TableRow]) -> list[Mask]:
    """Encode one by one with rlemasklib, which transposes runs in C."""
    masks = []
    for row in rows:
        height, width = int(row.height), int(row.width)
        numbers = np.fromstring(row.runs, np.int64, sep=" ")
        edges = np.empty(len(numbers) + 1, np.int64)
        edges[0:-1:2] = numbers[0::2] - 1
        edges[1::2] = edges[0:-1:2] + numbers[1::2]
        edges[-1] = height * width
        counts = np.diff(edges, prepend=0).astype(np.uint32)
        mask = RLEMask.from_counts(counts, (height, width), order="C")
        code = mask.to_dict()["counts"]
        box = [int(number) for number in mask.bbox()]
        masks.append((code.decode(), int(mask.area()), box))
    return masks


def with_pictures(rows: list[TableRow]) -> list[Mask]:
    """Decode each mask to a picture and encode that with pycocotools."""
    masks = []
    for row in rows:
        code: Any = decode_and_encode(row.runs, int(row.height), int(row.width))
        box = [int(number) for number in code["bbox"]]
        masks.append((code["segmentation"]["counts"], code["area"], box))
    return masks


WAYS: dict[str, Callable[[list[TableRow]], list[Mask]]] = {
    "cocofolds": ours,
    "rlemasklib": with_rlemasklib,
    "decode and encode": with_pictures,
}


def measure(rows: list[TableRow], repeats: int) -> dict[str, float]:
    """Take the median time of each way, in us a mask."""
    results = [way(rows) for way in WAYS.values()]
    if any(result != results[0] for result in results):
        raise SystemExit("The ways differ in what they give.")
    times: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(repeats):
        for name, way in WAYS.items():
            start = time.perf_counter()
            way(rows)
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(t) / len(rows) * 1e6 for name, t in times.items()}


def main() -> None:
    """Print the table for the data that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a CSV file in the Sartorius layout")
    parser.add_argument("--masks", type=int, default=10_000, help="how many to encode")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = arguments.data
        if data is None:
            data = Path(folder) / "workload.csv"
            write_workload(data, scale=1)
        source = Source([str(data)], [SARTORIUS])
        rows = list(read_table_source(source, str(data), SARTORIUS, 1, []))
    # Neighbouring rows, as a shard has them, from all over the table.
    step = max(1, len(rows) // arguments.masks)
    rows = [row for place, row in enumerate(rows) if place // 500 % step == 0]
    times = measure(rows, arguments.repeats)
    print(f"{len(rows)} masks, median of {arguments.repeats}\n")
    print("| way | us a mask | times as long |\n| --- | --- | --- |")
    for name, microseconds in times.items():
        ratio = microseconds / times["cocofolds"]
        print(f"| {name} | {microseconds:.1f} | {ratio:.1f} |")


if __name__ == "__main__":
    main()
