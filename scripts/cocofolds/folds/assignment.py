"""Assign images to folds, so that each fold has as much of each category."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from cocofolds.errors import InputError
from cocofolds.folds.balanced import balanced_folds
from cocofolds.folds.units import Ints, units_of

Image = TypeVar("Image", bound=Hashable)


def assign_folds(
    counts: Mapping[str, Iterable[Any]],
    n_folds: int,
    groups: Mapping[Any, Hashable] | None = None,
    seed: int = 0,
) -> dict[Any, int]:
    """Assign images to folds so that all categories are shared evenly, all at once.

    Parameters
    ----------
    counts : DataFrame or mapping of columns
        A row for each category of an image, with the columns ``image``, ``category``
        and ``annotations``, the number of annotations. An image without any has a row
        with 0, or with None for the category.
    n_folds : int
    groups : mapping of image to group, or None
        All images of a group are in one fold.
    seed : int
        Another one gives other folds, which are as good.

    Returns
    -------
    dict of image to int
        The fold in which each image is held out, from 1 to `n_folds`. It depends on the
        rows, not on their order.

    Raises
    ------
    InputError
        If there are fewer images, or groups, than folds, if an image has no group, or
        if the seed is not from 0 to 2**32 - 1.

    Notes
    -----
    `docs/folds.md` says what is balanced, and how well.

    Examples
    --------
    >>> import cocofolds
    >>> counts = {
    ...     "image": ["a", "a", "b", "c", "d"],
    ...     "category": ["car", "dog", "car", "dog", None],
    ...     "annotations": [2, 1, 2, 1, 0],
    ... }
    >>> folds = cocofolds.assign_folds(counts, 2)
    >>> folds["b"] != folds["a"] != folds["c"]
    True
    """
    rows = [[*counts[name]] for name in ("image", "category", "annotations")]
    images = _sorted(set(rows[0]))
    number_of = {image: number for number, image in enumerate(images)}
    numbers = np.array([number_of[image] for image in rows[0]], np.int64)
    annotations = np.array(rows[2], np.int64)
    if (annotations < 0).any():
        raise InputError("annotations: a number of annotations is below 0.")
    # NaN is what pandas makes of None.
    names = [
        None if name is None or name != name or not n else name
        for name, n in zip(rows[1], rows[2], strict=True)
    ]
    categories = {name: n for n, name in enumerate(_sorted({*names} - {None}))}
    group_codes = None
    if groups is None:
        check_number(len(images), n_folds, seed, "images")
    else:
        of_images = [groups.get(image) for image in images]
        if None in of_images:
            raise InputError(f"image {images[of_images.index(None)]!r} has no group.")
        check_number(len({*of_images}), n_folds, seed, "groups")
        group_codes = codes_of(of_images)
    units = units_of(
        numbers,
        np.array([categories.get(name, -1) for name in names], np.int64),
        annotations,
        group_codes,
    )
    folds = balanced_folds(units, n_folds, seed)
    if group_codes is not None:
        folds = folds[group_codes]
    return dict(zip(images, (folds + 1).tolist(), strict=True))


def check_number(n_units: int, n_folds: int, seed: int, unit: str) -> None:
    """Refuse fewer units than folds, and a seed that is too large.

    Raises
    ------
    InputError
    """
    if not 0 <= seed < 2**32:
        raise InputError(f"The seed {seed} is not from 0 to 2**32 - 1.")
    if n_units < n_folds:
        raise InputError(
            f"{n_units} {unit} cannot be assigned to {n_folds} folds."
            " Choose a smaller `n_folds`."
        )


def check_groups(groups: Sequence[Hashable]) -> None:
    """Refuse images without a group, and a single group.

    Parameters
    ----------
    groups : (n_images,) sequence of hashable

    Raises
    ------
    InputError
    """
    if not all(groups):
        raise InputError(
            f"{groups.count('')} images have no group: set `group_column` to a column"
            " that names the group of every image, or `group_pattern` to a pattern that"
            " finds it in every name."
        )
    if len(set(groups)) == 1:
        raise InputError(
            f"All images are of the group {groups[0]!r}: choose another `group_column`."
        )


def _sorted(names: Iterable[Any]) -> list[Any]:
    """Sort names of whatever types."""
    return sorted(names, key=lambda name: (str(name), type(name).__name__))


def codes_of(names: Sequence[Any]) -> Ints:
    """Number names in their sorted order."""
    code = {name: number for number, name in enumerate(_sorted(set(names)))}
    return np.array([code[name] for name in names], np.int64)
