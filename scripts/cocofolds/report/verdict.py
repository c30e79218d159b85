"""The verdict of the report: what is well, and what is worth a look."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from cocofolds.folds.balance import (
    EXPLAINED,
    Deviations,
    avoidable_holes,
    deviations,
    holes,
)
from cocofolds.report.splits import Split
from cocofolds.wording import counted

Level = Literal["good", "look", "bad"]

_LEVELS: tuple[Level, ...] = ("good", "look", "bad")
_LEVEL_OF: dict[str, Level] = {"even": "good", "uneven": "look", "very uneven": "bad"}


class Finding(NamedTuple):
    """One thing that was found.

    Attributes
    ----------
    level : {"good", "look", "bad"}
    headline, detail : str
    part : str
        The id of the part of the page that says more.
    """

    level: Level
    headline: str
    detail: str
    part: str


class Evenness(NamedTuple):
    """How even a split is.

    Attributes
    ----------
    level : {"good", "look", "bad"}
    off : Deviations
    n_holes, n_avoidable : int
        Folds without a category, and those of them that could have it; summed over
        categories.
    n_sparse : int
        Categories that are not in every fold.
    """

    level: Level
    off: Deviations
    n_holes: int
    n_avoidable: int
    n_sparse: int


def measure(split: Split) -> Evenness:
    """Measure how even a split is."""
    images, off = split.table.images, deviations(split.table)
    n_holes = holes(images)
    return Evenness(
        _LEVEL_OF[off.word],
        off,
        int(n_holes.sum()),
        int(avoidable_holes(images, split.n_units).sum()),
        int((n_holes > 0).sum()),
    )


def worst(levels: Sequence[Level]) -> Level:
    """Take the worst of some levels; "good" if there is none."""
    return max(levels, key=_LEVELS.index, default="good")


def summary(findings: Sequence[Finding]) -> str:
    """Say the verdict in a sentence."""
    n_bad, n_look = (
        sum(finding.level == level for finding in findings) for level in ("bad", "look")
    )
    look = f"{counted(n_look, 'thing')} to look at"
    if n_bad:
        return f"{counted(n_bad, 'problem')}" + (f", and {look}" if n_look else "")
    return f"Ready to train on, with {look}" if n_look else "Ready to train on"


def find(
    splits: Sequence[Split],
    measures: Sequence[Evenness],
    n_warnings: int,
    n_rejected: int,
    n_changed: int,
) -> list[Finding]:
    """List what the reader has to know first.

    Parameters
    ----------
    splits : sequence of Split
    measures : sequence of Evenness
        Of each split.
    n_warnings, n_rejected, n_changed : int
        Warnings, rows that were left out, and masks that were changed.
    """
    findings = [
        _divided_images(splits),
        _divided_groups(splits),
        _deviation(splits, measures),
        _holes(splits, measures),
        _warnings(n_warnings),
        _rows(n_rejected, n_changed),
        Finding(
            "good",
            "All files are as the source says",
            "Each was read back and compared; a difference would have stopped the run.",
            "checks",
        ),
    ]
    return [finding for finding in findings if finding]


def _divided_images(splits: Sequence[Split]) -> Finding:
    divided = [split for split in splits if split.images.n_divided]
    if not divided:
        n_files = counted(2 * sum(split.n_folds for split in splits), "file")
        return Finding(
            "good",
            "No image is in two folds",
            f"Checked in {n_files} of {counted(len(splits), 'split')}.",
            "folds",
        )
    worst_split = max(divided, key=lambda split: split.images.n_divided)
    return Finding(
        "bad",
        f"{counted(worst_split.images.n_divided, 'image')} in more than one fold",
        f"{worst_split.name} assigns each annotation by itself, so that parts of an"
        " image are in train and in val. Scores will look better than they are."
        " With split_by: image, images are kept whole.",
        "folds",
    )


def _divided_groups(splits: Sequence[Split]) -> Finding | None:
    divided = {
        split.groups.n_divided: split
        for split in splits
        if split.groups and split.groups.n_divided
    }
    if divided:
        n_divided, split = max(divided.items())
        return Finding(
            "look",
            f"{counted(n_divided, 'group')} in more than one fold",
            f"In {split.name}. If images of a group are alike, split_by: group keeps"
            " them together.",
            "folds",
        )
    if not any(split.groups for split in splits):
        return None
    return Finding(
        "good",
        "No group is in two folds",
        "Each group is in one fold as a whole.",
        "folds",
    )


def _deviation(splits: Sequence[Split], measures: Sequence[Evenness]) -> Finding:
    level = worst([found.level for found in measures])
    split, found = max(
        zip(splits, measures, strict=True), key=lambda pair: pair[1].off.largest
    )
    headline = {
        "good": "The folds are as even as whole images allow"
        if found.off.least > EXPLAINED
        else "The folds share the categories evenly",
        "look": "The folds share the categories unevenly",
        "bad": "The folds share the categories very unevenly",
    }[level]
    return Finding(
        level,
        headline,
        f"Largest deviation: {found.off.largest:.3f}, of {found.off.kind} in"
        f" {split.name}. 0 is equal shares; with whole images, {found.off.least:.3f} is"
        " the least.",
        "folds",
    )


def _holes(splits: Sequence[Split], measures: Sequence[Evenness]) -> Finding:
    split, found = max(
        zip(splits, measures, strict=True),
        key=lambda pair: (pair[1].n_avoidable, pair[1].n_holes),
    )
    if not found.n_holes:
        return Finding(
            "good",
            "Every category is in every fold",
            "So each fold says something about each category.",
            "folds",
        )
    folds = f"{counted(found.n_holes, 'time')} in {split.name}"
    n_sparse = counted(found.n_sparse, "category", "categories")
    return Finding(
        "look",
        f"{n_sparse} not in every fold",
        f"Missing {folds}; {found.n_avoidable:,} could be filled."
        if found.n_avoidable
        else f"Missing {folds}. It cannot be avoided: they have fewer"
        f" {split.split_by}s than there are folds.",
        "folds",
    )


def _warnings(n_warnings: int) -> Finding:
    if not n_warnings:
        return Finding("good", "No warnings", "Nothing odd was seen.", "warnings")
    return Finding(
        "look",
        counted(n_warnings, "warning"),
        "Of the annotations, the folds or the previews.",
        "warnings",
    )


def _rows(n_rejected: int, n_changed: int) -> Finding:
    changed = f"{counted(n_changed, 'mask')} changed as the settings say."
    if not n_rejected:
        detail = changed if n_changed else "All that the source has is in the files."
        return Finding("good", "No row is left out", detail, "rows")
    return Finding(
        "look",
        f"{counted(n_rejected, 'row')} left out",
        changed if n_changed else "The list says why.",
        "rows",
    )
