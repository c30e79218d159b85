"""`cocofolds audit`."""

import json
import sys
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from cocofolds.errors import InputError
from cocofolds.files import written_whole
from cocofolds.sources.groups import refuse_bad_pattern
from cocofolds.terminal_text import printable


def audit(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="Two or more parts of a split, as COCO JSON; also .gz.",
            show_default=False,
        ),
    ],
    images: Annotated[
        Path | None,
        typer.Option(
            help="The folder with the image files: finds copies.", show_default=False
        ),
    ] = None,
    group_pattern: Annotated[
        str | None,
        typer.Option(
            help="A regular expression that finds the group in the file name: what its"
            " first parentheses match, or all that it matches.",
            show_default=False,
        ),
    ] = None,
    group_column: Annotated[
        str | None,
        typer.Option(
            help="The key of images that names the group, such as extra.name.",
            show_default=False,
        ),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option(help="Write an HTML page too.", show_default=False),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON in place of the table.")
    ] = False,
) -> None:
    """Say what leaks between the parts of a split that is there already.

    Exits with 1 if an image, a group or a copy is in two parts, with 2 if a
    file is not readable, else with 0: other problems are shown alone.
    """
    try:
        leaks = _audit(files, images, group_pattern, group_column, page, as_json)
    except (InputError, OSError) as error:
        # 1 is for leaks.
        print(printable(f"Error: {error}"), file=sys.stderr)
        raise typer.Exit(2) from None
    if leaks:
        raise typer.Exit(1)


def _audit(
    files: Sequence[Path],
    images: Path | None,
    group_pattern: str | None,
    group_column: str | None,
    page: Path | None,
    as_json: bool,
) -> bool:
    """Audit the files and print what was found; tell whether anything leaks."""
    _refuse_wrong_usage(files, images, group_pattern, group_column, page)
    # Slow to import, and not needed for wrong usage.
    from cocofolds.audit.page import audit_page
    from cocofolds.audit.parts import names_of, read_part
    from cocofolds.audit.table import audit_table
    from cocofolds.audit.verdict import as_document, audit

    paths = [*map(str, files)]
    parts = [
        read_part(name, path, group_column, group_pattern)
        for name, path in zip(names_of(paths), paths, strict=True)
    ]
    found = audit(
        parts,
        has_groups=bool(group_pattern or group_column),
        images=str(images) if images else None,
        followed=lambda names: track(
            [*names],
            "Reading images",
            console=Console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        ),
    )
    if page is not None:
        _write_page(page, audit_page(found))
    if as_json:
        print(json.dumps(as_document(found), indent=2))
    else:
        console = Console(highlight=False, markup=False, emoji=False)
        console.print(audit_table(found, console.width))
        if page is not None:
            console.print(printable(f"Page: {page}"))
    return bool(found.leaks)


def _write_page(path: Path, page: bytes) -> None:
    try:
        with written_whole(path) as file:
            file.write(page)
    except OSError as error:
        raise InputError(
            f"--page {path}: it cannot be written: {error.strerror}."
        ) from None


def _refuse_wrong_usage(
    files: Sequence[Path],
    images: Path | None,
    group_pattern: str | None,
    group_column: str | None,
    page: Path | None,
) -> None:
    if len(files) < 2:
        raise InputError("Give at least two files, such as train.json and val.json.")
    for path in files:
        if not path.is_file():
            raise InputError(
                f"{path}: "
                + ("this is no file." if path.exists() else "there is no such file.")
            )
    for first, second in combinations(files, 2):
        if first.samefile(second):
            raise InputError(
                f"{first} and {second} are one file. Give each part once."
                if first != second
                else f"{first} is given twice. Give each part once."
            )
    if images is not None and not images.is_dir():
        raise InputError(f"--images {images}: there is no such folder.")
    if page is not None and page.is_dir():
        raise InputError(f"--page {page}: this is a folder. Name a file in it.")
    if page is not None and not page.parent.is_dir():
        raise InputError(f"--page {page}: there is no folder {page.parent}.")
    if group_pattern is not None and group_column is not None:
        raise InputError("--group-pattern and --group-column: give one of them.")
    refuse_bad_pattern(group_pattern or "", "--group-pattern")
