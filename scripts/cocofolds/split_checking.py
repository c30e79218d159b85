"""Compare the files of a split with the whole data set, line by line."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import compress, groupby, islice

import numpy as np
from numpy.typing import NDArray

from cocofolds.errors import CheckError
from cocofolds.settings import ImageIds, SplitBy
from cocofolds.whole_set import Record, WholeSet, finder, open_coco

FOLD_TABLE_COLUMNS = ("fold", "category", "images", "annotations")

# How many folds are compared at a time: each has two open files.
_FOLDS = 100


def read_fold_numbers(
    whole: WholeSet,
    rows: Iterable[Mapping[str, str]],
    split_by: SplitBy,
    image_ids: ImageIds,
    n_folds: int,
) -> NDArray[np.int32]:
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

    Returns
    -------
    (n_annotations,) int32
        The fold whose val file should hold each annotation, from 1.

    Raises
    ------
    CheckError
        If an annotation, or an image, has no fold or two of them.
    """
    if split_by == "annotation":
        key, n_dealt = "annotation_id", len(whole.annotation_ids)
        place_of = finder(whole.annotation_ids)
    else:
        key, n_dealt = "image_id", len(whole.images)
        if image_ids == "source":
            key = "source_id"
        places = {str(record["id"]): place for place, record in enumerate(whole.images)}
    folds = np.zeros(n_dealt, np.int32)
    for row in rows:
        fold = int(row["fold"])
        if split_by == "annotation":
            place = place_of(int(row[key]))
        else:
            place = places.get(row[key], -1)
        if place < 0 or folds[place] or not 1 <= fold <= n_folds:
            raise CheckError(
                f"folds.csv: {key} {row[key]}, fold {fold}: unknown, dealt twice, or"
                f" none of {n_folds} folds."
            )
        folds[place] = fold
    if not folds.all():
        raise CheckError(f"folds.csv: {key}s without a fold: {(folds == 0).sum()}.")
    return folds if split_by == "annotation" else folds[whole.image_places]


def compare_folds(
    whole: WholeSet, folds: Sequence[tuple[str, str]], fold_of: NDArray[np.int32]
) -> None:
    """Check that train and val of each fold part the whole set, line by line.

    Parameters
    ----------
    whole : WholeSet
    folds : sequence of (str, str)
        Train and val file of each fold.
    fold_of : (n_annotations,) int32
        The fold in which each annotation is held out, from 1.

    Raises
    ------
    CheckError
        If a val file has not just the annotations held out in its fold, a train file
        not just all others, in their order, or a file not just their images.
    """
    for first in range(0, len(folds), _FOLDS):
        some = dict(enumerate(folds[first : first + _FOLDS], first + 1))
        with ExitStack() as stack:
            _, whole_lines = stack.enter_context(open_coco(whole.path))
            parts = {}
            for fold, (train, val) in some.items():
                for path, is_val in ((train, False), (val, True)):
                    head, lines = stack.enter_context(open_coco(path))
                    _compare_head(path, head, whole, (fold_of == fold) == is_val)
                    parts[fold, is_val] = path, lines
            place = 0
            for fold_here, stretch in groupby(fold_of.tolist()):
                expected = list(islice(whole_lines, sum(1 for _ in stretch)))
                for fold in some:
                    path, lines = parts[fold, fold == fold_here]
                    found = list(islice(lines, len(expected)))
                    if found != expected:
                        raise _difference(path, whole, place, expected, found)
                place += len(expected)
            for path, lines in parts.values():
                if next(lines, None) is not None:
                    raise CheckError(
                        f"{path}: it has annotations that it should not have."
                    )


def _compare_head(
    path: str, head: Record, whole: WholeSet, chosen: NDArray[np.bool_]
) -> None:
    """Check that a file has all categories, and the images of its annotations."""
    if head["categories"] != whole.categories:
        raise CheckError(f"{path}: its categories are not those of {whole.path}.")
    has_chosen = np.zeros(len(whole.images), bool)
    has_chosen[whole.image_places[chosen]] = True
    if head["images"] != list(compress(whole.images, has_chosen.tolist())):
        raise CheckError(f"{path}: its images are not those of its annotations.")


def _difference(
    path: str,
    whole: WholeSet,
    place: int,
    expected: Sequence[bytes],
    found: Sequence[bytes],
) -> CheckError:
    """Name the first annotation, from a place on, that is not as it should be."""
    n_equal = next(n for n, line in enumerate(expected) if found[n : n + 1] != [line])
    number = whole.annotation_ids[place + n_equal]
    return CheckError(
        f"{path}: annotation {number} of {whole.path} should stand there, but is"
        " missing, altered or at another place."
    )


def undivided_groups(
    whole: WholeSet, fold_of: NDArray[np.int32], images: Iterable[Mapping[str, str]]
) -> dict[str, int]:
    """Find the fold that holds out each group.

    Parameters
    ----------
    whole : WholeSet
    fold_of : (n_annotations,) int32
    images : iterable of mapping
        The rows of `images.csv`, in the order of the images of the whole set.

    Raises
    ------
    CheckError
        If a group is held out in two folds.
    """
    fold_of_image = np.zeros(len(whole.images), np.int32)
    fold_of_image[whole.image_places] = fold_of
    fold_of_group: dict[str, int] = {}
    for row, fold in zip(images, fold_of_image.tolist(), strict=True):
        if fold_of_group.setdefault(row["group"], fold) != fold:
            raise CheckError(f"The group {row['group']!r} is held out in two folds.")
    return fold_of_group


def fold_table(
    whole: WholeSet, fold_of: NDArray[np.int32]
) -> list[tuple[int, str, int, int]]:
    """Count images and annotations held out, by fold and category.

    Returns
    -------
    list of (fold, category, n_images, n_annotations)
        An image counts in each category that it has an annotation of.
    """
    table = []
    for fold in range(1, int(fold_of.max()) + 1):
        for category in whole.categories:
            chosen = (fold_of == fold) & (whole.category_ids == category["id"])
            n_images = len(np.unique(whole.image_places[chosen]))
            table.append((fold, category["name"], n_images, int(chosen.sum())))
    return table
