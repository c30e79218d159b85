"""Which splits there are, how good they are, and what they were made of."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from cocofolds.files import read_json_object, read_table, sha256_of
from cocofolds.folds.balance import deviations, holes, read_fold_table
from cocofolds.output.results import Split, checked_files, split_named
from cocofolds.output.stale import is_of_earlier_data
from cocofolds.sources.digests import known_digest, state_of

State = Literal["ready", "stale", "unfinished"]


class SplitOverview(NamedTuple):
    """What there is of a split.

    Attributes
    ----------
    split : Split
    state : {"ready", "stale", "unfinished"}
        Stale is what was made of other data than the present whole set.
    n_images, n_annotations : int or None
        What it holds out, each once. None if it is not finished; a split by annotation
        does not hold out images.
    image_deviation, annotation_deviation : float or None
        See `cocofolds.folds.balance.deviation`.
    n_empty : int or None
        Pairs of a category and a fold that holds out no image of it.
    """

    split: Split
    state: State
    n_images: int | None = None
    n_annotations: int | None = None
    image_deviation: float | None = None
    annotation_deviation: float | None = None
    n_empty: int | None = None


def overview(results: Path) -> list[SplitOverview]:
    """Look at all splits in a folder of results, by name."""
    splits = [split_named(path.name) for path in results.glob("*") if path.is_dir()]
    return [_look_at(results, split) for split in sorted(filter(None, splits))]


def changed_sources(results: Path, annotations: Sequence[str]) -> list[str]:
    """Name the files of annotations that are not what the results were made of.

    Parameters
    ----------
    results : Path
    annotations : sequence of str
        Those of the present settings.

    Returns
    -------
    list of str
        One that is gone is not among them: the results are all that is left of it.
    """
    read = read_json_object(results / "index" / "source.json").get("digests", [])
    if len(read) != len(annotations):
        return [*annotations]
    return [
        name
        for name, digest in zip(annotations, read, strict=True)
        if Path(name).is_file() and _digest(name) != digest
    ]


def _look_at(results: Path, split: Split) -> SplitOverview:
    if not all((results / name).is_file() for name in checked_files(split)):
        return SplitOverview(split, "unfinished")
    folder = results / split.name
    table = read_fold_table(read_table(folder / "fold_table.csv"))
    checks = read_json_object(folder / "checks.json")
    off = deviations(table)
    stale = is_of_earlier_data(folder / ".complete.json")
    return SplitOverview(
        split,
        "stale" if stale else "ready",
        checks.get("images_held_out_once"),
        checks.get("annotations_held_out_once"),
        off.images,
        off.annotations,
        int(holes(table.images).sum()),
    )


def _digest(name: str) -> str:
    """Take the SHA-256 of a file; one that the workflow took in the same state."""
    state = state_of(name)
    return (state and known_digest(name, state)) or sha256_of(name)
