"""Whether the tables of the source number their pixels as their dialects say."""

from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np

from cocofolds.masks.pixel_order import (
    ENOUGH_VOTES,
    FEWEST_VOTES,
    order_message,
    order_votes,
)
from cocofolds.masks.run_lengths import parse_runs
from cocofolds.settings import Order
from cocofolds.sources.records import AnnotationRow, Source, TableRow

#: Of each table, the masks that look numbered along the rows, and down the columns.
Votes = Mapping[str, tuple[int, int]]


def with_votes(votes: Votes, rows: Sequence[AnnotationRow]) -> Votes:
    """Add the votes of valid rows to those of their tables that need more."""
    added = dict(votes)
    for path, rows_of_file in groupby(rows, lambda row: row.path):
        along_rows, down_columns = votes_before = added.get(path, (0, 0))
        if sum(votes_before) < ENOUGH_VOTES:
            more_along_rows, more_down_columns = _votes_of(
                [row for row in rows_of_file if isinstance(row, TableRow)]
            )
            added[path] = (
                along_rows + more_along_rows,
                down_columns + more_down_columns,
            )
    return added


def _votes_of(rows: Sequence[TableRow]) -> tuple[int, int]:
    # Those on square images do not vote: their runs need not be read.
    rows = [row for row in rows if row.width != row.height]
    runs = parse_runs([row.runs for row in rows])
    heights = np.array([int(row.height) for row in rows], np.int64)
    widths = np.array([int(row.width) for row in rows], np.int64)
    return order_votes(runs, heights, widths)


def wrong_order_message(votes: Votes, source: Source) -> str | None:
    """Say which tables have their pixels numbered another way than their dialect says.

    Each table votes by itself; those of one dialect with few votes do so together. None
    if all is well.
    """
    parties: dict[tuple[Order, str], list[str]] = {}
    for path, dialect in zip(source.paths, source.dialects, strict=True):
        if path in votes:
            has_few = sum(votes[path]) < FEWEST_VOTES
            party = dialect.order, repr(dialect) if has_few else path
            parties.setdefault(party, []).append(path)
    for (order, _), paths in parties.items():
        along_rows = sum(votes[path][0] for path in paths)
        down_columns = sum(votes[path][1] for path in paths)
        message = order_message((along_rows, down_columns), order)
        if message:
            return f"{', '.join(paths)}: {message}"
    return None
