"""The README and the pages of docs/, and the code that they show."""

import re

from tables import REPO


def page(path):
    return (REPO / path).read_text(encoding="utf-8")


def snippets(path, language):
    """List what is in the code blocks of a page that have this language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page(path), re.M | re.S)


def snippet(path, language, has):
    """Return the one code block that has this text in it."""
    [code] = [code for code in snippets(path, language) if has in code]
    return code
