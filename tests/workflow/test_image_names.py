"""The files of images: what they are called, and those that no row names."""

import json
import os

import pytest
from PIL import Image

from documents import DOCUMENT
from tables import tiny_rows, write_table


def draw(folder, *names, size=(30, 20)):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", size).save(path)


def file_names(project):
    images = project.json("annotations_all.json")["images"]
    return {image["id"]: image["file_name"] for image in images}


@pytest.mark.parametrize("image_ids", ["integer", "source"])
def test_images_that_no_row_names(new_project, image_ids):
    """As of Severstal, which lists only images with a defect."""
    project = new_project(
        annotations="train.csv",
        dialect={
            "preset": "severstal-2019",
            "width": 30,
            "height": 20,
            "file_name": "{id}",
        },
        images_dir="images",
        n_folds=2,
        image_ids=image_ids,
    )
    defects = [f"def{n}.jpg" for n in range(4)]
    clean = [f"clean{n}.jpg" for n in range(4)]
    write_table(
        project.source,
        [
            {"ImageId": name, "ClassId": 1 + n % 2, "EncodedPixels": f"{n + 1} 5"}
            for n, name in enumerate(defects)
        ],
    )
    folder = project.folder / "images"
    draw(folder / "train_images", *defects, *clean)
    draw(folder / "test_images", "test0.jpg")
    said = project.run("results/index/images.csv")
    assert "4 image files in images have no row and are left out" in said
    assert "such as 'train_images/clean0.jpg'. `unlisted_images: include`" in said
    assert len(project.table("index/images.csv")) == 4

    said = project.run(
        "results/image-k2-seed221/checks.json",
        "results/checks.json",
        unlisted_images="include",
    )
    assert "left out" not in said
    named = file_names(project)
    assert [*named.values()] == [f"train_images/{name}" for name in defects + clean]
    expected = [*range(1, 9)] if image_ids == "integer" else defects + clean
    assert [*named] == expected
    for fold in (1, 2):
        val = project.json(f"image-k2-seed221/annotations_val_fold_{fold}.json")
        with_masks = {record["image_id"] for record in val["annotations"]}
        assert (len(val["images"]), len(with_masks)) == (4, 2)


def test_unlisted_images_need_a_folder(new_project):
    said = new_project(images_dir=None).run(fails=True, unlisted_images="include")
    assert "there is no such folder, or no table" in said


def test_file_name_where_the_file_is(new_project):
    rows = tiny_rows()
    project = new_project(annotations="train.csv", images_dir="images", n_folds=2)
    write_table(project.source, rows)
    draw(project.folder / "images", *(f"image-{n}.png" for n in range(1, 6)))
    os.mkfifo(project.folder / "images" / "image-6.png")
    said = project.run("results/checks.json")
    assert "Images without a file: 1 of 6\n  image 'image-6': there is no" in said
    found = {f"image-{n}.png" for n in range(1, 6)}
    assert {*file_names(project).values()} == {*found, "train/image-6.png"}
    # What the config says is kept.
    said = project.run("results/index/images.csv", file_name="x/{id}.png")
    assert "Images without a file: 6 of 6" in said
    assert "'x/image-1.png' in images, but there is 'image-1.png'" in said
    listed = project.table("index/images.csv")
    assert listed[0]["file_name"] == "x/image-6.png"
    said = project.run("results/index/images.csv", images_dir="none")
    assert "none: there is no such folder" in said


def test_backslashes_in_a_coco_json(new_project):
    project = new_project(
        annotations="a.json", dialect="coco", images_dir="images", n_folds=2
    )
    document = json.loads(DOCUMENT)
    names = []
    for image in document["images"]:
        name = f"{image['id']}.png"
        draw(project.folder / "images", name, size=(image["width"], image["height"]))
        names.append(f"..\\..\\label-studio\\upload\\{name}")
        image["file_name"] = names[-1]
    (project.folder / "images" / f"{document['images'][-1]['id']}.png").unlink()
    (project.folder / "a.json").write_text(json.dumps(document))
    said = project.run("results/index/images.csv")
    assert f"Images without a file: 1 of {len(names)}" in said
    listed = project.table("index/images.csv")
    assert [row["file_name"] for row in listed] == names


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_annotations_that_are_no_file(new_project, make):
    project = new_project(annotations="train.csv")
    make(project.source)
    said = project.run(fails=True)
    assert "config: annotations: 'train.csv' is a" in said


def test_header_that_lies(new_project):
    project = new_project(
        annotations="train.csv", dialect="dsb-2018", images_dir="images", n_folds=2
    )
    project.source.write_text("ImageId,EncodedPixels\na,1 2\nb,1 2\nc,2 2\n")
    draw(project.folder / "images", "b.png", "c.png")
    # A box of JPEG 2000 that is 2 ** 62 bytes long.
    (project.folder / "images" / "a.png").write_bytes(
        b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 \0\0\0\0jp2 "
        b"\0\0\0\x01jp2h" + (2**62).to_bytes(8, "big")
    )
    target = "results/index/images.csv"
    said = project.run(target, fails=True)
    assert "image 'a': images/a.png: its header is not readable: " in said
    project.run(target, on_invalid="skip")
    listed = project.table("index/images.csv")
    assert [row["source_id"] for row in listed] == ["b", "c"]
