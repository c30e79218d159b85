"""Run-length texts as competitions publish them: ``start length start length ...``.

A text is one mask. It names the runs of pixels that belong to the mask; pixels are
numbered from 1, along the rows or along the columns of the image: this module need not
know which. Everything works on a batch, a list of texts, without a Python loop over
masks or runs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

#: COCO's counts are unsigned 32-bit integers in pycocotools.
MAX_PIXELS = 2**32 - 1

# As many characters of text stay in the processor's cache with all that is computed
# from them.
_BATCH_CHARACTERS = 2**17

# No number of a mask is longer.
_MAX_DIGITS = 16


Row = TypeVar("Row")


class Runs(NamedTuple):
    """The runs of a batch of masks, mask after mask.

    Attributes
    ----------
    starts : (n_runs,) int64
        First pixel of each run, counted from 0 in the order of the source.
    lengths : (n_runs,) int64
        Pixels in each run.
    per_mask : (n_masks,) int64
        How many runs each mask has.
    """

    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    per_mask: NDArray[np.int64]


def in_batches(
    rows: Iterable[Row], characters: Callable[[Row], int]
) -> Iterator[list[Row]]:
    """Gather rows to batches that are fast to work on and bounded in memory.

    Parameters
    ----------
    rows : iterable
    characters : callable
        How long the run-length text of a row is.
    """
    batch, size = [], 0
    for row in rows:
        batch.append(row)
        size += characters(row) + 1
        if size >= _BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def parse_runs(texts: Sequence[str]) -> Runs:
    """Read run-length texts that `find_invalid` has accepted, in canonical form.

    Parameters
    ----------
    texts : sequence of str
        One mask each: decimal numbers, one blank between two of them.

    Returns
    -------
    Runs
        In the order of the texts.
    """
    per_text = _count_numbers(texts)
    numbers = np.fromstring(" ".join(texts), np.int64, sep=" ")
    return Runs(numbers[0::2] - 1, numbers[1::2], per_text // 2)


def numbered_from_1(text: str, base: int, relative: bool) -> str:
    """Write a mask with starts that are pixels counted from 1, as all else takes it.

    Parameters
    ----------
    text : str
        A run-length text.
    base : {0, 1}
        The number of the first pixel.
    relative : bool
        Whether each start is counted from the end of the run before.

    Returns
    -------
    str
        The text as it is if it is none: `explain` says why.
    """
    tokens = text.split()
    if len(tokens) % 2 or not all(map(_is_number, tokens)):
        return text
    written, end = [], 0
    for start, length in zip(tokens[0::2], tokens[1::2], strict=True):
        first = int(start) + end
        end = first + int(length) if relative else 0
        written += [str(first + 1 - base), length]
    return " ".join(written)


def find_invalid(
    texts: Sequence[str], n_pixels: NDArray[np.int64]
) -> tuple[dict[int, str], dict[int, str]]:
    """Tell which texts are not masks, and which are masks but not in canonical form.

    Parameters
    ----------
    texts : sequence of str
        One mask each.
    n_pixels : (n_masks,) int64
        Pixels of the image that each mask is on.

    Returns
    -------
    invalid : dict of int to str
        The reason for each text that is not a mask, by its position in `texts`.
    canonical : dict of int to str
        A text that `parse_runs` reads, for each mask that is written another way.
    """
    invalid: dict[int, str] = {}
    canonical: dict[int, str] = {}
    if not texts:
        return invalid, canonical
    # Whatever is not plainly right is looked at once more, slowly, one at a time.
    for position in _suspects(texts, n_pixels):
        reason = explain(texts[position], int(n_pixels[position]))
        if reason:
            invalid[position] = reason
        else:
            numbers = map(int, texts[position].split())
            canonical[position] = " ".join(map(str, numbers))
    return invalid, canonical


def explain(text: str, n_pixels: int) -> str | None:
    """Say why `text` is not a mask on an image of `n_pixels` pixels; None if it is."""
    tokens = text.split()
    if not tokens:
        return "the run-length text is empty"
    for token in tokens:
        shown = repr(
            token if len(token) <= _MAX_DIGITS else f"{token[:_MAX_DIGITS]}..."
        )
        if token[0] == "-" and token[1:].isdigit():
            return f"{shown} is negative"
        if not (token.isascii() and token.isdigit()):
            return f"{shown} is not a whole number"
        if not _is_number(token):
            return f"{shown} has more than {_MAX_DIGITS} digits"
    if len(tokens) % 2:
        return f"starts and lengths come in pairs, but the numbers are {len(tokens)}"
    numbers = [int(token) for token in tokens]
    runs = sorted(zip(numbers[0::2], numbers[1::2], strict=True))
    for start, length in runs:
        run = f"run {start} {length}"
        if start == 0:
            return f"{run} starts at 0, but `base: 1` numbers pixels from 1"
        if length == 0:
            return f"{run} has no length"
        if start + length - 1 > n_pixels:
            return f"{run} ends past the last pixel, {n_pixels}"
    for first, second in pairwise(runs):
        if sum(first) > second[0]:
            return f"runs {first[0]} {first[1]} and {second[0]} {second[1]} overlap"
    return None


def _is_number(token: str) -> bool:
    return token.isascii() and token.isdigit() and len(token) <= _MAX_DIGITS


def _suspects(texts: Sequence[str], n_pixels: NDArray[np.int64]) -> list[int]:
    """Find the texts that are not masks in canonical form, sorted by start."""
    suspects = _with_odd_form(texts)
    others = [n for n in range(len(texts)) if n not in suspects]
    runs = parse_runs([texts[n] for n in others])
    mask = np.repeat(np.array(others, np.int64), runs.per_mask)
    ends = runs.starts + runs.lengths
    most = 10**_MAX_DIGITS
    wrong = (runs.starts < 0) | (runs.lengths < 1) | (ends > n_pixels[mask])
    wrong |= (runs.starts >= most - 1) | (runs.lengths >= most)
    wrong[1:] |= (runs.starts[1:] < ends[:-1]) & (mask[1:] == mask[:-1])
    return sorted(suspects.union(mask[wrong].tolist()))


def _with_odd_form(texts: Sequence[str]) -> set[int]:
    """Find the texts that are not digits in pairs of numbers with single blanks."""
    suspects = {*np.flatnonzero(_count_numbers(texts) % 2).tolist()}
    # All at once, since they are rare. A number that is too long and yet no large one
    # begins with zeros.
    joined = f" {' '.join(texts)} ".encode("ascii", "replace")
    is_odd = b"  " in joined or b" 00" in joined
    if is_odd or not joined.translate(None, b" ").isdigit():
        suspects.update(n for n, text in enumerate(texts) if not _is_plain(text))
    return suspects


def _is_plain(text: str) -> bool:
    return all(map(_is_number, text.split(" ")))


def _count_numbers(texts: Sequence[str]) -> NDArray[np.int64]:
    """Count the numbers of texts with single blanks between them."""
    counts = (text.count(" ") + 1 for text in texts)
    return np.fromiter(counts, np.int64, len(texts))
