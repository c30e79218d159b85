"""`cocofolds clean`."""

import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer
from rich.filesize import decimal

from cocofolds.cli.asking import asking
from cocofolds.config.settings import read_config, splits_of
from cocofolds.errors import InputError, first_named
from cocofolds.files import read_table
from cocofolds.output.leftovers import Leftover, find_leftovers, remove
from cocofolds.output.results import RESULTS
from cocofolds.report.picture_names import picture_names
from cocofolds.terminal_text import printable
from cocofolds.wording import counted

_IMAGES = RESULTS / "index" / "images.csv"
_LOCKS = Path(".snakemake", "locks")


def clean(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove splits and files that config.yaml no longer names.

    Only what the workflow made: it is listed first, and all else is kept. Outside a
    terminal and without --yes, it is only listed.
    """
    named = {split.name for split in splits_of(read_config())}
    if any(_LOCKS.glob("*")):
        raise InputError(
            "Snakemake is at work in this folder. If it is not, it was killed:"
            " `snakemake --unlock` says so to it."
        )
    shards, previews = _names_of_index()
    leftovers = find_leftovers(RESULTS, named, shards, previews)
    if leftovers.kept:
        kept = first_named(leftovers.kept, str)
        print("Kept, since the workflow may not have made them:")
        print(printable("\n".join(f"  {line}" for line in kept)))
    files = leftovers.files
    if not files:
        print("There is nothing to remove.")
        return
    print("The workflow made these, and config.yaml does not name them:")
    print(printable("\n".join(f"  {line}" for line in listing(files))))
    total = f"{counted(len(files), 'file')}, {_size(files)}"
    if not yes and not (sys.stdin.isatty() and sys.stdout.isatty()):
        print(f"Nothing is removed: {total}. `cocofolds clean --yes` removes them.")
        return
    if not yes:
        with asking():
            if not typer.confirm(f"Remove {total}?"):
                return
    if problems := remove(files, RESULTS):
        lines = first_named([*problems], lambda path: f"{path}: {problems[path]}")
        raise InputError(
            printable(
                "\n  ".join([f"{counted(len(problems), 'file')} not removed:", *lines])
            )
        )
    print(f"Removed {total}.")


def listing(files: Sequence[Leftover]) -> list[str]:
    """Name each folder with the number and the size of its files, or its one file.

    Parameters
    ----------
    files : sequence of Leftover
        Sorted by their paths.
    """
    lines = []
    by_folder = sorted(files, key=lambda file: file.path.parent)
    for folder, group in groupby(by_folder, key=lambda file: file.path.parent):
        some = [*group]
        name = str(some[0].path) if len(some) == 1 else f"{folder}/"
        lines.append(f"{name:<46} {counted(len(some), 'file'):>9} {_size(some):>11}")
    return lines


def _names_of_index() -> tuple[set[str] | None, set[str] | None]:
    """Read the names of the shards, and of the previews that there can be."""
    if not _IMAGES.exists():
        return None, None
    images = [(row["shard"], row["source_id"]) for row in read_table(_IMAGES)]
    names = picture_names(source_id for _, source_id in images)
    return {shard for shard, _ in images}, {*names}


def _size(files: Sequence[Leftover]) -> str:
    return decimal(sum(file.size for file in files))
