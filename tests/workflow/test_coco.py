"""A COCO JSON as the source, alone and beside a table."""

import gzip
import json
import re
from collections import Counter

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from documents import DOCUMENT, document, spelled
from tables import SARTORIUS, draw, tiny_rows, write_table

WHOLE = "annotations_all.json"


@pytest.fixture
def coco_project(new_project):
    """Make a project whose source is the document."""

    def make(content=DOCUMENT, **settings):
        settings = {
            "annotations": "source.json",
            "dialect": "coco",
            "images_dir": None,
            "n_folds": 2,
            **settings,
        }
        project = new_project(**settings)
        if not isinstance(content, str):
            content = json.dumps(content)
        (project.folder / "source.json").write_text(content, encoding="utf-8")
        return project

    return make


def read(path):
    return spelled(path.read_text(encoding="utf-8"))


def by_id(records):
    return {json.dumps(record["id"]): record for record in records}


@pytest.mark.parametrize("images_per_shard", ["auto", 1])
def test_all_is_carried_over(coco_project, images_per_shard):
    project = coco_project(images_per_shard=images_per_shard)
    project.run("results/checks.json")
    source, whole = spelled(DOCUMENT), read(project.results / WHOLE)
    made_by = whole["info"].pop("cocofolds")
    assert whole["info"] == source["info"]
    assert made_by["sources"][0]["name"] == "source.json"
    for key in ("licenses", "categories", "images", "videos"):
        assert whole[key] == source[key]
    assert by_id(whole["annotations"]) == by_id(source["annotations"])
    text = (project.results / WHOLE).read_text(encoding="utf-8")
    assert '"area":14.50,"bbox":[1.0,1.0,5.250,3.0]' in text
    assert '"caf\\u00e9","version":1.50' in text
    places = {image["id"]: place for place, image in enumerate(source["images"])}
    ids = [record["id"] for record in source["annotations"]]
    assert [record["id"] for record in whole["annotations"]] == sorted(
        ids,
        key=lambda i: places[by_id(source["annotations"])[json.dumps(i)]["image_id"]],
    )
    assert project.json("checks.json") == {
        "images_in_their_group": 6,
        "records_as_in_the_coco_json": 7,
    }


@pytest.mark.parametrize("split_by", ["image", "group", "annotation"])
def test_folds(coco_project, split_by):
    project = coco_project(split_by=split_by, group_column="plate")
    project.run(f"results/{split_by}-k2-seed221/checks.json")
    folder = project.results / f"{split_by}-k2-seed221"
    source = spelled(DOCUMENT)
    held_out = Counter()
    for fold in (1, 2):
        train, val = (
            read(folder / f"annotations_{part}_fold_{fold}.json")
            for part in ("train", "val")
        )
        ours = [*train["annotations"], *val["annotations"]]
        assert by_id(ours) == by_id(source["annotations"])
        assert len(ours) == len(source["annotations"])
        for part, name in ((train, "train"), (val, "val")):
            made_by = part["info"]["cocofolds"]
            assert (made_by["fold"], made_by["part"]) == (fold, name)
            assert {r["image_id"] for r in part["annotations"]} <= {
                image["id"] for image in part["images"]
            }
        held_out.update(image["id"] for image in val["images"])
        if split_by == "group":
            plates = [{image["plate"] for image in p["images"]} for p in (train, val)]
            assert not plates[0] & plates[1]
    if split_by != "annotation":
        assert held_out == {image["id"]: 1 for image in source["images"]}


def test_same_bytes_from_another_layout(coco_project):
    projects = [coco_project(), coco_project(annotations="source.json.gz")]
    spaced = DOCUMENT.replace("\n", "\r\n \t")
    (projects[1].folder / "source.json.gz").write_bytes(gzip.compress(spaced.encode()))
    for project in projects:
        project.run("results/checks.json")
    lines = [
        [line for line in content.splitlines() if not line.startswith(b'{"info"')]
        for project in projects
        for content in project.json_files().values()
    ]
    assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]


def test_categories_in_another_order(coco_project):
    project = coco_project(categories=["unused", "person", "dog"])
    project.run("results/checks.json")
    whole, source = read(project.results / WHOLE), spelled(DOCUMENT)
    assert [(c["id"], c["name"]) for c in whole["categories"]] == [
        (1, "unused"),
        (2, "person"),
        (3, "dog"),
    ]
    assert whole["categories"][2]["keypoints"] == ["nose"]
    new_ids = {0: 2, 18: 3}
    assert by_id(whole["annotations"]) == by_id(
        {**record, "category_id": new_ids[record["category_id"]]}
        for record in source["annotations"]
    )
    assert whole["images"] == source["images"]


def test_categories_that_become_one(coco_project):
    project = coco_project(rename_categories={"dog": "being", "person": "being"})
    project.run("results/checks.json")
    whole = read(project.results / WHOLE)
    assert [(c["id"], c["name"]) for c in whole["categories"]] == [
        (1, "being"),
        (2, "unused"),
    ]
    assert {record["category_id"] for record in whole["annotations"]} == {1}


def test_faulty_records_are_named(coco_project):
    content = document()
    content["annotations"][1]["image_id"] = 99
    del content["annotations"][3]["category_id"]
    content["images"].append(dict(content["images"][0]))
    project = coco_project(content)
    said = project.run(fails=True)
    assert "Faulty records: 4\n" in said
    assert (
        "source.json, images[0], image '': its id, 900, is that of images[6] (and its 2"
        " annotations)\n"
    ) in said
    assert (
        "source.json, images[6], image '': its id, 900, is that of images[0]\n" in said
    )
    assert "annotations[1]" in said
    assert "its image_id, 99" in said
    assert "annotations[3], image '': it has no 'category_id'" in said
    assert not (project.results / WHOLE).exists()
    said = project.run("results/checks.json", on_invalid="skip")
    assert "They are left out" in said
    rejected = {r["line"]: r["reason"] for r in project.table("rejected.csv")}
    assert [*rejected] == [
        "images[0]",
        "images[6]",
        "annotations[0]",
        "annotations[1]",
        "annotations[2]",
        "annotations[3]",
    ]
    assert rejected["annotations[2]"] == "it is of images[0], which is left out"
    whole = project.json(WHOLE)
    assert {record["id"] for record in whole["annotations"]} == {"six", 1, 2}
    assert len(whole["images"]) == 5


@pytest.mark.parametrize("end", [1, 300, 900, 1500, len(DOCUMENT) - 3])
def test_cut_short(coco_project, end):
    project = coco_project(DOCUMENT[:end])
    said = project.run(fails=True, on_invalid="skip")
    assert "source.json, " in said
    assert "not readable as JSON, or cut short, near character" in said


def test_a_table_taken_for_coco(new_project):
    said = new_project(dialect="coco").run(fails=True)
    assert "train.csv, its beginning: not readable as JSON" in said
    assert "Check `dialect`" in said


def test_coco_taken_for_a_table(coco_project):
    said = coco_project(dialect="sartorius-2021").run(fails=True)
    assert "For a COCO JSON, set `dialect: coco`." in said


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"min_area": 3}, "min_area: these change masks of tables"),
        ({"fill_holes": True, "drop_duplicates": True}, "fill_holes, drop_duplicates"),
        ({"dialect": ["coco", "coco"]}, "it lists 2, but `annotations` has 1"),
        ({"dialect": {"format": "coco", "order": "row"}}, "no other keys"),
        ({"dialect": {"format": "voc"}}, "dialect: format: 'voc' is not one of"),
        ({"file_name": "{id}.jpg"}, "file_name: a COCO JSON says itself"),
        ({"rename_categories": {"dog": 5.5}}, "rename_categories"),
        ({"rename_categories": {"dog": ""}}, "rename_categories"),
    ],
)
def test_settings_that_do_not_fit(coco_project, settings, message):
    assert message in coco_project().run(fails=True, **settings)


def test_an_edit_runs_what_depends_on_it(coco_project):
    project = coco_project(images_per_shard=2)
    project.run("results/checks.json")
    source = project.folder / "source.json"
    source.write_text(DOCUMENT.replace('"area": 4,', '"area": 5,', 1))
    said = project.run("results/checks.json")
    jobs = dict(re.findall(r"^(\w+) +(\d+) jobs? ", said, re.MULTILINE))
    assert jobs["encode"] == "1"
    assert "assign" not in jobs
    assert "5" in json.dumps(project.json(WHOLE)["annotations"][3]["area"])


def test_previews(coco_project):
    project = coco_project()
    names = [
        "results/preview/900.png",
        "results/preview/9.png",
        "results/preview/30.png",
    ]
    project.run(*names)
    coloured = []
    for name in names:
        with Image.open(project.folder / name) as picture:
            # 8 x 6, 8 x 6 and 4 x 4 pixels, enlarged; the legend lies below.
            pixels = np.asarray(picture, int)[:384]
            coloured.append(int((np.ptp(pixels, axis=2) > 0).sum()))
    assert coloured[0] > coloured[1] > 0
    assert coloured[2] == 0
    said = project.run("results/preview/6.png", fails=True)
    assert "No image has a preview named '6'" in said


# A table and a COCO JSON in one list


@pytest.fixture
def mixed(coco_project):
    project = coco_project(
        annotations=["train.csv", "source.json"],
        dialect=["sartorius-2021", "coco"],
        rename_categories={"round": "dog", "dog": "DOG"},
        images_per_shard=4,
    )
    project.write_source(tiny_rows())
    return project


def test_a_table_and_a_coco_json(mixed):
    mixed.run("results/checks.json")
    whole, source = read(mixed.results / WHOLE), spelled(DOCUMENT)
    assert [record["id"] for record in whole["images"]] == [*range(1, 13)]
    assert [(c["id"], c["name"]) for c in whole["categories"]] == [
        (1, "DOG"),
        (2, "dog"),
        (3, "person"),
        (4, "thin"),
        (5, "unused"),
    ]
    assert whole["categories"][0]["keypoints"] == ["nose"]
    assert whole["licenses"] == [{**source["licenses"][0], "id": 1}]
    assert whole["images"][6] == {**source["images"][0], "id": 7, "license": 1}
    made, carried = whole["annotations"][:18], whole["annotations"][18:]
    assert sorted(r["id"] for r in made) == [*range(1, 19)]
    new_ids = {record["id"]: 19 + n for n, record in enumerate(source["annotations"])}
    image_ids = {record["id"]: 7 + n for n, record in enumerate(source["images"])}
    category_ids = {18: 1, 0: 3}
    expected = [
        {
            **record,
            "id": new_ids[record["id"]],
            "image_id": image_ids[record["image_id"]],
            "category_id": category_ids[record["category_id"]],
        }
        for record in source["annotations"]
    ]
    assert by_id(carried) == by_id(expected)
    assert [r["name"] for r in whole["info"]["sources"]] == ["train.csv", "source.json"]
    assert whole["info"]["sources"][1]["info"]["year"] == 2014
    assert mixed.json("checks.json") == {
        "images_in_their_group": 12,
        "annotations_with_area_and_box_of_their_mask": 18,
        "annotations_as_in_their_row": 18,
        "masks_equal_in_every_pixel": 18,
        "records_as_in_the_coco_json": 7,
    }
    coco = COCO(mixed.results / WHOLE)
    for number, row in enumerate(tiny_rows(), 1):
        assert (coco.annToMask(coco.anns[number]) == draw(row)).all()


def test_annotations_that_stand_under_their_ids(mixed):
    """So they do in LIVECell, as the Sartorius competition has it."""
    annotations = document()["annotations"]
    wholes = []
    for records in (annotations, {str(r["id"]): r for r in annotations}):
        content = json.dumps(document(annotations=records))
        (mixed.folder / "source.json").write_text(content)
        mixed.run("results/checks.json")
        # The first line has the checksum of the source.
        wholes.append((mixed.results / WHOLE).read_bytes().splitlines()[1:])
    assert wholes[0] == wholes[1]


def test_what_is_left_out_of_a_list_is_said(mixed):
    assert (
        "Left out of the COCO JSON, which is not the only source: videos."
        in mixed.run("results/checks.json")
    )


def test_two_coco_json(coco_project):
    project = coco_project(annotations=["source.json", "other.json"])
    content = document()
    content["licenses"].append({"id": 5, "name": "CC BY-NC"})
    for image in content["images"]:
        image["file_name"] = f"other/{image['file_name']}"
        image["license"] = 5
    (project.folder / "other.json").write_text(json.dumps(content))
    project.run("results/checks.json")
    whole = project.json(WHOLE)
    assert len(whole["images"]) == 12
    assert [record["id"] for record in whole["licenses"]] == [1, 2]
    assert [record.get("license") for record in whole["images"]] == [
        1,
        *[None] * 5,
        *[2] * 6,
    ]
    assert [c["name"] for c in whole["categories"]] == ["dog", "person", "unused"]
    assert len({record["id"] for record in whole["annotations"]}) == 14


def test_the_same_image_in_a_table_and_in_a_coco_json(mixed):
    content = document()
    content["images"][2]["file_name"] = "train/image-4.png"
    (mixed.folder / "source.json").write_text(json.dumps(content))
    said = mixed.run(fails=True)
    assert (
        "source.json, images[2]: the image 'train/image-4.png' has the file name"
        " 'train/image-4.png', as has line 4 of train.csv."
    ) in said


def test_the_same_image_in_two_coco_json(coco_project):
    project = coco_project(annotations=["source.json", "other.json"])
    content = document()
    content["images"] = content["images"][3:]
    content["annotations"] = content["annotations"][4:6]
    (project.folder / "other.json").write_text(json.dumps(content))
    said = project.run(fails=True)
    assert "other.json, images[0], image 'd.png': the image is in source.json" in said
    project.run("results/checks.json", merge_sources=True)
    whole = project.json(WHOLE)
    assert len(whole["images"]) == 6
    assert Counter(r["image_id"] for r in whole["annotations"]) == {
        1: 2,
        2: 1,
        4: 2,
        5: 2,
        6: 2,
    }
    content["images"][0]["width"] = 9
    (project.folder / "other.json").write_text(json.dumps(content))
    said = project.run(fails=True, merge_sources=True)
    assert "the size 9x6 differs from what images[3] of source.json says" in said


def test_the_record_of_an_image_that_a_table_names_first(mixed):
    rows = tiny_rows()
    content = document(licenses=[])
    names = dict.fromkeys(row["id"] for row in rows)
    content["images"][0] |= {"file_name": next(iter(names)), "coco_url": "u"}
    size = {key: int(rows[0][key]) for key in ("width", "height")}
    content["images"][0] |= size
    (mixed.folder / "source.json").write_text(json.dumps(content))
    mixed.write_source(rows)
    mixed.run("results/checks.json", merge_sources=True)
    images = mixed.json(WHOLE)["images"]
    assert len(images) == len(names) + 5
    assert images[0] == {**content["images"][0], "id": 1, "license": None}
    assert all("license" not in image for image in images[1:])


def test_records_of_an_image_that_differ(coco_project):
    project = coco_project(annotations=["source.json", "other.json"])
    content = document()
    content["images"][0]["date_captured"] = "today"
    content["annotations"] = []
    (project.folder / "other.json").write_text(json.dumps(content))
    said = project.run(fails=True, merge_sources=True)
    assert (
        "other.json, images[0], image 'a b/é.png': its 'date_captured' differs from"
        " what source.json says of it"
    ) in said


def test_one_name_in_two_folders(mixed):
    assert "named as one of another file" not in mixed.run("results/index/images.csv")
    content = document()
    content["images"][2]["file_name"] = "image-4.png"
    (mixed.folder / "source.json").write_text(json.dumps(content))
    said = mixed.run("results/index/images.csv")
    assert (
        "1 images are named as one of another file, in another folder, such as"
        " 'image-4.png' of source.json and 'train/image-4.png' of train.csv."
    ) in said


def test_one_file_name_twice(coco_project):
    content = document()
    content["images"][1]["file_name"] = "d.png"
    said = coco_project(content).run("results/index/images.csv")
    assert (
        "1 images have the file name of another one, such as '8' that of '7', d.png."
        in said
    )


def test_no_licenses_and_no_info(coco_project):
    """So Detectron2 says it."""
    project = coco_project(document(licenses=None, info=None))
    project.run("results/checks.json")
    assert project.json(WHOLE)["licenses"] == []
    assert project.json(WHOLE)["info"]["description"] == "Made by cocofolds"


def test_an_id_too_long_for_the_name_of_a_file(coco_project):
    content = document()
    content["images"][0]["id"] = content["annotations"][0]["image_id"] = 10**300
    content["annotations"][2]["image_id"] = 10**300
    project = coco_project(content)
    project.run("results/checks.json")
    assert project.json(WHOLE)["images"][0]["id"] == 10**300


def test_a_long_record_of_an_image(coco_project):
    content = document()
    content["images"][0]["imageData"] = "x" * 200_000
    project = coco_project(content)
    project.run("results/annotations_all.json")
    assert project.json(WHOLE)["images"] == content["images"]


def test_ids_of_the_source_in_a_list(mixed):
    said = mixed.run(fails=True, image_ids="source")
    assert "config: image_ids: in a list with a COCO JSON" in said


def test_hygiene_leaves_the_records_alone(mixed):
    mixed.run("results/checks.json", min_area=21)
    whole = mixed.json(WHOLE)
    assert min(r["area"] for r in whole["annotations"][:-7]) >= 21
    assert len(whole["annotations"]) < 25
    assert len(mixed.table("rejected.csv")) == 25 - len(whole["annotations"])
    assert {*range(19, 26)} <= {record["id"] for record in whole["annotations"]}


# COCO JSON as people have them


CHECKS = "results/checks.json"
INDEX = "results/index/images.csv"
POLYGON = [[2, 3, 7, 3, 7, 7, 2, 7]]


def plain_document(n_images=4, **changes):
    """A plain document with an annotation an image; no area, no iscrowd."""
    numbers = range(1, n_images + 1)
    content = {
        "images": [
            {"id": n, "file_name": f"{n}.png", "width": 40, "height": 30}
            for n in numbers
        ],
        "categories": [{"id": 1, "name": "a"}],
        "annotations": [
            {
                "id": n,
                "image_id": n,
                "category_id": 1,
                "segmentation": POLYGON,
                "bbox": [2, 3, 5, 4],
            }
            for n in numbers
        ],
    }
    return content | changes


def without_keys(records, *keys):
    return [{k: v for k, v in r.items() if k not in keys} for r in records]


def test_urls_in_place_of_file_names(coco_project):
    """So they stand in LVIS v1."""
    content = plain_document()
    names = [f"00000000000{n}.jpg" for n in range(1, 5)]
    content["images"] = [
        {**image, "coco_url": f"http://images.cocodataset.org/train2017/{name}"}
        for image, name in zip(
            without_keys(content["images"], "file_name"), names, strict=True
        )
    ]
    project = coco_project(content)
    project.run(CHECKS)
    assert project.json(WHOLE)["images"] == [
        {**image, "file_name": name}
        for image, name in zip(content["images"], names, strict=True)
    ]
    text = (project.results / WHOLE).read_text()
    assert '"file_name":"000000000001.jpg"}' in text


def test_images_without_sizes(coco_project):
    content = plain_document()
    bare = without_keys(content["images"], "width", "height")
    bare[2] |= {"width": 0, "height": None}
    project = coco_project({**content, "images": bare}, images_dir="images")
    (project.folder / "images").mkdir()
    for n in (1, 3, 4):
        Image.new("L", (40, 30)).save(project.folder / "images" / f"{n}.png")
    said = project.run(INDEX, fails=True)
    assert "Faulty records: 1\n" in said
    assert (
        "source.json, images[1], image '2': there is no file '2.png' in images (and its"
        " 1 annotation)"
    ) in said
    project.run(CHECKS, on_invalid="skip")
    images = [image for image in content["images"] if image["id"] != 2]
    assert project.json(WHOLE)["images"] == images
    assert [row["line"] for row in project.table("rejected.csv")] == [
        "images[1]",
        "annotations[1]",
    ]
    said = project.run(INDEX, fails=True, images_dir=None)
    assert (
        "source.json: 4 images have no width and height, such as '1.png'. Set" in said
    )
    assert "Faulty records" not in said


def test_annotation_ids_that_are_counted_again(coco_project):
    content = plain_document()
    content["annotations"][2]["id"] = 2
    del content["annotations"][3]["id"]
    project = coco_project(content)
    said = project.run(INDEX, fails=True)
    assert (
        "annotations[2], image '3': its id, 2, is that of annotations[1];"
        " `annotation_ids: renumber` gives each annotation another one"
    ) in said
    project.run(CHECKS, annotation_ids="renumber")
    assert project.json(WHOLE)["annotations"] == [
        {**record, "id": number}
        for number, record in enumerate(content["annotations"], 1)
    ]
    assert project.json(WHOLE)["images"] == content["images"]


def test_two_videos_with_the_same_names_of_frames(coco_project):
    project = coco_project(annotations=["source.json", "other.json"])
    contents = [plain_document(), plain_document()]
    for annotation in contents[1]["annotations"]:
        annotation["bbox"] = [3, 3, 5, 4]
    for name, content in zip(["source.json", "other.json"], contents, strict=True):
        (project.folder / name).write_text(json.dumps(content))
    said = project.run(INDEX, fails=True)
    assert "Faulty records: 4\n" in said
    assert "if these are two images of one name, set a `file_prefix`" in said
    project.run(
        CHECKS,
        dialect=[
            {"format": "coco", "file_prefix": "video_a/"},
            {"format": "coco", "file_prefix": "video_b/"},
        ],
    )
    whole = project.json(WHOLE)
    assert [image["file_name"] for image in whole["images"]] == [
        f"video_{video}/{n}.png" for video in "ab" for n in range(1, 5)
    ]
    boxes = {record["image_id"]: record["bbox"][0] for record in whole["annotations"]}
    assert boxes == {n: 2 if n <= 4 else 3 for n in range(1, 9)}


def test_two_tables_with_the_same_ids(new_project):
    rows = tiny_rows()
    presets = [{**SARTORIUS, "file_prefix": f"video_{video}/"} for video in "ab"]
    project = new_project(annotations=["a.csv", "b.csv"], dialect=presets)
    for name in ("a.csv", "b.csv"):
        write_table(project.folder / name, rows)
    project.run(CHECKS)
    images = project.json(WHOLE)["images"]
    assert [image["file_name"] for image in images[:1] + images[6:7]] == [
        "video_a/train/image-6.png",
        "video_b/train/image-6.png",
    ]
    assert len(images) == 12


def test_a_prefix_leads_to_the_files_of_a_table(new_project):
    rows = tiny_rows()
    keys = {
        k: v for k, v in SARTORIUS.items() if k not in ("width_column", "height_column")
    }
    presets = [{**keys, "file_prefix": f"video_{video}/"} for video in "ab"]
    project = new_project(
        annotations=["a.csv", "b.csv"], dialect=presets, images_dir="images"
    )
    for name in ("a.csv", "b.csv"):
        write_table(project.folder / name, rows)
    for video, width in (("a", 30), ("b", 31)):
        folder = project.folder / "images" / f"video_{video}" / "train"
        folder.mkdir(parents=True)
        for row in rows:
            Image.new("L", (width, 20)).save(folder / f"{row['id']}.png")
    project.run(CHECKS)
    images = project.json(WHOLE)["images"]
    assert [(image["file_name"], image["width"]) for image in images[5:7]] == [
        ("video_a/train/image-1.png", 30),
        ("video_b/train/image-6.png", 31),
    ]


FAULTS = {
    "nan": ({"area": float("nan")}, "annotations[1], image '': it has NaN or Infinity"),
    "size": (
        {"segmentation": {"size": [40, 30], "counts": "0`i0"}},
        "annotations[1], image '2': the size of its run lengths, [40, 30], is not",
    ),
    "sum": (
        {"segmentation": {"size": [30, 40], "counts": "0"}},
        "annotations[1], image '2': its counts sum up to 0 pixels",
    ),
    "polygon": ({"segmentation": [[1, 2, 3]]}, "its polygon 0 has 3 numbers"),
    "box": ({"bbox": [43, 3, 5, 4]}, "is outside its image, 40 x 30"),
}


@pytest.mark.parametrize(("changes", "message"), FAULTS.values(), ids=FAULTS)
def test_annotation_that_does_not_fit(coco_project, changes, message):
    content = plain_document()
    content["annotations"][1] |= changes
    project = coco_project(content)
    said = project.run(INDEX, fails=True)
    assert "Faulty records: 1\n" in said
    assert message in said
    said = project.run(CHECKS, on_invalid="skip")
    assert "They are left out; results/rejected.csv lists them." in said
    assert [row["line"] for row in project.table("rejected.csv")] == ["annotations[1]"]
    assert [r["id"] for r in project.json(WHOLE)["annotations"]] == [1, 3, 4]
    assert len(project.json(WHOLE)["images"]) == 4


def test_boxes_that_reach_out_are_kept(coco_project):
    content = plain_document()
    content["annotations"][2]["bbox"] = [-3, 3, 8, 4]
    said = coco_project(content).run(INDEX)
    assert (
        "source.json: 1 boxes reach out of their images by more than a pixel, such as"
        " those of annotations[2]. They are kept."
    ) in said


def test_a_misspelt_list(coco_project):
    content = plain_document()
    content["annotation"] = content.pop("annotations")
    said = coco_project(content).run(INDEX, fails=True, on_invalid="skip")
    assert (
        "source.json: it has no annotations. Is it 'annotation'? Then name that"
        " 'annotations'. Its keys: 'images', 'categories', 'annotation'."
    ) in said


def test_sizes_that_are_spelled_with_a_point(coco_project):
    content = plain_document()
    text = json.dumps(content).replace('"width": 40', '"width": 40.0')
    project = coco_project(text)
    project.run(CHECKS)
    assert '"width":40,"height":30}' in (project.results / WHOLE).read_text()


def grouped_document(n_images=8):
    """Two images of each group, as Roboflow exports augmented copies of an image."""
    images = [
        {
            "id": n,
            "file_name": f"p{(n - 1) // 2}_jpg.rf.{n}.jpg",
            "width": 8,
            "height": 6,
            "extra": {"name": f"p{(n - 1) // 2}.jpg"},
        }
        for n in range(1, n_images + 1)
    ]
    annotations = [
        {"id": n, "image_id": n, "category_id": 1, "bbox": [1, 1, 2, 2]}
        for n in range(1, n_images + 1)
    ]
    categories = [{"id": 1, "name": "a"}]
    return {"images": images, "annotations": annotations, "categories": categories}


@pytest.mark.parametrize(
    "settings",
    [{"group_column": "extra.name"}, {"group_pattern": r"^(.+)_jpg\.rf\."}],
    ids=str,
)
def test_groups_in_a_nested_key_and_in_names(new_project, settings):
    project = new_project(
        annotations="coco.json", dialect="coco", n_folds=2, images_dir=None
    )
    text = json.dumps(grouped_document())
    (project.folder / "coco.json").write_text(text, encoding="utf-8")
    project.run("results/group-k2-seed221/checks.json", split_by="group", **settings)
    assert project.json("group-k2-seed221/checks.json")["groups_held_out_once"] == 4
    for fold in (1, 2):
        val = project.json(f"group-k2-seed221/annotations_val_fold_{fold}.json")
        names = [image["extra"]["name"] for image in val["images"]]
        assert {names.count(name) for name in names} == {2}


def test_group_that_is_an_object_or_a_faulty_pattern(new_project):
    project = new_project(annotations="coco.json", dialect="coco", split_by="group")
    text = json.dumps(grouped_document())
    (project.folder / "coco.json").write_text(text, encoding="utf-8")
    said = project.run(fails=True, group_column="extra")
    assert "the key 'extra' of images holds an object with the keys 'name'." in said
    assert "`group_column: extra.name`" in said
    said = project.run(fails=True, group_pattern="(")
    assert "config: group_pattern: '(' is no regular expression: missing )" in said
    said = project.run(fails=True, group_pattern="x", group_column="extra.name")
    assert "config: group_column and group_pattern: set one of them" in said
