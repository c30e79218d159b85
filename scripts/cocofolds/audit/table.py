"""An audit as it is shown in a terminal."""

import textwrap
from collections.abc import Iterator

from rich.console import Group
from rich.table import Table
from rich.text import Text

from cocofolds.audit.findings import Finding, Level
from cocofolds.audit.verdict import Audit, summary
from cocofolds.terminal_text import clipped, printable

# How many examples of a finding are shown, and how much of each.
_SHOWN: dict[Level, int] = {"leak": 3, "problem": 3, "look": 1, "ok": 1}
_LONGEST = 300

_STYLES: dict[Level, str] = {
    "leak": "bold red",
    "problem": "red",
    "look": "yellow",
    "ok": "green",
}
# Columns of what is in front of a finding, and of a terminal that has room for it.
_LEVEL_WIDTH, _HEAD_WIDTH, _WIDE = 9, 25, 60


def audit_table(audit: Audit, width: int) -> Group:
    """Lay out the parts, what was found, and the verdict.

    Parameters
    ----------
    audit : Audit
    width : int
        Columns of the terminal.
    """
    lines: list[Text] = []
    for finding in audit.findings:
        lines += _lines(finding, width)
    unseen = []
    if audit.not_looked_for:
        said = f"Not looked for: {'; '.join(audit.not_looked_for)}."
        unseen = [Text(line) for line in textwrap.wrap(said, width)]
    style = _STYLES["leak" if audit.leaks else "ok"]
    verdict = Text("\n".join(textwrap.wrap(printable(summary(audit)), width)), style)
    return Group(_parts(audit), Text(), *lines, Text(), *unseen, verdict)


def _parts(audit: Audit) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("part", overflow="fold")
    for heading in ("images", "share", "annotations", "categories", "faulty"):
        table.add_column(heading, justify="right")
    n_images = max(sum(part.images for part in audit.parts), 1)
    for part in audit.parts:
        table.add_row(
            Text(printable(part.name)),
            f"{part.images:,}",
            f"{part.images / n_images:.0%}",
            f"{part.annotations:,}",
            f"{part.categories:,}",
            f"{part.faulty:,}",
        )
    return table


def _lines(finding: Finding, width: int) -> Iterator[Text]:
    """Lay out a finding: its level, of what it is, what was found, and examples."""
    level = f"{finding.level:<{_LEVEL_WIDTH}}"
    head = Text.assemble((level, _STYLES[finding.level]), finding.what)
    indent = " " * (_HEAD_WIDTH if width >= _WIDE else 2)
    lines = _wrapped(f"{finding.said}. {finding.detail}".strip(), width, indent)
    if width >= _WIDE:
        head.append(lines.pop(0)[len(head) :])
    yield head
    yield from map(Text, lines)
    examples = [*finding.examples[: _SHOWN[finding.level]]]
    if finding.n > len(examples) > 0:
        examples.append(f"and {finding.n - len(examples):,} more")
    for example in examples:
        for line in _wrapped(clipped(example, _LONGEST), width, indent, "- "):
            yield Text(line, "dim")


def _wrapped(said: str, width: int, indent: str, mark: str = "") -> list[str]:
    return textwrap.wrap(
        printable(said),
        width,
        initial_indent=indent + mark,
        subsequent_indent=indent + " " * len(mark),
        break_on_hyphens=False,
    )
