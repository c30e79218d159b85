"""Folds as people have them: a hold-out, folds that exist, groups, what is left out."""

import json
from collections import Counter

import pytest

from tables import SAMPLE, read_table, write_table

QUICK = {"n_previews": 0, "n_folds": 3, "seed": 1}


def images_in(path):
    return {image["id"] for image in json.loads(path.read_bytes())["images"]}


def folds_in(project, split):
    return {
        row["source_id"]: row
        for row in read_table(project.results / split / "folds.csv")
    }


@pytest.fixture
def project(new_project):
    """The embedded sample with a column more: the site of each image."""
    rows = read_table(SAMPLE)
    sites = {name: "AB"[n % 2] for n, name in enumerate({row["id"]: 0 for row in rows})}
    project = new_project(annotations="train.csv", **QUICK)
    write_table(project.source, [{**row, "site": sites[row["id"]]} for row in rows])
    return project


def test_a_hold_out(project):
    said = project.run(test_fraction=0.2, seed=[1, 2])
    assert "Held out of all folds: 6 images, in annotations_test.json." in said
    whole = images_in(project.results / "annotations_all.json")
    tests = []
    for seed in (1, 2):
        folder = project.results / f"image-k3-seed{seed}-test0.2"
        test = images_in(folder / "annotations_test.json")
        info = json.loads((folder / "annotations_test.json").read_bytes())["info"]
        assert (info["part"], info["test_fraction"]) == ("test", 0.2)
        held_out = Counter()
        for fold in (1, 2, 3):
            train, val = (
                images_in(folder / f"annotations_{part}_fold_{fold}.json")
                for part in ("train", "val")
            )
            assert train | val == whole - test
            assert not train & val
            held_out.update(val)
        assert held_out == dict.fromkeys(whole - test, 1)
        quality = json.loads((folder / "quality.json").read_bytes())
        assert quality["test"]["images_of_hold_out"] == len(test) == 6
        assert sum(quality["images_of_folds"]) == 24
        tests.append(test)
    assert tests[0] == tests[1]
    # A mask that is in the hold-out alone.
    damaged = folder / "annotations_test.json"
    damaged.write_text(damaged.read_text().replace('"area":', '"area":1', 1))
    (folder / "checks.json").unlink()
    said = project.run(fails=True, test_fraction=0.2, seed=[1, 2])
    assert "annotations_test.json" in said
    assert "is missing, changed or in another position" in said


def test_a_hold_out_of_groups(project):
    project.run(test_fraction=0.3, split_by="group", group_column="sample_id")
    rows = folds_in(project, "group-k3-seed1-test0.3").values()
    folds_of = {}
    for row in rows:
        folds_of.setdefault(row["group"], set()).add(row["fold"])
    assert all(len(folds) == 1 for folds in folds_of.values())
    assert set.union(*folds_of.values()) == {"0", "1", "2", "3"}


def test_a_data_set_that_grows(project):
    rows = read_table(project.source)
    names = list(dict.fromkeys(row["id"] for row in rows))
    given = {}
    for n_images in (10, 20, 30):
        some = {*names[:n_images]}
        project.write_source([row for row in rows if row["id"] in some])
        folds_file = {"folds_file": "folds.csv"} if given else {}
        project.run(test_fraction=0.2, **folds_file)
        split = "image-k3-seed1-test0.2"
        made = {name: row["fold"] for name, row in folds_in(project, split).items()}
        assert given.items() <= made.items()
        assert len(made) == n_images
        given = made
        table = (project.results / split / "folds.csv").read_bytes()
        (project.folder / "folds.csv").write_bytes(table)
    assert sorted(Counter(given.values()).values()) == [6, 8, 8, 8]


def test_folds_of_others(project):
    names = [*dict.fromkeys(row["id"] for row in read_table(project.source))]
    splits = [{"train": names[n::2], "val": names[1 - n :: 2]} for n in (0, 1)]
    path = project.folder / "splits_final.json"
    path.write_text(json.dumps(splits))
    project.run("splits", n_folds=2, folds_file=path.name)
    folder = project.results / "image-k2-seed1"
    written = json.loads((folder / path.name).read_bytes())
    assert [{k: sorted(v) for k, v in s.items()} for s in splits] == written
    for n, split in enumerate(splits, 1):
        for part, listed in split.items():
            lines = (folder / f"files_{part}_fold_{n}.txt").read_text().splitlines()
            assert sorted(lines) == sorted(f"train/{name}.png" for name in listed)
            for line in lines:
                assert (project.folder / "data/sample" / line).exists()
    path.write_text(json.dumps([*splits, {"train": names, "val": []}]))
    said = project.run(fails=True, n_folds=2, folds_file="nothing.csv")
    assert "there is no file 'nothing.csv'" in said


def test_each_group_is_a_fold(project):
    groups = {row["sample_id"] for row in read_table(project.source)}
    settings = {"split_by": "group", "group_column": "sample_id"}
    said = project.run(leave_one_out=True, **settings)
    split = f"group-k{len(groups)}-seed1"
    assert f"Folds are in results/{split}." in said
    pairs = {(row["group"], row["fold"]) for row in folds_in(project, split).values()}
    assert len(pairs) == len({fold for _, fold in pairs}) == len(groups)
    assert "Nothing to be done" in project.run(leave_one_out=True, **settings)


def test_groups_of_several_columns(project):
    project.run(split_by="group", group_column=["site", "sample_id"])
    rows = folds_in(project, "group-k3-seed1")
    of_source = {row["id"]: row for row in read_table(project.source)}
    for name, row in rows.items():
        said = of_source[name]
        assert row["group"] == f"{said['site']}/{said['sample_id']}"


def test_a_column_and_areas_that_are_even(project):
    balance = {"images": 1, "annotations": 1, "area": 1, "site": 1}
    project.run(balance=balance)
    sites = {row["id"]: row["site"] for row in read_table(project.source)}
    rows = folds_in(project, "image-k3-seed1")
    counts = Counter((sites[name], row["fold"]) for name, row in rows.items())
    assert [*counts.values()] == [5] * 6
    said = project.run(fails=True, balance=["images", "scanner"])
    assert "no column 'scanner'" in said


def test_what_is_left_out(project):
    names = [*dict.fromkeys(row["id"] for row in read_table(project.source))]
    (project.folder / "bad.txt").write_text(f"{names[0]}\n{names[1]}.png\n")
    said = project.run(exclude_images="bad.txt", exclude_categories=["astro"])
    whole = json.loads((project.results / "annotations_all.json").read_bytes())
    assert {image["id"] for image in whole["images"]} == {*range(3, 31)}
    assert [category["name"] for category in whole["categories"]] == ["cort", "shsy5y"]
    rows = read_table(project.source)
    left_out = [
        n
        for n, row in enumerate(rows, 1)
        if row["id"] in names[:2] or row["cell_type"] == "astro"
    ]
    kept = {annotation["id"] for annotation in whole["annotations"]}
    assert kept == {*range(1, len(rows) + 1)} - {*left_out}
    rejected = read_table(project.results / "rejected.csv")
    assert [int(row["line"]) - 1 for row in rejected] == left_out
    assert f"{len(left_out):,} rows are left out" in said
    assert "have no row" not in said
    said = project.run(fails=True, exclude_categories=["astro", "dust"])
    assert "exclude_categories: the annotations have no such categories: 'dust'" in said


def test_what_is_left_out_of_a_document(project, new_project):
    project.run()
    whole = (project.results / "annotations_all.json").read_bytes()
    other = new_project(annotations="all.json", dialect="coco", **QUICK)
    (other.folder / "all.json").write_bytes(whole)
    document = json.loads(whole)
    first = document["images"][0]
    other.run(exclude_images=[first["file_name"]], exclude_categories=["cort"])
    made = json.loads((other.results / "annotations_all.json").read_bytes())
    assert made["images"] == document["images"][1:]
    assert made["categories"] == [
        c for c in document["categories"] if c["name"] != "cort"
    ]
    [cort] = (c["id"] for c in document["categories"] if c["name"] == "cort")
    assert made["annotations"] == [
        record
        for record in document["annotations"]
        if record["category_id"] != cort and record["image_id"] != first["id"]
    ]


def test_images_without_a_group(project):
    """The pattern finds a group in the ids that begin with a digit alone."""
    settings = {"split_by": "group", "group_pattern": r"^\d"}
    said = project.run(fails=True, **settings)
    assert "images have no group, such as 'a1b74eaa8427'" in said
    project.run(groups_missing="alone", **settings)
    pairs = [
        (row["group"], row["fold"])
        for row in folds_in(project, "group-k3-seed1").values()
    ]
    assert len({pair for pair in pairs if pair[0]}) == len({g for g, _ in pairs if g})
    assert {fold for group, fold in pairs if not group} == {"1", "2", "3"}
