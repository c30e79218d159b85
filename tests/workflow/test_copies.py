"""Copies of images are found, named, and kept in one fold where that is asked for."""

import shutil

import pytest
import yaml
from PIL import Image, ImageEnhance

from tables import SAMPLE, read_table, tiny_rows

SPLIT = "image-k3-seed221"
IMAGES = sorted((SAMPLE.parent / "train").glob("*.png"))
# A copy has the name of its image and the way in which it was made.
WAYS = ("again", "small", "light")


def copied(number, folder):
    """Make a copy of an image, in one of three ways."""
    path, way = IMAGES[number], WAYS[number % 3]
    image = Image.open(path)
    name = folder / f"{path.stem}-{way}"
    if way == "again":
        image.save(name.with_suffix(".jpg"), quality=60)
    elif way == "small":
        image = image.resize((image.width // 2, image.height // 2))
        image.save(name.with_suffix(".png"))
    else:
        ImageEnhance.Brightness(image).enhance(1.1).save(name.with_suffix(".png"))
    return name.name, image.size


@pytest.fixture(scope="module")
def project(new_project):
    """The sample with 24 copies of 24 of its images."""
    project = new_project(
        annotations="train.csv", images_dir="images", file_name="{id}.*", n_folds=3,
        n_previews=0, images_per_shard=20,
    )  # fmt: skip
    folder = project.folder / "images"
    folder.mkdir()
    rows = read_table(SAMPLE)
    for path in IMAGES:
        shutil.copyfile(path, folder / path.name)
    for number in range(24):
        name, (width, height) = copied(number, folder)
        first = next(row for row in rows if row["id"] == IMAGES[number].stem)
        runs = f"{width * number + 1} 40"
        size = {"width": str(width), "height": str(height)}
        rows.append({**first, **size, "id": name, "annotation": runs})
    project.write_source(rows)
    project.run()
    return project


def pairs(project):
    return [
        (row["first_source_id"], row["second_source_id"])
        for row in project.table("duplicates.csv")
    ]


def folds(project, split=SPLIT):
    return {
        row["source_id"]: row["fold"] for row in project.table(f"{split}/folds.csv")
    }


def test_24_copies_and_no_other(project):
    expected = [(i.stem, f"{i.stem}-{WAYS[n % 3]}") for n, i in enumerate(IMAGES[:24])]
    assert pairs(project) == expected
    rows = project.table("duplicates.csv")
    assert {row["kind"] for row in rows} == {"same picture"}
    assert all(0.99 < float(row["correlation"]) <= 1 for row in rows)
    of_images = {row["source_id"]: row for row in project.table("index/images.csv")}
    for row in rows:
        for end in ("first", "second"):
            image = of_images[row[f"{end}_source_id"]]
            assert row[f"{end}_image_id"] == image["image_id"]
            assert row[f"{end}_file_name"] == image["file_name"]


def test_same_bytes_with_other_shards(project):
    names = ("duplicates.csv", "report/duplicates.json", "duplicates/warnings.json")
    before = [(project.results / name).read_bytes() for name in names]
    for shards in (7, 100):
        project.run("results/duplicates.csv", images_per_shard=shards, cores=1)
        assert [(project.results / name).read_bytes() for name in names] == before
    project.run()


def test_they_are_named(project):
    said = project.run()
    assert "Nothing to be done" in said
    warning = project.warnings("duplicates")
    assert "Images that are copies of others: 24." in warning
    assert "and 14 more" in warning
    page = (project.results / "report.html").read_text(encoding="utf-8")
    assert 'id="copies"' in page
    assert "24 images are copies of another" in " ".join(page.split())
    assert "Images that are copies of others: 24." in page
    shown = project.json("report/duplicates.json")["pairs"]
    assert 0 < len(shown) < 24
    assert all(len(pair["images"]) == 2 for pair in shown)


def test_a_warning_leaves_the_folds_as_they_are(project):
    before = folds(project)
    assert any(before[first] != before[second] for first, second in pairs(project))
    project.run(duplicates="off")
    assert folds(project) == before
    page = (project.results / "report.html").read_text(encoding="utf-8")
    assert 'id="copies"' not in page
    project.run()
    assert folds(project) == before


@pytest.mark.parametrize("split_by", ["image", "group"])
def test_copies_share_a_fold(project, split_by):
    split = f"{split_by}-k3-seed221"
    project.run(duplicates="group", split_by=split_by, group_column="sample_id")
    fold_of = folds(project, split)
    assert all(fold_of[first] == fold_of[second] for first, second in pairs(project))
    assert project.json(f"{split}/checks.json")["copies_in_one_fold"] == 24
    assert project.json("duplicates/warnings.json") == []
    checks = project.json(f"{split}/checks.json")
    assert ("groups_held_out_once" in checks) == (split_by == "group")


def test_folds_that_divide_copies_are_found(project):
    project.run(duplicates="group")
    path = project.results / SPLIT / "folds.csv"
    rows = read_table(path)
    first, second = pairs(project)[0]
    row = next(row for row in rows if row["source_id"] == second)
    row["fold"] = str(int(row["fold"]) % 3 + 1)
    text = path.read_text(encoding="utf-8").splitlines(keepends=True)
    line = next(n for n, line in enumerate(text) if f'"{second}"' in line)
    text[line] = text[line].rstrip("\n").rpartition(",")[0] + f",{row['fold']}\n"
    path.write_text("".join(text), encoding="utf-8")
    said = project.run(duplicates="group", fails=True)
    assert f"'{first}.png' and '{second}" in said
    assert "are copies of each other, but not held out in one fold" in said
    path.unlink()
    project.run(duplicates="group")


def test_a_file_that_is_not_readable(project):
    path = project.folder / "images" / IMAGES[-1].name
    contents = path.read_bytes()
    path.write_bytes(contents[:500])
    project.run()
    warning = project.warnings("duplicates")
    assert "Image files that could not be compared: 1" in warning
    assert f"{path.name}: not readable as an image" in warning
    assert len(pairs(project)) == 24
    said = project.run(duplicates="group", fails=True)
    assert "`duplicates: group` promises that copies share a fold" in said
    assert path.name in said
    path.write_bytes(contents)
    project.run()
    assert "could not be compared" not in project.warnings("duplicates")


def test_names_of_augmented_copies(new_tiny_project):
    rows = tiny_rows()
    for row in rows:
        number = int(row["id"][-1])
        row["id"] = f"cell{number % 3}_jpg.rf.{number:032x}"
    project = new_tiny_project(rows, n_folds=3, images_dir=None)
    path = "results/{}-k3-seed221/folds.csv"
    said = project.run(path.format("image"))
    warning = project.warnings(SPLIT)
    assert "images are augmented copies of the same originals" in warning
    assert "By their names" in said
    setting = warning.partition("with `")[2].partition("`.")[0]
    grouped = {"split_by": "group", **yaml.safe_load(setting)}
    project.run(path.format("group"), **grouped)
    assert "By their names" not in project.warnings("group-k3-seed221")
