"""Find what images may be grouped by: a plate, a patient, a video."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from cocofolds.sources.detection.findings import Suggestion
from cocofolds.sources.groups import group_in_name
from cocofolds.wording import counted

# Better ones first. Other columns are looked at as well.
_WORDS = (
    *("patient", "subject", "donor", "case", "plate", "well", "slide", "group"),
    *("video", "sequence", "sample", "specimen", "animal", "experiment", "batch"),
    *("site", "scene", "day", "date", "time", "source"),
)
_NO_GROUP = frozenset(
    ("fold", "split", "license", "width", "height", "date_captured", "area")
)
# Ends of the first, and of the first two parts of a name.
_PATTERNS = (
    r"^(.+)/[^/]+$",
    r"^([^_]+)_",
    r"^([^_]+_[^_]+)_",
    r"^([^-]+)-",
    r"^([^-]+-[^-]+)-",
    r"^([^.]+)\..*\.",
)
_MOST_NAMED = 3


def suggest_groups(
    columns: Mapping[str, Mapping[str, str]], names: Collection[str]
) -> list[Suggestion]:
    """Suggest settings for groups.

    Parameters
    ----------
    columns : mapping of str to mapping
        The value of each image in each column that is the same in all of its rows.
    names : collection of str
        The ids of images, or their file names.
    """
    numbers = {
        column: len({*groups.values()})
        for column, groups in columns.items()
        if column.lower() not in _NO_GROUP and is_grouping(groups.values())
    }
    suggestions = []
    if numbers:
        ranked = sorted(numbers, key=lambda c: (_rank(c), -numbers[c]))
        best, others = ranked[0], ranked[1 : _MOST_NAMED + 1]
        said = f"{best} may be: {counted(numbers[best], 'group')}, each image in one"
        if others:
            said += f"; or {', '.join(others)}"
        settings = {"split_by": "group", "group_column": best}
        suggestions.append(Suggestion(said, settings))
    for pattern in _PATTERNS:
        groups = [group_in_name(pattern, name) for name in names]
        if is_grouping(groups) and not numbers:
            said = (
                f"{counted(len({*groups}), 'group')} by how names begin, such as"
                f" {groups[0]}"
            )
            settings = {"split_by": "group", "group_pattern": pattern}
            suggestions.append(Suggestion(said, settings))
            break
    return suggestions


def is_grouping(values: Collection[str]) -> bool:
    """Tell whether all images have a group, and some groups several images."""
    n_groups = len({*values})
    return all(values) and 1 < n_groups < len(values)


def _rank(column: str) -> int:
    """Tell how much a name is that of a group; 0 is the most."""
    words = re.sub(r"[\W_]+", "", column).lower()
    return next((n for n, word in enumerate(_WORDS) if word in words), len(_WORDS))


def constant_within(
    images: Sequence[str], columns: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, str]]:
    """Take the columns that have one value for each image: their values by image."""
    constant = {}
    for column, values in columns.items():
        pairs = {*zip(images, values, strict=True)}
        by_image = dict(zip(images, values, strict=True))
        if len(by_image) == len(pairs):
            constant[column] = by_image
    return constant


def flattened(records: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Collect the texts and whole numbers in records, also those within objects.

    Returns
    -------
    dict of str to list of str
        By key, such as ``extra.name``; of keys that all records have.
    """
    values: dict[str, list[str]] = {}
    n_records = 0
    for record in records:
        n_records += 1
        for key, value in record.items():
            within = value.items() if isinstance(value, Mapping) else ()
            for name, each in [(key, value), *((f"{key}.{k}", v) for k, v in within)]:
                if isinstance(each, str) or type(each) is int:
                    values.setdefault(name, []).append(str(each))
    return {key: some for key, some in values.items() if len(some) == n_records}
