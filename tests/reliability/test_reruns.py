"""An edit runs the jobs that it needs, and no other.

A job is named by its log: `index`, `encode_shard/00002`.
"""

import json
import os
import shutil

import pytest
from PIL import Image

from tables import SAMPLE, read_table, write_table

SETTINGS = {"annotations": "train.csv", "images_per_shard": 6, "n_folds": 3}
# It shows all settings and all splits.
PAGE = {"report_page"}
SHARDS = {f"encode_shard/0000{shard}" for shard in (1, 2, 3, 4, 5)}
COMPARED = {"find_duplicates"}
FINGERPRINTS = {f"fingerprint/0000{shard}" for shard in (1, 2, 3, 4, 5)} | COMPARED


def checked(name="image-k3-seed221"):
    """Name the jobs that check a split and draw it."""
    return {f"{name}/check_split", f"{name}/plot_split"} | PAGE


def split(name="image-k3-seed221", n_folds=3):
    """Name the jobs that put the files of a split together, check and draw them."""
    jobs = {f"{name}/assemble_fold_{fold}" for fold in range(1, n_folds + 1)}
    return jobs | checked(name)


def dealt(name="image-k3-seed221", n_folds=3):
    return split(name, n_folds) | {f"{name}/assign_folds"}


DRAWN = {"draw_previews"} | PAGE
WHOLE = {"assemble_all", "check_annotations"} | DRAWN
REASSEMBLED = WHOLE | split()
ALL = {"index"} | SHARDS | REASSEMBLED | dealt() | FINGERPRINTS


def ends_of_jobs(project):
    """When each job ended last, as Snakemake has recorded it."""
    records = [
        json.loads(path.read_bytes())
        for path in (project.folder / ".snakemake/metadata").rglob("*")
        if path.is_file()
    ]
    return {record["log"][0]: record["endtime"] for record in records}


def jobs_of_run(project, *arguments, **settings):
    """Run once more and name the jobs that ran."""
    before = ends_of_jobs(project)
    project.run(*arguments, **settings)
    return {
        log.removeprefix("results/logs/").removesuffix(".log")
        for log, end in ends_of_jobs(project).items()
        if before.get(log) != end
    }


@pytest.fixture(scope="module")
def first_run(new_project_with_code):
    project = new_project_with_code(**SETTINGS)
    shutil.copyfile(SAMPLE, project.source)
    project.run()
    assert {log.split("/logs/")[1][:-4] for log in ends_of_jobs(project)} == ALL
    return project


@pytest.fixture
def project(first_run, tmp_path):
    """A project that has run, in a folder of its own."""
    shutil.copytree(first_run.folder, tmp_path / "copy", symlinks=True)
    return first_run.moved_to(tmp_path / "copy")


def append(path, text):
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def edit_source(project, edit):
    rows = read_table(project.source)
    edit(rows)
    write_table(project.source, rows)


def test_no_edit_and_another_folder(project):
    assert jobs_of_run(project) == set()


@pytest.mark.parametrize(
    ("key", "value", "name", "n_folds"),
    [
        ("seed", 7, "image-k3-seed7", 3),
        ("n_folds", 2, "image-k2-seed221", 2),
        ("split_by", "annotation", "annotation-k3-seed221", 3),
    ],
)
def test_another_split_and_back(project, key, value, name, n_folds):
    assert jobs_of_run(project, **{key: value}) == dealt(name, n_folds)
    assert jobs_of_run(project) == PAGE


def test_stratify(project):
    assert jobs_of_run(project, stratify="most_frequent") == dealt()
    assert jobs_of_run(project) == dealt()


def test_duplicates(project):
    assert jobs_of_run(project, duplicates="group") == COMPARED | dealt()
    assert jobs_of_run(project) == COMPARED | dealt()
    assert jobs_of_run(project, duplicates="off") == PAGE
    assert jobs_of_run(project) == PAGE


def test_an_image_file(project):
    """Of its own, since the folder of the sample is only linked."""
    data = project.folder / "data"
    data.unlink()
    shutil.copytree(SAMPLE.parents[1], data)
    # Copied with their dates, they are as they were.
    assert jobs_of_run(project) == set()
    [row] = [
        row
        for row in project.table("index/images.csv")
        if row["source_id"] == read_table(project.source)[700]["id"]
    ]
    with Image.open(data / "sample" / row["file_name"]) as image:
        other = image.rotate(180)
    other.save(data / "sample" / row["file_name"])
    jobs = {f"fingerprint/{row['shard']}"} | COMPARED | PAGE
    assert jobs_of_run(project) == jobs
    assert jobs_of_run(project) == set()
    # A file of another date is looked at again.
    os.utime(data / "sample" / row["file_name"])
    assert jobs_of_run(project) == jobs


def test_a_second_seed(project):
    assert jobs_of_run(project, seed=[221, 7]) == dealt("image-k3-seed7")


def test_a_hold_out_and_back(project):
    name = "image-k3-seed221-test0.2"
    held_out = dealt(name) | {f"{name}/assemble_test"}
    assert jobs_of_run(project, test_fraction=0.2) == held_out
    assert jobs_of_run(project) == PAGE


@pytest.mark.parametrize(
    "settings", [{"balance": ["images"]}, {"groups_missing": "alone"}], ids=str
)
def test_what_folds_follow_from(project, settings):
    assert jobs_of_run(project, **settings) == dealt()


def test_folds_that_are_given(project):
    path = project.folder / "mine.csv"
    folds = project.results / "image-k3-seed221/folds.csv"
    shutil.copyfile(folds, path)
    assert jobs_of_run(project, folds_file="mine.csv") == dealt()
    # Another date says nothing, another content does.
    os.utime(path)
    assert jobs_of_run(project, folds_file="mine.csv") == set()
    append(path, "\n")
    assert jobs_of_run(project, folds_file="mine.csv") == dealt()
    path.unlink()
    assert jobs_of_run(project, folds_file="mine.csv") == set()


def test_an_image_and_a_category_left_out(project):
    first = read_table(project.source)[0]["id"]
    jobs = jobs_of_run(project, exclude_images=[first])
    changed = {"encode_shard/00001", "fingerprint/00001"} | COMPARED
    assert jobs == {"index"} | changed | WHOLE | dealt()
    jobs = jobs_of_run(project, exclude_categories=["astro"])
    assert (
        jobs
        == {"index"} | SHARDS | REASSEMBLED | dealt() | {"fingerprint/00001"} | COMPARED
    )


def test_categories_in_another_order(project):
    categories = ["shsy5y", "cort", "astro"]
    jobs = jobs_of_run(project, categories=categories)
    assert jobs == {"index"} | SHARDS | REASSEMBLED


def test_file_name(project):
    jobs = jobs_of_run(project, file_name="images/{id}.jpg")
    assert jobs == {"index"} | WHOLE | dealt() | FINGERPRINTS


def test_group_column(project):
    jobs = jobs_of_run(project, group_column="sample_id")
    assert jobs == {"index"} | WHOLE | dealt() | COMPARED


def test_images_per_shard(project):
    jobs = jobs_of_run(project, images_per_shard=12)
    of_shards = ("encode_shard", "fingerprint")
    assert jobs == ALL - {f"{job}/0000{n}" for job in of_shards for n in (4, 5)}


def test_more_previews(project):
    assert jobs_of_run(project, n_previews=7) == DRAWN
    assert jobs_of_run(project, n_previews=0) == PAGE


def test_renamed_category(project):
    jobs = jobs_of_run(project, rename_categories={"astro": "Astrocyte"})
    assert jobs == ALL - FINGERPRINTS | COMPARED


def test_smallest_mask_left_out(project):
    annotations = project.json("annotations_all.json")["annotations"]
    areas = {record["id"]: record["area"] for record in annotations}
    smallest = min(areas.values())
    shards = {
        f"encode_shard/{shard_of_row(project, number - 1)}"
        for number, area in areas.items()
        if area == smallest
    }
    assert shards < SHARDS
    jobs = jobs_of_run(project, min_area=smallest + 1)
    assert jobs == {"index"} | shards | WHOLE | dealt()


def test_rows_that_would_be_skipped(project):
    assert jobs_of_run(project, on_invalid="skip") == {"index"} | PAGE


def test_image_ids(project):
    assert jobs_of_run(project, image_ids="source") == SHARDS | REASSEMBLED


# What has more bytes is large: digests, and not dates, say what is made again of it.
LARGE = ("--max-checksum-file-size", "800")


@pytest.mark.parametrize("arguments", [(), LARGE], ids=["small", "large"])
@pytest.mark.parametrize("split_by", ["image", "annotation"])
def test_one_mask(project, split_by, arguments):
    project.run(*arguments, split_by=split_by)
    large = project.results / "index" / "images.csv"
    assert large.stat().st_size > 800

    def drop_last_run(rows):
        rows[700]["annotation"] = rows[700]["annotation"].rsplit(maxsplit=2)[0]

    edit_source(project, drop_last_run)
    jobs = jobs_of_run(project, *arguments, split_by=split_by)
    shard = f"encode_shard/{shard_of_row(project, 700)}"
    assert jobs == {"index", shard} | WHOLE | split(f"{split_by}-k3-seed221")


def shard_of_row(project, place):
    source_id = read_table(project.source)[place]["id"]
    images = read_table(project.results / "index/images.csv")
    [shard] = {row["shard"] for row in images if row["source_id"] == source_id}
    return shard


def test_a_new_image(project):
    edit_source(project, lambda rows: rows.append({**rows[-1], "id": "new"}))
    jobs = jobs_of_run(project)
    new = {"encode_shard/00006", "fingerprint/00006"}
    assert jobs == {"index"} | new | WHOLE | dealt() | COMPARED


def test_a_row_less(project):
    shard = shard_of_row(project, 700)
    edit_source(project, lambda rows: rows.pop(700))
    jobs = jobs_of_run(project)
    renumbered = {job for job in SHARDS if job >= f"encode_shard/{shard}"}
    assert renumbered < SHARDS
    assert jobs == {"index"} | WHOLE | renumbered | dealt()


@pytest.mark.parametrize("arguments", [(), LARGE], ids=["small", "large"])
def test_source_touched(project, arguments):
    os.utime(project.source)
    assert jobs_of_run(project, *arguments) == set()


def test_words_that_make_nothing(project):
    for name in ("README.md", "workflow/schemas/config.schema.yaml"):
        append(project.folder / name, "\n# A comment.\n")
    project.run()
    append(project.folder / "config.yaml", "# A comment.\n")
    before = ends_of_jobs(project)
    project.run_as_is()
    assert ends_of_jobs(project) == before


@pytest.mark.parametrize(
    ("code", "jobs"),
    [
        ("scripts/cocofolds/masks/encoding.py", SHARDS | REASSEMBLED),
        ("scripts/cocofolds/output/annotation_records.py", SHARDS | REASSEMBLED),
        ("scripts/encode_shard.py", SHARDS | REASSEMBLED),
        ("scripts/cocofolds/folds/assignment.py", dealt()),
        ("scripts/cocofolds/folds/balanced.py", dealt()),
        ("scripts/cocofolds/folds/most_frequent.py", dealt()),
        ("scripts/assign_folds.py", dealt()),
        ("scripts/cocofolds/output/coco_json.py", REASSEMBLED),
        (
            "scripts/cocofolds/checks/annotations.py",
            {"check_annotations"} | DRAWN | checked(),
        ),
        ("scripts/cocofolds/checks/splits.py", checked()),
        ("scripts/cocofolds/report/plots.py", {"image-k3-seed221/plot_split"}),
        ("scripts/cocofolds/report/previews.py", DRAWN | COMPARED),
        ("scripts/cocofolds/report/legend.py", DRAWN | COMPARED),
        ("scripts/cocofolds/copies/fingerprints.py", FINGERPRINTS | PAGE),
        ("scripts/cocofolds/copies/pairs.py", COMPARED | PAGE),
        ("scripts/cocofolds/copies/names.py", dealt()),
        ("scripts/cocofolds/folds/balance.py", dealt()),
        ("scripts/cocofolds/folds/quality.py", dealt()),
        ("scripts/cocofolds/report/page.py", PAGE),
    ],
)
def test_code(project, code, jobs):
    append(project.folder / code, "\nADDED = 1\n")
    assert jobs_of_run(project) == jobs


@pytest.mark.parametrize("code", ["cocofolds/errors.py", "cocofolds/files.py"])
def test_words_beside_the_code(project, code):
    path = project.folder / "scripts" / code
    text = path.read_text(encoding="utf-8")
    assert text.startswith('"""')
    path.write_text(f'"""Also: {text[3:]}\n# A comment.\n', encoding="utf-8")
    assert jobs_of_run(project) == set()


@pytest.mark.parametrize(
    "name", ["page.html.jinja", "marks.html.jinja", "page.css", "page.js"]
)
def test_what_the_page_is_made_of(project, name):
    path = project.folder / "scripts/cocofolds/report" / name
    append(path, "\n")
    assert jobs_of_run(project) == PAGE


@pytest.mark.parametrize(
    ("output", "jobs"),
    [
        ("image-k3-seed221/checks.json", checked()),
        (
            "image-k3-seed221/plots/masks_per_image.svg",
            {"image-k3-seed221/plot_split"},
        ),
        ("report.html", PAGE),
        ("preview", DRAWN),
        ("report/gallery.json", DRAWN),
        ("rejected.csv", {"index"}),
        ("duplicates.csv", COMPARED | PAGE),
        ("index/rows", {"index"}),
        # What is written again is checked again.
        (
            "image-k3-seed221/annotations_val_fold_2.json",
            {"image-k3-seed221/assemble_fold_2"} | checked(),
        ),
        ("annotations_all.json", WHOLE | checked()),
        # Not made again before something needs it.
        ("shards/00002.records", set()),
    ],
)
def test_output_deleted(project, output, jobs):
    path = project.results / output
    contents = path.read_bytes() if path.is_file() else None
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert jobs_of_run(project) == jobs
    assert contents is None or not jobs or path.read_bytes() == contents
