"""`cocofolds run`."""

import json
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Annotated, Any, TextIO

import typer
from rich.console import Console
from rich.live import Live

from cocofolds.cli.child import Child, started
from cocofolds.cli.display import PATIENCE, draw, is_live
from cocofolds.cli.last_words import failure_words, interrupted_words, plan_words
from cocofolds.cli.stages import Run, advance, newly_complete, stage_line
from cocofolds.errors import InputError
from cocofolds.job_logs import Progress, last_progress
from cocofolds.output.results import RESULTS
from cocofolds.report.summary import last_words, read_summary, splits_asked_for
from cocofolds.terminal_text import printable

# Lines that Snakemake wrote that are shown where there is no better message.
_LAST_LINES = 20
# Bytes at the end of a log, in which its last line of progress is.
_END_OF_LOG = 2000
_SECONDS_BETWEEN_FRAMES = 0.5
# Options of Snakemake with which the settings are elsewhere, or not needed.
_NEED_NO_CONFIG = frozenset(
    (
        *("--configfile", "--configfiles", "--directory", "-d"),
        *("--help", "-h", "--version", "-v"),
    )
)


class SplitBy(StrEnum):
    """What goes to a fold as a whole."""

    image = "image"
    group = "group"
    annotation = "annotation"


def number_of_cores(given: str) -> str:
    """Return a number of jobs if it is one; with 0, Snakemake would wait for ever."""
    if given != "all" and not (given.isdecimal() and int(given) > 0):
        raise typer.BadParameter(f"{given!r} is neither 'all' nor a number from 1.")
    return given


def run(
    context: typer.Context,
    folds: Annotated[
        list[int] | None,
        typer.Option(
            "--folds", "-k", min=2, metavar="N", help="How many folds; again for more."
        ),
    ] = None,
    seed: Annotated[
        list[int] | None,
        typer.Option(
            "--seed", min=0, metavar="N", help="A seed of the folds; again for more."
        ),
    ] = None,
    split_by: Annotated[
        SplitBy | None, typer.Option(help="What goes to a fold as a whole.")
    ] = None,
    test_fraction: Annotated[
        float | None,
        typer.Option(
            min=0, max=0.9, metavar="SHARE", help="The share of images in no fold."
        ),
    ] = None,
    cores: Annotated[
        str,
        typer.Option(
            metavar="N", help="How many jobs run at a time.", callback=number_of_cores
        ),
    ] = "all",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Only say what there is to do.")
    ] = False,
) -> None:
    """Make the folds that config.yaml asks for.

    Options take the place of its keys.

    What follows -- goes to Snakemake: files to make, or options of its own.
    """
    arguments = ["--cores", cores, *(["--dry-run"] if dry_run else []), *context.args]
    settings = {
        "n_folds": folds or None,
        "seed": seed or None,
        "split_by": split_by.value if split_by else None,
        "test_fraction": test_fraction,
    }
    raise typer.Exit(run_snakemake(with_settings(arguments, settings)))


def with_settings(
    arguments: Sequence[str], settings: Mapping[str, object]
) -> list[str]:
    """Add settings to those that the arguments of Snakemake may give.

    Parameters
    ----------
    arguments : sequence of str
    settings : mapping
        Values by their keys in config.yaml; None for those that it says itself.
    """
    given = [
        f"{key}={value if isinstance(value, str) else json.dumps(value)}"
        for key, value in settings.items()
        if value is not None
    ]
    for position, argument in enumerate(arguments):
        option, joint, value = argument.partition("=")
        if option in ("--config", "-C"):
            # Of two such options, Snakemake takes the last alone.
            own = [*([value] if joint else []), *arguments[position + 1 :]]
            return [*arguments[:position], option, *given, *own]
    return [*arguments, "--config", *given] if given else [*arguments]


def run_snakemake(arguments: Sequence[str]) -> int:
    """Let Snakemake make files, show how far it is, and say the last words.

    Parameters
    ----------
    arguments : sequence of str
        Files to make, and options of Snakemake.

    Returns
    -------
    int
        0 if all went well, 1 for a fault of data or settings, 2 for wrong usage, 130 if
        it was interrupted.

    Raises
    ------
    InputError
        If no settings are here.
    """
    options = {argument.partition("=")[0] for argument in arguments}
    if not Path("config.yaml").exists() and not _NEED_NO_CONFIG & options:
        raise InputError(
            f"there is no config.yaml in {Path.cwd()}. `cocofolds init FILE` writes one"
            " for a file of annotations."
        )
    with started(arguments) as child:
        run = _followed(child)
    status = child.process.returncode
    if child.signals:
        command = shlex.join(["cocofolds", *sys.argv[1:]])
        _say(interrupted_words(run, command), sys.stderr)
        return 130
    if not run.has_started and not run.errors:
        # It was asked for something else than a run, or did not understand.
        words = usage_error(child.said) if status == 2 else "\n".join(child.said)
        _say(words, sys.stderr if status else sys.stdout)
        return status
    if status:
        words = failure_words(run, _text_of, [*child.said][-_LAST_LINES:])
        unlock = "`cocofolds run -- --unlock`"
        _say(words.replace("the --unlock argument", unlock), sys.stderr)
        return 1
    splits = splits_asked_for(arguments, run.splits)
    if run.is_dry_run:
        plan = len(splits), len(run.splits_to_make), run.whole_bytes
        _say(plan_words(run.n_jobs, *plan), sys.stdout)
        return 0
    if not run.n_jobs:
        _say("Nothing to do: all is there, as the data and settings say.", sys.stdout)
    _say(last_words(read_summary(RESULTS, splits, run.extras)), sys.stdout)
    return 0


def usage_error(said: Sequence[str]) -> str:
    """Take the one line that matters from what argparse says of wrong options."""
    _, _, message = said[-1].partition("error: ") if said else ("", "", "")
    return f"Error: Snakemake says: {message}"


def _followed(child: Child) -> Run:
    """Show how far a run is until its last event, and return what is known of it."""
    console = Console(stderr=True, highlight=False)
    live = Live(console=console, auto_refresh=False) if is_live(console) else None
    run, announced = Run(), set[str]()
    drawn = 0.0
    with live or nullcontext():
        is_open = True
        while is_open:
            try:
                line = child.events.get(timeout=_SECONDS_BETWEEN_FRAMES)
            except Empty:
                pass
            else:
                is_open = line is not None
                event = _event(line)
                run = advance(run, event, monotonic())
                # Only then it is known how many shards there are.
                if not live and event.get("event") == "progress":
                    for stage in newly_complete(run, announced):
                        _say(stage_line(stage), sys.stderr)
                        announced.add(stage.name)
            now = monotonic()
            if live and (now > drawn + _SECONDS_BETWEEN_FRAMES or not is_open):
                note = "Interrupted: ending in order" if child.signals else ""
                frame = draw(run, _progress_of(run, now), now, console.width, note)
                live.update(frame, refresh=True)
                drawn = now
    return run


def _event(line: bytes | None) -> dict[str, Any]:
    """Read an event; an empty one at the end, or of a line that was cut off there."""
    try:
        event: dict[str, Any] = json.loads(line or b"{}")
    except ValueError:
        # Snakemake was killed while it wrote.
        return {}
    return event


def _progress_of(run: Run, now: float) -> dict[int, Progress]:
    """Read how far the jobs have come that have been at work for a while."""
    found = {}
    for number, job in run.running.items():
        if now > job.begin + PATIENCE and job.logs:
            progress = last_progress(_text_of(job.logs[0], _END_OF_LOG))
            if progress is not None:
                found[number] = progress
    return found


def _text_of(path: str, most: int | None = None) -> str:
    """Read a file of text, or the end of it; nothing where there is none."""
    try:
        with open(path, "rb") as file:
            if most is not None:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(size - most, 0))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def _say(text: str, stream: TextIO) -> None:
    """Write text for a person, and go on where nobody can read it any more."""
    try:
        print(printable(text), file=stream, flush=True)
    except OSError:
        # A closed pipe, or a full disk: Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
