"""Text for a terminal, which must not take what is in the data for a command."""

from collections.abc import Sequence


def printable(text: str) -> str:
    """Write what a terminal would obey, or cannot show, as an escape."""
    return "".join(
        character
        if character.isprintable() or character == "\n"
        else character.encode("unicode_escape", "backslashreplace").decode()
        for character in text
    )


def clipped(text: str, most: int) -> str:
    """Leave out the end of a text of more than `most` characters."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def first_of(names: Sequence[str], most: int) -> str:
    """Name the first ones and count the others."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"
