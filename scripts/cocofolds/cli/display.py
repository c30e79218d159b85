"""The live display of a run: a line a stage."""

from collections.abc import Mapping

from rich.console import Console, Group
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from cocofolds.cli.stages import Run, Stage, duration, stages_of, time_left
from cocofolds.job_logs import Progress

# A job that has worked for longer shows how far it is, in seconds.
PATIENCE = 3

# Columns of a terminal below which there is no room for a bar.
_ROOM_FOR_BARS = 72
_BAR = 10


def is_live(console: Console) -> bool:
    """Tell whether what is on the console can be drawn over."""
    return console.is_terminal and not console.is_dumb_terminal


def draw(
    run: Run, progress: Mapping[int, Progress], now: float, width: int, note: str = ""
) -> Group:
    """Draw how far a run is.

    Parameters
    ----------
    run : Run
    progress : mapping of int to Progress
        How far the jobs have come that have been at work for a while, by their ids.
    now : float
        In seconds.
    width : int
        Columns of the terminal.
    note : str
        What is to be said below the stages.
    """
    has_bars = width >= _ROOM_FOR_BARS
    # Where the line is full, the ^C of a terminal would begin another one.
    table = Table.grid(padding=(0, 2, 0, 0))
    table.width = max(width - len("^C") - 1, 1)
    table.add_column(no_wrap=True)
    if has_bars:
        table.add_column(width=_BAR)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for stage in stages_of(run):
        cells: list[Text | ProgressBar] = [Text(stage.name, _style(stage))]
        shares = {
            job: progress[job].share or 0.0 for job in stage.running if job in progress
        }
        if has_bars:
            completed = stage.done + sum(shares.values())
            cells.append(ProgressBar(max(stage.total, 1), completed, width=_BAR))
        total = str(stage.total) if stage.total else "?"
        cells.append(Text(f"{stage.done}/{total}"))
        cells.append(Text(_state(stage, progress, shares, now)))
        table.add_row(*cells)
    if not table.row_count:
        note = note or "Looking for what there is to do"
    return Group(table, Text(note)) if note else Group(table)


def _style(stage: Stage) -> str:
    if stage.is_complete:
        return "green"
    return "bold" if stage.running else "dim"


def _state(
    stage: Stage,
    progress: Mapping[int, Progress],
    shares: Mapping[int, float],
    now: float,
) -> str:
    """Say of a stage how long it took, or how far it is and how long it will take."""
    if stage.is_complete and stage.begin is not None and stage.end is not None:
        return duration(stage.end - stage.begin)
    if not stage.running or stage.begin is None:
        return ""
    parts = []
    # Of several jobs, the one that has worked for longest.
    for job in sorted(stage.running, key=lambda job: stage.running[job].begin)[:1]:
        if job in progress:
            count, total, unit, _ = progress[job]
            of_total = f" of {total:,}" if total else ""
            parts.append(f"{count:,}{of_total} {unit}")
    left = time_left(stage, shares, now)
    if left is None:
        parts.append(duration(now - stage.begin))
    else:
        parts.append(f"{duration(left)} left")
    return ", ".join(parts)
