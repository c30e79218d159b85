"""Which group an image belongs to, such as its plate, its patient or its video."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from cocofolds.errors import InputError


def group_in_name(pattern: str, name: str) -> str:
    """Find the group of an image in its name.

    Parameters
    ----------
    pattern : str
        A regular expression, looked for anywhere in the name.
    name : str
        The id of an image of a table, or the file name in a COCO JSON.

    Returns
    -------
    str
        What the first pair of parentheses matches, or all of the match if there is
        none; "" without a match.
    """
    found = _compiled(pattern).search(name)
    if not found:
        return ""
    return (found[1] if found.re.groups else found[0]) or ""


def joined(names: Sequence[str]) -> str:
    """Name the group of images that have all of some names in common.

    Returns
    -------
    str
        The names with slashes between them; "" if one is missing.
    """
    if len(names) < 2:
        return "".join(names)
    if not all(names):
        return ""
    # So that no other names look the same.
    return "/".join(n.replace("\\", r"\\").replace("/", r"\/") for n in names)


def value_under(record: Mapping[str, Any], key: str) -> Any:
    """Look up a key of a record, such as ``extra.name`` for a key within an object.

    None if it is not there. A key of the record itself that has a dot comes first.
    """
    if key in record:
        return record[key]
    value: Any = record
    for part in key.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    return value


def refuse_bad_pattern(pattern: str, said: str) -> None:
    """Refuse a pattern of groups that is no regular expression.

    Parameters
    ----------
    pattern : str
    said : str
        Where it was given, for the message.

    Raises
    ------
    InputError
    """
    try:
        re.compile(pattern)
    except re.error as error:
        raise InputError(
            f"{said}: {pattern!r} is no regular expression: {error}."
        ) from None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
