"""Time the whole run beside the notebook's way, and beside what bounds it.

All in one run and on the same file: the workflow, the notebook's way, a change of the
seed, and the same jobs with nothing to do, which is what Snakemake itself takes. Then,
within one process, assembling beside `cat` of the same bytes.
"""

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from cocofolds.output.coco_json import assemble
from make_workload import write_workload
from notebook import write_folds, write_whole_set

REPOSITORY = Path(__file__).resolve().parent.parent
N_FOLDS, SEED = 10, 221

# Stands in for each script: it makes what the rule promises, and does nothing else.
EMPTY_SCRIPT = """
from pathlib import Path

for path in snakemake.output:
    if path.endswith("rows"):
        Path(path).mkdir()
        for shard in range({n_shards}):
            (Path(path) / f"{{shard + 1:05d}}.csv").touch()
    else:
        # The end of a run reads some of the JSON.
        Path(path).write_text("{{}}" if path.endswith(".json") else "")
"""


def run_workflow(repository: Path, folder: Path, data: Path, seed: int) -> None:
    """Run the workflow in a folder of its own, on all cores."""
    settings = [f"annotations={data.resolve()}", f"n_folds={N_FOLDS}", f"seed={seed}"]
    command = [sys.executable, "-m", "snakemake", "--quiet", "all", "--cores", "all"]
    command += ["--snakefile", str(repository / "Snakefile")]
    command += ["--workflow-profile", str(repository / "profiles/default")]
    command += ["--directory", str(folder), "--config", *settings]
    folder.mkdir(exist_ok=True)
    shutil.copy(repository / "config.yaml", folder)
    subprocess.run(
        command,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def emptied_copy(folder: Path, n_shards: int) -> Path:
    """Copy the workflow with scripts that do nothing."""
    copy = folder / "emptied"
    for name in ("workflow", "scripts", "profiles", "envs"):
        shutil.copytree(REPOSITORY / name, copy / name)
    for name in ("Snakefile", "config.yaml"):
        shutil.copy(REPOSITORY / name, copy)
    for script in (copy / "scripts").glob("*.py"):
        script.write_text(EMPTY_SCRIPT.format(n_shards=n_shards))
    return copy


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def total_bytes(folder: Path) -> int:
    """Add up the sizes of the COCO JSON files of a folder, and of those in it."""
    return sum(path.stat().st_size for path in folder.rglob("annotations_*.json"))


def assembling_ratio(results: Path, folder: Path, repeats: int = 9) -> float:
    """Time assembling all records of all shards beside `cat` of the same files."""
    records = sorted((results / "shards").glob("*.jsonl"))
    shards = [(str(path), str(path.with_suffix(".offsets.npy"))) for path in records]
    largest = max(int(np.load(offsets)["image_id"].max()) for _, offsets in shards)
    # Every tenth image goes to val, as in a fold.
    output_of = (np.arange(largest + 1) % 10 == 0).astype(int)
    outputs = [(folder / "train.json", b"["), (folder / "val.json", b"[")]
    times: dict[str, list[float]] = {"assemble": [], "cat": []}
    for _ in range(repeats):
        with (folder / "cat").open("wb") as file:
            cat = partial(subprocess.run, ["cat", *records], stdout=file, check=True)
            times["cat"].append(seconds(cat))
        put_together = partial(assemble, outputs, shards, "image_id", output_of)
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
    """Print the table for the data that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a CSV file in the Sartorius layout")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = arguments.data
        if data is None:
            data = folder / "workload.csv"
            write_workload(data, scale=1)
        ours, empty, notebook = folder / "ours", folder / "empty", folder / "notebook"
        results = ours / "results"
        notebook.mkdir()
        whole_run = seconds(lambda: run_workflow(REPOSITORY, ours, data, SEED))
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        our_bytes = total_bytes(results)
        share = check_share(results, whole_run)
        new_seed = seconds(lambda: run_workflow(REPOSITORY, ours, data, SEED + 1))
        copy = emptied_copy(folder, len(list((results / "index/rows").iterdir())))
        empty_run = seconds(lambda: run_workflow(copy, empty, data, SEED))
        assembling = assembling_ratio(results, folder)
        notebook_run = seconds(lambda: write_folds(data, notebook, N_FOLDS, SEED))
        write_whole_set(data, notebook)
        notebook_bytes = total_bytes(notebook)
    print(f"""\
| what | value |
| --- | --- |
| the whole run, {N_FOLDS} folds, checks included | {whole_run:.1f} s |
| the notebook's way | {notebook_run:.1f} s |
| the notebook's way / the whole run | {notebook_run / whole_run:.1f} |
| another seed | {new_seed:.1f} s |
| the same jobs with nothing to do | {empty_run:.1f} s |
| the whole run / the same jobs with nothing to do | {whole_run / empty_run:.2f} |
| the checks' share of the whole run | {share:.0%} |
| assembling / `cat` of the same bytes | {assembling:.2f} |
| most memory of any process, Snakemake included | {memory:.0f} MB |
| bytes of all JSON files / the notebook's | {our_bytes / notebook_bytes:.2f} |""")


if __name__ == "__main__":
    main()
