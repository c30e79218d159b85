"""The files that a run leaves, and what is run again."""

import json
from collections import Counter
from itertools import product

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from tables import SAMPLE, draw, read_table, tiny_rows, write_table

WHOLE = "annotations_all.json"
SPLIT = "image-k10-seed221"
FOLDS = range(1, 11)
PARTS = [
    f"{SPLIT}/annotations_{part}_fold_{fold}.json"
    for part, fold in product(["train", "val"], FOLDS)
]


@pytest.fixture(scope="module")
def sample(new_project):
    """The embedded sample, run on the config that is shipped."""
    project = new_project()
    project.run()
    return project


@pytest.fixture(scope="module")
def rows():
    return read_table(SAMPLE)


@pytest.fixture(scope="module")
def tiny(new_tiny_project):
    """Two folds and three, dealt with two seeds each."""
    settings = {"n_folds": [2, 3], "seed": [0, 4294967295]}
    project = new_tiny_project(tiny_rows(), categories=["thin", "round"], **settings)
    project.run()
    return project


def image_ids(document):
    return [image["id"] for image in document["images"]]


def annotation_ids(document):
    return [annotation["id"] for annotation in document["annotations"]]


def test_files(sample):
    results = {
        str(path.relative_to(sample.results))
        for path in [*sample.results.glob("*.*"), *sample.results.glob("*-k*/**/*.*")]
    }
    tables = {f"{SPLIT}/{name}" for name in ("folds.csv", "fold_table.csv")}
    names = ["annotations_by_category_and_fold", "images_by_category_and_fold"]
    names += ["areas_by_category", "masks_per_image"]
    assert results == {
        WHOLE,
        "previews.csv",
        "duplicates.csv",
        "report.html",
        *(f"{SPLIT}/plots/{name}.svg" for name in names),
        "rejected.csv",
        "changed.csv",
        "checks.json",
        "annotations_all.npz",
        ".complete.json",
        f"{SPLIT}/checks.json",
        f"{SPLIT}/quality.json",
        f"{SPLIT}/warnings.json",
        f"{SPLIT}/.complete.json",
        *tables,
        *PARTS,
    }


@pytest.mark.parametrize("name", [WHOLE, *PARTS])
def test_coco_reads(sample, name):
    coco = COCO(sample.results / name)
    document = coco.dataset
    assert len(coco.anns) == len(document["annotations"]) > 0
    assert len(coco.imgs) == len(document["images"]) > 0
    assert sorted(coco.anns) == sorted(coco.getAnnIds(imgIds=list(coco.imgs)))
    assert coco.loadCats(coco.getCatIds()) == [
        {"id": 1, "name": "astro"},
        {"id": 2, "name": "cort"},
        {"id": 3, "name": "shsy5y"},
    ]


@pytest.mark.parametrize("name", [WHOLE, *PARTS])
def test_layout(sample, name):
    document = sample.json(name)
    lists = ["categories", "images", "annotations"]
    assert list(document) == ["info", "licenses", *lists]
    assert document["licenses"] == []
    lines = [f'{{"info":{compact(document["info"])},', '"licenses":[],']
    for key in lists:
        *records, last = map(compact, document[key])
        end = "]," if key != lists[-1] else "]}"
        lines += [f'"{key}":[', *(f"{record}," for record in records), last, end]
    text = (sample.results / name).read_text(encoding="ascii")
    assert text.splitlines() == lines


def compact(record):
    return json.dumps(record, separators=(",", ":"))


def test_info_says_what_made_the_file(sample):
    whole = sample.json(WHOLE)["info"]
    assert sorted(whole) == ["description", "sources", "version"]
    assert [source["name"] for source in whole["sources"]] == ["train.csv"]
    split = {"split_by": "image", "n_folds": 10, "seed": 221}
    for part, fold in product(["train", "val"], FOLDS):
        info = sample.json(f"{SPLIT}/annotations_{part}_fold_{fold}.json")["info"]
        assert info == {**whole, **split, "fold": fold, "part": part}


def test_images(sample, rows):
    names = list(dict.fromkeys(row["id"] for row in rows))
    assert sample.json(WHOLE)["images"] == [
        {"id": number, "file_name": f"train/{name}.png", "width": 576, "height": 432}
        for number, name in enumerate(names, 1)
    ]


def test_annotations(sample, rows):
    """All masks are those of the source, to the letter, whatever is run over them."""
    image_numbers, categories = {}, ["astro", "cort", "shsy5y"]
    expected = []
    for number, row in enumerate(rows, 1):
        mask = coco_mask.encode(np.asfortranarray(draw(row)))
        expected.append(
            {
                "id": number,
                "image_id": image_numbers.setdefault(row["id"], len(image_numbers) + 1),
                "category_id": categories.index(row["cell_type"]) + 1,
                "segmentation": {
                    "size": mask["size"],
                    "counts": mask["counts"].decode(),
                },
                "area": coco_mask.area(mask),
                "bbox": coco_mask.toBbox(mask).tolist(),
                "iscrowd": 0,
            }
        )
    assert sample.json(WHOLE)["annotations"] == expected


def test_parts_are_records_of_the_whole(sample):
    whole = sample.json(WHOLE)
    images = {image["id"]: image for image in whole["images"]}
    annotations = {record["id"]: record for record in whole["annotations"]}
    for name in PARTS:
        part = sample.json(name)
        assert part["categories"] == whole["categories"]
        assert part["images"] == [images[key] for key in sorted(image_ids(part))]
        assert part["annotations"] == [
            annotations[key] for key in sorted(annotation_ids(part))
        ]
        assert {record["image_id"] for record in part["annotations"]} == {
            *image_ids(part)
        }


def test_train_and_val_part_the_whole(sample):
    whole = sample.json(WHOLE)
    held_out = []
    for train, val in zip(PARTS[:10], PARTS[10:], strict=True):
        train, val = sample.json(train), sample.json(val)
        for ids in (image_ids, annotation_ids):
            assert sorted(ids(train) + ids(val)) == ids(whole)
        held_out += image_ids(val)
    assert sorted(held_out) == image_ids(whole)


def test_folds_table(sample, rows):
    categories_of = {}
    for row in rows:
        categories_of.setdefault(row["id"], Counter())[row["cell_type"]] += 1
    table = sample.table(f"{SPLIT}/folds.csv")
    assert [(row["image_id"], row["source_id"], row["category"]) for row in table] == [
        (str(number), name, categories.most_common(1)[0][0])
        for number, (name, categories) in enumerate(categories_of.items(), 1)
    ]
    for fold in FOLDS:
        val = sample.json(f"{SPLIT}/annotations_val_fold_{fold}.json")
        dealt = [int(row["image_id"]) for row in table if row["fold"] == str(fold)]
        assert image_ids(val) == dealt


def test_fold_table(sample):
    expected = []
    for fold in FOLDS:
        val = sample.json(f"{SPLIT}/annotations_val_fold_{fold}.json")
        for category in val["categories"]:
            images = Counter(
                record["image_id"]
                for record in val["annotations"]
                if record["category_id"] == category["id"]
            )
            numbers = fold, category["name"], len(images), images.total()
            expected.append([str(value) for value in numbers])
    table = sample.table(f"{SPLIT}/fold_table.csv")
    assert list(table[0]) == ["fold", "category", "images", "annotations"]
    assert [list(row.values()) for row in table] == expected


def test_checks(sample, rows):
    checks = sample.json("checks.json")
    assert checks["annotations_as_in_their_row"] == len(rows)
    assert checks["masks_equal_in_every_pixel"] == 200
    checks = sample.json(f"{SPLIT}/checks.json")
    assert checks["annotations_held_out_once"] == len(rows)
    assert checks["images_held_out_once"] == len({row["id"] for row in rows}) == 30


def test_logs(sample):
    logs = [*sample.results.glob("logs/**/*.log")]
    assert len(logs) == 21
    assert [path for path in logs if not path.read_text(encoding="utf-8").strip()] == []


def test_repeated_run_does_nothing(sample):
    assert "Nothing to be done" in sample.run()


def test_records_stand_in_order(tiny):
    """The rows of the images alternate in the source; here they do not."""
    names = [f"image-{number}" for number in (6, 5, 4, 3, 2, 1)]
    whole = tiny.json(WHOLE)
    assert [image["file_name"] for image in whole["images"]] == [
        f"train/{name}.png" for name in names
    ]
    assert annotation_ids(whole) == [
        6 * mask + image for image in range(1, 7) for mask in range(3)
    ]


def test_categories_stand_in_the_order_of_the_config(tiny):
    whole = tiny.json(WHOLE)
    assert [category["name"] for category in whole["categories"]] == ["thin", "round"]
    for record in whole["annotations"]:
        assert record["category_id"] == (1 if record["image_id"] % 2 else 2)


def test_lists_make_all_splits(tiny):
    names = {path.parent.name for path in tiny.results.glob("*/checks.json")}
    assert names == {
        f"image-k{n_folds}-seed{seed}"
        for n_folds, seed in product([2, 3], [0, 4294967295])
    }
    for name in names:
        assert len([*tiny.results.glob(f"{name}/*_val_*")]) == int(name[7])


def test_split_by_its_path(tiny):
    name = "image-k5-seed7/annotations_val_fold_1.json"
    said = tiny.run(f"results/{name}")
    assert tiny.json(name)["info"]["n_folds"] == 5
    assert 0 < len(tiny.json(name)["images"]) < 3
    lines = [line.split() for line in said.splitlines()]
    jobs = {line[0]: line[1] for line in lines if line[2:3] in (["job"], ["jobs"])}
    assert jobs == {"assign": "1", "assemble": "1"}
    tiny.run("results/image-k5-seed7/checks.json")
    assert len([*tiny.results.glob("image-k5-seed7/[!.]*.json")]) == 13


def test_settings_on_the_command_line(tiny):
    tiny.run("--config", "n_folds=4", "seed=1")
    assert len([*tiny.results.glob("image-k4-seed1/*_val_*")]) == 4
    assert (tiny.results / "image-k4-seed1" / "checks.json").exists()


def test_all_settings_on_the_command_line(new_project):
    project = new_project()
    rows = [{**row, "cell_type": f"{len(row['cell_type'])}"} for row in tiny_rows()]
    # The same mask twice.
    project.write_source([*rows, rows[0]])
    said = project.run_as_is(
        "--config",
        "annotations=train.csv",
        "images_dir=null",
        "n_folds=2",
        "drop_duplicates=true",
        "check_order=false",
        "categories=[thin,5]",
        "rename_categories={4: thin, 7: more}",
        "split_by=image",
    )
    assert "no category of the annotations became 'more'" in said
    assert len(project.json(WHOLE)["annotations"]) == 18


def test_several_files_are_one_source(new_tiny_project):
    rows = tiny_rows()
    rows.sort(key=lambda row: row["id"])
    project = new_tiny_project(rows)
    project.run(f"results/{WHOLE}")
    expected = project.json(WHOLE)["annotations"]
    project.write_source(rows[:9])
    write_table(project.folder / "second.csv", rows[9:])
    project.run(f"results/{WHOLE}", annotations=["train.csv", "second.csv"])
    assert project.json(WHOLE)["annotations"] == expected


def test_groups_stay_whole(new_project, rows):
    project = new_project(n_folds=3, split_by="group", group_column="sample_id")
    project.run()
    table = project.table("group-k3-seed221/folds.csv")
    group_of = {row["id"]: row["sample_id"] for row in rows}
    assert {row["source_id"]: row["group"] for row in table} == group_of
    folds_of_groups = {(row["group"], row["fold"]) for row in table}
    assert len(folds_of_groups) == len(set(group_of.values())) == 15
    for fold in ("1", "2", "3"):
        val = project.json(f"group-k3-seed221/annotations_val_fold_{fold}.json")
        dealt = [int(row["image_id"]) for row in table if row["fold"] == fold]
        assert image_ids(val) == dealt
    checks = project.json("group-k3-seed221/checks.json")
    assert checks["groups_held_out_once"] == 15


@pytest.mark.parametrize(
    "name", ["dsb2018/train_row_major.csv", "sartorius_scale.csv.gz"]
)
def test_real_annotations(new_project, real_data, name):
    source = real_data / name
    project = new_project(annotations=str(source))
    project.run()
    rows = read_table(source)
    images = {row["id"] for row in rows}
    checks = project.json(f"{SPLIT}/checks.json")
    assert checks["annotations_held_out_once"] == len(rows)
    assert checks["images_held_out_once"] == len(images)
    assert project.table("rejected.csv") == []
    whole = COCO(project.results / WHOLE)
    assert len(whole.anns) == len(rows)
    assert len(whole.imgs) == len(images)


def test_parts_that_share_images(new_project):
    rows = tiny_rows()
    project = new_project(annotations=["a.csv", "b.csv"], n_folds=3)
    write_table(project.folder / "a.csv", rows[:9])
    write_table(project.folder / "b.csv", rows[9:])
    assert "`merge_sources: true`" in project.run(fails=True)
    project.run("results/checks.json", merge_sources=True)
    whole = project.json(WHOLE)
    in_one = new_project(annotations="train.csv", n_folds=3)
    in_one.write_source(rows)
    in_one.run("results/annotations_all.json")
    expected = in_one.json(WHOLE)
    assert whole["annotations"] == expected["annotations"]
    assert whole["images"] == expected["images"]
    assert [source["name"] for source in whole["info"]["sources"]] == ["a.csv", "b.csv"]


def test_hygiene(new_tiny_project):
    """What is left out, and what is changed, is listed; all else is as it was."""
    rows = tiny_rows()
    # A part of 2 pixels beside one of 9.
    rows[0]["annotation"] = "1 3 31 3 61 3 100 2"
    rows[5]["annotation"] = "1 2"
    rows.append({**rows[4], "cell_type": "thin"})
    project = new_tiny_project(rows, n_folds=2)
    project.run("results/annotations_all.json")
    before = {a["id"]: a for a in project.json(WHOLE)["annotations"]}
    project.run(
        "results/checks.json", keep_largest_part=True, min_area=3, drop_duplicates=True
    )
    after = {a["id"]: a for a in project.json(WHOLE)["annotations"]}
    assert before.keys() - after.keys() == {6, 19}
    assert [number for number in after if after[number] != before[number]] == [1]
    assert (before[1]["area"], after[1]["area"]) == (11, 9)
    checks = project.json("checks.json")
    assert checks["annotations_as_in_their_row"] == 16
    assert checks["masks_changed_as_the_settings_say"] == 1
    assert [
        (int(row["line"]), row["change"]) for row in project.table("changed.csv")
    ] == [(2, "1 of 2 parts kept (2 of 11 pixels left out)")]
    assert [
        (int(row["line"]), row["reason"]) for row in project.table("rejected.csv")
    ] == [
        (7, "its 2 pixels are fewer than `min_area`, 3"),
        (20, "it has the mask of annotation 5 again"),
    ]
    project.run("results/annotations_all.json")
    assert {a["id"]: a for a in project.json(WHOLE)["annotations"]} == before


def test_image_that_loses_all_its_masks(new_project):
    rows = tiny_rows()
    for row in rows[0::6]:
        row["annotation"] = "1 3"
    project = new_project(annotations="train.csv", n_folds=2)
    project.write_source(rows)
    project.run("results/checks.json", min_area=4)
    whole = project.json("annotations_all.json")
    assert len(whole["images"]) == 6
    assert 1 not in {record["image_id"] for record in whole["annotations"]}
    assert project.json("checks.json")["images_in_their_group"] == 6
