"""Split a COCO JSON beside the tools that can: `coco split` of hotcoco, and Datumaro.

The document is made from the full-size workload, with keys of its own in each record.
Each way gives a fifth of the images to val. cocofolds runs once with all five folds and
the checks, and once for the two files of one fold alone. Afterwards the files of each
way are read: whether two runs give the same bytes, and whether each record is what it
was, numbers spelled as they were.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from filecmp import cmp
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from make_workload import write_workload

REPOSITORY = Path(__file__).resolve().parent.parent
SPLIT = "image-k5-seed1"
ONE_FOLD = [
    f"results/{SPLIT}/annotations_{part}_fold_1.json" for part in ("train", "val")
]
DATUMARO = """
import sys
from datumaro.components.dataset import Dataset

dataset = Dataset.import_from(sys.argv[1], "coco_instances")
dataset.transform("random_split", splits=[("train", 0.8), ("val", 0.2)], seed=1)
# Without it, images come up in both parts, and the export fails.
dataset.init_cache()
dataset.export("out", "coco_instances", save_media=False)
"""


class Cost(NamedTuple):
    """Seconds, and the most memory of any process, in MB."""

    seconds: float
    megabytes: float


def run(command: list[str], folder: Path) -> Cost:
    """Run a command, and say what it took."""
    folder.mkdir(exist_ok=True)
    start = time.perf_counter()
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit((folder / "said").read_text())
    return Cost(time.perf_counter() - start, usage.ru_maxrss / 1024)


def snakemake(*targets: str, **settings: object) -> list[str]:
    """Write a command that runs the workflow."""
    command = [sys.executable, "-m", "snakemake", *targets, "--quiet", "all"]
    command += ["--cores", "all", "--snakefile", str(REPOSITORY / "Snakefile")]
    command += ["--configfile", str(REPOSITORY / "config.yaml")]
    command += ["--workflow-profile", str(REPOSITORY / "profiles/default")]
    return [*command, "--config", *(f"{k}={v}" for k, v in settings.items())]


def make_document(folder: Path, scale: int) -> Path:
    """Make a COCO JSON of the workload, each record with keys of its own."""
    write_workload(folder / "workload.csv", scale)
    target = "results/annotations_all.json"
    run(snakemake(target, annotations=folder / "workload.csv"), folder / "made")
    document = json.loads((folder / "made" / target).read_bytes())
    for image in document["images"]:
        image["date_captured"] = "2021-10-14"
    for annotation in document["annotations"]:
        annotation["score"] = 0.50
        annotation["attributes"] = {"occluded": False, "note": None}
    # As Datumaro wants it: a folder of its own, and one for images, though empty.
    path = folder / "source" / "annotations" / "instances_all.json"
    path.parent.mkdir(parents=True)
    (folder / "source" / "images").mkdir()
    with path.open("w") as file:
        json.dump(document, file)
    shutil.rmtree(folder / "made")
    return path


def records_of(path: Path) -> dict[str, Any]:
    """Read the annotations of a file by their ids, numbers as they are spelled."""
    document = json.loads(path.read_bytes(), parse_float=str)
    return {json.dumps(record["id"]): record for record in document["annotations"]}


def is_lossless(source: Path, parts: list[Path]) -> bool:
    """Tell whether the parts have all records of the source, each as it was."""
    found = [records_of(part) for part in parts]
    return records_of(source) == found[0] | found[1] and not found[0].keys() & found[1]


def apart(work: Callable[..., Any], *arguments: Any) -> Any:
    """Do some work in a process of its own.

    The memory of this process counts as that of its children, too.
    """
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def compare(folder: Path, scale: int) -> None:
    """Print what each way takes, and what it leaves of the records."""
    source = apart(make_document, folder, scale)
    ours = {"annotations": source, "dialect": "coco", "n_folds": 5, "seed": 1}
    ways = {
        "cocofolds, all five folds, checked": (snakemake(**ours), ONE_FOLD),
        "cocofolds, one fold": (snakemake(*ONE_FOLD, **ours), ONE_FOLD),
        "`coco split`": (
            ["coco", "split", str(source), "-o", "out"],
            ["out_train.json", "out_val.json"],
        ),
        "Datumaro, `random_split`": (
            [sys.executable, "-c", DATUMARO, str(folder / "source")],
            [f"out/annotations/instances_{part}.json" for part in ("train", "val")],
        ),
    }
    if scale > 1:
        # Minutes, whatever the scale says.
        del ways["Datumaro, `random_split`"]
    megabytes = source.stat().st_size / 1e6
    print(f"\n{scale} x, {megabytes:.0f} MB\n")
    print("| way | s | MB | same bytes twice | records as they were |")
    print("| --- | --- | --- | --- | --- |")
    for number, (way, (command, names)) in enumerate(ways.items()):
        folders = [folder / f"{number}-{repeat}" for repeat in (1, 2)]
        costs = [run(command, place) for place in folders]
        parts = [[place / name for name in names] for place in folders]
        same = all(cmp(a, b, shallow=False) for a, b in zip(*parts, strict=True))
        kept = apart(is_lossless, source, parts[0])
        best = min(costs)
        print(
            f"| {way} | {best.seconds:.1f} | {best.megabytes:.0f} |"
            f" {'yes' if same else 'no'} | {'yes' if kept else 'no'} |",
            flush=True,
        )
        if way.startswith("cocofolds, one"):
            again = snakemake(
                *(name.replace("seed1", "seed2") for name in ONE_FOLD), **ours
            )
            cost = run(again, folders[0])
            print(
                f"| cocofolds, one fold of another seed | {cost.seconds:.1f} |"
                f" {cost.megabytes:.0f} | | |"
            )


def main() -> None:
    """Print a table for each scale that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--scale", type=int, nargs="+", default=[1, 10], help="times the full size"
    )
    for scale in parser.parse_args().scale:
        with tempfile.TemporaryDirectory() as name:
            compare(Path(name), scale)


if __name__ == "__main__":
    main()
