"""Groups of images by a key within a record, and by a pattern in a name."""

import pytest

from cocofolds.sources.groups import group_in_name, joined, value_under


@pytest.mark.parametrize(
    ("pattern", "name", "group"),
    [
        (r"^(case\d+)_", "case12_day3_slice_0001", "case12"),
        (r"case\d+", "x/case12_day3.png", "case12"),
        # Frames of videos, and the names that Roboflow gives to augmented copies.
        (r"^(.+)_\d+\.PNG$", "clip_a_000123.PNG", "clip_a"),
        (r"^(.+)_jpg\.rf\.", "p0_jpg.rf.0a1b.jpg", "p0"),
        (r"(a)|b", "b", ""),
        (r"^(case\d+)_", "slice_0001", ""),
    ],
)
def test_group_in_name(pattern, name, group):
    assert group_in_name(pattern, name) == group


def test_value_under():
    record = {"extra": {"name": "p0", "a": {"b": 1}}, "x.y": 2, "plate": "p1"}
    assert value_under(record, "plate") == "p1"
    assert value_under(record, "extra.name") == "p0"
    assert value_under(record, "extra.a.b") == 1
    assert value_under(record, "x.y") == 2
    for key in ("name", "extra.b", "plate.name", "extra.name.x", "", "."):
        assert value_under(record, key) is None


def test_several_columns():
    assert joined(["p1"]) == "p1"
    assert joined([]) == ""
    assert joined(["A", "p1"]) == "A/p1"
    assert joined(["A", ""]) == joined(["", ""]) == ""
    names = [
        ["a/b", "c"],
        ["a", "b/c"],
        ["a\\", "b/c"],
        ["a\\/b", "c"],
        ["a", "b", "c"],
    ]
    assert len({joined(some) for some in names}) == len(names)
