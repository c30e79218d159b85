"""What the report page reads from the files of a run."""

import json
from importlib.metadata import version

import numpy as np
import pytest

import cocofolds
from cocofolds.files import write_table
from cocofolds.report.results import (
    SplitFiles,
    read_sizes,
    read_split,
    read_warnings,
    versions,
)


@pytest.fixture
def files(tmp_path):
    """Two folds of three images in two groups; a category has no name."""
    folder = tmp_path / "group-k2-seed1"
    folder.mkdir()
    folds, table, checks, quality = (
        str(folder / name)
        for name in ("folds.csv", "fold_table.csv", "checks.json", "quality.json")
    )
    columns = ("image_id", "source_id", "category", "group", "fold")
    rows = [
        (1, "a", "x", "p", 1),
        (2, "b", "x", "p", 1),
        (3, "c", "y", "q", 2),
    ]
    write_table(folds, columns, rows)
    columns = ("fold", "category", "images", "annotations")
    rows = [(1, "x", 2, 3), (1, "y", 0, 0), (2, "x", 0, 0), (2, "y", 1, 1)]
    write_table(table, columns, rows)
    with open(checks, "w") as file:
        json.dump({"groups_held_out_once": 2}, file)
    with open(quality, "w") as file:
        json.dump({"folds": 2}, file)
    split = {"split_by": "group", "n_folds": "2", "seed": "1"}
    return SplitFiles(split, folds, table, checks, quality)


def test_split(files):
    columns = {
        "category_positions": np.array([0, 0, 0, 2], np.int32),
        "image_positions": np.array([0, 0, 1, 2], np.int32),
        "groups": np.array([0, 0, 1], np.int32),
    }
    split = read_split(files, columns, ["x", "", "y"], {"b", "c"})
    assert split.name == "group-k2-seed1"
    assert split.table.annotations.tolist() == [[3, 0], [0, 1]]
    assert split.images.sizes.tolist() == [2, 1]
    assert split.groups.sizes.tolist() == [1, 1]
    # Groups with each category that has a name.
    assert split.n_units.tolist() == [1, 1]
    assert split.folds_of == {"b": [1], "c": [2]}
    assert split.checks == {"groups_held_out_once": 2}
    assert split.quality == {"folds": 2}


def test_a_hold_out_counts_in_no_category(files):
    """A category of two images, one of which is held out, is in one fold at most."""
    columns = ("image_id", "source_id", "category", "group", "fold")
    rows = [(1, "a", "x", "p", 1), (2, "b", "x", "q", 0), (3, "c", "y", "r", 2)]
    write_table(files.folds, columns, rows)
    columns = {
        "category_positions": np.array([0, 0, 2], np.int32),
        "image_positions": np.array([0, 1, 2], np.int32),
        "groups": np.array([0, 1, 2], np.int32),
    }
    split = read_split(files, columns, ["x", "", "y"], set())
    assert split.n_units.tolist() == [1, 1]


def test_warnings_are_named_after_what_they_are_of(tmp_path):
    paths = []
    for folder, texts in (
        ("index", ["one", "two"]),
        ("preview", []),
        ("image-k2-seed1", ["three"]),
    ):
        path = tmp_path / folder / "warnings.json"
        path.parent.mkdir()
        path.write_text(json.dumps(texts))
        paths.append(str(path))
    assert [(row["of"], row["text"]) for row in read_warnings(paths)] == [
        ("Annotations", "one"),
        ("Annotations", "two"),
        ("image-k2-seed1", "three"),
    ]


def test_versions_of_what_is_installed():
    found = versions()
    assert found["cocofolds"] == cocofolds.__version__
    assert found["numpy"] == version("numpy")


def test_a_package_that_is_not_installed(monkeypatch):
    monkeypatch.setattr("cocofolds.report.results._PACKAGES", ("numpy", "no-such"))
    assert [*versions()] == ["cocofolds", "Python", "numpy"]


def test_sizes():
    rows = [{"width": "704", "height": "520"}, {"width": "1", "height": "2"}]
    assert read_sizes(rows).tolist() == [[704, 520], [1, 2]]
    assert read_sizes([]).shape == (0, 2)
