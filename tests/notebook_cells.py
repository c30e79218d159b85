"""The cells of docs/notebooks.md, run as a notebook runs them."""

import re

from tables import REPO

TEXT = (REPO / "docs" / "notebooks.md").read_text(encoding="utf-8")


def cells(title):
    """List the cells of a section."""
    section = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", TEXT, re.M | re.S)[1]
    return re.findall(r"^```python\n(.*?)^```", section, re.M | re.S)


def run_cell(cell, names, run):
    """Run a cell, and return what its commands say.

    Parameters
    ----------
    cell : str
        Python, with commands behind `!`, in which `{NAME}` stands for a variable.
    names : dict
        What the cells before have defined. The cell does not change it, but adds to it.
    run : callable
        Runs the line of a command, and returns what it says.
    """
    given = {**names}
    said = []
    for part in re.split(r"^(!.*\n)", cell, flags=re.M):
        if part.startswith("!"):
            said.append(run(part[1:].format(**names)))
        else:
            exec(part, names)
            names |= given
    return "".join(said)
