"""Each preset reads a table in its layout; the wrong order of pixels does not pass."""

import csv

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask

from cocofolds.sources.reading import read_source
from cocofolds.sources.records import Dialect, Source
from layouts import (
    CATEGORIES,
    FILES,
    LAYOUTS,
    NO_MASK,
    PRESETS,
    PUBLISHED,
    PUBLISHED_EMPTY,
    SIZES,
    picture,
    preset_of,
    runs_of,
    source_id,
    write_image,
)
from tables import SARTORIUS, tiny_rows, write_table


@pytest.mark.parametrize("preset", PRESETS)
def test_preset(new_project, preset):
    width, height = SIZES.get(preset, (70, 50))
    runs_column, layout = LAYOUTS[preset]
    project = new_project(
        annotations="train.csv", images_dir="images", dialect=preset, n_folds=2
    )
    rows, pictures = [], {}
    for number in range(4):
        image = source_id(preset, number)
        category = CATEGORIES.get(preset, "ab"[number % 2])
        pictures[image] = picture(number, width, height), category
        others = layout(image, category, width, height)
        rows.append({**others, runs_column: runs_of(pictures[image][0], preset)})
        if preset in FILES:
            write_image(project.folder / "images", preset, image, width, height)
    if preset in NO_MASK:
        for number in (4, 5):
            image = source_id(preset, number)
            others = layout(image, CATEGORIES.get(preset, "a"), width, height)
            rows.append({**others, runs_column: NO_MASK[preset]})
            pictures[image] = None
            if preset in FILES:
                write_image(project.folder / "images", preset, image, width, height)
    write_table(project.source, rows)
    project.run("results/checks.json", dialect=preset)

    whole = project.json("annotations_all.json")
    names = {record["id"]: record["name"] for record in whole["categories"]}
    assert [
        (record["id"], record["width"], record["height"]) for record in whole["images"]
    ] == [(number, width, height) for number in range(1, len(pictures) + 1)]
    drawn = [found for found in pictures.values() if found is not None]
    assert len(whole["annotations"]) == len(drawn) == 4
    for record, (pixels, category) in zip(whole["annotations"], drawn, strict=True):
        np.testing.assert_array_equal(coco_mask.decode(record["segmentation"]), pixels)
        assert names[record["category_id"]] == category
        if preset == "imaterialist-2020":
            attributes = [115, 136] if category == "a" else []
            assert record["attribute_ids"] == attributes
        else:
            assert "attribute_ids" not in record
    listed = project.table("index/images.csv")
    assert [row["source_id"] for row in listed] == list(pictures)
    if preset in FILES:
        for row in listed:
            assert (project.folder / "images" / row["file_name"]).is_file()


def without_masks(project, part, fold, split_by):
    document = project.json(
        f"{split_by}-k2-seed221/annotations_{part}_fold_{fold}.json"
    )
    with_masks = {record["image_id"] for record in document["annotations"]}
    return {image["id"] for image in document["images"]} - with_masks


@pytest.mark.parametrize("split_by", ["image", "group", "annotation"])
@pytest.mark.parametrize("image_ids", ["integer", "source"])
def test_images_without_masks_are_dealt(new_project, split_by, image_ids):
    project = new_project(
        annotations="train.csv",
        dialect="severstal-2019",
        group_column="plate",
        n_folds=2,
        image_ids=image_ids,
        images_per_shard=2,
    )
    rows = [
        {
            "ImageId": f"image {number}",
            "EncodedPixels": f"{number + 1} 5" if number < 6 else "",
            "ClassId": 1 + number % 2,
            "plate": f"plate {number // 2}",
        }
        for number in range(12)
    ]
    write_table(project.source, rows)
    project.run(split_by=split_by)
    names = {
        "integer": set(range(7, 13)),
        "source": {f"image {number}" for number in range(6, 12)},
    }
    empty = names[image_ids]
    val = [without_masks(project, "val", fold, split_by) for fold in (1, 2)]
    train = [without_masks(project, "train", fold, split_by) for fold in (1, 2)]
    assert val[0] | val[1] == empty
    assert not val[0] & val[1]
    assert train == val[::-1]
    if split_by == "image":
        assert len(val[0]) == len(val[1]) == 3
    table = project.table(f"{split_by}-k2-seed221/fold_table.csv")
    counted = [int(row["images"]) for row in table if not row["category"]]
    assert counted == [len(val[0]), len(val[1])]


@pytest.fixture(scope="module")
def dsb_2018(real_data):
    """The real masks in both orders, each with its sizes: by order, rows of a table."""
    folder = real_data / "dsb2018"
    with open(folder / "train_row_major.csv", newline="") as file:
        by_row = list(csv.DictReader(file))
    with open(folder / "train_column_major.csv", newline="") as file:
        by_column = list(csv.DictReader(file))
    columns = ("id", "annotation", "width", "height", "cell_type")
    return {
        "row": [{name: row[name] for name in columns} for row in by_row],
        "column": [
            {
                **{name: row[name] for name in columns},
                "annotation": other["EncodedPixels"],
            }
            for row, other in zip(by_row, by_column, strict=True)
        ],
    }


@pytest.mark.parametrize("declared", ["row", "column"])
@pytest.mark.parametrize("numbered", ["row", "column"])
def test_wrong_order_does_not_pass(new_project, dsb_2018, numbered, declared):
    project = new_project(
        annotations="train.csv", n_folds=2, dialect={**SARTORIUS, "order": declared}
    )
    write_table(project.source, dsb_2018[numbered])
    target = "results/index/images.csv"
    said = project.run(target, fails=numbered != declared)
    if numbered != declared:
        assert f"numbered by {numbered}, not by {declared}" in said
        assert f"Set `order: {numbered}`" in said
        assert not (project.results / "index" / "images.csv").exists()
        project.run(target, check_order=False)


def test_real_masks_with_sizes_from_the_images(new_project, real_data, dsb_2018):
    folder = real_data / "dsb2018"
    there = {path.stem for path in (folder / "images").iterdir()}
    with open(folder / "train_column_major.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["ImageId"] in there]
    expected = [
        row for row in dsb_2018["row"] if row["id"] in {name[:12] for name in there}
    ]
    project = new_project(
        annotations="train.csv",
        n_folds=2,
        dialect="dsb-2018",
        images_dir=str(folder / "images"),
    )
    write_table(project.source, rows)
    project.run("results/checks.json")
    ours = project.json("annotations_all.json")["annotations"]
    known = new_project(annotations="train.csv", n_folds=2)
    write_table(known.source, expected)
    known.run("results/checks.json")
    theirs = known.json("annotations_all.json")["annotations"]
    assert [record["segmentation"] for record in ours] == [
        record["segmentation"] for record in theirs
    ]


def test_a_missing_image_is_named(new_project):
    project = new_project(
        annotations="train.csv", images_dir="images", dialect="dsb-2018", n_folds=2
    )
    project.source.write_text("ImageId,EncodedPixels\na,1 2\n")
    assert "images: there is no such folder" in project.run(fails=True)
    (project.folder / "images").mkdir()
    said = project.run(fails=True)
    assert "image 'a': there is no file 'a.png' in images" in said
    (project.folder / "images" / "a.png").write_text("not an image")
    said = project.run(fails=True)
    assert "image 'a': images/a.png: not an image: none of PNG, " in said
    assert "Set `images_dir`" in project.run(fails=True, images_dir=None)
    assert not (project.results / "index").exists()


def test_images_without_a_file_can_be_left_out(new_project):
    project = new_project(
        annotations="train.csv",
        images_dir="images",
        dialect="dsb-2018",
        n_folds=2,
        on_invalid="skip",
    )
    project.source.write_text("ImageId,EncodedPixels\na,1 2\nb,1 2\na,4 1\nc,2 2\nd,\n")
    (project.folder / "images").mkdir()
    for name in "bc":
        Image.new("L", (5, 4)).save(project.folder / "images" / f"{name}.png")
    (project.folder / "images" / "d.png").write_text("not an image")
    said = project.run("results/checks.json")
    assert "train.csv, line 2, image 'a': there is no file 'a.png' in images" in said
    whole = project.json("annotations_all.json")
    assert [(image["id"], image["file_name"]) for image in whole["images"]] == [
        (2, "b.png"),
        (3, "c.png"),
    ]
    assert [record["id"] for record in whole["annotations"]] == [2, 4]
    rejected = project.table("rejected.csv")
    assert [(row["line"], row["image"]) for row in rejected] == [
        ("2", "a"),
        ("4", "a"),
        ("6", "d"),
    ]
    assert rejected[2]["reason"].startswith("images/d.png: not an image: none of PNG, ")


def read_text(folder, text, dialect):
    path = folder / "train.csv"
    path.write_text(text)
    return [*read_source(Source([str(path)], [Dialect(**dialect)]))]


@pytest.mark.parametrize("preset", PRESETS)
def test_table_as_published(tmp_path, preset):
    text, (image, category, width, height, attributes) = PUBLISHED[preset]
    [row] = read_text(tmp_path, text, preset_of(preset))
    assert (row.image, row.runs, row.category) == (image, "9 2", category)
    assert (row.width, row.height, row.attribute_ids) == (width, height, attributes)
    assert (row.has_mask, row.problem) == (True, "")


@pytest.mark.parametrize("preset", PUBLISHED_EMPTY)
def test_empty_mask_as_published(tmp_path, preset):
    [row] = read_text(tmp_path, PUBLISHED_EMPTY[preset], preset_of(preset))
    assert (row.has_mask, row.problem) == (False, "")


def test_second_stage_of_siim_has_no_blank_in_its_header(tmp_path):
    text = "ImageId,EncodedPixels\n1.2.276.0,9 2\n1.2.276.1,-1\n"
    rows = read_text(tmp_path, text, preset_of("siim-acr-2019"))
    assert [row.has_mask for row in rows] == [True, False]


def test_first_table_of_severstal(new_project):
    project = new_project(annotations="train.csv", n_folds=2, images_dir=None)
    project.source.write_text(
        "ImageId_ClassId,EncodedPixels\n"
        "0002cc93b.jpg_1,9 2\n0002cc93b.jpg_2,\n00031f466.jpg_1,\n"
    )
    project.run(
        "results/checks.json",
        dialect={
            "preset": "severstal-2019",
            "image_column": "ImageId_ClassId",
            "category_column": None,
            "category_separator": "_",
        },
    )
    whole = project.json("annotations_all.json")
    names = [image["file_name"] for image in whole["images"]]
    assert names == ["0002cc93b.jpg", "00031f466.jpg"]
    assert [category["name"] for category in whole["categories"]] == ["1"]


def test_changed_presets_in_a_list(new_project):
    """One with another column and no sizes, and one as it is with a semicolon."""
    rows = tiny_rows()
    project = new_project(
        annotations=["a.csv", "b.csv"], n_folds=2, images_dir="images"
    )
    others = [
        {"picture": row["id"], "annotation": row["annotation"], "cell_type": "thin"}
        for row in rows[:3]
    ]
    write_table(project.folder / "a.csv", others)
    lines = [";".join(rows[3])]
    lines += [";".join(row.values()) for row in rows if row["id"] == "image-1"]
    text = "\ufeff" + "\n".join(lines)
    (project.folder / "b.csv").write_text(text, encoding="utf-8")
    (project.folder / "images").mkdir()
    for row in others:
        path = project.folder / "images" / f"{row['picture']}.png"
        Image.new("L", (30, 20)).save(path)
    changed = {
        "preset": "sartorius-2021",
        "image_column": "picture",
        "width_column": None,
        "height_column": None,
    }
    said = project.run(
        "results/checks.json", dialect=[changed, "sartorius-2021"], check_order=False
    )
    assert "b.csv: the fields are separated by ';'" in said
    assert "a.csv: the fields" not in said
    images = project.json("annotations_all.json")["images"]
    sizes = {(image["width"], image["height"]) for image in images}
    assert (len(images), sizes) == (4, {(30, 20)})
    assert images[0]["file_name"] == "image-6.png"
    # The image of the other table has no file.
    assert "Images without a file: 1 of 4" in said
    assert images[3]["file_name"] == "train/image-1.png"


def test_empty_mask_keeps_its_image(new_project):
    rows = tiny_rows()
    empty = {**rows[0], "id": "bare", "annotation": ""}
    project = new_project(annotations="train.csv", n_folds=2, images_dir=None)
    write_table(project.source, [*rows, empty])
    said = project.run("results/checks.json", fails=True)
    assert "image 'bare': the run-length text is empty" in said
    assert '`no_mask: [""]` in the dialect' in said
    assert 'such as `dialect: {preset: NAME, no_mask: [""]}`' in said
    assert "on_invalid: skip" not in said
    said = project.run("results/index/images.csv", on_invalid="skip")
    assert "With them go 1 images without another row, such as 'bare'." in said
    assert "`no_mask: " in said
    project.run(
        "results/checks.json", dialect={"preset": "sartorius-2021", "no_mask": [""]}
    )
    listed = [row["source_id"] for row in project.table("index/images.csv")]
    assert "bare" in listed


def test_wildcards_where_no_files_are_looked_for(new_project):
    said = new_project(file_name="{id}_*.png").run(fails=True)
    assert "`file_name` is '{id}_*.png': wildcards" in said
