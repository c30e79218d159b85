"""The same input gives the same bytes, wherever and however the workflow runs."""

import gzip
import hashlib
import shutil
from pathlib import Path

import pytest

from tables import SAMPLE

# It shows the settings, of which some make no difference to any other file.
PAGE = "report.html"
SETTINGS = {
    "annotations": "train.csv",
    "n_folds": 3,
    "test_fraction": 0.2,
    "balance": ["images", "annotations", "area"],
}


def digests(project):
    """SHA-256 of every file that a user gets, by its path below results."""
    split = project.results / "image-k3-seed221-test0.2"
    files = [project.results / "annotations_all.json", *split.rglob("*.*")]
    files.append(project.results / PAGE)
    files += [*project.results.glob("preview/*.png"), project.results / "previews.csv"]
    files += [project.results / "report/gallery.json"]
    files += [project.results / "duplicates.csv"]
    return {
        str(path.relative_to(project.results)): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in files
    }


@pytest.fixture(scope="module")
def expected(new_project):
    project = new_project(**SETTINGS)
    shutil.copyfile(SAMPLE, project.source)
    project.run(cores=1)
    found = digests(project)
    # Of six images of each of three categories, some show two.
    n_plots, n_previews = 4, 15
    assert len(found) == 1 + 2 * 3 + 1 + 5 + n_plots + n_previews + 4
    return found


def other_folder(project):
    """Move a project deeper, to a path with a blank and an umlaut."""
    deeper = project.folder / "a deeper" / "ordner-ü"
    deeper.mkdir(parents=True)
    shutil.copyfile(project.source, deeper / "train.csv")
    # The previews are of these images.
    (deeper / "data").symlink_to(project.folder / "data", target_is_directory=True)
    return project.moved_to(deeper)


@pytest.mark.parametrize(
    "circumstances",
    [
        {"cores": 2},
        {"cores": 8},
        {"images_per_shard": 1},
        {"images_per_shard": 7},
        {"images_per_shard": 100_000},
        {"env": {"PYTHONHASHSEED": "0"}},
        {"env": {"PYTHONHASHSEED": "1"}},
        {"env": {"PYTHONHASHSEED": "random"}},
        {"env": {"LC_ALL": "C"}},
        {"env": {"LC_ALL": "C.UTF-8"}},
        {"env": {"TZ": "Pacific/Kiritimati"}},
    ],
    ids=str,
)
def test_circumstances(new_project, expected, circumstances):
    project = new_project(**SETTINGS)
    shutil.copyfile(SAMPLE, project.source)
    project.run(**circumstances)
    found = digests(project)
    if "images_per_shard" in circumstances:
        found[PAGE] = expected[PAGE]
    assert found == expected


def test_another_folder(new_project, expected):
    project = new_project(**SETTINGS)
    shutil.copyfile(SAMPLE, project.source)
    project = other_folder(project)
    project.run()
    assert digests(project) == expected


def test_compressed_source(new_project, expected):
    project = new_project(**SETTINGS)
    with gzip.open(project.folder / "train.csv.gz", "wb") as file:
        file.write(SAMPLE.read_bytes())
    project.run(annotations="train.csv.gz")
    assert digests(project) == {**expected, PAGE: digests(project)[PAGE]}


# libfaketime 0.9.10 has a fault: without a faked monotonic clock, time.sleep fails.
SLEEP_THAT_WORKS = """
import threading, time

def sleep(seconds):
    threading.Event().wait(seconds)

time.sleep = sleep
"""


def test_a_day_later(new_project, expected, tmp_path):
    library = faketime_library()
    project = new_project(**SETTINGS)
    shutil.copyfile(SAMPLE, project.source)
    (tmp_path / "sitecustomize.py").write_text(SLEEP_THAT_WORKS)
    # Threads that wait go by the monotonic clock, which has to stay as it is.
    clock = {"FAKETIME": "+1d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    project.run(env={"LD_PRELOAD": library, "PYTHONPATH": str(tmp_path), **clock})
    assert digests(project) == expected


def faketime_library():
    """Find libfaketime, which shifts the clock of a process."""
    for path in sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")):
        return str(path)
    pytest.skip("libfaketime is not installed (apt-get install faketime)")
