"""What cocofolds clean takes for the workflow's, beside files of the user's."""

import json
import os
import time
from pathlib import Path, PurePosixPath

import pytest
from results_tree import make_data_set, make_split, sha256, write

from cocofolds.output import leftovers
from cocofolds.output.folders import write_among, write_record
from cocofolds.output.leftovers import find_leftovers, remove
from cocofolds.output.results import Split, split_named

OLD = "image-k3-seed7"
SHARD = ("records", "offsets.npy", "stretches.csv", "sha256")
TABLE = [["a", (1, 1), (1, 1), (1, 1)]]


@pytest.fixture
def results(tmp_path):
    """A split that is named, one that is not, and the whole set."""
    results = tmp_path / "results"
    make_data_set(results, write(tmp_path / "train.csv"))
    make_split(results, "image-k2-seed1", [["a", (1, 1), (1, 1)]])
    make_split(results, OLD, TABLE)
    write(results / "report.html")
    return results


def find(results, named=("image-k2-seed1",), shards=("00001",), previews=("cell-1",)):
    return find_leftovers(results, named, shards, previews)


def paths_in(folder):
    return {str(p.relative_to(folder)) for p in folder.rglob("*")}


def found(results):
    return {str(file.path.relative_to(results)) for file in find(results).files}


def kept(results):
    return {str(path.relative_to(results)) for path in find(results).kept}


def clean(results):
    assert remove(find(results).files, results) == {}


def make_archive(results):
    write(results / f"{OLD}.zip")
    write(results / OLD / ".archive.json", "{}")


def make_yolo(results, fold=1):
    """Write a data set as the rule does: links, their list, data.yaml and a record."""
    folder = results / OLD / "yolo" / f"fold_{fold}"
    links = [PurePosixPath("images/train/a.png"), PurePosixPath("labels/train/a.txt")]
    write_among(
        folder, links, ((p, lambda at: at.symlink_to("/nowhere")) for p in links)
    )
    write(folder / "data.yaml")
    write_record(folder / ".complete.json", [str(results / "annotations_all.json")])
    return folder


def test_split_names():
    assert split_named("group-k10000-seed0") == Split("group", 10000, 0)
    for name in (
        *("image-k1-seed1", "image-k10001-seed1", "image-k05-seed1", "image-k5-seed01"),
        *(
            "image-k5-seed1.zip",
            "image-k5-seed1\n",
            "images-k5-seed1",
            "image-k5-seed\N{ARABIC-INDIC DIGIT ONE}",
        ),
    ):
        assert split_named(name) is None
    assert Split("image", 5, 7).name == "image-k5-seed7"


def test_split_that_is_not_named(results):
    before = paths_in(results)
    of_split = {path for path in before if OLD in path}
    make_archive(results)
    make_yolo(results)
    make_yolo(results, 3)
    assert kept(results) == set()
    clean(results)
    assert paths_in(results) == before - of_split
    assert find(results) == ([], [])


def test_all_splits_are_named(results):
    make_archive(results)
    make_yolo(results)
    assert find(results, named=("image-k2-seed1", OLD)) == ([], [])


def test_leftovers_say_size_and_are_sorted(results):
    files = find(results).files
    assert [file.path for file in files] == sorted(file.path for file in files)
    assert {file.size for file in files} >= {1}
    assert all(file.size == file.path.stat().st_size for file in files)


def test_logs_of_a_split_whose_folder_is_gone(results):
    for path in sorted((results / OLD).rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (results / OLD).rmdir()
    clean(results)
    assert not any(OLD in path for path in paths_in(results))


USERS = [
    "notes.txt",
    "annotations_train_fold_4.json",
    "annotations_val_fold_0.json",
    "annotations_train_fold_1.json.bak",
    "annotations_test_fold_1.json",
    "folds (copy).csv",
    "Folds.csv",
    "plots/mine.svg",
    "plots/.DS_Store",
    "weights/best.pt",
    "yolo/fold_1/runs/train/weights/best.pt",
    "yolo/fold_1/images/train/mine.png",
    "yolo/fold_1/labels/train.cache",
    "yolo/fold_4/data.yaml",
    "yolo/data.yaml",
    ".ipynb_checkpoints/folds.csv",
]


@pytest.mark.parametrize("name", USERS)
def test_files_of_the_user_in_the_folder_of_a_split(results, name):
    make_yolo(results)
    path = write(results / OLD / name, "mine")
    assert kept(results) == {f"{OLD}/{name}"}
    clean(results)
    assert path.read_text() == "mine"
    assert {p for p in (results / OLD).rglob("*") if not p.is_dir()} == {path}


@pytest.mark.parametrize(
    "name",
    [
        *("logs/image-k3-seed7/mine.log", "benchmarks/image-k3-seed7/assign_folds.txt"),
        *("logs/mine.log", "mine.json", "preview/mine.png", "preview/1.png"),
        *(
            "shards/mine.jsonl",
            "shards/00002.txt",
            "shards/2.records",
            "report/mine.html",
        ),
        *("image-k3-seed7 copy/folds.csv", "image-k3-seed07/folds.csv"),
        *(
            "my-image-k3-seed7/folds.csv",
            "yolo/labels/mine.txt",
            "report/previews/1.png",
        ),
    ],
)
def test_files_of_the_user_elsewhere(results, name):
    path = write(results / name, "mine")
    assert name not in found(results)
    clean(results)
    assert path.read_text() == "mine"


def test_folder_in_the_place_of_a_file(results):
    (results / OLD / "folds.csv").unlink()
    path = write(results / OLD / "folds.csv" / "mine.txt")
    clean(results)
    assert path.exists()


def test_pipe_in_the_place_of_a_file(results):
    (results / OLD / "folds.csv").unlink()
    os.mkfifo(results / OLD / "folds.csv")
    clean(results)
    assert [*(results / OLD).iterdir()] == [results / OLD / "folds.csv"]


def test_folder_of_results_is_kept(tmp_path):
    results = tmp_path / "project" / "results"
    path = write(results / OLD / "folds.csv")
    clean(results)
    assert not path.parent.exists()
    assert results.exists()


def test_empty_folder_of_the_user(results):
    (results / OLD / "mine").mkdir()
    clean(results)
    assert [*(results / OLD).iterdir()] == [results / OLD / "mine"]


def test_link_in_the_place_of_a_file(results, tmp_path):
    other = write(tmp_path / "folds.csv", "mine")
    (results / OLD / "folds.csv").unlink()
    (results / OLD / "folds.csv").symlink_to(other)
    assert kept(results) == {f"{OLD}/folds.csv"}
    clean(results)
    assert other.read_text() == "mine"
    assert (results / OLD / "folds.csv").is_symlink()


@pytest.mark.parametrize(
    "name", ["", "/plots", "/yolo", "/yolo/fold_1", "/yolo/fold_1/labels/train"]
)
def test_folder_that_is_a_link(results, tmp_path, name):
    """Such as one that was moved to another disk."""
    name = f"{OLD}{name}"
    make_yolo(results)
    (results / name).rename(tmp_path / "elsewhere")
    (results / name).symlink_to(tmp_path / "elsewhere")
    before = paths_in(tmp_path / "elsewhere")
    assert kept(results) == {name}
    clean(results)
    assert paths_in(tmp_path / "elsewhere") == before
    assert (results / name).is_symlink()


def test_logs_that_are_a_link(results, tmp_path):
    (results / "logs").rename(tmp_path / "logs")
    (results / "logs").symlink_to(tmp_path / "logs")
    before = paths_in(tmp_path / "logs")
    clean(results)
    assert paths_in(tmp_path / "logs") == before


def test_results_that_are_a_link(results, tmp_path):
    results.rename(tmp_path / "disk")
    results.symlink_to(tmp_path / "disk")
    clean(results)
    assert not (results / OLD).exists()
    assert (results / "image-k2-seed1" / "folds.csv").exists()


def test_archive_without_a_record(results):
    write(results / f"{OLD}.zip", "mine")
    assert kept(results) == {f"{OLD}.zip"}
    clean(results)
    assert (results / f"{OLD}.zip").read_text() == "mine"


def test_data_set_without_its_list(results):
    folder = make_yolo(results)
    (folder / ".made_by_cocofolds").unlink()
    assert all(path.startswith(f"{OLD}/yolo/fold_1/") for path in kept(results))
    clean(results)
    assert (folder / "data.yaml").exists()


def test_link_of_a_data_set_that_was_replaced(results):
    path = make_yolo(results) / "images" / "train" / "a.png"
    path.unlink()
    path.write_text("mine")
    assert kept(results) == {str(path.relative_to(results))}
    clean(results)
    assert path.read_text() == "mine"


def test_list_that_names_files_elsewhere(results, tmp_path):
    mine = write(tmp_path / "mine.txt", "mine")
    folder = make_yolo(results)
    made = json.loads((folder / ".made_by_cocofolds").read_text())
    digest = sha256(mine)
    made |= {"../../../../mine.txt": digest, str(mine): digest}
    (folder / ".made_by_cocofolds").write_text(json.dumps(made))
    clean(results)
    assert mine.exists()
    assert not folder.exists()


def test_shards_that_are_not_in_the_index(results):
    shards = ["00001", "00002", "123456"]
    for name in shards:
        for ending in SHARD:
            write(results / "shards" / f"{name}.{ending}")
        write(results / "logs" / "encode_shard" / f"{name}.log")
    clean(results)
    assert paths_in(results / "shards") == {f"00001.{ending}" for ending in SHARD}
    assert paths_in(results / "logs" / "encode_shard") == {"00001.log"}


def test_records_of_older_versions(results):
    write(results / "shards" / "00001.jsonl")
    clean(results)
    assert not (results / "shards").exists()


def test_fingerprints_of_shards_that_are_not_in_the_index(results):
    made = {
        "fingerprints": "csv", "logs/fingerprint": "log",
        "benchmarks/fingerprint": "tsv", "made_from/image_files": "json",
    }  # fmt: skip
    for folder, ending in made.items():
        for name in ("00001", "00002"):
            write(results / folder / f"{name}.{ending}")
    write(results / "fingerprints" / "00002.npy")
    write(results / "fingerprints" / "mine.csv")
    clean(results)
    assert paths_in(results / "fingerprints") == {"00001.csv", "mine.csv"}
    for folder, ending in [*made.items()][1:]:
        assert paths_in(results / folder) == {f"00001.{ending}"}


def test_no_index(results):
    """Nobody knows then which shards and previews there can be."""
    path = write(results / "shards" / "00002.records")
    record = write(results / "preview" / ".old.json")
    files = find(results, shards=None, previews=None).files
    assert not {path, record} & {file.path for file in files}


def test_previews_of_images_that_are_gone(results):
    record = json.dumps({"results/annotations_all.json": "0"})
    mine = [write(results / "preview" / name, "{}") for name in (".my.json", "my.png")]
    for name in ("cell-1", "7"):
        write(results / "preview" / f"{name}.png")
        write(results / "preview" / f".{name}.json", record)
        write(results / "logs" / "preview" / f"{name}.log")
    write(results / "preview" / "8.png")
    clean(results)
    # A hidden file of another kind says nothing of the picture beside it.
    assert all(path.exists() for path in mine)
    mine[0].unlink()
    mine[1].unlink()
    assert paths_in(results / "preview") == {"cell-1.png", ".cell-1.json", "8.png"}
    assert paths_in(results / "logs" / "preview") == {"cell-1.log"}


def make_output_folder(folder, names):
    """Make a folder as Snakemake leaves one that is the output of a job."""
    for name in names:
        write(folder / name)
    time.sleep(0.02)
    write(folder / ".snakemake_timestamp", "")
    time.sleep(0.02)


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("preview", ["1.png", "12.png"]),
        ("yolo/labels", ["a.txt", "below/b.txt"]),
        ("image-k2-seed1/yolo/fold_1", ["data.yaml", "images/train/a.png"]),
        ("report/previews", ["1.png", "12.png"]),
    ],
)
def test_folders_of_older_versions(results, tmp_path, name, names):
    """There, folders were outputs; what a user put there later has another date."""
    folder = results / name
    make_output_folder(folder, names)
    mine = [write(folder / "mine.txt", "mine"), write(tmp_path / "old.jpg", "mine")]
    os.utime(mine[1], (1, 1))
    mine[1] = mine[1].rename(folder / "old.jpg")
    assert {
        str(Path(path).relative_to(name)) for path in found(results) if name in path
    } == {
        *names,
        ".snakemake_timestamp",
    }
    clean(results)
    assert {*folder.rglob("*")} == {*mine}


def test_file_of_an_older_version(results):
    write(results / "annotations_all.npy")
    clean(results)
    assert "annotations_all.npy" not in paths_in(results)


def test_files_of_older_versions_that_changed(results):
    make_output_folder(results / "yolo" / "labels", ["a.txt", "b.txt"])
    write(results / "yolo" / "labels" / "a.txt", "mine")
    clean(results)
    assert paths_in(results / "yolo" / "labels") == {"a.txt"}


def test_folder_of_an_older_version_that_is_a_link(results, tmp_path):
    make_output_folder(tmp_path / "labels", ["a.txt"])
    (results / "yolo").mkdir()
    (results / "yolo" / "labels").symlink_to(tmp_path / "labels")
    clean(results)
    assert paths_in(tmp_path / "labels") == {"a.txt", ".snakemake_timestamp"}


def test_file_that_changes_before_it_is_removed(results):
    files = find(results).files
    path = write(results / OLD / "folds.csv", "mine")
    problems = remove(files, results)
    assert problems == {path: "it has changed since it was listed"}
    assert path.read_text() == "mine"


def test_file_that_is_gone_before_it_is_removed(results):
    files = find(results).files
    (results / OLD / "folds.csv").unlink()
    assert [*remove(files, results)] == [results / OLD / "folds.csv"]
    assert not (results / OLD).exists()


def test_file_that_cannot_be_removed(results, monkeypatch):
    """As in a folder that is read-only; root may write there all the same."""
    unlink = Path.unlink

    def refuse(path, *arguments, **named):
        if path.name == "checks.json":
            raise PermissionError(13, "Permission denied", str(path))
        unlink(path, *arguments, **named)

    monkeypatch.setattr(leftovers.Path, "unlink", refuse)
    path = results / OLD / "checks.json"
    assert remove(find(results).files, results) == {path: "Permission denied"}
    assert [*(results / OLD).iterdir()] == [path]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_that_is_read_only(results):
    folder = results / OLD
    folder.chmod(0o555)
    try:
        problems = remove(find(results).files, results)
    finally:
        folder.chmod(0o755)
    assert problems[folder / "folds.csv"] == "Permission denied"
    assert (folder / "folds.csv").exists()


def test_no_results(tmp_path):
    assert find(tmp_path / "results") == ([], [])
