"""Time a first pass over a table, which parts of it would need, beside `index`.

To read a table in parts, one has to know where rows begin, how many there are, and
which images appear first in which part. Processor time of one core, each way once over
the same workload: the rows as Python's csv module reads them; the first field of each
line as bytes, which is right where no field has quotes; and the whole of `index`.
"""

import argparse
import csv
import logging
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cocofolds.config.settings import completed_settings
from cocofolds.config.source_settings import SOURCE_KEYS, source_settings
from cocofolds.dataset.index import IndexSettings
from cocofolds.dataset.source_index import SourceSettings, make_index
from cocofolds.masks.cleaning import Hygiene
from cocofolds.settings import Numbering
from cocofolds.sources.records import source_of
from cocofolds.workflow_files import workflow_files
from make_workload import write_workload


def rows_by_csv(table: Path) -> int:
    """Note where images appear first; return how many rows there are."""
    first: dict[str, int] = {}
    with table.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        column = next(rows).index("id")
        number = 0
        for number, row in enumerate(rows, 1):
            first.setdefault(row[column], number)
    return number


def rows_by_lines(table: Path) -> int:
    """Do the same where the id comes first and no field has quotes."""
    first: dict[bytes, int] = {}
    with table.open("rb") as file:
        next(file)
        number = 0
        for number, line in enumerate(file, 1):
            first.setdefault(line.partition(b",")[0], number)
    return number


def whole_index(table: Path) -> int:
    """Index the table as the workflow does."""
    files = workflow_files()
    said = {"annotations": str(table), "dialect": "sartorius-2021"}
    config = completed_settings(said, files)
    settings = SourceSettings(
        IndexSettings(
            config["categories"],
            config["images_per_shard"],
            config["merge_sources"],
            Hygiene(),
            [],
            [],
        ),
        None,
        None,
        config["unlisted_images"],
        config["on_invalid"],
        config["check_order"],
        Numbering(),
    )
    how = {key: config[key] for key in SOURCE_KEYS}
    dialects = [one._asdict() for one in source_settings(config, files).dialects]
    source = source_of(
        [str(table)], dialects, {**how, "image_columns": [], "exclude_categories": []}
    )
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder, "rows")
        rows.mkdir()
        annotations = Path(folder, "annotations.csv")
        logger = logging.getLogger("index")
        logger.setLevel(logging.ERROR)
        make_index(source, settings, rows, str(annotations), logger)
        with annotations.open(encoding="utf-8") as file:
            return sum(1 for _ in file) - 1


def seconds(way: Callable[[Path], int], table: Path) -> tuple[int, float]:
    """Return what a way returns, and its processor time."""
    start = time.process_time()
    n_rows = way(table)
    return n_rows, time.process_time() - start


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--scale", type=int, default=10, help="times the full size")
    scale = parser.parse_args().scale
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder, "table.csv")
        write_workload(table, scale)
        print("| way | rows | us a row | of index |\n| --- | --- | --- | --- |")
        _, of_index = seconds(whole_index, table)
        for name, way in (
            ("index", whole_index),
            ("a first pass with csv", rows_by_csv),
            ("a first pass by lines", rows_by_lines),
        ):
            n_rows, took = seconds(way, table)
            share = f"{took / of_index:.2f}"
            print(f"| {name} | {n_rows:,} | {1e6 * took / n_rows:.1f} | {share} |")


if __name__ == "__main__":
    main()
