"""Draw what a split and its data set look like, as SVG with the same bytes each time.

All plots speak one language: categories are rows, folds are columns, and the title is
the question that the plot answers. What colour says, numbers or hatches say too.
"""

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter
from numpy.typing import NDArray

from cocofolds.folds.balance import read_fold_table
from cocofolds.settings import HOLD_OUT
from cocofolds.wording import visible

# Blue and orange of Okabe and Ito differ for all eyes, and in lightness.
_BLUE, _ORANGE, _DARK = "#0072B2", "#E69F00", "#222222"
# From dark to light, for all eyes.
_LIGHTNESS = matplotlib.colormaps["cividis"]
_HATCH = "////"

_STYLE = {
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 10,
    "figure.titlesize": 13,
    "hatch.linewidth": 0.5,
    "legend.frameon": False,
    "legend.fontsize": 9,
    # Names may have dollar signs.
    "text.parse_math": False,
    # Text is kept as text: small files, and the viewer has a font for any script.
    "svg.fonttype": "none",
    "svg.hashsalt": "cocofolds",
}

# Inches, and what still fits.
_ROW_HEIGHT, _COLUMN_WIDTH = 0.26, 0.5
_LEAST_WIDTH, _MOST_WIDTH = 7.0, 18.0
_MOST_NUMBERED_FOLDS = 30
_LONGEST_NAME = 40
_MOST_BARS = 40
_MOST_ROWS = 100
_MOST_HATCHED = 10_000

_PERCENTILES = (5, 25, 50, 75, 95)

NO_MASK = "(no mask)"


class Counts(NamedTuple):
    """What `fold_table.csv` says.

    Attributes
    ----------
    names : list of str
        Of the categories; images without masks stand for one of their own.
    images, annotations : (n_names, n_folds) int
    """

    names: list[str]
    images: NDArray[np.int64]
    annotations: NDArray[np.int64]


def read_counts(rows: Iterable[Mapping[str, str]]) -> Counts:
    """Read the rows of `fold_table.csv`, where each fold lists the same categories."""
    table = read_fold_table(rows)
    if not table.unannotated.any():
        return Counts(table.categories, table.images, table.annotations)
    return Counts(
        [*table.categories, NO_MASK],
        np.vstack([table.images, table.unannotated]),
        np.vstack([table.annotations, 0 * table.unannotated]),
    )


def count_groups(
    rows: Iterable[Mapping[str, str]], n_folds: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Count the images and the groups that each fold holds something of.

    Parameters
    ----------
    rows : iterable of mapping
        The rows of `folds.csv`.
    n_folds : int

    Returns
    -------
    (images, groups) : two (n_folds,) int arrays, or None if there are no groups
    """
    images: list[set[str]] = [set() for _ in range(n_folds)]
    groups: list[set[str]] = [set() for _ in range(n_folds)]
    for row in rows:
        fold = int(row["fold"])
        if fold != HOLD_OUT:
            images[fold - 1].add(row["image_id"])
            groups[fold - 1].add(row["group"])
    if not set().union(*groups) - {""}:
        return None
    return np.array([*map(len, images)]), np.array([*map(len, groups)])


def plot_shares(
    question: str,
    names: Sequence[str],
    counts: NDArray[np.int64],
    groups: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
) -> Figure:
    """Draw how the folds share each category, and how many groups each has.

    Parameters
    ----------
    question : str
    names : sequence of str
    counts : (n_names, n_folds) int
    groups : (images, groups), or None
        Of each fold, for two more panels.

    Returns
    -------
    Figure
        A cell is the lighter the more of its category is in the fold; it is hatched if
        nothing is. Up to 30 folds, it has its number. Of more than 100 categories, the
        last row sums up the smallest.
    """
    kept = _largest(counts.sum(axis=1))
    if len(kept) < len(names):
        others = np.delete(counts, kept, axis=0).sum(axis=0)
        names = _with_others(names, kept)
        counts = np.vstack([counts[kept], others])
    n_names, n_folds = counts.shape
    # A row of text is the least that a panel needs.
    heights = [max(n_names, 1) * _ROW_HEIGHT, *([1.1, 1.1] if groups else [])]
    figure = _figure(question, 2.5 + n_folds * _COLUMN_WIDTH, sum(heights) + 1.5)
    panels = figure.subplots(
        len(heights),
        1,
        sharex=True,
        squeeze=False,
        gridspec_kw={"height_ratios": heights},
    )[:, 0]
    has_numbers = n_folds <= _MOST_NUMBERED_FOLDS
    _draw_cells(panels[0], counts, has_numbers)
    _name_rows(panels[0], [_shown(name) for name in names])
    if groups:
        panels[1].set_title("Has every fold as many images and groups?", loc="left")
        kinds = (("Images", _BLUE, ""), ("Groups", _ORANGE, _HATCH))
        for panel, values, (kind, colour, hatch) in zip(
            panels[1:], groups, kinds, strict=True
        ):
            bars = panel.bar(
                range(n_folds), values, 0.7, color=colour, hatch=hatch, edgecolor=_DARK
            )
            if has_numbers:
                panel.bar_label(bars, padding=1, fontsize=8)
            panel.set_ylabel(kind)
            panel.margins(y=0.25)
            panel.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    last = panels[-1]
    last.set_xlabel("Fold that holds them out")
    last.set_xlim(-0.5, max(n_folds, 1) - 0.5)
    if has_numbers:
        last.set_xticks(range(n_folds))
    last.xaxis.set_major_formatter(
        FuncFormatter(lambda position, _: f"{position + 1:.0f}")
    )
    return figure


def _draw_cells(axes: Axes, counts: NDArray[np.int64], has_numbers: bool) -> None:
    n_names, n_folds = counts.shape
    totals = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    # 1 is an equal share.
    shares = counts / totals * n_folds
    axes.pcolormesh(
        np.arange(n_folds + 1) - 0.5,
        np.arange(n_names + 1) - 0.5,
        shares,
        cmap=_LIGHTNESS,
        vmin=0,
        vmax=2,
        edgecolor="white",
        linewidth=0.5 if has_numbers else 0,
    )
    # Where they are very many, their colour has to say it.
    empty = np.argwhere(counts == 0) if counts.size <= _MOST_HATCHED else np.array([])
    for position, fold in empty.tolist():
        corner = (fold - 0.5, position - 0.5)
        axes.add_patch(
            Rectangle(corner, 1, 1, facecolor="w", edgecolor="grey", hatch=_HATCH, lw=0)
        )
    for position, fold in np.ndindex(counts.shape) if has_numbers else ():
        if counts[position, fold]:
            axes.text(
                fold,
                position,
                str(counts[position, fold]),
                color="white" if shares[position, fold] < 1 else "black",
                fontsize=8,
                ha="center",
                va="center",
                # Its room is that of the cell.
                in_layout=False,
            )
    legend = [
        Patch(facecolor="white", edgecolor="grey", hatch=_HATCH, label="none"),
        *(
            Patch(facecolor=_LIGHTNESS(share / 2), label=label)
            for share, label in (
                (0.5, "half a share"),
                (1, "an equal share"),
                (2, "two shares or more"),
            )
        ),
    ]
    _legend_above(axes, legend)


def plot_areas(
    question: str,
    names: Sequence[str],
    category_positions: NDArray[np.int32],
    areas: NDArray[np.float64],
) -> Figure:
    """Draw where the areas of each category are.

    Parameters
    ----------
    question : str
    names : sequence of str
    category_positions : (n_annotations,) int
        Places in `names`.
    areas : (n_annotations,) float
        Those that are 0 are counted below the plot, and not drawn.

    Returns
    -------
    Figure
        A line from the 5th to the 95th percentile, a bar over the middle half, and a
        diamond on the median. Of more than 100 categories, the last row is that of all
        masks of the smallest.
    """
    kept = _largest(np.bincount(category_positions, minlength=len(names)))
    if len(kept) < len(names):
        rows_of = np.full(len(names), len(kept))
        rows_of[kept] = np.arange(len(kept))
        category_positions = rows_of[category_positions]
        names = _with_others(names, kept)
    figure = _figure(question, 8.5, max(len(names), 1) * _ROW_HEIGHT + 1.6)
    axes = figure.subplots()
    rows = []
    for position, name in enumerate(names):
        of_category = areas[category_positions == position]
        of_category = of_category[of_category > 0]
        rows.append(f"{_shown(name)} ({len(of_category):,})")
        if len(of_category):
            low, first, median, third, high = np.percentile(of_category, _PERCENTILES)
            axes.plot([low, high], [position, position], color=_DARK, linewidth=1)
            axes.barh(
                position, third - first, 0.55, first, color=_ORANGE, edgecolor=_DARK
            )
            axes.plot(median, position, "D", color=_DARK, markersize=5)
    _name_rows(axes, rows)
    axes.set_xscale("log")
    least, most = axes.get_xlim()
    # Over a few decades there is room for more numbers than one for each.
    if most < 1000 * least:
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda area, _: f"{area:,g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.grid(axis="x", color="0.9")
    axes.set_axisbelow(True)
    label = "Area in pixels, log scale"
    if n_without := int((areas == 0).sum()):
        label += f"\nAnnotations that say no area: {n_without:,}"
    axes.set_xlabel(label)
    _legend_above(
        axes,
        [
            Line2D([], [], color=_DARK, linewidth=1, label="5 % to 95 %"),
            Patch(facecolor=_ORANGE, edgecolor=_DARK, label="the middle half"),
            Line2D([], [], color=_DARK, marker="D", linestyle="", label="median"),
        ],
    )
    return figure


def plot_masks_per_image(question: str, n_masks: NDArray[np.int64]) -> Figure:
    """Draw how many images have how many masks.

    Parameters
    ----------
    question : str
    n_masks : (n_images,) int

    Returns
    -------
    Figure
        A bar is one number of masks, or some if they go far; images without masks have
        a hatched bar of their own.
    """
    figure = _figure(question, 8.5, 4.2)
    axes = figure.subplots()
    width = -(-int(n_masks.max(initial=1)) // _MOST_BARS)
    with_masks = n_masks[n_masks > 0]
    heights = np.bincount((with_masks - 1) // width)
    # A bar begins half before its first number, and ends half behind its last.
    starts = 0.5 + width * np.arange(len(heights))
    axes.bar(
        starts,
        heights,
        width,
        align="edge",
        color=_BLUE,
        edgecolor=_DARK,
        label="with masks",
    )
    if n_without := int((n_masks == 0).sum()):
        axes.bar(
            0.5 - width,
            n_without,
            width,
            align="edge",
            color=_ORANGE,
            edgecolor=_DARK,
            hatch=_HATCH,
            label=f"without masks: {n_without:,}",
        )
    if len(n_masks):
        median = float(np.median(n_masks))
        label = f"median: {median:g}"
        axes.axvline(median, color=_DARK, linestyle="--", label=label)
    axes.set_xlabel("Masks in an image" + (f", {width} to a bar" * (width > 1)))
    axes.set_ylabel("Images")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(10, integer=True))
    _legend_above(axes, axes.get_legend_handles_labels()[0])
    return figure


def save_svg(figure: Figure, file: BinaryIO) -> None:
    """Write a figure as SVG: without a date, and with its question for a title."""
    title = {"Title": figure.get_suptitle(), "Date": None, "Creator": None}
    _settle(figure)
    figure.savefig(file, format="svg", metadata=title)


def _settle(figure: Figure) -> None:
    """Lay the axes out, and round their positions.

    The solver of the layout leaves noise in the last digits, which differs from run to
    run, and the ids of clip paths are made of all digits.
    """
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes in figure.axes:
        x, y, width, height = axes.get_position().bounds
        axes.set_position((round(x, 6), round(y, 6), round(width, 6), round(height, 6)))


@contextmanager
def styled() -> Iterator[None]:
    """Draw and save in one style, whatever settings of matplotlib the user has."""
    with matplotlib.style.context(["default", _STYLE]), warnings.catch_warnings():
        # The viewer of the file has other fonts.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        yield


def _figure(question: str, width: float, height: float) -> Figure:
    figure = Figure(
        (min(max(width, _LEAST_WIDTH), _MOST_WIDTH), height), layout="constrained"
    )
    figure.suptitle(question, x=0.01, ha="left", weight="bold")
    return figure


def _largest(totals: NDArray[np.int64]) -> NDArray[np.int64]:
    """Choose the rows with the most, as many as can be read, in their order."""
    return np.sort(np.argsort(-totals, kind="stable")[:_MOST_ROWS])


def _with_others(names: Sequence[str], kept: NDArray[np.int64]) -> list[str]:
    """Name the rows that are kept, and the one that stands for the others."""
    n_others = len(names) - len(kept)
    return [*(names[row] for row in kept.tolist()), f"{n_others:,} others"]


def _name_rows(axes: Axes, names: Sequence[str]) -> None:
    """Name the rows, the first one at the top."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)


def _legend_above(axes: Axes, handles: Sequence[object]) -> None:
    axes.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0.3,
        ncols=len(handles),
        borderpad=0,
    )


def _shown(name: str) -> str:
    """Write a name so that it fits, without characters that XML does not have."""
    shown = visible(name, "\ufffd")
    return shown if len(shown) <= _LONGEST_NAME else f"{shown[: _LONGEST_NAME - 1]}…"
