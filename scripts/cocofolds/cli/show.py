"""`cocofolds show`."""

import webbrowser
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from cocofolds.config.settings import (
    CONFIG,
    annotations_of,
    default_settings,
    has_duplicates,
    read_config,
    splits_of,
)
from cocofolds.errors import InputError, first_named
from cocofolds.files import read_table
from cocofolds.output.results import RESULTS
from cocofolds.report.overview import SplitOverview, changed_sources, overview
from cocofolds.terminal_text import clipped, printable

_REPORT = RESULTS / "report.html"
_WHOLE = RESULTS / "annotations_all.json"
# What is not said of the settings: where the data are.
_OF_DATA = ("annotations", "dialect", "images_dir")
_LONGEST_SETTINGS = 400
_DUPLICATES = RESULTS / "duplicates.csv"
_STYLES = {"ready": "green", "stale": "yellow", "unfinished": "yellow"}


def show(
    open_report: Annotated[
        bool, typer.Option("--open", help="Open the report in the browser.")
    ] = False,
) -> None:
    """Show which splits there are, how good they are, and where."""
    if open_report:
        _open_report()
        return
    config = read_config() if CONFIG.exists() else None
    splits = overview(RESULTS)
    if not splits and not _WHOLE.exists():
        todo = (
            "`cocofolds run` makes folds" if config else "`cocofolds init FILE` first"
        )
        print(f"There are no results here yet: {todo}.")
        return
    changed = changed_sources(RESULTS, annotations_of(config)) if config else []
    if changed:
        splits = [_made_stale(split) for split in splits]
    named = {split.name for split in splits_of(config)} if config else None
    splits.sort(key=lambda split: named is not None and split.split.name not in named)
    console = Console(highlight=False, markup=False, emoji=False)
    if splits:
        console.print(split_table(splits, named))
    lines = notes(splits, named, changed)
    if config and (said := settings_text(config)):
        lines.append(f"config.yaml: {said}")
    for line in lines:
        console.print(printable(line))
    if _WHOLE.exists():
        console.print(f"Whole data set: {_WHOLE}, {decimal(_WHOLE.stat().st_size)}")
    if config and has_duplicates(config) and _DUPLICATES.exists():
        n_copies = sum(1 for _ in read_table(_DUPLICATES))
        if n_copies:
            console.print(f"Copies of images: {n_copies:,}, in {_DUPLICATES}")
    if _REPORT.exists():
        console.print(f"Report: {_REPORT}; `cocofolds show --open` opens it.")


def split_table(
    splits: Sequence[SplitOverview], named: Collection[str] | None
) -> Table:
    """Lay out the splits, those that are not named with a star.

    Parameters
    ----------
    splits : sequence of SplitOverview
    named : collection of str or None
        The names of those that config.yaml asks for; None without a config.yaml.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("split in results/", overflow="fold")
    for heading in ("folds", "images", "annotations", "deviation", "empty"):
        table.add_column(heading, justify="right")
    table.add_column("state")
    for split in splits:
        is_named = named is None or split.split.name in named
        deviations = split.image_deviation, split.annotation_deviation
        table.add_row(
            split.split.name + ("" if is_named else " *"),
            str(split.split.n_folds),
            _number(split.n_images),
            _number(split.n_annotations),
            " + ".join(f"{d:.2f}".lstrip("0") for d in deviations if d is not None),
            _number(split.n_empty),
            Text(split.state, _STYLES[split.state]),
        )
    return table


def settings_text(settings: Mapping[str, Any]) -> str:
    """List the settings that are not the defaults, but for where the data are."""
    defaults = default_settings()
    different = [
        f"{key}: {value}"
        for key, value in settings.items()
        if key not in _OF_DATA and value != defaults[key]
    ]
    return clipped(", ".join(different), _LONGEST_SETTINGS)


def notes(
    splits: Sequence[SplitOverview],
    named: Collection[str] | None,
    changed: Sequence[str],
) -> list[str]:
    """Explain what is in the table of splits, and what to do about it.

    Parameters
    ----------
    splits : sequence of SplitOverview
    named : collection of str or None
        As for `split_table`.
    changed : sequence of str
        Files of annotations that are not what the results were made of.
    """
    names = {split.split.name for split in splits}
    states = {split.state for split in splits}
    lines = []
    if any(split.n_empty is not None for split in splits):
        lines += [
            "deviation: of images + of annotations from equal shares; 0 is perfect",
            "empty: how often a fold has no image of a category",
        ]
    if changed:
        lines.append(
            "These have changed since, or are new in config.yaml: "
            + ", ".join(first_named(changed, str))
        )
    if "stale" in states:
        lines.append("stale: of other data; `cocofolds run` makes those in config.yaml")
    if "unfinished" in states:
        lines.append("unfinished: files are missing; `cocofolds run` goes on")
    if named is not None and names - {*named}:
        lines.append("*: config.yaml does not name it; `cocofolds clean` removes it")
    if named is not None and {*named} - names:
        missing = sorted({*named} - names)
        them = "it" if len(missing) == 1 else "them"
        lines.append(
            f"Not made yet: {', '.join(first_named(missing, str))}; `cocofolds run`"
            f" makes {them}"
        )
    return lines


def _made_stale(split: SplitOverview) -> SplitOverview:
    return split._replace(state="stale") if split.state == "ready" else split


def _number(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _open_report() -> None:
    if not _REPORT.exists():
        raise InputError(
            f"{_REPORT}: there is no report yet. `cocofolds run` makes it."
        )
    address = _REPORT.resolve().as_uri()
    if not webbrowser.open(address):
        raise InputError(
            f"no browser could be started. Open this in one: {printable(address)}"
        )
    print(f"{_REPORT} is open in the browser.")
