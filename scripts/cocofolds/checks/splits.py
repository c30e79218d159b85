"""Compare the files of a split with the whole data set, line by line."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import compress, groupby, islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cocofolds.checks.whole_set import (
    Record,
    WholeSet,
    finder,
    open_coco,
    read_record,
)
from cocofolds.errors import CheckError
from cocofolds.files import sha256_of
from cocofolds.folds.balance import units_by_category
from cocofolds.folds.quality import Assigned, HoldOutCounts
from cocofolds.settings import HOLD_OUT, ImageIds, SplitBy

FOLD_TABLE_COLUMNS = ("fold", "category", "images", "annotations")


class FoldNumbers(NamedTuple):
    """Where everything is held out, as `folds.csv` says: folds from 1.

    0 is the hold-out, which is in no fold.

    Attributes
    ----------
    of_annotations : (n_annotations,) int32
    of_images : (n_images,) int32
        In a split by annotation, -1 for images that have some.
    """

    of_annotations: NDArray[np.int32]
    of_images: NDArray[np.int32]


# How many folds are compared at a time: each has two open files.
_FOLDS = 100


def read_fold_numbers(
    whole: WholeSet,
    rows: Iterable[Mapping[str, str]],
    split_by: SplitBy,
    image_ids: ImageIds,
    n_folds: int,
    has_hold_out: bool = False,
) -> FoldNumbers:
    """Read from `folds.csv` where each annotation is held out.

    Parameters
    ----------
    whole : WholeSet
    rows : iterable of mapping
        The rows of `folds.csv`.
    split_by : {"image", "group", "annotation"}
    image_ids : {"integer", "source"}
        Which ids images have in the files.
    n_folds : int
    has_hold_out : bool
        Whether some have to be in no fold.

    Returns
    -------
    FoldNumbers

    Raises
    ------
    CheckError
        If an annotation, or an image, has no fold or two of them.
    """
    of_annotations = np.full(len(whole.numbers), -1, np.int32)
    of_images = np.full(len(whole.images), -1, np.int32)
    least = HOLD_OUT if has_hold_out else 1
    image_key = "image_id" if image_ids == "integer" else "source_id"
    image_positions = {str(record["id"]): n for n, record in enumerate(whole.images)}
    annotation_position = finder(whole.numbers)
    for row in rows:
        fold = int(row["fold"])
        if row.get("annotation_id"):
            key, folds = "annotation_id", of_annotations
            index = annotation_position(int(row[key]))
        else:
            key, folds = image_key, of_images
            index = image_positions.get(row[key], -1)
        if index < 0 or folds[index] >= 0 or not least <= fold <= n_folds:
            raise CheckError(
                f"folds.csv: {key} {row[key]}, fold {fold}: unknown, assigned twice, or"
                f" none of {n_folds} folds. Delete the file, then give the same command"
                " again."
            )
        folds[index] = fold
    has_annotations = _have_annotations(whole)
    if split_by == "annotation":
        n_missing = (of_annotations < 0).sum() + (of_images[~has_annotations] < 0).sum()
    else:
        n_missing = (of_images < 0).sum()
        of_annotations = of_images[whole.image_positions]
    if n_missing:
        raise CheckError(
            f"folds.csv: {split_by}s without a fold: {n_missing}. Delete the file, then"
            " give the same command again."
        )
    if has_hold_out and not (of_images == HOLD_OUT).any():
        raise CheckError(
            "folds.csv: no image is in the hold-out. Delete the file, then give the"
            " same command again."
        )
    return FoldNumbers(of_annotations, of_images)


def _have_annotations(whole: WholeSet) -> NDArray[np.bool_]:
    """Tell which images have annotations."""
    have = np.zeros(len(whole.images), bool)
    have[whole.image_positions] = True
    return have


def refuse_another_whole_set(whole: WholeSet) -> None:
    """Check that the whole set is the file that was checked against the source.

    Raises
    ------
    CheckError
    """
    if sha256_of(whole.path) != whole.digest:
        raise CheckError(
            f"{whole.path}: it was changed after it had been checked. Delete it, then"
            " give the same command again: it is made again."
        )


def compare_folds(
    whole: WholeSet,
    folds: Sequence[tuple[str, str]],
    fold_of: FoldNumbers,
    split: Mapping[str, Any],
    followed: Callable[[Iterable[int]], Iterable[int]] = iter,
    test: str | None = None,
) -> None:
    """Check that train, val and the hold-out part the whole set, line by line.

    Parameters
    ----------
    whole : WholeSet
    folds : sequence of (str, str)
        Train and val file of each fold.
    fold_of : FoldNumbers
    split : mapping
        What `info` of each file says of the split: split_by, n_folds, seed.
    followed : callable
        What the folds of the annotations pass through as these are compared.
    test : str or None
        The file of the hold-out.

    Raises
    ------
    CheckError
        If a val file has not just the annotations held out in its fold, a train file
        not just all others but the hold-out, in their order, a file not just their
        images, or what else is in a file differs from the whole set.
    """
    # As a file has it: numbers with a point are text.
    split = read_record(json.dumps(split))
    for first in range(0, len(folds), _FOLDS):
        some = dict(enumerate(folds[first : first + _FOLDS], first + 1))
        with ExitStack() as stack:
            _, whole_lines = stack.enter_context(open_coco(whole.path))
            parts = {}
            for fold, (train, val) in some.items():
                for path, is_val in ((train, False), (val, True)):
                    head, lines = stack.enter_context(open_coco(path))
                    images = _images(whole, fold_of, fold, is_val)
                    part = "val" if is_val else "train"
                    says = {**split, "fold": fold, "part": part}
                    _compare_head(path, head, whole, images, says)
                    parts[fold, is_val] = path, lines
            if test and not first:
                head, lines = stack.enter_context(open_coco(test))
                images = fold_of.of_images == HOLD_OUT
                _compare_head(test, head, whole, images, {**split, "part": "test"})
                parts[HOLD_OUT, True] = test, lines
            index = 0
            folds_here = followed(fold_of.of_annotations.tolist())
            for fold_here, stretch in groupby(folds_here):
                expected = list(islice(whole_lines, sum(1 for _ in stretch)))
                for (fold, is_val), (path, lines) in parts.items():
                    if is_val != (fold == fold_here) or (
                        not is_val and fold_here == HOLD_OUT
                    ):
                        continue
                    found = list(islice(lines, len(expected)))
                    if found != expected:
                        raise _difference(path, whole, index, expected, found)
                index += len(expected)
            for path, lines in parts.values():
                if next(lines, None) is not None:
                    raise _damaged(path, "it has annotations that it should not have")


def _images(
    whole: WholeSet, fold_of: FoldNumbers, fold: int, is_val: bool
) -> NDArray[np.bool_]:
    """Tell which images belong to a part: by themselves, or by an annotation."""
    chosen: NDArray[np.bool_] = (fold_of.of_images == fold) == is_val
    chosen &= fold_of.of_images > HOLD_OUT
    in_part = (fold_of.of_annotations == fold) == is_val
    in_part &= fold_of.of_annotations > HOLD_OUT
    chosen[whole.image_positions[in_part]] = True
    return chosen


def _compare_head(
    path: str,
    head: Record,
    whole: WholeSet,
    images: NDArray[np.bool_],
    says: Mapping[str, Any],
) -> None:
    """Check what a file has besides its annotations.

    That is all that the whole set has, but only the images of its part, and with what
    `info` says of the part.
    """
    expected = {
        **whole.head,
        "info": _with_part(whole.head["info"], says),
        "images": list(compress(whole.images, images.tolist())),
    }
    for key in {**expected, **head}:
        if head.get(key) != expected.get(key):
            raise _damaged(path, f"its {key!r} is not what it should be")


def _with_part(info: Record, says: Mapping[str, Any]) -> Record:
    """Add what `info` says of a part to that of the whole set."""
    if "cocofolds" in info:
        return {**info, "cocofolds": {**info["cocofolds"], **says}}
    return {**info, **says}


def _damaged(path: str, problem: str) -> CheckError:
    return CheckError(
        f"{path}: {problem}. Delete the file, then give the same command again: it is"
        " made again."
    )


def _difference(
    path: str,
    whole: WholeSet,
    index: int,
    expected: Sequence[bytes],
    found: Sequence[bytes],
) -> CheckError:
    """Name the first annotation, from an index on, that is not as it should be."""
    n_equal = next(n for n, line in enumerate(expected) if found[n : n + 1] != [line])
    number = whole.numbers[index + n_equal]
    return _damaged(
        path,
        f"annotation {number} of {whole.path} is missing, changed or in another"
        " position",
    )


def undivided_groups(whole: WholeSet, fold_of: FoldNumbers) -> int:
    """Check that each group is held out in one fold, and count the groups.

    Parameters
    ----------
    whole : WholeSet
    fold_of : FoldNumbers
        Of a split by image or group.

    Raises
    ------
    CheckError
        If a group is held out in two folds.
    """
    first_image: dict[int, int] = {}
    for image, group in enumerate(whole.groups.tolist()):
        first = first_image.setdefault(group, image)
        if fold_of.of_images[first] != fold_of.of_images[image]:
            names = (whole.images[i]["file_name"] for i in (first, image))
            raise CheckError(
                "folds.csv: the images {!r} and {!r} are of one group, but held out in"
                " two folds. Delete the file, then give the same command again.".format(
                    *names
                )
            )
    return len(first_image)


def undivided_copies(
    whole: WholeSet,
    fold_of: FoldNumbers,
    pairs: Iterable[Mapping[str, str]],
    image_ids: ImageIds,
) -> int:
    """Check that images that are copies are held out in one fold, and count the pairs.

    Parameters
    ----------
    whole : WholeSet
    fold_of : FoldNumbers
        Of a split by image or group.
    pairs : iterable of mapping
        The rows of `duplicates.csv`.
    image_ids : {"integer", "source"}
        Which ids images have in the files.

    Raises
    ------
    CheckError
        If an image is unknown, or two copies are held out in two folds.
    """
    key = "image_id" if image_ids == "integer" else "source_id"
    fold_by_id = {
        str(record["id"]): fold
        for record, fold in zip(whole.images, fold_of.of_images.tolist(), strict=True)
    }
    n_pairs = 0
    for row in pairs:
        folds = {fold_by_id.get(row[f"{end}_{key}"]) for end in ("first", "second")}
        if len(folds) != 1 or None in folds:
            first, second = row["first_file_name"], row["second_file_name"]
            raise CheckError(
                f"folds.csv: the images {first!r} and {second!r} are copies of each"
                " other, but not held out in one fold. Delete the file, then give the"
                " same command again."
            )
        n_pairs += 1
    return n_pairs


def fold_table(
    whole: WholeSet, fold_of: FoldNumbers, n_folds: int
) -> list[tuple[int, str, int, int]]:
    """Count images and annotations held out, by fold and category.

    Parameters
    ----------
    whole : WholeSet
    fold_of : FoldNumbers
    n_folds : int

    Returns
    -------
    list of (fold, category, n_images, n_annotations)
        An image counts in each category that it has an annotation of. If there are
        images without any, they have a row of their own, with an empty category.
    """
    shape = n_folds, len(whole.categories)
    in_fold = fold_of.of_annotations > HOLD_OUT
    cells = (fold_of.of_annotations[in_fold].astype(np.int64) - 1) * shape[1]
    cells += whole.category_positions[in_fold]
    images_of_cells = np.unique(
        cells * len(whole.images) + whole.image_positions[in_fold]
    )
    n_annotations, n_images = (
        np.bincount(of, minlength=shape[0] * shape[1]).reshape(shape)
        for of in (cells, images_of_cells // len(whole.images))
    )
    names = [category["name"] for category in whole.categories]
    without = ~_have_annotations(whole)
    without &= fold_of.of_images > HOLD_OUT
    n_without = np.bincount(fold_of.of_images[without], minlength=n_folds + 1)
    table = []
    for fold in range(n_folds):
        counts = zip(names, n_images[fold], n_annotations[fold], strict=True)
        table += [(fold + 1, name, int(i), int(a)) for name, i, a in counts]
        if without.any():
            table.append((fold + 1, "", int(n_without[fold + 1]), 0))
    return table


def hold_out_counts(whole: WholeSet, fold_of: FoldNumbers) -> HoldOutCounts:
    """Count what the hold-out has of each category, and what there is."""
    n_categories, n_images = len(whole.categories), len(whole.images)
    is_held_out = fold_of.of_annotations == HOLD_OUT
    counts = []
    for some in (is_held_out, np.ones(len(is_held_out), bool)):
        categories = whole.category_positions[some].astype(np.int64)
        pairs = np.unique(categories * n_images + whole.image_positions[some])
        of_images = np.bincount(pairs // n_images, minlength=n_categories)
        counts.append((of_images, np.bincount(categories, minlength=n_categories)))
    n_held_out = int((fold_of.of_images == HOLD_OUT).sum())
    return HoldOutCounts(n_held_out, n_images, *counts)


def assigned_in(whole: WholeSet, fold_of: FoldNumbers, split_by: SplitBy) -> Assigned:
    """Take what `quality` measures from the whole set and its folds."""
    in_fold = fold_of.of_annotations > HOLD_OUT
    images = whole.image_positions[in_fold]
    categories = whole.category_positions[in_fold]
    # Without those of the hold-out, images have other positions.
    is_kept = fold_of.of_images != HOLD_OUT
    positions = np.cumsum(is_kept) - 1
    return Assigned(
        positions[images],
        categories,
        fold_of.of_annotations[in_fold],
        whole.areas[in_fold],
        np.maximum(fold_of.of_images[is_kept], 0),
        units_by_category(
            split_by, categories, images, whole.groups, len(whole.categories)
        ),
    )
