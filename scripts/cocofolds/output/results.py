"""The names of what the workflow makes for a split, below the folder of results."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

#: The folder of the results, but for a module that has them elsewhere.
RESULTS = Path("results")

_NAME = re.compile(
    r"(image|group|annotation)-k([2-9]|[1-9][0-9]{1,3}|10000)-seed(0|[1-9][0-9]*)"
    r"(?:-test(0\.[0-9]{0,3}[1-9]))?"
)

_PLOTS = (
    "annotations_by_category_and_fold",
    "images_by_category_and_fold",
    "areas_by_category",
    "masks_per_image",
)
_JOBS = (
    *("assign_folds", "assemble_test", "check_split", "plot_split", "archive"),
    "export_splits",
)
_JOBS_OF_FOLDS = ("assemble_fold", "yolo_fold", "list_files")


class Split(NamedTuple):
    """A split, by the settings that name it.

    Attributes
    ----------
    split_by : str
    n_folds : int
    seed : int
    test_fraction : float
        The share of the images in no fold, to four digits; 0 for no hold-out.
    """

    split_by: str
    n_folds: int
    seed: int
    test_fraction: float = 0

    @property
    def name(self) -> str:
        """The name of its folder."""
        name = f"{self.split_by}-k{self.n_folds}-seed{self.seed}"
        if not self.test_fraction:
            return name
        return f"{name}-test{self.test_fraction:.4f}".rstrip("0")

    @property
    def said(self) -> dict[str, str | int | float]:
        """What `info` of its files says."""
        said = self._asdict()
        if not self.test_fraction:
            del said["test_fraction"]
        return said


def split_named(name: str) -> Split | None:
    """Read the name of a split; None if it is none."""
    found = _NAME.fullmatch(name)
    if not found:
        return None
    return Split(found[1], int(found[2]), int(found[3]), float(found[4] or 0))


def split_of(wildcards: Mapping[str, str]) -> Split:
    """Read the split that the wildcards of a rule name."""
    return Split(
        wildcards["split_by"],
        int(wildcards["n_folds"]),
        int(wildcards["seed"]),
        float(wildcards["test"].removeprefix("-test") or 0),
    )


def files_for_users(split: Split) -> Iterator[str]:
    """Name all that a user gets of a split."""
    yield from _tables_and_parts(split)
    yield from _plots(split)


def checked_files(split: Split) -> Iterator[str]:
    """Name the files without which a split is not finished."""
    yield from _tables_and_parts(split)
    yield f"{split.name}/.complete.json"


def files_of_split(split: Split) -> Iterator[str]:
    """Name all files of a split that have a fixed name.

    Those are not among them that need a record to be known: its archive and its data
    sets for Ultralytics.
    """
    yield from checked_files(split)
    yield f"{split.name}/warnings.json"
    yield from _plots(split)
    yield from (f"{split.name}/{name}" for name in ("splits_final.json", "monai.json"))
    folds = range(1, split.n_folds + 1)
    for fold in folds:
        for part in ("train", "val"):
            yield f"{split.name}/files_{part}_fold_{fold}.txt"
    jobs = [*_JOBS, *(f"{job}_{fold}" for job in _JOBS_OF_FOLDS for fold in folds)]
    for job in jobs:
        yield f"logs/{split.name}/{job}.log"
        yield f"benchmarks/{split.name}/{job}.tsv"


def _tables_and_parts(split: Split) -> Iterator[str]:
    yield f"{split.name}/folds.csv"
    for part in ("train", "val"):
        for fold in range(1, split.n_folds + 1):
            yield f"{split.name}/annotations_{part}_fold_{fold}.json"
    if split.test_fraction:
        yield f"{split.name}/annotations_test.json"
    for name in ("checks.json", "fold_table.csv", "quality.json"):
        yield f"{split.name}/{name}"


def _plots(split: Split) -> Iterator[str]:
    for plot in _PLOTS:
        yield f"{split.name}/plots/{plot}.svg"
