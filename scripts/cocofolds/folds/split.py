"""Make a split: which fold holds out each image, and what a user should know of it."""

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cocofolds.errors import first_named
from cocofolds.folds.assignment import assign_folds, check_groups
from cocofolds.folds.gaps import (
    Hole,
    avoidable_holes,
    sparse_categories,
    spread_groups,
)
from cocofolds.folds.joined import joined_groups
from cocofolds.folds.quality import effective_images
from cocofolds.settings import SplitBy, Stratify

Row = Mapping[str, str]


class Split(NamedTuple):
    """What is assigned to folds, and how.

    Attributes
    ----------
    split_by : {"image", "group", "annotation"}
    n_folds : int
    rows : list of mapping
        A row an image, or an annotation and an image without one; with the fields of
        `images.csv`.
    members : set of (str, hashable)
        The category of each annotation, and what it is assigned with: itself, its image
        or its group.
    folds : (n_rows,) int64
        The fold that holds out each row, from 1 to `n_folds`.
    n_annotations : mapping of str to int
        How many annotations an image, by its `image_id`, has if it has any.
    """

    split_by: SplitBy
    n_folds: int
    rows: list[Row]
    members: set[tuple[str, Hashable]]
    folds: NDArray[np.int64]
    n_annotations: Mapping[str, int]

    @property
    def groups(self) -> list[str]:
        """The group of each row."""
        return [row["group"] for row in self.rows]

    @property
    def n_units(self) -> int:
        """How many images, groups or annotations were assigned."""
        return len({*self.groups}) if self.split_by == "group" else len(self.rows)


def make_split(
    images: Iterable[Row],
    annotations: Iterable[Row],
    split_by: SplitBy,
    stratify: Stratify,
    n_folds: int,
    seed: int,
    copies: Sequence[tuple[str, str]] = (),
) -> Split:
    """Assign the images, or the annotations, of a data set to folds.

    Parameters
    ----------
    images, annotations : iterable of mapping
        Rows of `images.csv` and `annotations.csv`.
    split_by : {"image", "group", "annotation"}
    stratify : {"balanced", "most_frequent"}
        Of images and groups: by all their categories, or by the most frequent one.
    n_folds : int
    seed : int
    copies : sequence of (str, str)
        Images, by their `image_id`, that have to share a fold with all of their groups.

    Raises
    ------
    InputError
        As `assign_folds`.
    """
    by_id = {row["image_id"]: row for row in images}
    rows: list[Row]
    groups: list[Hashable] | None = None
    members: set[tuple[str, Hashable]]
    if split_by == "annotation":
        rows = [{**by_id[row["image_id"]], **row} for row in annotations]
        members = {(row["category"], row["annotation_id"]) for row in rows}
        n_annotations = Counter(row["image_id"] for row in rows)
        rows += [
            {**row, "annotation_id": ""}
            for image_id, row in by_id.items()
            if image_id not in n_annotations
        ]
    else:
        rows = [*by_id.values()]
        unit = _unit(split_by)
        counts = Counter((row["image_id"], row["category"]) for row in annotations)
        members = {(category, by_id[image][unit]) for image, category in counts}
        n_annotations = Counter()
        for (image, _), n in counts.items():
            n_annotations[image] += n
        groups = _groups(by_id, split_by, copies)
        if stratify == "balanced":
            folds = _balanced(rows, counts, groups, n_folds, seed)
            return Split(split_by, n_folds, rows, members, folds, n_annotations)
    # It takes a second to import scikit-learn.
    from cocofolds.folds.most_frequent import stratified_folds

    folds = stratified_folds(
        [row["category"] for row in rows],
        groups,
        n_folds,
        seed,
        f"{split_by}s",
    )
    return Split(split_by, n_folds, rows, members, folds, n_annotations)


def _groups(
    images: Mapping[str, Row], split_by: SplitBy, copies: Sequence[tuple[str, str]]
) -> list[Hashable] | None:
    """Tell what of the images has to be in one fold; None if each is free.

    Raises
    ------
    InputError
        If an image has no group, or all have the same one.
    """
    if split_by == "group":
        check_groups([row["group"] for row in images.values()])
    elif not copies:
        return None
    # The ids of the source do not depend on the order of its rows.
    unit = "group" if split_by == "group" else "source_id"
    groups = {image: row[unit] for image, row in images.items()}
    return [*joined_groups(groups, copies).values()]


def _balanced(
    rows: Sequence[Row],
    counts: Mapping[tuple[str, str], int],
    groups: Sequence[Hashable] | None,
    n_folds: int,
    seed: int,
) -> NDArray[np.int64]:
    """Assign images by all their categories.

    Parameters
    ----------
    rows : (n_images,) sequence of mapping
        Rows of `images.csv`.
    counts : mapping of (str, str) to int
        How many annotations an image, by its `image_id`, has of a category.
    groups : (n_images,) sequence of hashable or None
    n_folds : int
    seed : int
    """
    # The ids of the source do not depend on the order of its rows.
    name_of = {row["image_id"]: row["source_id"] for row in rows}
    bare = name_of.keys() - {image for image, _ in counts}
    images = [name_of[image] for image, _ in counts] + [name_of[i] for i in bare]
    categories = [*(category for _, category in counts), *[None] * len(bare)]
    table: dict[str, Sequence[Any]] = {
        "image": images,
        "category": categories,
        "annotations": [*counts.values(), *[0] * len(bare)],
    }
    group_of = None
    if groups is not None:
        group_of = dict(zip(name_of.values(), groups, strict=True))
    fold_of = assign_folds(table, n_folds, group_of, seed)
    return np.array([fold_of[row["source_id"]] for row in rows], np.int64)


def split_messages(split: Split) -> Iterator[str]:
    """Say what a user should know of a split."""
    split_by, n_folds = split.split_by, split.n_folds
    if sparse := sparse_categories(split.members, n_folds):
        named = first_named([*sparse], lambda name: f"{name!r}: {sparse[name]}")
        yield (
            f"Categories with fewer {split_by}s than there are folds ({n_folds}):"
            f" {len(sparse)}. Some folds go without them.\n  {', '.join(named)}"
        )
    units = (row[_unit(split_by)] for row in split.rows)
    fold_of: dict[Hashable, int] = dict(zip(units, split.folds.tolist(), strict=True))

    def hole_text(hole: Hole) -> str:
        without = ", ".join(first_named(hole.without, str))
        return f"{hole.category!r}: {hole.n_units} {split_by}s, none in fold {without}"

    if holes := avoidable_holes(split.members, fold_of, n_folds):
        yield (
            f"Categories that could be in more folds than they are: {len(holes)}."
            " Another `seed` may do better.\n "
            f" {', '.join(first_named(holes, hole_text))}"
        )
    if spread := spread_groups(split.groups, split.folds):
        yield (
            f"`split_by: {split_by}` puts {len(spread)} of"
            f" {len({*split.groups} - {''})} groups into several folds, so into train"
            " and val. `split_by: group` keeps them whole."
        )
    if split_by == "group":
        yield from _large_group(split)
    if split_by != "annotation":
        yield from _crowded_fold(split)


def _large_group(split: Split) -> Iterator[str]:
    """Say which group has more images than a fold should have."""
    [(name, n_images)] = Counter(split.groups).most_common(1)
    part = len(split.rows) / split.n_folds
    if n_images > math.ceil(part):
        yield (
            f"The group {name!r} has {n_images:,} of {len(split.rows):,} images, more"
            f" than a fold should have ({part:,.1f}): its fold is larger than the"
            " others. Fewer folds are more even."
        )


def _crowded_fold(split: Split) -> Iterator[str]:
    """Say which fold has most of its annotations in few images."""
    counts = [split.n_annotations.get(row["image_id"], 0) for row in split.rows]
    images = np.arange(len(counts))
    effective = effective_images(
        images, split.folds - 1, np.array(counts), split.n_folds
    )
    least = min(effective)
    others = (sum(effective) - least) / (split.n_folds - 1)
    if least < others / 2:
        yield (
            f"Most annotations of fold {effective.index(least) + 1} are in few images:"
            f" it counts as {least:.1f} images with as many annotations each, the"
            f" others as {others:.1f}. Its score says more of these images than of the"
            " model."
        )


def fold_rows(split: Split) -> tuple[Sequence[str], Iterator[list[Any]]]:
    """List the columns and the rows of `folds.csv`."""
    ids = ["image_id"]
    if split.split_by == "annotation":
        ids = ["annotation_id", "image_id"]
    texts = ["source_id", "category", "group"]
    rows = (
        [
            *(int(row[name]) if row[name] else "" for name in ids),
            *(row[name] for name in texts),
            fold,
        ]
        for row, fold in zip(split.rows, split.folds.tolist(), strict=True)
    )
    return [*ids, *texts, "fold"], rows


def _unit(split_by: SplitBy) -> str:
    """Name the column of what is assigned as a whole."""
    return "group" if split_by == "group" else f"{split_by}_id"
