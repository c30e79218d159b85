"""Groups that have to share a fold, since images of them are copies of each other."""

from collections.abc import Hashable, Iterable, Mapping


def joined_groups(
    groups: Mapping[str, Hashable], pairs: Iterable[tuple[str, str]]
) -> dict[str, Hashable]:
    """Make one group of those that pairs of images link, also by way of others.

    Parameters
    ----------
    groups : mapping of str to hashable
        The group of each image.
    pairs : iterable of (str, str)
        Images that are copies of each other.

    Returns
    -------
    dict of str to hashable
        The group of each image: of those that are joined, the first in sorted order.
    """
    above: dict[Hashable, Hashable] = {}

    def top(group: Hashable) -> Hashable:
        while group in above:
            # What is above this one has a shorter way next time.
            above[group] = above.get(above[group], above[group])
            group = above[group]
        return group

    for pair in pairs:
        first, second = sorted((top(groups[image]) for image in pair), key=_rank)
        if first != second:
            above[second] = first
    return {image: top(group) for image, group in groups.items()}


def _rank(group: Hashable) -> tuple[str, str]:
    return str(group), type(group).__name__
