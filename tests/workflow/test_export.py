"""What is made of a split on request: an archive, and data sets for Ultralytics."""

import json
from zipfile import ZipFile

import cv2
import numpy as np
import pytest
import yaml
from PIL import Image
from pycocotools.coco import COCO

from tables import tiny_rows

SPLIT = "image-k3-seed221"


@pytest.fixture(scope="module")
def project(new_project):
    """A project of tiny images, with its archive and data sets."""
    project = new_project(annotations="train.csv", images_dir="images", n_folds=3)
    project.write_source(tiny_rows())
    folder = project.folder / "images" / "train"
    folder.mkdir(parents=True)
    for row in tiny_rows():
        Image.new("L", (30, 20), 90).save(folder / f"{row['id']}.png")
    project.run("archive", "yolo")
    return project


def test_archive(project):
    with ZipFile(project.results / f"{SPLIT}.zip") as archive:
        names = archive.namelist()
        assert names == sorted(names)
        assert len(names) == 14
        assert "plots/areas_by_category.svg" in names
        for name in names:
            assert archive.read(name) == (project.results / SPLIT / name).read_bytes()
        assert {info.date_time for info in archive.infolist()} == {
            (1980, 1, 1, 0, 0, 0)
        }
        assert archive.testzip() is None


def test_archive_has_the_same_bytes_again(project):
    path = project.results / f"{SPLIT}.zip"
    before = path.read_bytes()
    path.unlink()
    for made in (project.results / SPLIT).iterdir():
        made.touch()
    project.run("archive", "--rerun-triggers", "mtime")
    assert path.read_bytes() == before


def label_file(image):
    """Find the label file of an image as Ultralytics does."""
    first, last = str(image).rsplit("/images/", 1)
    return f"{first}/labels/{last.rsplit('.', 1)[0]}.txt"


@pytest.mark.parametrize("part", ["train", "val"])
@pytest.mark.parametrize("fold", [1, 2, 3])
def test_data_set(project, fold, part):
    folder = project.results / SPLIT / "yolo" / f"fold_{fold}"
    data = yaml.safe_load((folder / "data.yaml").read_text())
    assert data["names"] == {0: "round", 1: "thin"}
    images = sorted((folder / data[part]).rglob("*.png"))
    coco = COCO(project.results / SPLIT / f"annotations_{part}_fold_{fold}.json")
    records = {record["file_name"]: record for record in coco.dataset["images"]}
    assert [str(p.relative_to(folder / data[part])) for p in images] == sorted(records)
    for path in images:
        assert path.is_symlink()
        with Image.open(path) as image:
            assert image.size == (30, 20)
        record = records[str(path.relative_to(folder / data[part]))]
        annotations = coco.loadAnns(coco.getAnnIds(record["id"]))
        with open(label_file(path)) as file:
            lines = file.read().splitlines()
        for annotation, line in zip(annotations, lines, strict=True):
            category, *shares = line.split()
            name = coco.cats[annotation["category_id"]]["name"]
            assert data["names"][int(category)] == name
            corners = np.array(shares, np.float32).reshape(-1, 2) * (30, 20)
            found = np.zeros((20, 30), np.uint8)
            cv2.fillPoly(found, [corners.astype(np.int32)], 1)
            assert (found == coco.annToMask(annotation)).all()


def test_summary(project):
    assert project.json("yolo/summary.json") == {
        "labels": 18,
        "with_several_parts": 0,
        "with_holes": 0,
        "left_out_as_crowd": 0,
        "left_out_without_mask": 0,
        "median_overlap": 1.0,
        "worst_overlap": 1.0,
        "worst_annotation": 1,
    }


def test_links_move_with_the_project(project, tmp_path):
    moved = tmp_path / "moved"
    project.folder.rename(moved)
    try:
        folder = moved / "results" / SPLIT / "yolo" / "fold_1"
        links = [path for path in folder.rglob("*") if path.is_symlink()]
        assert len(links) == 12
        assert all(link.exists() for link in links)
    finally:
        moved.rename(project.folder)


def test_without_images(project):
    said = project.run("yolo", "--forcerun", "yolo_fold", fails=True, images_dir=None)
    assert "Ultralytics needs the images: set `images_dir`." in said


def test_split_of_annotations(project):
    said = project.run("yolo", fails=True, split_by="annotation")
    assert "choose another split" in said


def test_crowds_and_annotations_without_a_mask_are_left_out(new_project):
    images = [
        {"id": n, "file_name": f"{n}.png", "width": 8, "height": 6} for n in (1, 2, 3)
    ]
    common = {"image_id": 1, "category_id": 4}
    annotations = [
        {"id": 1, **common, "segmentation": [[1, 1, 5, 1, 5, 4]], "iscrowd": 1},
        {"id": 2, **common, "bbox": [1, 1, 2, 2]},
        {"id": 3, **common, "segmentation": [[0, 0, 2, 0, 2, 2], [5, 3, 7, 3, 7, 5]]},
    ]
    content = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": 4, "name": "cell"}],
    }
    project = new_project(
        annotations="a.json", dialect="coco", images_dir="images", n_folds=2
    )
    (project.folder / "a.json").write_text(json.dumps(content))
    (project.folder / "images").mkdir()
    for image in images:
        Image.new("L", (8, 6)).save(project.folder / "images" / image["file_name"])
    assert "2 are left out" in project.run("yolo")
    summary = project.json("yolo/summary.json")
    assert summary["left_out_as_crowd"] == summary["left_out_without_mask"] == 1
    assert summary["with_several_parts"] == summary["labels"] == 1
    assert 0 < summary["worst_overlap"] < 1
    labels = sorted((project.results / "yolo/labels").glob("*.txt"))
    assert [path.name for path in labels] == ["1.txt", "2.txt", "3.txt"]
    assert [len(path.read_text().splitlines()) for path in labels] == [1, 0, 0]


def test_boxes_without_masks(new_project):
    image = {"id": 1, "file_name": "1.png", "width": 8, "height": 6}
    common = {"image_id": 1, "category_id": 4, "segmentation": []}
    content = {
        "images": [image, {**image, "id": 2, "file_name": "2.png"}],
        "annotations": [
            {"id": 1, **common, "bbox": [2, 3, 4, 3]},
            {"id": 2, **common, "bbox": [0, 0, 2, 3]},
            {"id": 3, **common, "bbox": [0, 0, 2, 3], "iscrowd": 1},
        ],
        "categories": [{"id": 4, "name": "cell"}],
    }
    project = new_project(annotations="a.json", dialect="coco", n_folds=2)
    (project.folder / "a.json").write_text(json.dumps(content))
    said = project.run("results/yolo/summary.json")
    assert "No annotation has a mask: the labels are 2 boxes" in said
    assert "1 are left out: 1 crowds" in said
    assert project.json("yolo/summary.json")["labels"] == 2
    labels = project.results / "yolo/labels"
    assert (
        labels / "1.txt"
    ).read_text() == "0 0.5 0.75 0.5 0.5\n0 0.125 0.25 0.25 0.5\n"
    assert (labels / "2.txt").read_text() == ""


def test_what_a_user_put_beside_it_and_what_is_stale(project):
    """Last, since it changes the project."""
    # A test before may have failed on purpose, which removes what it was to make.
    project.run("archive", "yolo")
    fold = project.results / SPLIT / "yolo" / "fold_1"
    (fold / "runs").mkdir()
    (fold / "runs" / "best.pt").write_text("weights")
    (fold / "labels" / "train" / "own.txt").symlink_to("elsewhere")
    (fold / "labels" / "train.cache").write_text("what Ultralytics noted")
    (project.results / "yolo" / "labels" / "own.txt").write_text("mine")
    renamed = {"rename_categories": {"round": "zylindrical"}}
    stale = project.run(**renamed).split("of earlier data")[1]
    folds = [f"results/{SPLIT}/yolo/fold_{fold}/data.yaml" for fold in (1, 2, 3)]
    for path in (f"results/{SPLIT}.zip", "results/yolo/summary.json", *folds):
        assert path in stale
    said = project.run("all", "archive", "yolo", **renamed)
    assert "of earlier data" not in said
    data = yaml.safe_load((fold / "data.yaml").read_text())
    assert data["names"] == {0: "thin", 1: "zylindrical"}
    assert (fold / "runs" / "best.pt").read_text() == "weights"
    assert (fold / "labels" / "train" / "own.txt").is_symlink()
    assert not (fold / "labels" / "train.cache").exists()
    assert (project.results / "yolo" / "labels" / "own.txt").read_text() == "mine"
    # What is in the way of a label file.
    label = project.results / "yolo" / "labels" / "train" / "image-1.txt"
    label.unlink()
    label.mkdir()
    said = project.run("results/yolo/summary.json", "--force", fails=True, **renamed)
    assert "results/yolo/labels/train/image-1.txt" in said.split("not of this work")[1]
    assert label.is_dir()


def test_file_name_that_leads_out_of_the_results(new_project):
    image = {"id": 1, "file_name": "../../x.png", "width": 8, "height": 6}
    content = {
        "images": [image, {**image, "id": 2, "file_name": "y.png"}],
        "annotations": [],
        "categories": [{"id": 4, "name": "cell"}],
    }
    project = new_project(annotations="a.json", dialect="coco", n_folds=2)
    (project.folder / "a.json").write_text(json.dumps(content))
    said = project.run("yolo", fails=True)
    assert "'../../x.png' leads out of its folder" in said
    assert not [*project.folder.glob("**/x.txt")]
