"""The usual notebook's split leaks, and the splits of cocofolds do not."""

from itertools import chain
from pathlib import Path

import pytest
from data_sets import build
from rich.console import Console

from cocofolds.audit.parts import names_of, read_part
from cocofolds.audit.table import audit_table
from cocofolds.audit.verdict import audit
from notebook import write_folds
from pages import page
from tables import SAMPLE


def audit_of(paths, group_pattern=None):
    parts = [
        read_part(name, path, group_pattern=group_pattern)
        for name, path in zip(names_of(paths), paths, strict=True)
    ]
    return audit(parts, has_groups=group_pattern is not None)


def levels(found):
    return {finding.what: finding.level for finding in found.findings}


@pytest.mark.parametrize("fold", [1, 2])
def test_notebook(tmp_path, fold):
    """Parts of every image are on both sides: rows were split, not images."""
    write_folds(SAMPLE, tmp_path, 2, 221)
    paths = [
        str(tmp_path / f"annotations_{part}_fold_{fold}.json")
        for part in ("train", "val")
    ]
    found = audit_of(paths)
    assert [leak.what for leak in found.leaks] == ["images"]
    n_images = found.parts[0].images
    assert found.leaks[0].n == n_images == found.parts[1].images == 30
    assert levels(found)["annotations"] == "problem"
    assert "30 images have other annotations" in found.findings[1].said
    assert found.findings[1].examples[0].endswith("; 0 in both")
    # Each file counts its annotations from 0.
    assert levels(found)["annotation ids"] == "look"
    assert levels(found)["records"] == "ok"


def test_page_of_the_documentation(tmp_path):
    """The table in docs/audit.md is what the command prints."""
    write_folds(SAMPLE, tmp_path, 5, 221)
    paths = []
    for part in ("train", "val"):
        path = tmp_path / f"{part}.json"
        (tmp_path / f"annotations_{part}_fold_1.json").rename(path)
        paths.append(str(path))
    console = Console(width=80, color_system=None)
    with console.capture() as said:
        console.print(audit_table(audit_of(paths), 80))
    assert f"```\n{said.get()}```" in page("docs/audit.md")


@pytest.mark.parametrize("split_by", ["image", "group"])
def test_split_of_cocofolds(tmp_path, split_by):
    data = build(tmp_path, split_by)
    for train, val in data.folds:
        found = audit_of([train, val])
        assert not found.leaks
        for what in ("image ids", "annotation ids", "category ids", "records"):
            assert levels(found)[what] == "ok"
    # The val files of all folds are a split too.
    assert not audit_of([val for _, val in data.folds]).leaks
    both = [*chain(*data.folds)]
    assert [leak.what for leak in audit_of(both).leaks] == ["images", "repeated"]


def test_split_by_annotation(tmp_path):
    train, val = build(tmp_path, "annotation").folds[0]
    found = audit_of([train, val])
    assert [leak.what for leak in found.leaks] == ["images"]
    assert levels(found)["annotations"] == "problem"


@pytest.mark.slow
def test_real_masks(tmp_path, real_data):
    """Of 160 images of nuclei, 150 are on both sides."""
    write_folds(real_data / "dsb2018" / "train_row_major.csv", tmp_path, 5, 221)
    paths = sorted(map(str, Path(tmp_path).glob("*_fold_1.json")))
    [leak] = audit_of(paths).leaks
    assert (leak.what, leak.n) == ("images", 150)
