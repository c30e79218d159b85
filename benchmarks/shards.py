"""Show what the size of a shard costs, at full size: equal shards beside `auto`."""

import argparse
import statistics
import tempfile
from pathlib import Path

from make_workload import write_workload
from scale import run_workflow

SIZES = ("auto", "10", "25", "50", "100", "300", "606")


def main() -> None:
    """Print the table; each size is run in turn, so that all see the same machine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    seconds: dict[str, list[float]] = {size: [] for size in SIZES}
    shards: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "workload.csv"
        write_workload(data, scale=1)
        for repeat in range(arguments.repeats):
            for size in SIZES:
                project = Path(name) / f"{size}-{repeat}"
                setting = f"images_per_shard={size}"
                run = run_workflow(project, data, setting, "n_folds=2")
                seconds[size].append(run.seconds)
                shards[size] = len(list(project.glob("results/shards/*.records")))
    print("| `images_per_shard` | shards | s, median | s, least to most |")
    print("| --- | --- | --- | --- |")
    for size, found in seconds.items():
        spread = f"{min(found):.1f} to {max(found):.1f}"
        print(
            f"| {size} | {shards[size]} | {statistics.median(found):.1f} | {spread} |"
        )


if __name__ == "__main__":
    main()
