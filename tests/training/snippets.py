"""The snippets of docs/train.md, and the fold that they take."""

import re

from tables import REPO

SPLIT = "image-k10-seed221"
FOLD = 1
TEXT = (REPO / "docs" / "train.md").read_text(encoding="utf-8")


def snippet(title):
    """Give out the code of a section."""
    return re.search(rf"^## {title}\n.*?```\w*\n(.*?)```", TEXT, re.M | re.S)[1]
