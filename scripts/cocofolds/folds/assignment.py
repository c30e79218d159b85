"""Assign images to folds, so that each fold has as much of each category."""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from cocofolds.errors import InputError
from cocofolds.folds.balanced import balanced_folds
from cocofolds.folds.units import Counts, Ints, Units, chosen, units_of
from cocofolds.settings import HOLD_OUT

Image = TypeVar("Image", bound=Hashable)


#: What folds have equal shares of if nothing else is said.
BALANCED = {"images": 1.0, "annotations": 1.0}
# A hold-out is the same whatever the seed: repeated cross-validation sees none of it.
_SEED_OF_HOLD_OUT = 0
# A fraction has four digits.
_PARTS = 10_000


def assign_folds(
    counts: Mapping[str, Iterable[Any]],
    n_folds: int,
    groups: Mapping[Any, Hashable] | None = None,
    seed: int = 0,
    *,
    test_fraction: float = 0,
    given: Mapping[Any, int] | None = None,
    balance: Mapping[str, float] = BALANCED,
    columns: Mapping[str, Mapping[Any, Hashable]] | None = None,
) -> dict[Any, int]:
    """Assign images to folds so that all categories are shared evenly, all at once.

    Parameters
    ----------
    counts : DataFrame or mapping of columns
        A row for each category of an image, with the columns ``image``, ``category``
        and ``annotations``, the number of annotations; and ``area``, their area in
        pixels, if it should be even. An image without any annotations has a row with 0,
        or with None for the category.
    n_folds : int
    groups : mapping of image to group, or None
        All images of a group are in one fold.
    seed : int
        Another one gives other folds, which are as good.
    test_fraction : float
        The share of the images to hold out from all folds, to four digits. Which these
        are depends neither on the seed nor on the number of folds.
    given : mapping of image to int, or None
        The folds of some images, from 1; 0 is the hold-out. These stay as they are,
        and the others are assigned to be even with them.
    balance : mapping of str to float
        How much it counts that folds have equal shares of ``images``, ``annotations``
        and ``area``, and of the values of `columns`.
    columns : mapping of str to mapping of image to value, or None
        What else images have, such as a site.

    Returns
    -------
    dict of image to int
        The fold in which each image is held out, from 1 to `n_folds`; 0 for the
        hold-out. It depends on the rows, not on their order.

    Raises
    ------
    InputError
        If there are fewer images, or groups, than folds, if an image has no group, if
        the seed is not from 0 to 2**32 - 1, or if what is given contradicts the groups
        or the numbers of folds.

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
    codes, unit = None, "images"
    if groups is not None:
        of_images = [groups.get(image) for image in images]
        if None in of_images:
            raise InputError(f"image {images[of_images.index(None)]!r} has no group.")
        codes, unit = codes_of(of_images), "groups"
    areas = [*counts["area"]] if "area" in balance else None
    units = units_of(_counts(images, rows, areas, columns or {}), codes, balance)
    fixed = _given_folds(images, codes, given or {}, n_folds, bool(test_fraction))
    folds = np.full(units.n_units, HOLD_OUT)
    rest = np.arange(units.n_units)
    if test_fraction:
        rest = _without_hold_out(units, test_fraction, fixed, unit)
    check_number(len(rest), n_folds, seed, unit)
    even = np.ones(n_folds, np.int64)
    folds[rest] = 1 + balanced_folds(
        chosen(units, rest), even, seed, np.maximum(fixed[rest], 0) - 1
    )
    empty = sorted({*range(1, n_folds + 1)} - {*folds.tolist()})
    if empty:
        raise InputError(
            f"Fold {empty[0]} of {n_folds} would be empty: the folds that are given"
            f" leave no {unit} for it. Choose a smaller `n_folds`."
        )
    if codes is not None:
        folds = folds[codes]
    return dict(zip(images, folds.tolist(), strict=True))


def _counts(
    images: Sequence[Any],
    rows: Sequence[Sequence[Any]],
    areas: Sequence[float] | None,
    columns: Mapping[str, Mapping[Any, Hashable]],
) -> Counts:
    """Number the images, the categories and the values of other columns."""
    number_of = {image: number for number, image in enumerate(images)}
    annotations = np.array(rows[2], np.int64)
    if (annotations < 0).any():
        raise InputError("annotations: a number of annotations is below 0.")
    # NaN is what pandas makes of None.
    names = [
        None if name is None or name != name or not n else name
        for name, n in zip(rows[1], rows[2], strict=True)
    ]
    categories = {name: n for n, name in enumerate(_sorted({*names} - {None}))}
    return Counts(
        np.array([number_of[image] for image in rows[0]], np.int64),
        np.array([categories.get(name, -1) for name in names], np.int64),
        annotations,
        None if areas is None else np.array(areas, np.float64),
        {
            name: codes_of([values.get(image) for image in images])
            for name, values in columns.items()
        },
    )


def _given_folds(
    images: Sequence[Any],
    codes: Ints | None,
    given: Mapping[Any, int],
    n_folds: int,
    has_hold_out: bool,
) -> Ints:
    """Tell the fold that is given of each unit; -1 if none is.

    Raises
    ------
    InputError
        If there is no such fold, or two images of a group are given two of them.
    """
    n_units = len(images) if codes is None else int(codes.max()) + 1
    folds = np.full(n_units, -1)
    first: dict[int, Any] = {}
    for position, image in enumerate(images):
        if image not in given:
            continue
        fold, unit = given[image], position if codes is None else int(codes[position])
        if fold == HOLD_OUT and not has_hold_out:
            raise InputError(
                f"image {image!r} is given to fold 0, the hold-out, but there is none."
                " Folds are counted from 1: if yours begin at 0, add 1 to each. For a"
                " hold-out, set `test_fraction`."
            )
        if not HOLD_OUT <= fold <= n_folds:
            raise InputError(
                f"image {image!r} is given to fold {fold}, but there are {n_folds}"
                " folds: check `n_folds`."
            )
        if folds[unit] not in (-1, fold):
            raise InputError(
                f"the images {first[unit]!r} and {image!r} have to share a fold, but"
                f" are given the folds {folds[unit]} and {fold}."
            )
        folds[unit] = fold
        first.setdefault(unit, image)
    return folds


def _without_hold_out(units: Units, fraction: float, given: Ints, unit: str) -> Ints:
    """Choose the units to hold out, and list the positions of the others.

    Raises
    ------
    InputError
        If the hold-out would be empty.
    """
    n_parts = round(fraction * _PARTS)
    shares = np.array([n_parts, _PARTS - n_parts]) // math.gcd(n_parts, _PARTS)
    parts = balanced_folds(units, shares, _SEED_OF_HOLD_OUT, np.minimum(given, 1))
    rest = np.flatnonzero(parts == 1)
    if len(rest) == units.n_units:
        raise InputError(
            f"`test_fraction: {fraction}` of {units.n_units} {unit} is none of them."
            " Choose a larger one."
        )
    return rest


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


def _sorted(names: Iterable[Any]) -> list[Any]:
    """Sort names of whatever types."""
    return sorted(names, key=lambda name: (str(name), type(name).__name__))


def codes_of(names: Sequence[Any]) -> Ints:
    """Number names in their sorted order."""
    code = {name: number for number, name in enumerate(_sorted(set(names)))}
    return np.array([code[name] for name in names], np.int64)
