"""What a run has to say when it has ended well: what there is, and how good it is."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cocofolds.errors import InputError
from cocofolds.files import read_json, read_table
from cocofolds.folds.balance import (
    EXPLAINED,
    FoldTable,
    deviation_by_category,
    deviations,
    holes,
    read_fold_table,
)
from cocofolds.output.results import RESULTS, split_named
from cocofolds.output.stale import stale_results
from cocofolds.terminal_text import clipped, first_of

#: The folders of warnings of what only some settings ask for.
EXTRAS = ("preview", "duplicates")

# What the last words name before they only count.
_MOST_WARNINGS = 8
_MOST_NAMES = 5
_LONGEST_WARNING = 160


class Split(NamedTuple):
    """A split, and how its folds share the categories.

    Attributes
    ----------
    name : str
    folds : FoldTable
    n_test_images : int
        Those in no fold.
    """

    name: str
    folds: FoldTable
    n_test_images: int = 0


class Summary(NamedTuple):
    """What there is once a run has ended well.

    Attributes
    ----------
    results : Path
        The folder of the results.
    n_images, n_annotations : int
    splits : list of Split
        Those of the run.
    n_left_out : int
        Rows that are in no file.
    warnings : list of str
    stale : list of Path
        What was made on request, of data that has changed since.
    has_report : bool
    """

    results: Path
    n_images: int
    n_annotations: int
    splits: list[Split]
    n_left_out: int
    warnings: list[str]
    stale: list[Path]
    has_report: bool


def splits_asked_for(arguments: Sequence[str], of_settings: Sequence[str]) -> list[str]:
    """Name the splits that a run is about.

    Parameters
    ----------
    arguments : sequence of str
        The command's; paths among them are files to make.
    of_settings : sequence of str
        The splits that the settings ask for.
    """
    if not any(argument.startswith("results/") for argument in arguments):
        return [*of_settings]
    paths = (a.split("/") for a in arguments if a.startswith("results/"))
    names = (parts[1].removesuffix(".zip") for parts in paths)
    return [*dict.fromkeys(name for name in names if split_named(name))]


def read_summary(
    results: Path, splits: Sequence[str], extras: Sequence[str] = EXTRAS
) -> Summary:
    """Read what there is of some splits, and of the whole data set.

    Parameters
    ----------
    results : Path
        The folder of the results.
    splits : sequence of str
        Those that are not there, or not checked, are left out.
    extras : sequence of str
        Those of `EXTRAS` that the settings ask for: others are of an earlier run.

    Raises
    ------
    InputError
        If a file of the results is damaged.
    """
    checked = [name for name in splits if (results / name / "checks.json").exists()]
    tables = (read_table(results / name / "fold_table.csv") for name in checked)
    checks = _read_json(results / "checks.json", {})
    warnings = [
        message
        for folder in ("index", *checked, *extras)
        for message in _read_json(results / folder / "warnings.json", [])
    ]
    made = [
        Split(name, read_fold_table(table), _n_test_images(results / name))
        for name, table in zip(checked, tables, strict=True)
    ]
    of_split = _read_json(results / checked[0] / "checks.json", {}) if checked else {}
    rejected = results / "rejected.csv"
    return Summary(
        results,
        checks.get("images_in_their_group", 0),
        of_split.get("annotations_held_out_once", 0),
        made,
        sum(1 for _ in read_table(rejected)) if rejected.exists() else 0,
        warnings,
        stale_results(results),
        (results / "report.html").exists(),
    )


def last_words(summary: Summary) -> str:
    """Say what there is, how good it is, what to look at, and what to do next."""
    lines = []
    results = summary.results
    names = [f"{results}/{split.name}" for split in summary.splits]
    if summary.splits:
        lines += [_counts(summary), verdict(summary.splits)]
    if summary.warnings:
        lines += ["Warnings:", *_warning_lines(summary)]
    if summary.n_left_out:
        rows = "row is" if summary.n_left_out == 1 else "rows are"
        where = results / "rejected.csv"
        lines.append(f"{summary.n_left_out:,} {rows} left out; {where} lists them.")
    if summary.stale:
        lines += [
            "These are of earlier data. Name them in a command to make them again, or"
            " delete them:",
            "  " + first_of([*map(str, summary.stale)], _MOST_NAMES),
        ]
    tests = {f"{s.n_test_images:,}": None for s in summary.splits if s.n_test_images}
    if tests:
        lines.append(
            f"Held out of all folds: {' or '.join(tests)} images, in"
            " annotations_test.json."
        )
    if names:
        lines.append(f"Folds are in {first_of(names, _MOST_NAMES)}.")
    if summary.has_report:
        lines.append(f"Report: {results}/report.html")
    # It shows the results of the working folder, not those of a module elsewhere.
    if names and results == RESULTS:
        lines.append(f"Next: cocofolds show{' --open' if summary.has_report else ''}")
    return "\n".join(lines)


def verdict(splits: Sequence[Split]) -> str:
    """Say in a sentence and a number how good the folds of some splits are."""
    measured = [deviations(split.folds) for split in splits]
    found = {one.word for one in measured}
    kind = next(word for word in ("very uneven", "uneven", "even") if word in found)
    words = f"{kind.capitalize()} folds"
    if kind == "even" and max(one.least for one in measured) > EXPLAINED:
        words = "Folds as even as whole images allow"
    lacking = dict.fromkeys(
        category
        for split in splits
        for category, n_holes in zip(
            split.folds.categories, holes(split.folds.images), strict=True
        )
        if n_holes
    )
    there = "every category is in every fold"
    if lacking:
        there = f"not in every fold: {first_of([*map(repr, lacking)], _MOST_NAMES)}"
    measured_by_category = [
        (float(off), category, split.name)
        for split in splits
        for category, counts, off in zip(
            split.folds.categories,
            split.folds.annotations,
            deviation_by_category(split.folds.annotations),
            strict=True,
        )
        if counts.any()
    ]
    if not measured_by_category:
        return f"{words}: no image has annotations."
    off, category, name = max(measured_by_category)
    where = f" in {name}" if len(splits) > 1 else ""
    return (
        f"{words}: {there}; the largest deviation of a category's annotations is"
        f" {100 * off:.1f} % ({category!r}{where})."
    )


def _n_test_images(split: Path) -> int:
    quality = _read_json(split / "quality.json", {})
    n_images: int = quality.get("test", {}).get("images_of_hold_out", 0)
    return n_images


def _counts(summary: Summary) -> str:
    folds = {split.folds.images.shape[1]: None for split in summary.splits}
    n_splits = len(summary.splits)
    splits = f"{n_splits} splits of " if n_splits > 1 else ""
    n_categories = len(summary.splits[0].folds.categories)
    categories = "category" if n_categories == 1 else "categories"
    return (
        f"{summary.n_images:,} images, {summary.n_annotations:,} annotations,"
        f" {n_categories:,} {categories}; {splits}{' or '.join(map(str, folds))} folds."
    )


def _warning_lines(summary: Summary) -> list[str]:
    """Shorten the warnings to a line each; those that say the same are one."""
    shortened = Counter(
        clipped(_in_one_line(message), _LONGEST_WARNING) for message in summary.warnings
    )
    lines = [
        f"  {text} ({n} times)" if n > 1 else f"  {text}"
        for text, n in shortened.items()
    ]
    if len(lines) > _MOST_WARNINGS:
        where = summary.results / ("report.html" if summary.has_report else "logs")
        more = f"  and {len(lines) - _MOST_WARNINGS} more, in {where}"
        lines = [*lines[:_MOST_WARNINGS], more]
    return lines


def _in_one_line(message: str) -> str:
    """Put a semicolon where only the end of a line told two parts apart."""
    first, *others = [" ".join(line.split()) for line in message.strip().splitlines()]
    for line in others:
        first += " " if first.endswith((".", ":", ",", ";")) else "; "
        first += line
    return first


def _read_json(path: Path, default: Any) -> Any:
    try:
        return read_json(path)
    except FileNotFoundError:
        return default
    except ValueError:
        raise InputError(
            f"{path}: the file is damaged. Delete it, and give the same command again."
        ) from None
