"""Histograms as numbers to draw: bars of one width, and the marks of the axis."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# More bars than this are thinner than the eye likes.
_MOST_BARS = 40
_LOG_BARS = 24
_MOST_TICKS = 6


class Bar(NamedTuple):
    """How many values are from `low` to `high`."""

    low: float
    high: float
    n_values: int


class Tick(NamedTuple):
    """A mark on an axis: its position, in bars from the left, and its value."""

    position: float
    value: float


class Histogram(NamedTuple):
    """The bars from left to right, and the marks below them."""

    bars: list[Bar]
    ticks: list[Tick]


def log_histogram(values: NDArray[np.float64]) -> Histogram:
    """Count values in bars that are equally wide on a logarithmic axis.

    Parameters
    ----------
    values : (n,) float
        Above 0.

    Returns
    -------
    Histogram
        Without bars if there are no values. The marks are at powers of ten; over a few
        of these, also at twice and five times as much.
    """
    if not len(values):
        return Histogram([], [])
    logs = np.log10(values)
    low, high = float(logs.min()), float(logs.max())
    if high - low < 0.1:
        # All but one value: a bar in the middle.
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(logs, _LOG_BARS, (low, high))
    powers = range(math.floor(low), math.ceil(high) + 1)
    steps = (1, 2, 5) if high - low < 2 else (1,)
    marks = [step * 10.0**power for power in powers for step in steps]
    positions = [(math.log10(mark) - low) / (high - low) * _LOG_BARS for mark in marks]
    ticks = [
        Tick(position, mark)
        for position, mark in zip(positions, marks, strict=True)
        if 0 <= position <= _LOG_BARS
    ]
    return Histogram(_bars(10**edges, counts), _thinned(ticks))


def whole_histogram(values: NDArray[np.int64]) -> Histogram:
    """Count whole numbers: a bar a number, or some if they go far; 0 has its own.

    Parameters
    ----------
    values : (n,) int
        Not negative.
    """
    if not len(values):
        return Histogram([], [])
    width = max(math.ceil(int(values.max()) / _MOST_BARS), 1)
    # Zero is bar 0; 1 to `width` are bar 1.
    counts = np.bincount((values + width - 1) // width)
    bars = [
        Bar(max((n - 1) * width + 1, 0), n * width, count)
        for n, count in enumerate(counts.tolist())
    ]
    step = _round_up(len(bars) * width / _MOST_TICKS)
    ticks = [
        Tick(_middle(mark, width), mark) for mark in range(0, len(bars) * width, step)
    ]
    return Histogram(bars, [tick for tick in ticks if tick.position <= len(bars)])


def length_histogram(values: NDArray[np.int64]) -> Histogram:
    """Count lengths in pixels, in bars that are equally wide.

    Parameters
    ----------
    values : (n,) int
        Above 0.
    """
    if not len(values):
        return Histogram([], [])
    least, most = int(values.min()), int(values.max())
    width = _round_up(max((most - least + 1) / _LOG_BARS, most / _MOST_BARS))
    # Room on both sides, since all may be of one length.
    first = max(least // width - 2, 0)
    counts = np.bincount(values // width - first, minlength=most // width - first + 3)
    edges = width * np.arange(first, first + len(counts) + 1)
    ticks = [Tick(n, edge) for n, edge in enumerate(edges.tolist())]
    return Histogram(_bars(edges, counts), _thinned(ticks))


def _bars(edges: NDArray[Any], counts: NDArray[np.int64]) -> list[Bar]:
    ends = zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), strict=True)
    return [Bar(*bar) for bar in ends]


def _middle(value: int, width: int) -> float:
    """Find where a whole number is in its bar of some, in bars from the left."""
    return 0.5 if value == 0 else 1 + (value - 0.5) / width


def _round_up(value: float) -> int:
    """Take the next of 1, 2, 5, 10, 20, 50 and so on."""
    power: int = 10 ** max(math.ceil(math.log10(max(value, 1))) - 1, 0)
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)


def _thinned(ticks: list[Tick]) -> list[Tick]:
    """Keep every second mark, or third, so that their numbers do not touch."""
    return ticks[:: math.ceil(len(ticks) / _MOST_TICKS) or 1]
