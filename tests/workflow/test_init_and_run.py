"""From a table or a COCO JSON to checked folds, by `init --yes` and without an edit."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from indexed import index_of, read_config
from pycocotools import mask as coco_mask

from layouts import PRESETS, write_layout
from tables import REPO

PROGRAM = Path(sys.executable).with_name("cocofolds")


@pytest.fixture
def empty_project(new_project):
    project = new_project()
    (project.folder / "data").unlink()
    return project


def init(folder, *arguments, fails=False):
    done = subprocess.run(
        [PROGRAM, "init", *arguments, "--yes"],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
    )
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return done.stdout + done.stderr


def doubts_of(said):
    """Name the questions of which the default was taken."""
    _, _, doubts = said.partition("In doubt, and taken without asking:\n")
    lines = doubts.partition("\n\n")[0].splitlines()
    return [line[2:].split()[0] for line in lines if line.startswith("! ")]


@pytest.mark.parametrize("preset", PRESETS)
def test_the_layout_of_each_preset_ends_in_checked_folds(empty_project, preset):
    pictures = write_layout(empty_project.folder, preset)
    init(empty_project.folder, "train.csv")
    empty_project.run_as_is("results/checks.json")
    whole = empty_project.json("annotations_all.json")
    names = {record["id"]: record["name"] for record in whole["categories"]}
    drawn = [found for found in pictures.values() if found is not None]
    assert len(whole["images"]) == len(pictures)
    for record, (pixels, category) in zip(whole["annotations"], drawn, strict=True):
        np.testing.assert_array_equal(coco_mask.decode(record["segmentation"]), pixels)
        assert names[record["category_id"]] == category


def test_a_whole_run(empty_project):
    write_layout(empty_project.folder, "uw-madison-2022")
    init(empty_project.folder, "train.csv")
    empty_project.run_as_is()
    val = [
        {image["id"] for image in document["images"]}
        for fold in range(1, 11)
        for document in [
            empty_project.json(f"image-k10-seed221/annotations_val_fold_{fold}.json")
        ]
    ]
    assert set.union(*val) == {*range(1, 14)}
    assert sum(map(len, val)) == 13


@pytest.mark.parametrize(
    ("name", "n_images", "n_masks", "doubts"),
    [
        ("train_row_major.csv", 160, 6950, []),
        ("train_column_major.csv", 24, 1240, ["category", "on_invalid"]),
    ],
)
def test_the_real_tables(empty_project, real_data, name, n_images, n_masks, doubts):
    folder = empty_project.folder
    shutil.copy(real_data / "dsb2018" / name, folder)
    shutil.copytree(real_data / "dsb2018" / "images", folder / "images")
    assert doubts_of(init(folder, name)) == doubts
    empty_project.run_as_is("results/checks.json")
    whole = empty_project.json("annotations_all.json")
    assert (len(whole["images"]), len(whole["annotations"])) == (n_images, n_masks)


# Of each folder of shared/cases: images, annotations, and what is in doubt.
CASES = {
    "coco-annotation-id-twice": (4, 4, []),
    "coco-backslashes-in-file-name": (4, 4, []),
    "coco-images-without-size": (4, 4, []),
    "coco-nan": (4, 3, ["on_invalid"]),
    "coco-two-videos-same-frame-names": (8, 8, ["merge_sources"]),
    "coco-url-in-place-of-file-name": (4, 4, []),
    "coco-without-iscrowd-and-area": (4, 4, []),
    "file-name-that-is-nowhere": (6, 87, ["order"]),
    "group-in-nested-key": (8, 8, []),
    "ids-that-differ-in-blanks": (24, 36, []),
    "image-header-that-lies": (11, 33, ["category", "on_invalid"]),
    "images-that-no-row-names": (4, 4, ["order", "unlisted_images"]),
    "imaterialist-attributes-column": (6, 6, ["order"]),
    "markup-in-a-setting": (12, 36, []),
    "mask-on-a-huge-image": (2, 1, []),
    "preset-but-an-empty-mask": (6, 77, ["order"]),
    "preset-but-no-sizes": (6, 87, ["order"]),
    "preset-but-one-column": (6, 87, ["order"]),
    "preview-of-16-bit-image": (4, 4, ["order"]),
    "rare-category-beside-common": (100, 310, []),
    "rare-category-empty-folds": (60, 247, ["order"]),
    "semicolons": (6, 87, ["order"]),
    "settings-edited-without-hidden-folder": (12, 36, []),
    "source-replaced-by-an-older-file": (12, 36, []),
    "yolo-of-boxes-only": (4, 4, []),
}
# Those that have to be fixed before anything can be made of them.
FAULTY_CASES = {
    "coco-annotations-list-misspelt": "it has no annotations. Is it 'annotation'?",
    "coco-run-lengths-of-another-size": "10 of 20 annotations are faulty",
}


@pytest.fixture(scope="session")
def cases():
    folder = REPO.parent / "shared" / "cases"
    if not folder.is_dir():
        pytest.skip("the inputs that go wrong, ../shared/cases, are not there")
    return folder


def sources_of(folder):
    if (folder / "old.csv").exists():
        return ["train.csv"]
    return sorted(
        path.name for path in folder.iterdir() if path.suffix in (".csv", ".json")
    )


@pytest.mark.parametrize("case", CASES)
def test_each_case(cases, tmp_path, monkeypatch, case):
    n_images, n_annotations, doubts = CASES[case]
    folder = tmp_path / case
    shutil.copytree(cases / case, folder, copy_function=shutil.copy)
    folder.chmod(0o755)
    (folder / "config.yaml").unlink()
    assert doubts_of(init(folder, *sources_of(folder))) == doubts
    monkeypatch.chdir(folder)
    config = read_config(folder)
    index = index_of(tmp_path / "rows", config)
    assert (len(index.images), index.n_annotations) == (n_images, n_annotations)
    assert not index.rejected or config["on_invalid"] == "skip"


@pytest.mark.parametrize("case", FAULTY_CASES)
def test_each_faulty_case(cases, tmp_path, case):
    shutil.copytree(cases / case, tmp_path / case)
    (tmp_path / case).chmod(0o755)
    (tmp_path / case / "config.yaml").unlink()
    assert FAULTY_CASES[case] in init(tmp_path / case, "coco.json", fails=True)
    assert not (tmp_path / case / "config.yaml").exists()


@pytest.mark.parametrize(
    "case", ["preset-but-one-column", "coco-two-videos-same-frame-names"]
)
def test_a_case_ends_in_checked_folds(cases, empty_project, case):
    for path in (cases / case).iterdir():
        if path.is_dir():
            shutil.copytree(path, empty_project.folder / path.name)
        elif path.name != "config.yaml":
            shutil.copy(path, empty_project.folder)
    init(empty_project.folder, *sources_of(empty_project.folder))
    empty_project.run_as_is()
    checks = json.loads((empty_project.results / "checks.json").read_text())
    assert checks
