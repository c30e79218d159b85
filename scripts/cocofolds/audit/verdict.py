"""Audit the parts of a split: all findings, and the verdict."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cocofolds.audit.findings import (
    Finding,
    deviations_of,
    finding_of_balance,
    finding_of_faults,
    findings_of_categories,
    findings_of_copies,
    findings_of_families,
    findings_of_groups,
    findings_of_ids,
    findings_of_names,
)
from cocofolds.audit.parts import Part
from cocofolds.audit.shares import Shares, deviations_from_sizes, shares_of
from cocofolds.copies.fingerprints import Fingerprint, fingerprint
from cocofolds.copies.pairs import find_copies
from cocofolds.errors import InputError
from cocofolds.sources.image_files import find_or_explain
from cocofolds.wording import counted


class PartSummary(NamedTuple):
    """What a part has, in numbers."""

    name: str
    images: int
    annotations: int
    categories: int
    faulty: int


class Audit(NamedTuple):
    """What was found out about a split.

    Attributes
    ----------
    parts : list of PartSummary
    findings : list of Finding
    shares : Shares
    not_looked_for : list of str
        What could leak and was not looked for, with the option that does.
    """

    parts: list[PartSummary]
    findings: list[Finding]
    shares: Shares
    not_looked_for: list[str]

    @property
    def leaks(self) -> list[Finding]:
        """The findings that are leaks."""
        return [finding for finding in self.findings if finding.level == "leak"]


def audit(
    parts: Sequence[Part],
    has_groups: bool = False,
    images: str | None = None,
    followed: Callable[[Iterable[str]], Iterable[str]] = iter,
) -> Audit:
    """Look for all that leaks between parts, and that is wrong with them.

    Parameters
    ----------
    parts : sequence of Part
    has_groups : bool
        Whether it was said how images are grouped.
    images : str, optional
        The folder of the image files, in which copies are looked for.
    followed : callable
        What the names of the images pass through as their files are read.

    Raises
    ------
    InputError
        If no image is of a group, or none has a file in the folder.
    """
    findings = [*findings_of_names(parts)]
    not_looked_for = []
    if has_groups:
        _refuse_no_groups(parts)
        findings += findings_of_groups(parts)
    else:
        findings += findings_of_families(parts)
        not_looked_for.append("groups (--group-pattern, --group-column)")
    if images is None:
        not_looked_for.append("copies (--images)")
    else:
        findings += _compare_files(parts, images, followed)
    shares = shares_of(parts)
    findings += findings_of_ids(parts)
    findings += findings_of_categories(parts, shares)
    findings += [finding_of_balance(parts, shares), finding_of_faults(parts)]
    return Audit(
        [
            PartSummary(
                part.name,
                len(part.images.names),
                len(part.annotations.ids),
                len(part.categories),
                part.n_faulty,
            )
            for part in parts
        ],
        findings,
        shares,
        not_looked_for,
    )


def summary(audit: Audit) -> str:
    """Say the verdict in a sentence."""
    levels = [finding.level for finding in audit.findings]
    others = [
        counted(levels.count("problem"), "problem"),
        f"{counted(levels.count('look'), 'thing')} to look at",
    ]
    rest = [other for other in others if not other.startswith("0 ")]
    leaks = [finding.said for finding in audit.leaks]
    said = "It leaks: " + "; ".join(leaks) if leaks else "Nothing leaks"
    return f"{said}. Besides: {', '.join(rest)}." if rest else f"{said}."


def as_document(audit: Audit) -> dict[str, Any]:
    """Say all of it in values of JSON.

    Parameters
    ----------
    audit : Audit

    Returns
    -------
    dict
        `leaks`: whether anything does; `parts`; `findings`; `balance`: the deviations,
        and images and annotations of each category in each part; `not_looked_for`.
    """
    shares, off = audit.shares, deviations_of(audit.shares)
    by_category = zip(
        shares.categories,
        shares.images.tolist(),
        shares.annotations.tolist(),
        deviations_from_sizes(shares.images, shares.sizes).tolist(),
        deviations_from_sizes(shares.annotations, shares.sizes).tolist(),
        strict=True,
    )
    keys = "category", "images", "annotations", "image_deviation"
    return {
        "leaks": bool(audit.leaks),
        "parts": [part._asdict() for part in audit.parts],
        "findings": [finding._asdict() for finding in audit.findings],
        "balance": {
            "image_deviation": off.images,
            "annotation_deviation": off.annotations,
            "least_image_deviation": off.least,
            "categories": [
                dict(zip((*keys, "annotation_deviation"), row, strict=True))
                for row in by_category
            ],
        },
        "not_looked_for": audit.not_looked_for,
    }


def _refuse_no_groups(parts: Sequence[Part]) -> None:
    if not any(group for part in parts for group in part.images.groups):
        first = next((name for part in parts for name in part.images.names), "")
        raise InputError(
            f"No image is of a group; the first one is {first!r}. Check"
            " `--group-pattern` or `--group-column`."
        )


def _compare_files(
    parts: Sequence[Part],
    folder: str,
    followed: Callable[[Iterable[str]], Iterable[str]],
) -> Iterable[Finding]:
    """Look for copies among the image files of all parts."""
    names = [*dict.fromkeys(name for part in parts for name in part.images.names)]
    paths, problems = find_or_explain(folder, names)
    if names and not paths:
        raise InputError(
            f"No image has a file: {problems[names[0]]}. Check `--images`."
        )
    fingerprints: dict[str, Fingerprint] = {}
    for name in followed(paths):
        try:
            fingerprints[name] = fingerprint(paths[name])
        except InputError as error:
            problems[name] = str(error)
    pairs = find_copies(_of(paths, fingerprints), fingerprints)
    return findings_of_copies(parts, pairs, problems)


def _of(paths: Mapping[str, Path], names: Iterable[str]) -> dict[str, Path]:
    return {name: paths[name] for name in names}
