"""Find the images that are copies of each other.

Each image is compared with those whose hashes are nearly the same, by the small
pictures of both. A hash alone calls copies that are none.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from math import sqrt
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cocofolds.copies.fingerprints import (
    Fingerprint,
    Picture,
    fingerprint_and_picture,
)

#: In how many bits the hashes of copies may differ.
MOST_BITS = 6
#: From which correlation on two small pictures are of one image, and from which one on
#: their details are. `docs/leaks.md` has the figures.
LEAST_CORRELATION, LEAST_OF_DETAIL = 0.985, 0.8

# With how many others an image is compared, those with the nearest hashes: the bound
# for sets in which very many hashes are the same.
_MOST_COMPARED = 100
# Detail is what differs from the mean of so many pixels to either side.
_REACH = 4


class CopyPair(NamedTuple):
    """Two images that are copies of each other.

    Attributes
    ----------
    first, second : str
        Their names, in the order of text.
    kind : str
        "same file" if the files are the same in every byte, else "same picture".
    correlation : float
        Of their small pictures: 1 for equal ones.
    """

    first: str
    second: str
    kind: str
    correlation: float


def find_copies(
    paths: Mapping[str, Path], fingerprints: Mapping[str, Fingerprint]
) -> list[CopyPair]:
    """Find the images that are copies of each other.

    Parameters
    ----------
    paths : mapping of str to Path
        The file of each image.
    fingerprints : mapping of str to Fingerprint
        Of the same images.

    Returns
    -------
    list of CopyPair
        As `copies_among`.

    Raises
    ------
    InputError
        If a file is not readable any more.
    """

    @lru_cache(_MOST_COMPARED)
    def picture_of(name: str) -> Picture:
        return fingerprint_and_picture(paths[name])[1]

    return copies_among(fingerprints, picture_of)


def copies_among(
    fingerprints: Mapping[str, Fingerprint], picture_of: Callable[[str], Picture]
) -> list[CopyPair]:
    """Find the images that are copies of each other.

    Parameters
    ----------
    fingerprints : mapping of str to Fingerprint
        By the names of the images.
    picture_of : callable
        Gives the small picture of an image: (SIDE, SIDE) uint16.

    Returns
    -------
    list of CopyPair
        Sorted. Of several copies of one image there are as many pairs as it takes to
        link them: one for each image but the first.
    """
    first_with: dict[str, str] = {}
    pairs = []
    for name in sorted(fingerprints):
        first = first_with.setdefault(fingerprints[name].digest, name)
        if first != name:
            pairs.append(CopyPair(first, name, "same file", 1.0))
    # A picture of one grey is like any other.
    names = [name for name in first_with.values() if fingerprints[name].bits]
    linked_to = np.arange(len(names))
    hashes = [fingerprints[name].bits for name in names]
    for second, near in enumerate(near_before(hashes, MOST_BITS)):
        for _ in range(_MOST_COMPARED):
            near = near[linked_to[near] != linked_to[second]]
            if not len(near):
                break
            nearest, near = near[0], near[1:]
            ends = names[nearest], names[second]
            likeness = correlation_of_copies(*map(picture_of, ends))
            if likeness is not None:
                linked_to[linked_to == linked_to[second]] = linked_to[nearest]
                pairs.append(CopyPair(*ends, "same picture", likeness))
    return sorted(pairs)


def near_before(hashes: Sequence[int], most_bits: int) -> Iterator[NDArray[np.int64]]:
    """List, for each hash, those before it that differ in few bits.

    The 64 bits are cut into one band more than bits may differ: two hashes that are
    near are equal in one of the bands, so only those are compared.

    Parameters
    ----------
    hashes : (n,) sequence of int
        Of 64 bits.
    most_bits : int

    Yields
    ------
    (n_near,) int64
        Positions, those that differ least first.
    """
    codes = np.array(hashes, np.uint64)
    ends = np.linspace(0, 64, most_bits + 2).astype(int).tolist()
    bands = [*map(_before_in_band, _bands(codes, ends))]
    for position, code in enumerate(codes):
        equal = [order[begins[position] : ranks[position]]
                 for order, begins, ranks in bands]  # fmt: skip
        near = np.unique(np.concatenate(equal))
        n_bits = np.bitwise_count(codes[near] ^ code)
        is_near = n_bits <= most_bits
        yield near[is_near][np.argsort(n_bits[is_near], kind="stable")]


def _bands(
    codes: NDArray[np.uint64], ends: Sequence[int]
) -> Iterator[NDArray[np.uint64]]:
    """Take the bits from each end to the next."""
    for begin, end in pairwise(ends):
        mask = np.uint64((1 << (end - begin)) - 1)
        yield (codes >> np.uint64(begin)) & mask


def _before_in_band(
    values: NDArray[np.uint64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Sort positions by their values.

    Returns
    -------
    order : (n,) int64
        Positions; those of one value as they are.
    begins, ranks : (n,) int64
        For each position, where those of its value begin in `order`, and where it is.
    """
    order = np.argsort(values, kind="stable")
    ranks = np.empty_like(order)
    ranks[order] = np.arange(len(order))
    return order, np.searchsorted(values[order], values), ranks


def correlation_of_copies(first: Picture, second: Picture) -> float | None:
    """Compare two small pictures; None if they are not of one image.

    Images of one microscope may be alike in their light alone, so the details have to
    agree too.

    Parameters
    ----------
    first, second : (SIDE, SIDE) uint16

    Returns
    -------
    float or None
        The correlation of the pictures.
    """
    pictures = first.astype(np.int64), second.astype(np.int64)
    whole = correlation(*pictures)
    if whole < LEAST_CORRELATION:
        return None
    return whole if correlation(*map(detail_of, pictures)) >= LEAST_OF_DETAIL else None


def correlation(first: NDArray[np.int64], second: NDArray[np.int64]) -> float:
    """Take Pearson's correlation; 0 if all values of one are the same.

    All sums are of whole numbers, so every machine has the same.

    Parameters
    ----------
    first, second : (SIDE, SIDE) int64
        From -65535 to 65535.
    """
    (xx, xy), (_, yy) = (
        [
            len(a) * int(a @ b) - int(a.sum()) * int(b.sum())
            for b in (first.ravel(), second.ravel())
        ]
        for a in (first.ravel(), second.ravel())
    )
    return xy / sqrt(xx * yy) if xx and yy else 0.0


def detail_of(picture: NDArray[np.int64]) -> NDArray[np.int64]:
    """Take the differences from the mean of a square around each pixel.

    Parameters
    ----------
    picture : (SIDE, SIDE) int64
    """
    width = 2 * _REACH + 1
    sums = np.pad(picture, _REACH, mode="edge")
    for _ in range(2):
        ends = np.pad(sums.cumsum(axis=0), ((1, 0), (0, 0)))
        sums = (ends[width:] - ends[:-width]).T
    return picture - sums // width**2
