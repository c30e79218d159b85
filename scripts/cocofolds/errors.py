"""The errors that are said to the user in one line, without a traceback."""

from collections.abc import Callable, Sequence
from typing import TypeVar

# What a message names before it only counts.
_NAMED = 10

Item = TypeVar("Item")


class InputError(Exception):
    """A mistake in the data or the settings, said so that it can be fixed.

    The message names the file, the row or the key, what is wrong and what to do.
    """


class CheckError(Exception):
    """What was written is not what the source says."""


def first_named(items: Sequence[Item], say: Callable[[Item], str]) -> list[str]:
    """Name the first ten items of a message, each in a line, and count the others."""
    lines = [say(item) for item in items[:_NAMED]]
    if len(items) > _NAMED:
        lines.append(f"and {len(items) - _NAMED} more")
    return lines
