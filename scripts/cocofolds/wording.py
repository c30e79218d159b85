"""Words that are put together the same way wherever something is said."""


def counted(number: int, singular: str, plural: str = "") -> str:
    """Write a number with its noun, such as ``1,024 images``."""
    return f"{number:,} {singular if number == 1 else plural or f'{singular}s'}"
