"""`cocofolds preview`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from itertools import islice
from pathlib import PurePath
from typing import Annotated

import typer

from cocofolds.cli.run import run_snakemake
from cocofolds.errors import InputError, first_named
from cocofolds.files import read_table
from cocofolds.output.results import RESULTS
from cocofolds.report.picture_names import picture_names
from cocofolds.terminal_text import printable

_IMAGES = RESULTS / "index/images.csv"

# Each name to compare with takes some microseconds.
_MOST_COMPARED = 50_000


def preview(
    images: Annotated[
        list[str],
        typer.Argument(metavar="IMAGE...", help="An id, a file name or a path."),
    ],
) -> None:
    """Draw images with their masks."""
    if not _IMAGES.exists():
        raise InputError(f"{_IMAGES} is not there yet. `cocofolds run` makes it.")
    rows = [*read_table(_IMAGES)]
    ids = [row["source_id"] for row in rows]
    names = dict(zip(ids, picture_names(ids), strict=True))
    source_ids = find_images(rows, images)
    targets = [f"{RESULTS}/preview/{names[source_id]}.png" for source_id in source_ids]
    status = run_snakemake(targets)
    if status:
        raise typer.Exit(status)
    for target in targets:
        print(printable(target))


def find_images(rows: Sequence[Mapping[str, str]], wanted: Iterable[str]) -> list[str]:
    """Find images by what a person calls them.

    Parameters
    ----------
    rows : sequence of mapping
        The rows of `images.csv`.
    wanted : iterable of str
        Ids, file names or paths; the first of these that fits counts: the id, the file
        name, the end of the path, the name without its ending.

    Returns
    -------
    list of str
        The id in the source of each image, each once.

    Raises
    ------
    InputError
        If none or several are called so.
    """
    return [*dict.fromkeys(_find_image(rows, asked) for asked in wanted)]


def _find_image(rows: Sequence[Mapping[str, str]], asked: str) -> str:
    path = PurePath(asked)
    tests: tuple[Callable[[Mapping[str, str]], bool], ...] = (
        lambda row: row["source_id"] == asked,
        lambda row: row["file_name"] == asked,
        lambda row: _ends_alike(row["file_name"], path.as_posix()),
        lambda row: path.stem in (row["source_id"], PurePath(row["file_name"]).stem),
    )
    for test in tests:
        found = [row["source_id"] for row in rows if test(row)]
        if len(found) == 1:
            return found[0]
        if found:
            several = ", ".join(first_named(found, repr))
            raise InputError(
                f"{asked!r} may be any of {len(found)} images. Give one of their ids:"
                f" {several}"
            )
    names = (row[key] for row in rows for key in ("source_id", "file_name"))
    similar = get_close_matches(asked, islice(names, _MOST_COMPARED), 3)
    hint = f" Is it {' or '.join(map(repr, similar))}?" if similar else ""
    raise InputError(f"There is no image {asked!r}.{hint} {_IMAGES} lists all images.")


def _ends_alike(name: str, path: str) -> bool:
    """Tell whether one path is the end of the other."""
    return f"/{name}".endswith(f"/{path}") or f"/{path}".endswith(f"/{name}")
