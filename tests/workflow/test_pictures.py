"""The plots and the previews that a run makes."""

import json
import re

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
    annotations = document()["annotations"]
    annotations[0]["bbox"] = ["a", "b", "c", "d"]
    annotations[4]["segmentation"]["size"] = [60, 80]
    path = project.folder / "instances.json"
    images = document()["images"]
    images.append({**images[0], "id": 11, "file_name": "last.png"})
    path.write_text(json.dumps(document(images=images, annotations=annotations)))
    said = project.run()
    assert "annotation 908800474295 is not four numbers. Its image has no prev" in said
    assert "annotation six: it is of another size" in said
    assert previews(project) == {7, 8, 10}
    shown = {n: texts(svg) for n, svg in plots(project, "image-k2-seed221").items()}
    assert "Annotations that say no area: 4" in shown["areas_by_category"]
    assert {"dog (2)", "person (1)", "unused (0)"} <= {*shown["areas_by_category"]}
    assert "without masks: 2" in shown["masks_per_image"]
