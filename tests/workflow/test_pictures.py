"""The plots and the previews that a run makes."""

import json
import re

import numpy as np
import pytest
from PIL import Image

from documents import document
from tables import tiny_rows

QUESTIONS = {
    "annotations_by_category_and_fold": "Does every fold hold every category in equal",
    "images_by_category_and_fold": "Does every fold hold images of every category?",
    "areas_by_category": "How large are the masks of each category?",
    "masks_per_image": "How many masks does an image have?",
}


def plots(project, split):
    paths = (project.results / split / "plots").iterdir()
    return {path.stem: path.read_text(encoding="utf-8") for path in paths}


def texts(svg):
    return re.findall(r"<text [^>]*>([^<]*)</text>", svg)


def previews(project):
    return {int(path.stem) for path in (project.results / "preview").glob("*.png")}


@pytest.fixture(scope="module")
def project(new_tiny_project):
    project = new_tiny_project(
        tiny_rows(), images_dir=None, group_column="sample_id", n_previews=2
    )
    project.run()
    return project


def test_each_plot_has_its_question(project):
    found = plots(project, "image-k3-seed221")
    assert found.keys() == QUESTIONS.keys()
    for name, question in QUESTIONS.items():
        assert question in found[name]


@pytest.mark.parametrize("column", ["annotations", "images"])
def test_numbers_are_those_of_the_fold_table(project, column):
    table = project.table("image-k3-seed221/fold_table.csv")
    plot = plots(project, "image-k3-seed221")[f"{column}_by_category_and_fold"]
    for row in table:
        assert row[column] == "0" or row[column] in texts(plot)
    assert {"round", "thin"} <= {*texts(plot)}


def test_groups_are_shown(project):
    assert "Groups" in plots(project, "image-k3-seed221")["images_by_category_and_fold"]


def test_areas_and_masks(project):
    found = plots(project, "image-k3-seed221")
    assert {"round (9)", "thin (9)"} <= {*texts(found["areas_by_category"])}
    assert "median: 3" in texts(found["masks_per_image"])


def test_same_bytes_in_another_run(project, new_tiny_project):
    another = new_tiny_project(tiny_rows(), **project.settings)
    another.run(cores=1)
    split = "image-k3-seed221"
    assert plots(another, split) == plots(project, split)
    for image_id in previews(project):
        path = f"preview/{image_id}.png"
        pictures = [side.results / path for side in (project, another)]
        assert len({picture.read_bytes() for picture in pictures}) == 1


def test_chosen_previews(project):
    chosen = project.table("previews.csv")
    assert [row["category"] for row in chosen] == ["round", "round", "thin", "thin"]
    assert {int(row["image_id"]) for row in chosen} == previews(project)
    for row in chosen:
        with Image.open(project.results / f"preview/{row['image_id']}.png") as picture:
            assert picture.width == 30
            # Neither masks nor boxes reach into this corner of the grey.
            assert picture.getpixel((29, 0)) == (110, 110, 110)


def test_the_images_of_the_sample_are_not_those_of_other_annotations(new_tiny_project):
    project = new_tiny_project(tiny_rows())
    (project.folder / "config.yaml").write_text("annotations: train.csv\n")
    said = project.run_as_is("results/previews.csv")
    assert "previews are on grey" not in said
    assert project.table("previews.csv") != []


def test_preview_on_request_and_then_the_choice(new_tiny_project):
    project = new_tiny_project(tiny_rows(), images_dir=None, n_previews=1)
    project.run("results/preview/2.png")
    assert previews(project) == {2}
    alone = (project.results / "preview/2.png").read_bytes()
    project.run()
    chosen = {int(row["image_id"]) for row in project.table("previews.csv")}
    assert len(chosen) == 2
    # What was asked for is kept.
    assert previews(project) == {2} | chosen
    for image_id in range(1, 7):
        project.run(f"results/preview/{image_id}.png")
    assert previews(project) == {1, 2, 3, 4, 5, 6}
    assert (project.results / "preview/2.png").read_bytes() == alone
    assert "Nothing to be done" in project.run()


def test_the_choice_is_drawn_as_on_request(project, new_tiny_project):
    another = new_tiny_project(tiny_rows(), **project.settings)
    paths = [f"preview/{image_id}.png" for image_id in previews(project)]
    another.run(*(f"results/{path}" for path in paths))
    for path in paths:
        pictures = [side.results / path for side in (project, another)]
        assert len({picture.read_bytes() for picture in pictures}) == 1


def test_preview_beside_all_and_what_a_user_put_beside_it(new_tiny_project):
    project = new_tiny_project(tiny_rows(), images_dir=None, n_previews=1)
    project.run("results/preview/3.png", "all")
    chosen = {int(row["image_id"]) for row in project.table("previews.csv")}
    assert 3 not in chosen
    assert previews(project) == {3} | chosen
    before = (project.results / "preview/3.png").stat()
    (project.results / "preview/own.txt").write_text("mine")
    (project.results / "preview/link.png").symlink_to("own.txt")
    renamed = {"rename_categories": {"round": "a longer name"}}
    said = project.run(**renamed)
    assert "of earlier data" in said
    assert "results/preview/3.png" in said.split("of earlier data")[1]
    assert (project.results / "preview/3.png").stat() == before
    assert "of earlier data" not in project.run("results/preview/3.png", **renamed)
    assert (project.results / "preview/3.png").stat().st_ino != before.st_ino
    assert (project.results / "preview/own.txt").read_text() == "mine"
    assert (project.results / "preview/link.png").is_symlink()
    (project.results / "preview/link.png").unlink()
    # Those that were chosen then and are not any more.
    project.run("results/previews.csv", **renamed, n_previews=6)
    assert previews(project) == {1, 2, 3, 4, 5, 6}
    project.run("results/previews.csv", **renamed, n_previews=1)
    assert previews(project) == {3} | chosen


def test_preview_of_an_image_of_16_bits(new_tiny_project):
    project = new_tiny_project(tiny_rows(), images_dir="images")
    values = np.arange(600, dtype=np.uint16).reshape(20, 30) * 50 + 1000
    (project.folder / "images").mkdir()
    Image.fromarray(values).save(project.folder / "images/image-6.png")
    project.run("results/preview/1.png")
    with Image.open(project.results / "preview/1.png") as picture:
        # The gradient goes on from row to row.
        column = [picture.getpixel((29, y))[0] for y in range(20)]
    assert column == sorted(column)
    assert column[0] < 30 < 225 < column[-1]


def test_huge_image(new_project):
    project = new_project(annotations="a.json", dialect="coco", images_dir=None)
    polygon = {"segmentation": [[60000, 60000, 60009, 60000, 60009, 60009]]}
    record = {"id": 1, "image_id": 1, "category_id": 1, **polygon}
    images = [
        {"id": n, "file_name": f"{n}.png", "width": 65_535, "height": 65_535}
        for n in range(1, 11)
    ]
    content = {"images": images, "annotations": [record]}
    content["categories"] = [{"id": 1, "name": "a"}]
    (project.folder / "a.json").write_text(json.dumps(content))
    project.run("results/preview/1.png", "results/yolo/summary.json")
    assert project.json("yolo/summary.json")["worst_overlap"] == 1
    with Image.open(project.results / "preview/1.png") as picture:
        assert picture.width == 4096
        at = 60_000 * 4096 // 65_535
        assert picture.getpixel((at, at)) != (110, 110, 110)


def test_no_previews(new_tiny_project):
    project = new_tiny_project(tiny_rows(), n_previews=0)
    project.run()
    assert not (project.results / "preview").exists()


def test_images_that_cannot_be_shown(new_tiny_project):
    """They are no reason to stop, unless they are asked for."""
    project = new_tiny_project(tiny_rows(), images_dir="images", n_previews=6)
    (project.folder / "images").mkdir()
    Image.new("L", (30, 20)).save(project.folder / "images/image-6.png")
    Image.new("L", (20, 30)).save(project.folder / "images/image-5.png")
    (project.folder / "images/image-4.png").write_text("no picture")
    said = project.run()
    assert "Some previews are on grey" in said
    for what in (
        "5.png: the image file is 20x30",
        "4.png: not readable",
        "'train/image-3",
    ):
        assert what in said
    assert previews(project) == {1, 2, 3, 4, 5, 6}
    grey = {}
    for image_id in previews(project):
        with Image.open(project.results / f"preview/{image_id}.png") as picture:
            grey[image_id] = picture.getpixel((29, 0)) == (110, 110, 110)
    assert grey == {1: False, 2: True, 3: True, 4: True, 5: True, 6: True}
    (project.results / "preview/2.png").unlink()
    assert "20x30" in project.run("results/preview/2.png", fails=True)


def test_coco_json_of_all_kinds_of_records(new_project):
    project = new_project(
        annotations="instances.json", dialect="coco", images_dir=None, n_folds=2
    )
    path = project.folder / "instances.json"
    images = document()["images"]
    images.append({**images[0], "id": 11, "file_name": "last.png"})
    path.write_text(json.dumps(document(images=images)))
    project.run()
    assert previews(project) == {7, 8, 9, 10, 900}
    shown = {n: texts(svg) for n, svg in plots(project, "image-k2-seed221").items()}
    assert "Annotations that say no area: 4" in shown["areas_by_category"]
    assert {"dog (2)", "person (1)", "unused (0)"} <= {*shown["areas_by_category"]}
    assert "without masks: 2" in shown["masks_per_image"]
