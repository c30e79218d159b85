"""Words that are put together the same way wherever something is said."""


def visible(text: str, mask: str = " ") -> str:
    """Put a mask in place of each character that cannot be seen, such as a line end."""
    return "".join(letter if letter.isprintable() else mask for letter in text)


def counted(number: int, singular: str, plural: str = "") -> str:
    """Write a number with its noun, such as ``1,024 images``."""
    return f"{number:,} {singular if number == 1 else plural or f'{singular}s'}"
