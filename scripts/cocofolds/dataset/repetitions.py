"""Rows that repeat an earlier one."""

from array import array
from collections.abc import Iterable, Sequence

import numpy as np

from cocofolds.errors import first_named
from cocofolds.sources.records import AnnotationRow, TableRow


class Repetitions:
    """Find the rows of tables with the image, category and mask of an earlier row."""

    def __init__(self) -> None:
        self._numbers, self._fingerprints = array("q"), array("q")

    def add(self, rows: Iterable[AnnotationRow]) -> None:
        """Take in further rows."""
        of_tables = [row for row in rows if isinstance(row, TableRow)]
        self._numbers.extend([row.number for row in of_tables])
        self._fingerprints.extend(
            [
                hash((row.image, row.category, row.runs, row.dialect.order))
                for row in of_tables
            ]
        )

    def found(self) -> list[tuple[int, int]]:
        """Pair the number of each row that repeats another with that of the other."""
        fingerprint = np.frombuffer(self._fingerprints, np.int64)
        order = np.argsort(fingerprint, kind="stable")
        same = np.flatnonzero(fingerprint[order[1:]] == fingerprint[order[:-1]])
        number = np.frombuffer(self._numbers, np.int64)
        pairs = zip(
            number[order[same + 1]].tolist(), number[order[same]].tolist(), strict=True
        )
        return sorted(pairs)


def repetition_message(repeated: Sequence[tuple[int, int]]) -> str:
    """Count the rows that repeat another and name the first of them."""
    pairs = first_named(repeated, lambda pair: f"{pair[0]} (as {pair[1]})")
    return (
        "Rows with the image, category and mask of an earlier row:"
        f" {len(repeated)}\n  {', '.join(pairs)}"
    )
