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
    return {path.stem for path in (project.results / "preview").glob("*.png")}


def gallery(project):
    return project.json("report/gallery.json")["images"]


IMAGES = {f"image-{number}" for number in range(1, 7)}


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
    names = [f"preview/{name}.png" for name in previews(project)]
    for path in [*names, "report/gallery.json", "previews.csv"]:
        files = [side.results / path for side in (project, another)]
        assert len({file.read_bytes() for file in files}) == 1


def test_chosen_previews(project):
    chosen = project.table("previews.csv")
    assert [*chosen[0]] == ["category", "name", "image_id", "source_id", "file_name"]
    assert [row["category"] for row in chosen] == ["round", "round", "thin", "thin"]
    assert {row["name"] for row in chosen} == previews(project)
    images = {row["source_id"]: row for row in project.table("index/images.csv")}
    for row in chosen:
        assert row["source_id"] == row["name"]
        for key in ("image_id", "file_name"):
            assert row[key] == images[row["source_id"]][key]
        with Image.open(project.results / f"preview/{row['name']}.png") as picture:
            # 30 pixels, each 17 times.
            assert picture.width == 510
            # No mask reaches into this corner of the grey.
            assert picture.getpixel((509, 0)) == (110, 110, 110)


def test_gallery(project):
    found = gallery(project)
    assert {image["name"] for image in found} == previews(project)
    # One category after the other.
    shown = [name for image in found for name in image["categories"]]
    assert shown in (["thin", "round"] * 2, ["round", "thin"] * 2)
    for image in found:
        assert (image["width"], image["shown_width"]) == (30, 30)
        assert image["warnings"] == []
        assert [*image["categories"].values()] == [3]
        assert image["picture"].startswith("data:image/webp;base64,")
    assert len({str(image["legend"]) for image in found}) == 2


def test_rows_left_out_are_said_in_the_gallery(new_tiny_project):
    rows = tiny_rows()
    rows[0]["annotation"] = rows[6]["annotation"] = "600 9"
    project = new_tiny_project(rows, images_dir=None, on_invalid="skip")
    project.run("results/report/gallery.json")
    said = {image["source_id"]: image["warnings"] for image in gallery(project)}
    assert said.keys() == IMAGES
    assert said.pop("image-6") == ["rows left out: 2, see results/rejected.csv"]
    assert not any(said.values())


def test_the_images_of_the_sample_are_not_those_of_other_annotations(new_tiny_project):
    project = new_tiny_project(tiny_rows())
    (project.folder / "config.yaml").write_text("annotations: train.csv\n")
    said = project.run_as_is("results/previews.csv")
    assert "previews are on grey" not in said
    assert project.table("previews.csv") != []


def test_preview_on_request_and_then_the_choice(new_tiny_project):
    project = new_tiny_project(tiny_rows(), images_dir=None, n_previews=1)
    project.run("results/preview/image-5.png")
    assert previews(project) == {"image-5"}
    alone = (project.results / "preview/image-5.png").read_bytes()
    project.run()
    chosen = {row["name"] for row in project.table("previews.csv")}
    assert len(chosen) == 2
    # What was asked for is kept.
    assert previews(project) == {"image-5"} | chosen
    project.run(*(f"results/preview/{name}.png" for name in IMAGES))
    assert previews(project) == IMAGES
    assert (project.results / "preview/image-5.png").read_bytes() == alone
    assert "Nothing to be done" in project.run()


def test_the_choice_is_drawn_as_on_request(project, new_tiny_project):
    another = new_tiny_project(tiny_rows(), **project.settings)
    paths = [f"preview/{name}.png" for name in previews(project)]
    another.run(*(f"results/{path}" for path in paths))
    for path in paths:
        pictures = [side.results / path for side in (project, another)]
        assert len({picture.read_bytes() for picture in pictures}) == 1


def test_preview_beside_all_and_what_a_user_put_beside_it(new_tiny_project):
    project = new_tiny_project(tiny_rows(), images_dir=None, n_previews=1)
    project.run("results/preview/image-3.png", "all")
    chosen = {row["name"] for row in project.table("previews.csv")}
    assert "image-3" not in chosen
    assert previews(project) == {"image-3"} | chosen
    before = (project.results / "preview/image-3.png").stat()
    (project.results / "preview/own.txt").write_text("mine")
    (project.results / "preview/link.png").symlink_to("own.txt")
    renamed = {"rename_categories": {"round": "a longer name"}}
    said = project.run(**renamed)
    assert "of earlier data" in said
    assert "results/preview/image-3.png" in said.split("of earlier data")[1]
    assert (project.results / "preview/image-3.png").stat() == before
    assert "of earlier data" not in project.run(
        "results/preview/image-3.png", **renamed
    )
    made_again = (project.results / "preview/image-3.png").stat()
    assert made_again.st_mtime_ns > before.st_mtime_ns
    assert (project.results / "preview/own.txt").read_text() == "mine"
    assert (project.results / "preview/link.png").is_symlink()
    (project.results / "preview/link.png").unlink()
    # Those that were chosen then and are not any more.
    project.run("results/previews.csv", **renamed, n_previews=6)
    assert previews(project) == IMAGES
    project.run("results/previews.csv", **renamed, n_previews=1)
    assert previews(project) == {"image-3"} | chosen


def test_preview_of_an_image_of_16_bits(new_tiny_project):
    project = new_tiny_project(tiny_rows(), images_dir="images")
    values = np.arange(600, dtype=np.uint16).reshape(20, 30) * 50 + 1000
    (project.folder / "images").mkdir()
    Image.fromarray(values).save(project.folder / "images/image-6.png")
    project.run("results/preview/image-6.png")
    with Image.open(project.results / "preview/image-6.png") as picture:
        # The gradient goes on from row to row.
        column = [picture.getpixel((509, y))[0] for y in range(340)]
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
        assert picture.width == 1600
        at = 60_000 * 1600 // 65_535
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
    assert previews(project) == IMAGES
    grey = set()
    for name in IMAGES:
        with Image.open(project.results / f"preview/{name}.png") as picture:
            if picture.getpixel((509, 0)) == (110, 110, 110):
                grey.add(name)
    assert grey == IMAGES - {"image-6"}
    warnings = {image["name"]: image["warnings"] for image in gallery(project)}
    assert warnings.pop("image-6") == []
    assert ["20x30" in warning for warning in warnings.pop("image-5")] == [True]
    assert ["not readable" in warning for warning in warnings.pop("image-4")] == [True]
    assert all("there is no file" in warning for [warning] in warnings.values())
    (project.results / "preview/image-5.png").unlink()
    assert "20x30" in project.run("results/preview/image-5.png", fails=True)


def test_names_of_hostile_ids(new_tiny_project):
    """Each image has a picture, whatever is in its id, and can be asked for by name."""
    ids = ["../../up", ".hidden", "a b{c}", "A/1", "a_1", "x" * 400]
    rows = [{**row, "id": ids[int(row["id"][-1]) - 1]} for row in tiny_rows()]
    project = new_tiny_project(rows, images_dir=None)
    project.run("results/previews.csv")
    names = {row["source_id"]: row["name"] for row in project.table("previews.csv")}
    assert names.keys() == {*ids}
    assert {*names.values()} == previews(project)
    assert len({name.casefold() for name in names.values()}) == 6
    assert names["../../up"] == "_._.._up"
    assert names["a b{c}"] == "a_b_c_"
    long = f"results/preview/{names['x' * 400]}.png"
    (project.folder / long).unlink()
    project.run(long)
    assert (project.folder / long).exists()
    said = project.run("results/preview/a_1.png", fails=True)
    assert f"Is it {names['a_1']!r}" in said
    assert "results/index/images.csv" in said


def test_coco_json_of_all_kinds_of_records(new_project):
    project = new_project(
        annotations="instances.json", dialect="coco", images_dir=None, n_folds=2
    )
    path = project.folder / "instances.json"
    images = document()["images"]
    images.append({**images[0], "id": 11, "file_name": "last.png"})
    path.write_text(json.dumps(document(images=images)))
    project.run()
    assert previews(project) == {"7", "8", "9", "10", "900"}
    shown = {n: texts(svg) for n, svg in plots(project, "image-k2-seed221").items()}
    assert "Annotations that say no area: 4" in shown["areas_by_category"]
    assert {"dog (2)", "person (1)", "unused (0)"} <= {*shown["areas_by_category"]}
    assert "without masks: 2" in shown["masks_per_image"]
