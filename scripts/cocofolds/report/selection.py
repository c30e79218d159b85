"""Choose the images that are drawn, and read their annotations."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import chain, compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cocofolds.checks.whole_set import WholeSet, open_coco

#: Pixels: a larger image is chosen only if there are no others.
LARGEST_PREFERRED = 8192 * 8192

#: Pictures of more than `_FEW_CATEGORIES` categories, and those of the gallery.
MOST_CHOSEN = 60
_FEW_CATEGORIES = 10


def choose_images(whole: WholeSet, n_previews: int, seed: int) -> dict[str, list[int]]:
    """Choose some images of each category, the same for the same seed.

    Parameters
    ----------
    whole : WholeSet
    n_previews : int
        How many images with an annotation of a category, if there are so many; those
        that are larger than `LARGEST_PREFERRED` come last.
    seed : int

    Returns
    -------
    dict of str to list of int
        Positions of images by the name of their category. A new image replaces one
        other at most. If these were more than `MOST_CHOSEN` images of many categories,
        there are so many that show as many categories as can be.
    """
    of_category, candidates, ranks = _candidates(whole, seed)
    starts = _starts(of_category, whole)
    number = np.arange(len(candidates)) - starts[of_category]
    if len(whole.categories) > _FEW_CATEGORIES:
        wanted = np.unique(candidates[number < n_previews])
        if len(wanted) > MOST_CHOSEN:
            shown = _covering(of_category, candidates, ranks)
            is_shown = np.isin(candidates, shown)
            of_category, candidates = of_category[is_shown], candidates[is_shown]
            starts = _starts(of_category, whole)
    return {
        category["name"]: candidates[start:end][:n_previews].tolist()
        for category, start, end in zip(
            whole.categories, starts[:-1], starts[1:], strict=True
        )
    }


def files_to_draw(
    header: bytes,
    images: Sequence[Mapping[str, str]],
    annotations: Iterable[Mapping[str, str]],
    n_previews: int,
    seed: int,
) -> list[str]:
    """Name the files of the images that `choose_images` chooses, from the index alone.

    Parameters
    ----------
    header : bytes
        The JSON of the whole data set up to its first annotation.
    images, annotations : sequence and iterable of mapping
        Rows of `images.csv` and `annotations.csv`.
    n_previews, seed : int
        As for `choose_images`.
    """
    head = json.loads(header + b"]}")
    categories = {c["name"]: position for position, c in enumerate(head["categories"])}
    positions = {row["image_id"]: position for position, row in enumerate(images)}
    pairs = [
        (categories[row["category"]], positions[row["image_id"]]) for row in annotations
    ]
    of_category, of_image = np.array(pairs, np.int32).reshape(-1, 2).T
    unknown = np.zeros(len(pairs))
    whole = WholeSet(
        path="",
        head=head,
        numbers=unknown.astype(np.int64),
        category_positions=of_category,
        image_positions=of_image,
        areas=unknown,
        groups=np.zeros(len(images), np.int32),
        digest="",
    )
    chosen = chain.from_iterable(choose_images(whole, n_previews, seed).values())
    return [images[position]["file_name"] for position in sorted({*chosen})]


def choose_for_gallery(
    whole: WholeSet, chosen: Mapping[str, Iterable[int]], seed: int
) -> list[int]:
    """Order chosen images so that the first ones show most categories, rare ones too.

    Parameters
    ----------
    whole : WholeSet
    chosen : mapping of str to iterable of int
        What `choose_images` gives.
    seed : int

    Returns
    -------
    list of int
        `MOST_CHOSEN` positions at most.
    """
    of_category, candidates, ranks = _candidates(whole, seed)
    drawn = {position for some in chosen.values() for position in some}
    is_drawn = np.isin(candidates, [*drawn])
    return _covering(of_category[is_drawn], candidates[is_drawn], ranks)


def _candidates(
    whole: WholeSet, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """List pairs of a category and an image of it, sorted by category, then by rank.

    Returns
    -------
    of_category, candidates : (n_pairs,) int64
        Positions of categories and images.
    ranks : (n_images,) float64
        Of each image; those with the lowest ones are chosen.
    """
    ranks = np.zeros(len(whole.images))
    for position, image in enumerate(whole.images):
        digest = sha256(f"{seed} {image['id']!r}".encode()).digest()
        is_large = int(image["width"]) * int(image["height"]) > LARGEST_PREFERRED
        ranks[position] = int.from_bytes(digest[:6]) + 2**48 * is_large
    pairs = (
        whole.category_positions.astype(np.int64) * len(ranks) + whole.image_positions
    )
    of_category, candidates = np.divmod(np.unique(pairs), max(len(ranks), 1))
    order = np.lexsort((ranks[candidates], of_category))
    return of_category[order], candidates[order], ranks


def _starts(of_category: NDArray[np.int64], whole: WholeSet) -> NDArray[np.int64]:
    """Find where the pairs of each category begin, and where the last one ends."""
    return np.searchsorted(of_category, np.arange(len(whole.categories) + 1))


def _covering(
    of_category: NDArray[np.int64],
    candidates: NDArray[np.int64],
    ranks: NDArray[np.float64],
) -> list[int]:
    """Choose `MOST_CHOSEN` images, each the one with the most categories not seen yet.

    A rare category counts for more. Once all have been seen, they are all to be seen
    once more.
    """
    if not len(of_category):
        return []
    # Up to two, for a category with a single image.
    weights = 1 + 1 / np.bincount(of_category)[of_category]
    chosen: list[int] = []
    is_left = np.ones(len(candidates), bool)
    is_unseen = np.ones(int(of_category.max()) + 1, bool)
    while len(chosen) < MOST_CHOSEN and is_left.any():
        counted = is_left & is_unseen[of_category]
        if not counted.any():
            is_unseen[:] = True
            continue
        gains = np.bincount(candidates[counted], weights[counted], len(ranks))
        best = np.flatnonzero(gains == gains.max())
        chosen.append(int(best[np.argmin(ranks[best])]))
        is_unseen[of_category[candidates == chosen[-1]]] = False
        is_left &= candidates != chosen[-1]
    return chosen


def read_annotations(
    whole: WholeSet, positions: Collection[int]
) -> dict[int, list[dict[str, Any]]]:
    """Read the annotations of some images; the others are passed over unread.

    Parameters
    ----------
    whole : WholeSet
    positions : collection of int
        Of images.

    Returns
    -------
    dict of int to list of dict
        Records by the position of their image.
    """
    wanted = np.isin(whole.image_positions, list(positions))
    annotations: dict[int, list[dict[str, Any]]] = {n: [] for n in positions}
    with open_coco(whole.path) as (_, lines):
        for line, position in zip(
            compress(lines, wanted), whole.image_positions[wanted].tolist(), strict=True
        ):
            annotations[position].append(json.loads(line))
    return annotations
