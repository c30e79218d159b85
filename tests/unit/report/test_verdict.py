import numpy as np
import pytest

from cocofolds.folds.balance import FoldTable, Spread
from cocofolds.report.splits import Split
from cocofolds.report.verdict import find, measure, summary, worst


def split(images, annotations=None, divided=0, groups=None, n_units=None, by="image"):
    """A split of the counts of images, by category and fold."""
    images = np.array(images)
    table = FoldTable(
        [f"category {n}" for n in range(len(images))],
        images,
        images if annotations is None else np.array(annotations),
        np.zeros(images.shape[1], int),
    )
    return Split(
        f"{by}-k{images.shape[1]}-seed0",
        by,
        images.shape[1],
        table,
        Spread(images.sum(axis=0), divided),
        groups,
        images.sum(axis=1) if n_units is None else np.array(n_units),
        {},
        {},
    )


EVEN = split([[5, 5], [3, 3]])


def found(*splits, n_warnings=0, n_rejected=0, n_changed=0):
    measures = [measure(split) for split in splits]
    return find(splits, measures, n_warnings, n_rejected, n_changed)


def levels(findings):
    return [finding.level for finding in findings]


def test_all_is_well():
    findings = found(EVEN)
    assert {*levels(findings)} == {"good"}
    assert summary(findings) == "Ready to train on"


def test_a_divided_image_is_a_problem():
    findings = found(EVEN, split([[5, 5]], divided=1200, by="annotation"))
    assert findings[0].level == "bad"
    assert findings[0].headline == "1,200 images in more than one fold"
    assert "annotation-k2-seed0" in findings[0].detail
    assert summary(findings) == "1 problem"


def test_divided_groups_are_worth_a_look():
    groups = Spread(np.array([3, 4]), 2)
    findings = found(EVEN, split([[5, 5]], groups=groups))
    assert (findings[1].level, findings[1].headline) == (
        "look",
        "2 groups in more than one fold",
    )
    whole = found(split([[5, 5]], groups=groups._replace(n_divided=0)))
    assert (whole[1].level, whole[1].headline) == ("good", "No group is in two folds")
    assert len(found(EVEN)) == len(whole) - 1


@pytest.mark.parametrize(
    ("images", "annotations", "level", "number"),
    [
        ([[5, 5]], [[50, 50]], "good", "0.000"),
        ([[5, 5]], [[60, 40]], "look", "0.200, of annotations"),
        ([[6, 4]], [[50, 50]], "look", "0.200, of images"),
        ([[9, 1]], [[90, 10]], "bad", "0.800, of images"),
        # One image of three cannot be shared.
        ([[2, 1]], [[2, 1]], "good", "0.333"),
    ],
)
def test_evenness(images, annotations, level, number):
    findings = found(EVEN, split(images, annotations))
    [about] = [finding for finding in findings if "deviation" in finding.detail]
    assert about.level == level
    assert number in about.detail


def test_where_whole_images_set_a_floor_it_is_said():
    [about] = [f for f in found(split([[2, 1]])) if "deviation" in f.detail]
    assert about.headline == "The folds are as even as whole images allow"
    [about] = [f for f in found(EVEN) if "deviation" in f.detail]
    assert about.headline == "The folds share the categories evenly"


def test_holes_that_can_be_filled_and_that_cannot():
    [about] = [
        f for f in found(split([[1, 0, 1], [2, 2, 2]])) if "category" in f.headline
    ]
    assert about.level == "look"
    assert about.headline == "1 category not in every fold"
    assert "1 time in image-k3-seed0" in about.detail
    assert "cannot be avoided" in about.detail
    avoidable = found(split([[1, 0, 2], [9, 0, 0]]))
    [about] = [f for f in avoidable if "categories not" in f.headline]
    assert "3 times" in about.detail
    assert "3 could be filled" in about.detail


def test_a_hole_that_groups_force_cannot_be_filled():
    [about] = [
        f
        for f in found(split([[9, 0], [5, 5]], n_units=[1, 4], by="group"))
        if "category" in f.headline
    ]
    assert "fewer groups than there are folds" in about.detail


def test_warnings_and_rows():
    findings = found(EVEN, n_warnings=1, n_rejected=1000, n_changed=3)
    of_part = {finding.part: finding for finding in findings}
    assert of_part["warnings"][:2] == ("look", "1 warning")
    assert of_part["rows"][:3] == (
        "look",
        "1,000 rows left out",
        "3 masks changed as the settings say.",
    )
    assert summary(findings) == "Ready to train on, with 2 things to look at"


def test_problems_come_before_things_to_look_at():
    findings = found(split([[9, 1]], divided=3), n_warnings=7)
    assert summary(findings) == "2 problems, and 1 thing to look at"
    assert worst(levels(findings)) == "bad"
    assert worst([]) == "good"
