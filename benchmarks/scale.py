"""Show how time and memory grow with the data: 1, 10 and 100 times the full size.

The workloads are those of make_workload.py. Each is run once with few folds, and once
more with another seed. Memory is what the kernel calls the peak of a process, asked for
every 50 ms.
"""

import argparse
import math
import re
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import psutil

from make_workload import FULL_SIZE, write_workload

REPOSITORY = Path(__file__).resolve().parent.parent
SEED = 221
BOUNDS_MB = {
    "index": 700,
    "encode_shard": 300,
    "assemble_fold": 300,
    "assemble_all": 300,
    "check_annotations": 500,
    "check_split": 500,
    "plot_split": 500,
    "draw_previews": 500,
    "report_page": 300,
}
MASKS = sum(masks for _, masks in FULL_SIZE.values())


class Run(NamedTuple):
    """Seconds in all, and with no job at work; time and memory of each rule."""

    seconds: float
    idle: float
    rule_seconds: dict[str, float]
    rule_megabytes: dict[str, float]


def script_of(process: psutil.Process) -> str | None:
    """Name the script of a rule that a process runs, if it does."""
    # Snakemake runs a copy of it, such as tmp1234.index.py.
    for argument in process.cmdline()[1:2]:
        if found := re.search(r"tmp\w+\.(\w+)\.py$", argument):
            return found[1]
    return None


def watch(command: list[str], folder: Path) -> Run:
    """Run Snakemake and look at its processes until it ends."""
    start = last = time.perf_counter()
    rule_seconds: dict[str, float] = defaultdict(float)
    rule_megabytes: dict[str, float] = defaultdict(float)
    idle = 0.0
    with (folder / "snakemake.out").open("a") as output:
        snakemake = psutil.Popen(command, cwd=folder, stdout=output, stderr=output)
    while snakemake.poll() is None:
        time.sleep(0.05)
        now = time.perf_counter()
        passed, last = now - last, now
        at_work = False
        for process in snakemake.children(recursive=True):
            try:
                rule = script_of(process)
                status = Path(f"/proc/{process.pid}/status").read_text()
            except (psutil.Error, OSError):
                continue
            peak = re.search(r"VmHWM:\s+(\d+)", status)
            if rule and peak:
                at_work = True
                rule_seconds[rule] += passed
                megabytes = int(peak[1]) / 1024
                rule_megabytes[rule] = max(rule_megabytes[rule], megabytes)
        idle += 0 if at_work else passed
    if snakemake.returncode:
        raise SystemExit((folder / "snakemake.out").read_text())
    return Run(last - start, idle, dict(rule_seconds), dict(rule_megabytes))


def run_workflow(folder: Path, data: Path, *settings: str) -> Run:
    """Run the workflow in a folder, as shipped but for some settings."""
    folder.mkdir(exist_ok=True)
    shutil.copy(REPOSITORY / "config.yaml", folder)
    command = [sys.executable, "-m", "snakemake", "--cores", "all", "--snakefile"]
    command += [str(REPOSITORY / "Snakefile"), "--workflow-profile"]
    command += [str(REPOSITORY / "profiles/default"), "--config"]
    command += [f"annotations={data}", *settings]
    return watch(command, folder)


def exponent(masks: list[int], seconds: list[float]) -> float:
    """Fit seconds = constant * masks ** exponent, on logarithms."""
    return float(np.polyfit(np.log(masks), np.log(seconds), 1)[0])


def last_exponent(masks: list[int], seconds: list[float]) -> float:
    """Take the exponent between the two largest sizes, where fixed costs are small."""
    return math.log(seconds[-1] / seconds[-2]) / math.log(masks[-1] / masks[-2])


def print_table(scales: list[int], first: list[Run], other_seed: list[Run]) -> None:
    """Print time and memory of each rule at each size, and what bounds them."""
    masks = [scale * MASKS for scale in scales]
    sizes = [f"{scale} x" for scale in scales]
    header = [*(f"s at {size}" for size in sizes), "exponent", "between the last two"]
    header += [*(f"MB at {size}" for size in sizes), "bound, MB"]
    print("| rule |", " | ".join(header), "|")
    print("| --- |", " | ".join("---" for _ in header), "|")
    for rule in first[-1].rule_seconds:
        seconds = [run.rule_seconds.get(rule, 0.05) for run in first]
        cells = [f"{value:.1f}" for value in seconds]
        cells += [f"{fit(masks, seconds):.2f}" for fit in (exponent, last_exponent)]
        cells += [f"{run.rule_megabytes.get(rule, 0):.0f}" for run in first]
        cells.append(str(BOUNDS_MB.get(rule, "")))
        print(f"| `{rule}` |", " | ".join(cells), "|")
    print()
    print("| what |", " | ".join(sizes), "|")
    print("| --- |", " | ".join("---" for _ in sizes), "|")
    dealing = [
        (run.seconds - run.rule_seconds.get("assemble_fold", 0)) / before.seconds
        for run, before in zip(other_seed, first, strict=True)
    ]
    lines = {
        "masks": [f"{number:,}" for number in masks],
        "the whole run, s": [f"{run.seconds:.1f}" for run in first],
        "of it with no job at work": [f"{run.idle / run.seconds:.0%}" for run in first],
        "another seed, s": [f"{run.seconds:.1f}" for run in other_seed],
        "another seed without assembling / the whole run": [
            f"{share:.2f}" for share in dealing
        ],
    }
    for what, cells in lines.items():
        print(f"| {what} |", " | ".join(cells), "|")


def plot(scales: list[int], first: list[Run], path: Path) -> None:
    """Draw time and memory of each rule against the number of masks."""
    masks = [scale * MASKS for scale in scales]
    figure, (times, memory) = plt.subplots(1, 2, figsize=(10, 4.5), sharex=True)
    markers = "osD^vP*Xh<"
    for rule, marker in zip(first[-1].rule_seconds, markers, strict=False):
        seconds = [run.rule_seconds.get(rule, 0.05) for run in first]
        megabytes = [run.rule_megabytes.get(rule, math.nan) for run in first]
        times.loglog(masks, seconds, marker=marker, label=rule)
        memory.loglog(masks, megabytes, marker=marker)
    reach = [first[0].seconds, first[0].seconds * masks[-1] / masks[0]]
    times.loglog([masks[0], masks[-1]], reach, "k:", label="in proportion")
    times.set(title="Does time grow in proportion?", xlabel="masks", ylabel="seconds")
    memory.set(title="Does memory stay small?", xlabel="masks", ylabel="peak, MB")
    times.legend()
    for axes in (times, memory):
        axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Run all sizes, print the tables, draw the plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scales", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--folds", type=int, default=2, help="few spare the disk")
    parser.add_argument("--plot", type=Path, help="the SVG file to draw")
    arguments = parser.parse_args()
    if len(arguments.scales) < 2:
        parser.error("--scales: an exponent needs two sizes")
    first, other_seed = [], []
    for scale in arguments.scales:
        # Some 12 GB at 100 times, for as long as it runs.
        with tempfile.TemporaryDirectory() as name:
            data, project = Path(name) / "workload.csv", Path(name) / "project"
            write_workload(data, scale)
            folds = f"n_folds={arguments.folds}"
            first.append(run_workflow(project, data, folds, f"seed={SEED}"))
            other_seed.append(run_workflow(project, data, folds, f"seed={SEED + 1}"))
    print_table(arguments.scales, first, other_seed)
    if arguments.plot:
        plot(arguments.scales, first, arguments.plot)


if __name__ == "__main__":
    main()
