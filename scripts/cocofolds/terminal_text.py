"""Text for a terminal, which must not take what stands in the data for a command."""


def printable(text: str) -> str:
    """Write what a terminal would obey, or cannot show, as an escape."""
    return "".join(
        character
        if character.isprintable() or character == "\n"
        else character.encode("unicode_escape", "backslashreplace").decode()
        for character in text
    )
