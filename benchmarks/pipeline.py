"""Time the whole run beside what a user would write, and beside what bounds it.

All in one run and on the same table, one after the other, three times: the workflow;
the same with another seed, and with nothing to do; a notebook that encodes the masks
once, plainly and on all cores; and the 24 jobs of version 0.1.0 with nothing in them.
The usual notebook, which encodes the masks again for each fold, is timed once. With
`--images`, the workflow also runs beside made-up images, which it looks at for copies
and draws.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from cocofolds.files import read_table
from cocofolds.output.coco_json import assemble
from make_workload import write_workload
from notebook import N_FOLDS, SEED

BENCHMARKS = Path(__file__).resolve().parent
REPOSITORY = BENCHMARKS.parent
N_RUNS = 3


class Cost(NamedTuple):
    """What a command took.

    Attributes
    ----------
    wall, processor : float
        In seconds, its child processes included.
    memory : float
        Of its largest process, in MB.
    """

    wall: float
    processor: float
    memory: float


def cost_of(command: Sequence[str | Path]) -> Cost:
    """Run a command."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        # It has been waited for.
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            sys.exit(said.read().decode())
    wall = time.perf_counter() - start
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def median(costs: Sequence[Cost]) -> Cost:
    """Take the median of each figure."""
    return Cost(*map(statistics.median, zip(*costs, strict=True)))


def workflow(
    folder: Path, data: Path, seed: int = SEED, images: Path | None = None
) -> list[str | Path]:
    """Make the command that runs the workflow in a folder of its own, on all cores."""
    settings = {
        "annotations": data.resolve(),
        "images_dir": images or "null",
        "n_folds": N_FOLDS,
        "seed": seed,
    }
    folder.mkdir(exist_ok=True)
    shutil.copy(REPOSITORY / "config.yaml", folder)
    return [
        *(sys.executable, "-m", "snakemake", "--quiet", "all", "--cores", "all"),
        *("--snakefile", REPOSITORY / "Snakefile"),
        *("--workflow-profile", REPOSITORY / "profiles/default"),
        *("--directory", folder, "--config"),
        *(f"{key}={value}" for key, value in settings.items()),
    ]


def empty_jobs(folder: Path) -> list[str | Path]:
    """Make the command that runs jobs with nothing to do."""
    return [
        *(sys.executable, "-m", "snakemake", "--quiet", "all", "--cores", "all"),
        *("--snakefile", BENCHMARKS / "empty.smk", "--directory", folder),
    ]


def notebook(way: str, data: Path, folder: Path) -> list[str | Path]:
    """Make the command that does what a notebook does."""
    return [sys.executable, BENCHMARKS / "notebook.py", way, data, folder]


def write_images(data: Path, index: Path, folder: Path) -> None:
    """Make up a PNG of each image of a table, no two of them alike."""
    chance = np.random.default_rng(0)
    folder.mkdir()
    for row in read_table(index):
        size = int(row["width"]), int(row["height"])
        coarse = chance.integers(0, 256, (13, 17), np.uint8)
        picture = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
        path = folder / row["file_name"]
        path.parent.mkdir(exist_ok=True)
        picture.save(path)


def total_bytes(folder: Path) -> int:
    """Add up the sizes of the COCO JSON files of a folder, and of those in it."""
    return sum(path.stat().st_size for path in folder.rglob("annotations_*.json"))


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def assembling_ratio(results: Path, folder: Path, repeats: int = 9) -> float:
    """Time assembling all records of all shards beside `cat` of the same files."""
    shards = sorted((results / "shards").glob("*.records"))
    n_images = sum(1 for _ in read_table(results / "index/images.csv"))
    # Every tenth image goes to val, as in a fold.
    output_of = [number % 10 == 0 for number in range(n_images + 1)]
    outputs = [(folder / "train.json", b"["), (folder / "val.json", b"[")]
    times: dict[str, list[float]] = {"assemble": [], "cat": []}
    for _ in range(repeats):
        with (folder / "cat").open("wb") as file:
            cat = partial(subprocess.run, ["cat", *shards], stdout=file, check=True)
            times["cat"].append(seconds(cat))
        places = [(str(p), str(p.with_suffix(".stretches.csv"))) for p in shards]
        put_together = partial(assemble, outputs, places, output_of)
        times["assemble"].append(seconds(put_together))
        # As in the workflow, which never writes over a file.
        for path in (folder / "cat", *(path for path, _ in outputs)):
            path.unlink()
    return statistics.median(times["assemble"]) / statistics.median(times["cat"])


def check_share(results: Path, whole_run: float) -> float:
    """Take from Snakemake's own record what the checks took of the whole run."""
    total = 0.0
    for name in ("check_annotations", f"image-k{N_FOLDS}-seed{SEED}/check_split"):
        record = results / "benchmarks" / f"{name}.tsv"
        header, values = (line.split("\t") for line in record.read_text().splitlines())
        total += float(values[header.index("s")])
    return total / whole_run


def main() -> None:
    """Print the tables for the data that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a CSV file in the Sartorius layout")
    parser.add_argument("--images", action="store_true", help="also run with images")
    arguments = parser.parse_args()
    costs: dict[str, list[Cost]] = {}

    def run(what: str, command: Sequence[str | Path]) -> None:
        costs.setdefault(what, []).append(cost_of(command))
        print(f"{what}: {costs[what][-1].wall:.1f} s", file=sys.stderr)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = arguments.data
        if data is None:
            data = folder / "workload.csv"
            write_workload(data, scale=1)
        ours, images = folder / "ours", folder / "images"
        for number in range(N_RUNS):
            shutil.rmtree(ours, ignore_errors=True)
            run("the whole run", workflow(ours, data))
            run("nothing to do", workflow(ours, data))
            run("another seed", workflow(ours, data, SEED + 1))
            if arguments.images:
                if not images.exists():
                    write_images(data, ours / "results/index/images.csv", images)
                with_images = folder / f"with_images_{number}"
                command = workflow(with_images, data, images=images)
                run("the whole run, with images", command)
            run("24 empty jobs", empty_jobs(folder / f"empty_{number}"))
            once, on_all_cores = folder / "once", folder / "on_all_cores"
            run("encoding once", notebook("once", data, once))
            run(
                "encoding once, on all cores",
                notebook("on-all-cores", data, on_all_cores),
            )
        run("encoding for each fold", notebook("again", data, folder / "again"))
        results = ours / "results"
        medians = {what: median(of_runs) for what, of_runs in costs.items()}
        whole_run = medians["the whole run"]
        assembling = assembling_ratio(results, folder)
        share = check_share(results, whole_run.wall)
        bytes_of_folds = total_bytes(results / f"image-k{N_FOLDS}-seed{SEED}")
        bytes_ratio = bytes_of_folds / total_bytes(folder / "again")
    print("| what | s | processor s | MB | times the whole run |")
    print("| --- | --- | --- | --- | --- |")
    for what, cost in medians.items():
        print(
            f"| {what} | {cost.wall:.1f} | {cost.processor:.1f} | {cost.memory:.0f} |"
            f" {cost.wall / whole_run.wall:.2f} |"
        )
    print(
        f"\nThe checks' share of the whole run: {share:.0%}. Assembling / `cat` of the"
        f" same bytes: {assembling:.2f}. Bytes of the folds / those of the usual"
        f" notebook: {bytes_ratio:.2f}."
    )


if __name__ == "__main__":
    main()
