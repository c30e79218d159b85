"""Find the keys of a table's dialect one by one, each with its evidence and doubts."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cocofolds.settings import Order
from cocofolds.sources.detection.columns import Columns, looks_like_runs
from cocofolds.sources.detection.findings import (
    Finding,
    Question,
    none_found,
)
from cocofolds.sources.detection.head import Head
from cocofolds.sources.detection.image_folder import Pattern
from cocofolds.sources.detection.numbering import (
    FEWEST,
    MOST_MASKS,
    Numbering,
    as_runs,
    count_edge_runs,
    count_markers,
    count_order_votes,
    winning_order,
)
from cocofolds.sources.detection.tables import TableHead, lines_of
from cocofolds.sources.header import separator_of, whole_header
from cocofolds.sources.image_files import Files
from cocofolds.wording import counted

_DEFAULT_CATEGORY = "object"
_ONE_CATEGORY = "none of these"
_SHOWN = 5


class Known(NamedTuple):
    """What is known of a table once its preset is chosen.

    Attributes
    ----------
    head : Head
    table : TableHead
    position : int
        Of the file among those of the source.
    columns : Columns
    images, texts : sequence of str
        The id and the runs of each row.
    ids : sequence of str
        Each id once.
    masks : sequence of int
        The positions of the rows that have a mask.
    numbering : Numbering
    looked_in : sequence of str
        The folders that may have been that of the images.
    hint : str
        Why no file is taken for that of an image, though some nearly are; or empty.
    files : Files or None
        Those of the folder of images.
    pattern : Pattern or None
    sizes : mapping of str to (int, int)
        Width and height of the images of which they are known.
    preset_name : str
    preset : mapping
    """

    head: Head
    table: TableHead
    position: int
    columns: Columns
    images: Sequence[str]
    ids: Sequence[str]
    texts: Sequence[str]
    masks: Sequence[int]
    numbering: Numbering
    looked_in: Sequence[str]
    hint: str
    files: Files | None
    pattern: Pattern | None
    sizes: Mapping[str, tuple[int, int]]
    preset_name: str
    preset: Mapping[str, Any]

    def sized_masks(self) -> "SizedMasks":
        """Take masks on images of known size."""
        return sized_masks(self.texts, self.masks, self.images, self.sizes)


class SizedMasks(NamedTuple):
    """Masks on images of known size.

    Attributes
    ----------
    texts : sequence of str
    heights, widths : (n_masks,) int64
        Of their images, in pixels.
    """

    texts: Sequence[str]
    heights: NDArray[np.int64]
    widths: NDArray[np.int64]


def sized_masks(
    texts: Sequence[str],
    masks: Sequence[int],
    images: Sequence[str],
    sizes: Mapping[str, tuple[int, int]],
) -> SizedMasks:
    """Take the first masks that are on images of known size; see `Known`."""
    rows = [
        n
        for n in masks[:MOST_MASKS]
        if images[n] in sizes and looks_like_runs(texts[n])
    ]
    widths, heights = (
        np.array([sizes[images[n]][side] for n in rows], np.int64) for side in (0, 1)
    )
    return SizedMasks([texts[n] for n in rows], heights, widths)


class Part(NamedTuple):
    """Some keys of a dialect, or of the config, with evidence and doubts."""

    keys: Mapping[str, Any]
    findings: Sequence[Finding] = ()
    questions: Sequence[Question] = ()


def count_votes(some: SizedMasks, relative: bool) -> dict[Order, int]:
    """Count the masks that hang together by row, and by column."""
    runs = as_runs(some.texts, 1, relative)
    return count_order_votes(runs, some.heights, some.widths)


def find_order(known: Known, dialect: Mapping[str, Any]) -> Part:
    """Find the order of the pixels by whether masks hang together."""
    some = known.sized_masks()
    votes = count_votes(some, known.numbering.relative)
    most: Order = "row" if votes["row"] > votes["column"] else "column"
    other: Order = "column" if most == "row" else "row"
    # On a square image, a mask hangs together either way.
    n_asked = int((some.heights != some.widths).sum())
    said = (
        f"{votes[most]:,} of {counted(n_asked, 'mask')} hang together by {most},"
        f" {votes[other]:,} by {other}"
    )
    if winner := winning_order(votes):
        return Part({"order": winner}, [Finding("order", f"{winner}: {said}")])
    of_preset = known.preset.get("order")
    default = most if votes[most] > 2 * votes[other] else of_preset or "column"
    if not n_asked:
        said = "on square images, masks hang together either way"
    elif not votes[most]:
        said = f"none of {counted(n_asked, 'mask')} tells"
    if of_preset:
        said += f"; the preset has {of_preset}"
    question = Question(
        "order",
        "Are the pixels numbered along the rows or down the columns?",
        default,
        {order: {"order": order} for order in ("row", "column")},
        said,
        known.position,
    )
    return Part({"order": default}, [], [question])


def find_base(known: Known, dialect: Mapping[str, Any]) -> Part:
    """Find the number of the first pixel, and whether starts are counted from ends."""
    numbering = known.numbering
    keys: dict[str, Any] = {}
    findings = []
    if numbering.relative:
        keys["runs"] = "relative"
        n_other = numbering.n_masks - numbering.n_absolute
        said = f"relative: as pixels, the runs of {n_other:,} of"
        said += f" {counted(numbering.n_masks, 'mask')} would overlap"
        findings.append(Finding("runs", said))
    base, said = _base_of(known, dialect["order"])
    if base is not None:
        findings.append(Finding("base", f"{base}: {said}"))
        return Part({**keys, "base": base}, findings)
    question = Question(
        "base",
        "Is the first pixel number 1 or number 0?",
        "1",
        {"1": {"base": 1}, "0": {"base": 0}},
        said,
        known.position,
    )
    return Part({**keys, "base": 1}, findings, [question])


def _base_of(known: Known, order: Order) -> tuple[int | None, str]:
    """Tell the number of the first pixel, None if it is in doubt; and why."""
    if known.numbering.from_0:
        return 0, "a run starts at 0"
    texts, heights, widths = known.sized_masks()
    runs = as_runs(texts, 1, known.numbering.relative)
    mask = np.repeat(np.arange(len(texts)), runs.per_mask)
    ends, last = runs.starts + runs.lengths, (heights * widths)[mask]
    if (ends == last).any():
        return 1, "a run ends at the last pixel, if pixels are counted from 1"
    from_0, from_1 = count_edge_runs(runs, heights, widths, order)
    for base, votes, against in ((1, from_1, from_0), (0, from_0, from_1)):
        if votes >= FEWEST and votes > 2 * against:
            other = 1 - base
            return base, (
                f"{counted(votes, 'run')} meet an edge if counted from {base},"
                f" {against:,} if from {other}"
            )
    if known.preset:
        return known.preset.get("base", 1), "as the preset has it"
    return None, "no run starts at 0, and few meet an edge of their image"


def find_markers(known: Known, dialect: Mapping[str, Any]) -> Part:
    """Find what is in place of runs where there is no mask."""
    of_preset = known.preset.get("no_mask", [])
    markers = count_markers(known.texts)
    if not markers:
        return Part({"no_mask": of_preset})
    have = {marker.strip() for marker in of_preset}
    listed = [*of_preset, *(marker for marker in markers if marker not in have)]
    shown = " or ".join(map(repr, markers))
    said = f"{shown} means no mask, in {counted(markers.total(), 'row')}"
    return Part({"no_mask": listed}, [Finding("no_mask", said)])


def find_category(known: Known, dialect: Mapping[str, Any]) -> Part:
    """Find the categories: those of a column, or one name for all masks."""
    table, columns = known.table, known.columns
    header = table.header
    of_column: list[str] = []
    if columns.category_separator:
        values = table.values(columns.image)
        of_column = [v.rpartition(columns.category_separator)[2] for v in values]
    elif columns.category is not None:
        values = table.values(columns.category)
        of_column = [values[n] for n in known.masks]
    findings = []
    if of_column:
        names = sorted({*of_column})
        shown = ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
        what = counted(len(names), "category", "categories")
        findings.append(Finding("categories", f"{what}: {shown}"))
    name = known.preset.get("category", _DEFAULT_CATEGORY)
    candidates = [*columns.other_categories]
    if columns.category is not None:
        candidates.insert(0, columns.category)
    if of_column and not columns.other_categories:
        return Part({}, findings)
    if candidates:
        answers: dict[str, dict[str, str | None]] = {
            header[p]: {"category_column": header[p]} for p in candidates
        }
        if columns.category is None:
            no_column: dict[str, str | None] = {
                "category_column": None,
                "category": _DEFAULT_CATEGORY,
            }
            answers[_ONE_CATEGORY] = no_column
        question = Question(
            "category_column",
            "Which column has the category?",
            header[candidates[0]],
            answers,
            f"{len(candidates)} may be: {', '.join(header[p] for p in candidates)}"
            if len(candidates) > 1
            else f"{header[candidates[0]]} differs within an image",
            known.position,
        )
        return Part(answers[question.default], findings, [question])
    question = Question(
        "category",
        "What is the category of the masks?",
        name,
        {},
        "no column has it" + (f"; the preset has {name}" if known.preset else ""),
        known.position,
    )
    return Part({"category": name}, [], [question])


def find_file_names(known: Known, dialect: Mapping[str, Any]) -> Part:
    """Find the pattern of file names, and say how many images have a file."""
    of_preset = known.preset.get("file_name", "{id}")
    if known.pattern is None or known.files is None:
        finding = none_found(known.head.path, known.looked_in)
        if known.hint:
            finding = Finding("images", known.hint, is_warning=True)
        return Part({"file_name": of_preset}, [finding])
    pattern = of_preset if of_preset in known.pattern.alike else known.pattern.pattern
    n_found, n_images = len(known.pattern.found), len(known.ids)
    said = f"{n_found:,} of {counted(n_images, 'image')} have a file in"
    said += f" {known.files.folder}"
    if pattern != of_preset:
        said += f", by the pattern {pattern}"
    return Part({"file_name": pattern}, [Finding("images", said, n_found < n_images)])


def find_separator(known: Known, dialect: Mapping[str, Any]) -> Part:
    """Say what is between fields, and set it where the header does not show it."""
    table = known.table
    findings = []
    if known.head.has_mark:
        findings.append(Finding("encoding", "UTF-8 with a byte order mark"))
    if table.separator != ",":
        shown = "a tab" if table.separator == "\t" else repr(table.separator)
        findings.append(Finding("separator", f"the fields are separated by {shown}"))
    columns = [v for k, v in dialect.items() if re.search("_column$", k) and v]
    by_header = separator_of(whole_header(lines_of(known.head.text)), columns)
    is_seen = by_header == table.separator
    return Part({} if is_seen else {"separator": table.separator}, findings)
