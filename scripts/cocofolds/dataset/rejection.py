"""Rows that are left out, rows that are changed, and how they are named in messages."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from cocofolds.errors import first_named
from cocofolds.sources.records import where

REJECTED_COLUMNS = ("file", "line", "image", "reason")
CHANGED_COLUMNS = ("file", "line", "image", "change")


class RejectedRow(NamedTuple):
    """A row that is left out, and why.

    Attributes
    ----------
    file : str
    line : int or str
    image : str
    reason : str
    because_of : str
        Where the record is that it refers to, if that is all that is wrong.
    """

    file: str
    line: int | str
    image: str
    reason: str
    because_of: str = ""


class ChangedRow(NamedTuple):
    """A row whose mask has been changed, and how."""

    file: str
    line: int | str
    image: str
    change: str


def rejection_message(rejected: Sequence[RejectedRow]) -> str:
    """Count the rows that are not masks, or faulty records, and name the first of them.

    What is left out with a record that it refers to is only counted, beside that, as
    are further rows of an image with the same reason.
    """
    followers = Counter((row.file, row.because_of) for row in rejected)
    faulty = [row for row in rejected if not row.because_of]
    alike: dict[tuple[str, int | str, str], list[RejectedRow]] = {}
    for row in faulty:
        whose = row.image if row.image and isinstance(row.line, int) else row.line
        alike.setdefault((row.file, whose, row.reason), []).append(row)
    kinds = {isinstance(row.line, int) for row in faulty}
    heading = "Rows that are not masks" if True in kinds else "Faulty records"
    if len(kinds) > 1:
        heading += ", and faulty records"

    def say(rows: Sequence[RejectedRow]) -> str:
        row = rows[0]
        said = f"{row.file}, {where(row.line)}, image {row.image!r}: {row.reason}"
        if len(rows) > 1:
            said += f" (and {len(rows) - 1} more of its rows)"
        n_followers = followers[row.file, str(row.line)]
        plural = "s" if n_followers > 1 else ""
        return (
            f"{said} (and its {n_followers} annotation{plural})"
            if n_followers
            else said
        )

    lines = first_named([*alike.values()], say)
    return "\n  ".join([f"{heading}: {len(faulty)}", *lines])
