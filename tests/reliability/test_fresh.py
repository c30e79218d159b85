"""Results follow from the content of sources and settings, whatever the dates.

Most tests run with and without the folder .snakemake, which has all that Snakemake
knows of earlier runs.
"""

import gzip
import os
import shutil
import time

import pytest

from tables import rectangle, tiny_rows, write_table

SPLIT = "image-k3-seed221"
# What needs the index and the shards, but no folds.
WHOLE = "results/annotations_all.json"


def other_rows():
    """As `tiny_rows`, but the first mask is a pixel narrower."""
    rows = tiny_rows()
    rows[0]["annotation"] = rectangle(0, 0, 3, 5)
    return rows


def forget(project):
    shutil.rmtree(project.folder / ".snakemake")


@pytest.fixture(params=["with .snakemake", "without .snakemake"])
def forgets(request):
    """What happens to the memory of Snakemake between two runs."""
    return forget if request.param == "without .snakemake" else lambda project: None


@pytest.fixture(scope="module")
def first_run(new_tiny_project):
    project = new_tiny_project(tiny_rows(), n_previews=1, images_dir=None)
    project.run()
    return project


@pytest.fixture
def project(first_run, tmp_path):
    """A project that has run, in a folder of its own."""
    shutil.copytree(first_run.folder, tmp_path / "copy", symlinks=True)
    return first_run.moved_to(tmp_path / "copy")


def first_area(project):
    annotations = project.json("annotations_all.json")["annotations"]
    return next(record["area"] for record in annotations if record["id"] == 1)


def test_source_replaced_by_an_older_file(project, forgets):
    write_table(project.folder / "old.csv", other_rows())
    os.utime(project.folder / "old.csv", (10**9, 10**9))
    forgets(project)
    shutil.copy2(project.folder / "old.csv", project.source)
    project.run(WHOLE)
    assert first_area(project) == 15
    assert "Nothing to be done" in project.run(WHOLE)


def test_source_of_the_same_size_and_date(project, forgets):
    before = project.source.stat()
    rows = tiny_rows()
    rows[0]["annotation"] = rows[0]["annotation"].replace("1 4", "2 4", 1)
    forgets(project)
    project.write_source(rows)
    os.utime(project.source, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert project.source.stat().st_size == before.st_size
    project.run(WHOLE)
    boxes = [r["bbox"] for r in project.json("annotations_all.json")["annotations"]]
    assert [0, 0, 5, 5] in boxes


def test_there_and_back(project, forgets):
    for rows, area in ((other_rows(), 15), (tiny_rows(), 20), (other_rows(), 15)):
        project.write_source(rows)
        os.utime(project.source, (10**9, 10**9))
        forgets(project)
        project.run(WHOLE)
        assert first_area(project) == area


def test_results_of_tomorrow(project, forgets):
    """As on a machine whose clock is wrong."""
    tomorrow = time.time() + 86400
    for path in project.results.rglob("*"):
        os.utime(path, (tomorrow, tomorrow))
    forgets(project)
    project.write_source(other_rows())
    project.run(WHOLE)
    assert first_area(project) == 15


def test_compressed_source(new_tiny_project, forgets):
    project = new_tiny_project(tiny_rows(), annotations="train.csv.gz", n_previews=0)

    def compress(rows):
        project.write_source(rows)
        packed = project.folder / "train.csv.gz"
        packed.write_bytes(gzip.compress(project.source.read_bytes()))
        os.utime(packed, (10**9, 10**9))

    compress(tiny_rows())
    project.run(WHOLE)
    forgets(project)
    compress(other_rows())
    project.run(WHOLE)
    assert first_area(project) == 15


EDITS = [
    {"categories": ["thin", "round"]},
    {"rename_categories": {"thin": "slim"}},
    {"image_ids": "source"},
    {"min_area": 25},
]


def test_settings(project, forgets, new_tiny_project):
    """Each edit gives what a first run with these settings gives."""
    other = new_tiny_project(tiny_rows(), n_previews=1, images_dir=None)
    for settings in EDITS:
        forgets(project)
        project.run(WHOLE, **settings)
        shutil.rmtree(other.results, ignore_errors=True)
        other.run(WHOLE, **settings)
        made, expected = (
            (p.results / "annotations_all.json").read_bytes() for p in (project, other)
        )
        assert made == expected


def test_stratify(project, forgets):
    folds = "results/image-k3-seed221/folds.csv"
    project.run(folds)
    balanced = (project.folder / folds).read_bytes()
    forgets(project)
    project.run(folds, stratify="most_frequent")
    assert (project.folder / folds).read_bytes() != balanced
    forgets(project)
    project.run(folds)
    assert (project.folder / folds).read_bytes() == balanced


def test_two_settings_that_swap_their_values(new_tiny_project, forgets):
    """Snakemake compares the values of parameters, whatever these are called."""
    rows = [{**row, "other": row["cell_type"] + "s"} for row in tiny_rows()]
    project = new_tiny_project(rows, n_previews=0)

    def names(category_column, group_column):
        dialect = {
            "image_column": "id",
            "runs_column": "annotation",
            "order": "row",
            "category_column": category_column,
            "width_column": "width",
            "height_column": "height",
        }
        project.run(WHOLE, dialect=dialect, group_column=group_column)
        categories = project.json("annotations_all.json")["categories"]
        return [category["name"] for category in categories]

    assert names("cell_type", "other") == ["round", "thin"]
    forgets(project)
    assert names("other", "cell_type") == ["rounds", "thins"]


def test_sources_in_another_order(new_tiny_project, forgets):
    project = new_tiny_project(tiny_rows(), annotations=["a.csv", "b.csv"])
    write_table(project.folder / "a.csv", tiny_rows()[:3] + tiny_rows()[6:9])
    write_table(project.folder / "b.csv", tiny_rows()[3:6] + tiny_rows()[9:12])
    project.run(WHOLE, n_previews=0)
    forgets(project)
    project.run(WHOLE, n_previews=0, annotations=["b.csv", "a.csv"])
    names = [i["file_name"] for i in project.json("annotations_all.json")["images"]]
    assert names[0] == "train/image-3.png"


def test_preset_edited(new_project_with_code, forgets):
    project = new_project_with_code(annotations="train.csv", n_folds=3, n_previews=0)
    project.write_source(tiny_rows())
    project.run(WHOLE)
    forgets(project)
    preset = project.folder / "workflow/dialects/sartorius-2021.yaml"
    preset.write_text(preset.read_text().replace("train/{id}.png", "new/{id}.png"))
    project.run(WHOLE)
    names = [i["file_name"] for i in project.json("annotations_all.json")["images"]]
    assert names[0] == "new/image-6.png"


def test_previews_of_another_number(project, forgets):
    assert len(project.table("previews.csv")) == 2
    forgets(project)
    project.run(n_previews=2)
    assert len(project.table("previews.csv")) == 4


def test_record_is_read_again_once_it_is_lost(project):
    shutil.rmtree(project.results / "made_from")
    project.run()
    assert "Nothing to be done" in project.run()


def test_record_that_is_damaged(project):
    for text in ("", "[]", '{"settings": 1, "sources": 7}'):
        (project.results / "made_from/index.json").write_text(text)
        project.run(WHOLE)
    assert first_area(project) == 20


# A source that changes during a run


@pytest.fixture
def project_with_a_hook(new_project_with_code):
    """A project in which `next.csv` takes the place of the source at some code."""

    def make(script, code):
        project = new_project_with_code(
            annotations="train.csv", n_folds=3, n_previews=0
        )
        project.write_source(tiny_rows())
        path = project.folder / "scripts" / script
        before, found, after = path.read_text().partition(code)
        assert found
        indent = " " * (len(code) - len(code.lstrip()))
        hook = (
            "from pathlib import Path;"
            " Path('next.csv').exists() and Path('next.csv').replace('train.csv')"
        )
        path.write_text(f"{before}{indent}{hook}\n{found}{after}")
        return project

    return make


@pytest.mark.parametrize(
    ("script", "code", "is_noticed"),
    [
        # It is read from the beginning, and so as it is now.
        ("index.py", "given, params, output =", False),
        ("cocofolds/dataset/source_index.py", "        index = index_source(", True),
        ("check_annotations.py", "given, params =", True),
    ],
)
def test_source_replaced_during_a_run(project_with_a_hook, script, code, is_noticed):
    project = project_with_a_hook(script, code)
    write_table(project.folder / "next.csv", other_rows())
    said = project.run("results/checks.json", fails=is_noticed)
    assert ("Error: train.csv: it changed" in said) == is_noticed
    assert "against annotation" not in said
    project.run("results/checks.json")
    assert first_area(project) == 15
    assert "Nothing to be done" in project.run("results/checks.json")
    # Back to what the first record says.
    project.write_source(tiny_rows())
    os.utime(project.source, (10**9, 10**9))
    forget(project)
    project.run("results/checks.json")
    assert first_area(project) == 20


def test_image_files_that_come_later(new_tiny_project):
    project = new_tiny_project(tiny_rows(), images_dir="images", n_previews=0)
    (project.folder / "images").mkdir()
    assert "Images without a file: 6 of 6" in project.run(WHOLE)
    (project.folder / "images" / "a").mkdir()
    (project.folder / "images" / "a" / "image-6.png").touch()
    assert "Images without a file: 5 of 6" in project.run(WHOLE)
    images = project.json("annotations_all.json")["images"]
    assert images[0]["file_name"] == "a/image-6.png"
    assert "Nothing to be done" in project.run(WHOLE)


# Without the source


def test_without_the_source(project):
    project.source.unlink()
    project.run_as_is("--unlock")
    project.run_as_is("--report", "report.html")
    project.run_as_is("--summary")
    assert "Nothing to be done" in project.run()
    said = project.run(fails=True, min_area=25)
    assert "config: annotations: there is no file 'train.csv' in" in said
    said = project.run(fails=True, annotations="trian.csv")
    assert "config: annotations: there is no file 'trian.csv' in" in said


# Damage to what was made


def test_names_swapped_in_the_index(project):
    path = project.results / "index/images.csv"
    text = path.read_text()
    path.write_text(
        text.replace("train/image-5.png", "x")
        .replace("train/image-6.png", "train/image-5.png")
        .replace('"x"', '"train/image-6.png"')
    )
    assert path.read_text() != text
    said = project.run(fails=True)
    assert "file name" in said
    for name in ("index", "shards"):
        assert f"results/{name}" in said
        shutil.rmtree(project.results / name)
    (project.results / "annotations_all.json").unlink()
    project.run()
    assert path.read_text() == text


def test_file_of_a_fold_edited(project):
    path = project.results / SPLIT / "annotations_train_fold_1.json"
    text = path.read_text()
    path.write_text(text.replace('"licenses":[]', '"licenses":[{"id":1}]'))
    assert path.read_text() != text
    said = project.run(fails=True)
    name = f"results/{SPLIT}/annotations_train_fold_1.json"
    assert f"{name}: its 'licenses' is not what it should be. Delete the file" in said
    path.unlink()
    project.run()
    assert path.read_text() == text
