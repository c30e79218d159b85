"""Make a split: which fold holds out each image, and what a user should know of it."""

import json
import math
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cocofolds.errors import InputError, first_named
from cocofolds.folds.assignment import BALANCED, assign_folds
from cocofolds.folds.gaps import (
    Hole,
    avoidable_holes,
    sparse_categories,
    spread_groups,
)
from cocofolds.folds.joined import joined_groups
from cocofolds.folds.quality import effective_images
from cocofolds.settings import HOLD_OUT, MEASURES, GroupsMissing, SplitBy, Stratify

Row = Mapping[str, str]


class SplitSettings(NamedTuple):
    """How to assign images, groups or annotations to folds.

    Attributes
    ----------
    split_by : {"image", "group", "annotation"}
    n_folds : int
    seed : int
    stratify : {"balanced", "most_frequent"}
        Of images and groups: by all their categories, or by the most frequent one.
    test_fraction : float
        The share of the images to hold out from all folds.
    balance : mapping of str to float
        How much the shares of images, annotations and area count, and those of columns
        of the images.
    groups_missing : {"error", "alone"}
        Whether images without a group are an error, or go to folds by themselves.
    """

    split_by: SplitBy
    n_folds: int
    seed: int
    stratify: Stratify = "balanced"
    test_fraction: float = 0
    balance: Mapping[str, float] = BALANCED
    groups_missing: GroupsMissing = "error"


class Split(NamedTuple):
    """What is assigned to folds, and how.

    Attributes
    ----------
    settings : SplitSettings
    rows : list of mapping
        A row an image, or an annotation and an image without one; with the fields of
        `images.csv`.
    units : list of hashable
        What each row is assigned with: itself, its image or its group.
    members : set of (str, hashable)
        The category of each annotation, and the unit that it belongs to.
    folds : (n_rows,) int64
        The fold that holds out each row, from 1; 0 for those in no fold.
    n_annotations : mapping of str to int
        How many annotations an image, by its `image_id`, has if it has any.
    """

    settings: SplitSettings
    rows: list[Row]
    units: list[Hashable]
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
        return len({*self.units})


def make_split(
    images: Iterable[Row],
    annotations: Iterable[Row],
    settings: SplitSettings,
    given: Mapping[str, int] | None = None,
    areas: Mapping[tuple[str, str], float] | None = None,
    copies: Sequence[tuple[str, str]] = (),
) -> Split:
    """Assign the images, or the annotations, of a data set to folds.

    Parameters
    ----------
    images, annotations : iterable of mapping
        Rows of `images.csv` and `annotations.csv`.
    settings : SplitSettings
    given : mapping of str to int, or None
        The folds of some images, by their ids in the source; 0 for the hold-out.
    areas : mapping of (str, str) to float, or None
        The area of an image, by its `image_id`, that each category has, if area is
        balanced.
    copies : sequence of (str, str)
        Images, by their `image_id`, that have to share a fold with all of their groups.

    Raises
    ------
    InputError
        As `assign_folds`.
    """
    is_by_annotation = settings.split_by == "annotation"
    if is_by_annotation or settings.stratify != "balanced":
        _refuse_parts_that_are_given(settings, given or {})
    if is_by_annotation:
        return _by_annotation(images, annotations, settings)
    rows = [*images]
    image_ids = [row["image_id"] for row in rows]
    unit_of = dict(zip(image_ids, _units(rows, settings), strict=True))
    unit_of = joined_groups(unit_of, copies)
    units = [*unit_of.values()]
    counts = Counter((row["image_id"], row["category"]) for row in annotations)
    members = {(category, unit_of[image]) for image, category in counts}
    n_annotations: Counter[str] = Counter()
    for (image, _), n in counts.items():
        n_annotations[image] += n
    is_grouped = settings.split_by == "group" or len(copies) > 0
    if settings.stratify == "balanced":
        table = _Table(rows, counts, areas or {}, units if is_grouped else None)
        folds = _balanced(table, settings, given or {})
    else:
        folds = _stratified(rows, units if is_grouped else None, settings)
    return Split(settings, rows, units, members, folds, n_annotations)


def _refuse_parts_that_are_given(
    settings: SplitSettings, given: Mapping[str, int]
) -> None:
    """Refuse a hold-out, and folds that are given, of what scikit-learn assigns.

    Raises
    ------
    InputError
    """
    if settings.test_fraction or given:
        raise InputError(
            "A hold-out (`test_fraction`) and folds that are given (`folds_file`) need"
            " `split_by: image` or `group`, and `stratify: balanced`."
        )


def areas_of(
    columns: str, images: Sequence[Row], categories: Iterable[Row]
) -> dict[tuple[str, str], float]:
    """Add up the areas of an image, by its `image_id`, of each category.

    Parameters
    ----------
    columns : str
        `annotations_all.npz`.
    images, categories : mappings
        Rows of `images.csv` and `categories.csv`, in their order.
    """
    with np.load(columns) as arrays:
        positions = (
            arrays["image_positions"].astype(np.int64),
            arrays["category_positions"].astype(np.int64),
        )
        areas = arrays["areas"]
    ids = [row["image_id"] for row in images]
    names = [row["name"] for row in categories]
    cells, index = np.unique(
        positions[0] * max(len(names), 1) + positions[1], return_inverse=True
    )
    sums = np.bincount(index, areas, len(cells)).tolist()
    image, category = np.divmod(cells, max(len(names), 1))
    return {
        (ids[i], names[c]): area
        for i, c, area in zip(image.tolist(), category.tolist(), sums, strict=True)
    }


def _by_annotation(
    images: Iterable[Row], annotations: Iterable[Row], settings: SplitSettings
) -> Split:
    """Assign each annotation by itself, and each image without any."""
    by_id = {row["image_id"]: row for row in images}
    rows: list[Row] = [{**by_id[row["image_id"]], **row} for row in annotations]
    members = {(row["category"], row["annotation_id"]) for row in rows}
    n_annotations = Counter(row["image_id"] for row in rows)
    rows += [
        {**row, "annotation_id": ""}
        for image_id, row in by_id.items()
        if image_id not in n_annotations
    ]
    units: list[Hashable] = [
        row["annotation_id"] or ("", row["image_id"]) for row in rows
    ]
    folds = _stratified(rows, None, settings)
    return Split(settings, rows, units, {*members}, folds, n_annotations)


def _units(rows: Sequence[Row], settings: SplitSettings) -> list[Hashable]:
    """Tell what each image is assigned with: itself, or its group.

    Raises
    ------
    InputError
        If an image has no group, or all have the same one.
    """
    if settings.split_by == "image":
        # The ids of the source do not depend on the order of its rows.
        return [row["source_id"] for row in rows]
    without = [row["source_id"] for row in rows if not row["group"]]
    if without and settings.groups_missing == "error":
        raise InputError(
            f"{len(without)} images have no group, such as"
            f" {', '.join(first_named(without, repr))}: set `group_column` to a column"
            " that names the group of every image, or `group_pattern` to a pattern that"
            " finds it in every name; or set `groups_missing: alone`, and each of them"
            " goes to a fold by itself."
        )
    # No group has such a name.
    units: list[Hashable] = [row["group"] or ("", row["source_id"]) for row in rows]
    if len({*units}) == 1:
        raise InputError(
            f"All images are of the group {units[0]!r}: choose another `group_column`"
            " or `group_pattern`."
        )
    return units


def _stratified(
    rows: Sequence[Row], groups: Sequence[Hashable] | None, settings: SplitSettings
) -> NDArray[np.int64]:
    """Assign rows by the one category that each has."""
    # It takes a second to import scikit-learn.
    from cocofolds.folds.most_frequent import stratified_folds

    return stratified_folds(
        [row["category"] for row in rows],
        groups,
        settings.n_folds,
        settings.seed,
        f"{settings.split_by}s",
    )


class _Table(NamedTuple):
    """Images, and what they have.

    Attributes
    ----------
    rows : sequence of mapping
        Those of `images.csv`.
    counts : mapping of (str, str) to int
        How many annotations an image, by its `image_id`, has of a category.
    areas : mapping of (str, str) to float
        Their areas, if needed.
    groups : (n_images,) sequence of hashable or None
    """

    rows: Sequence[Row]
    counts: Mapping[tuple[str, str], int]
    areas: Mapping[tuple[str, str], float]
    groups: Sequence[Hashable] | None


def _balanced(
    table: _Table, settings: SplitSettings, given: Mapping[str, int]
) -> NDArray[np.int64]:
    """Assign images by all their categories."""
    # The ids of the source do not depend on the order of its rows.
    name_of = {row["image_id"]: row["source_id"] for row in table.rows}
    names = [*name_of.values()]
    pairs = [*table.counts]
    with_some = {image for image, _ in table.counts}
    # Of what has no annotation, no category is asked for.
    pairs += [(image, "") for image in name_of if image not in with_some]
    columns: dict[str, Sequence[Any]] = {
        "image": [name_of[image] for image, _ in pairs],
        "category": [category for _, category in pairs],
        "annotations": [table.counts.get(pair, 0) for pair in pairs],
        "area": [table.areas.get(pair, 0) for pair in pairs],
    }
    of_balance = [name for name in settings.balance if name not in MEASURES]
    values = [json.loads(row["values"]) for row in table.rows] if of_balance else []
    fold_of = assign_folds(
        columns,
        settings.n_folds,
        dict(zip(names, table.groups, strict=True)) if table.groups else None,
        settings.seed,
        test_fraction=settings.test_fraction,
        given=given,
        balance=settings.balance,
        columns={
            name: {image: some[n] for image, some in zip(names, values, strict=True)}
            for n, name in enumerate(of_balance)
        },
    )
    return np.array([fold_of[name] for name in names], np.int64)


def split_messages(split: Split) -> Iterator[str]:
    """Say what a user should know of a split."""
    split_by, n_folds = split.settings.split_by, split.settings.n_folds
    fold_of = dict(zip(split.units, split.folds.tolist(), strict=True))
    members = {pair for pair in split.members if fold_of[pair[1]] != HOLD_OUT}
    if sparse := sparse_categories(members, n_folds):
        named = first_named([*sparse], lambda name: f"{name!r}: {sparse[name]}")
        yield (
            f"Categories with fewer {split_by}s than there are folds ({n_folds}):"
            f" {len(sparse)}. Some folds go without them.\n  {', '.join(named)}"
        )

    def hole_text(hole: Hole) -> str:
        without = ", ".join(first_named(hole.without, str))
        return f"{hole.category!r}: {hole.n_units} {split_by}s, none in fold {without}"

    if holes := avoidable_holes(members, fold_of, n_folds):
        yield (
            f"Categories that could be in more folds than they are: {len(holes)}."
            f" {_remedy(split.settings)}\n "
            f" {', '.join(first_named(holes, hole_text))}"
        )
    if lacking := _lacking_hold_out(split, fold_of):
        names = ", ".join(first_named(lacking, repr))
        yield (
            f"Categories that the hold-out has nothing of: {len(lacking)}. A larger"
            f" `test_fraction` may have some.\n  {names}"
        )
    if spread := spread_groups(split.groups, split.folds):
        yield (
            f"`split_by: {split_by}` puts {len(spread)} of"
            f" {len({*split.groups} - {''})} groups into several folds, so into train"
            " and val. `split_by: group` keeps them whole."
        )
    # Where each group is a fold, it is meant to be.
    if split_by == "group" and split.n_units > n_folds:
        yield from _large_group(split)
    if split_by != "annotation" and split.n_units > n_folds:
        yield from _crowded_fold(split)


def _remedy(settings: SplitSettings) -> str:
    """Say what may bring a category into more folds."""
    if settings.stratify == "balanced" and settings.split_by == "group":
        return "No exchange of two groups brings them there; fewer folds may."
    if settings.stratify == "most_frequent" and settings.split_by != "annotation":
        return "`stratify: balanced` may do better."
    return "Another `seed` may do better."


def _lacking_hold_out(split: Split, fold_of: Mapping[Hashable, int]) -> list[str]:
    """Name the categories that a hold-out, if there is one, has nothing of."""
    if not split.settings.test_fraction:
        return []
    there = {category for category, unit in split.members if fold_of[unit] == HOLD_OUT}
    return sorted({category for category, _ in split.members} - there)


def _large_group(split: Split) -> Iterator[str]:
    """Say which group has more images than a fold should have."""
    is_in_fold = (split.folds != HOLD_OUT).tolist()
    sizes = Counter(compress(split.groups, is_in_fold))
    del sizes[""]
    n_images = sum(is_in_fold)
    part = n_images / split.settings.n_folds
    for name, size in sizes.most_common(1):
        if size > math.ceil(part):
            yield (
                f"The group {name!r} has {size:,} of {n_images:,} images, more than a"
                f" fold should have ({part:,.1f}): its fold is larger than the others."
                " Fewer folds are more even."
            )


def _crowded_fold(split: Split) -> Iterator[str]:
    """Say which fold has most of its annotations in few images."""
    n_folds = split.settings.n_folds
    is_in_fold = split.folds != HOLD_OUT
    counts = [split.n_annotations.get(row["image_id"], 0) for row in split.rows]
    effective = effective_images(
        np.flatnonzero(is_in_fold),
        split.folds[is_in_fold] - 1,
        np.array(counts)[is_in_fold],
        n_folds,
    )
    least = min(effective)
    others = (sum(effective) - least) / (n_folds - 1)
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
    if split.settings.split_by == "annotation":
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
