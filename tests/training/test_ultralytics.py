"""Ultralytics reads the data sets of `snakemake yolo`, and trains on one."""

import math
import subprocess
import sys
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from snippets import FOLD, SPLIT, snippet
from ultralytics.cfg import get_cfg
from ultralytics.data import YOLODataset
from ultralytics.data.utils import check_det_dataset, polygon2mask

from plain_reading import read_plainly
from tables import SAMPLE, read_table

FOLDS = range(1, 11)
ROWS = read_table(SAMPLE)
N_IMAGES = len({row["id"] for row in ROWS})
WIDTH, HEIGHT = int(ROWS[0]["width"]), int(ROWS[0]["height"])
# Above an image that is made a square.
MARGIN = (WIDTH - HEIGHT) // 2


def open_data_set(project, fold, part):
    """Open a part of a fold as training does, but with masks of full size."""
    folder = project.results / SPLIT / "yolo" / f"fold_{fold}"
    data = check_det_dataset(folder / "data.yaml", autodownload=False)
    hyp = get_cfg(overrides={"overlap_mask": False, "mask_ratio": 1})
    return YOLODataset(
        data[part], data=data, task="segment", imgsz=WIDTH, augment=False, hyp=hyp
    )


def scan(dataset, folder):
    """Look for the files of labels again, and count what Ultralytics says of them."""
    scanned = dataset.cache_labels(folder / "labels.cache")
    found, missing, empty, corrupt, total = scanned["results"]
    return Counter(
        found=found,
        missing=missing,
        empty=empty,
        corrupt=corrupt,
        total=total,
        complaints=len(scanned["msgs"]),
    )


def file_names(dataset):
    return [str(Path(p).relative_to(dataset.img_path)) for p in dataset.im_files]


def n_outlines(mask):
    """Count the parts and the holes of a mask."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    return len(outlines)


def overlap(first, second):
    return (first & second).sum() / (first | second).sum()


@pytest.mark.parametrize("part", ["train", "val"])
@pytest.mark.parametrize("fold", FOLDS)
def test_labels_are_found(fold, part, sample, files, tmp_path):
    dataset = open_data_set(sample, fold, part)
    name = f"{SPLIT}/annotations_{part}_fold_{fold}.json"
    n_images = len(files[name])
    assert +scan(dataset, tmp_path) == {"found": n_images, "total": n_images}
    n_labels = sum(len(label["cls"]) for label in dataset.labels)
    assert n_labels == len(sample.json(name)["annotations"])
    assert sorted(file_names(dataset)) == sorted(files[name])
    assert all(Path(path).is_symlink() for path in dataset.im_files)


def test_masks_are_as_in_the_table(sample):
    """Each image is in one val file; labels stand in the order of the annotations."""
    overlaps, overlaps_in_training = [], []
    for fold in FOLDS:
        dataset = open_data_set(sample, fold, "val")
        images = read_plainly(file_names(dataset))
        for n, (image, label) in enumerate(zip(images, dataset.labels, strict=True)):
            in_training = dataset[n]["masks"].numpy()[:, MARGIN : MARGIN + HEIGHT]
            for instance, category, corners, mask_in_training in zip(
                image.instances,
                label["cls"],
                label["segments"],
                in_training,
                strict=True,
            ):
                assert dataset.data["names"][int(category[0])] == instance.category
                mask = polygon2mask((HEIGHT, WIDTH), [corners * (WIDTH, HEIGHT)])
                overlaps.append(overlap(mask, instance.mask))
                if overlaps[-1] < 1:
                    assert n_outlines(instance.mask) > 1
                overlaps_in_training.append(overlap(mask_in_training, instance.mask))
    summary = sample.json("yolo/summary.json")
    assert len(overlaps) == summary["labels"] == len(ROWS)
    assert min(overlaps) == summary["worst_overlap"]
    # With its further corners.
    assert np.median(overlaps_in_training) == 1
    assert min(overlaps_in_training) > 0.93


def test_an_image_without_cells(sample_with_an_empty_image, empty_image, tmp_path):
    counts = Counter()
    for part in ("train", "val"):
        dataset = open_data_set(sample_with_an_empty_image, FOLD, part)
        counts += scan(dataset, tmp_path)
        for file_name, label in zip(file_names(dataset), dataset.labels, strict=True):
            assert (len(label["cls"]) == 0) == (file_name == empty_image)
    assert counts == {"found": N_IMAGES, "empty": 1, "total": N_IMAGES}


def test_a_model_trains(sample):
    """The command of the snippet, with a model that is not fetched, for one epoch."""
    made, command = snippet("Ultralytics").splitlines()
    assert made == "make yolo"
    program, *arguments = command.replace("yolo11n-seg.pt", "yolo11n-seg.yaml").split()
    runs = sample.folder / "runs"
    arguments += ["epochs=1", "imgsz=320", "batch=4", "device=cpu", "workers=0"]
    arguments += ["plots=False", f"project={runs}"]
    done = subprocess.run(
        [Path(sys.executable).with_name(program), *arguments],
        cwd=sample.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout
    assert (runs / "train" / "weights" / "last.pt").exists()
    [epoch] = read_table(runs / "train" / "results.csv")
    losses = {name: float(text) for name, text in epoch.items() if "_loss" in name}
    assert {"train/seg_loss", "val/seg_loss"} <= {*losses}
    assert all(math.isfinite(loss) for loss in losses.values())
    # It puts its cache beside the labels; the data sets stay as they are.
    assert "Nothing to be done" in sample.run("yolo", "--dry-run")
