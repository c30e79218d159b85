"""An audit as a page: one HTML file with all in it, of a size that is bounded."""

from pathlib import Path

import numpy as np

from cocofolds.audit.findings import Level, deviations_of
from cocofolds.audit.shares import deviations_from_sizes, due_shares, nearest_to_sizes
from cocofolds.audit.verdict import Audit, summary
from cocofolds.folds.balance import Counts
from cocofolds.report.page import shortened, template_of
from cocofolds.report.splits import MOST_CATEGORIES, Cell, shaded
from cocofolds.report.verdict import Level as ShownLevel
from cocofolds.report.verdict import worst

_SHOWN: dict[Level, ShownLevel] = {
    "leak": "bad",
    "problem": "bad",
    "look": "look",
    "ok": "good",
}
# In characters.
_LONGEST = 500


def audit_page(audit: Audit) -> bytes:
    """Render the page of an audit.

    Parameters
    ----------
    audit : Audit

    Returns
    -------
    bytes
        HTML in UTF-8, of which nothing depends on when or where it is made.
    """
    shares = audit.shares
    off = deviations_from_sizes(shares.annotations, shares.sizes)
    excess = off - deviations_from_sizes(
        nearest_to_sizes(shares.annotations, shares.sizes), shares.sizes
    )
    # The least even ones, if there are more than have room, in their order.
    rows = np.sort(np.argsort(-excess, kind="stable")[:MOST_CATEGORIES]).tolist()
    page = template_of(Path(__file__).with_name("page.html.jinja")).render(
        audit=audit,
        level=worst([_SHOWN[finding.level] for finding in audit.findings]),
        summary=shortened(summary(audit), _LONGEST),
        findings=[
            {
                **finding._asdict(),
                "shown": _SHOWN[finding.level],
                "id": finding.what.replace(" ", "-"),
                "examples": [shortened(text, _LONGEST) for text in finding.examples],
            }
            for finding in audit.findings
        ],
        off=deviations_of(shares),
        n_images=int(shares.sizes.sum()),
        maps=[
            ("Images", _cells(shares.images, shares.sizes, rows)),
            ("Annotations", _cells(shares.annotations, shares.sizes, rows)),
        ],
        categories=[shares.categories[row] for row in rows],
        n_other_categories=len(shares.categories) - len(rows),
    )
    # Macros leave blank lines behind.
    return page.lstrip().encode()


def _cells(counts: Counts, sizes: Counts, rows: list[int]) -> list[list[Cell]]:
    """Shade the counts of some categories by the due of each part."""
    due = due_shares(sizes)
    return [
        shaded(counts[row], counts[row] / np.maximum(due * counts[row].sum(), 1e-9))
        for row in rows
    ]
