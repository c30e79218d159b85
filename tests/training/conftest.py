"""One run of the sample, and one in which an image has no cells, for all packages."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from snippets import FOLD, SPLIT

from plain_reading import images_of_folds
from tables import SAMPLE, SARTORIUS, read_table


def pytest_configure(config):
    """Keep Ultralytics in a folder of its own, and off the network.

    It reads this when it is imported; what a test starts inherits it.
    """
    folder = TemporaryDirectory()
    config.add_cleanup(folder.cleanup)
    os.environ["YOLO_CONFIG_DIR"] = folder.name
    os.environ["YOLO_OFFLINE"] = "true"
    os.environ["YOLO_AUTOINSTALL"] = "false"
    # It fetches the font of its plots if it is not there.
    font = Path(folder.name, "Ultralytics", "Arial.ttf")
    font.parent.mkdir()
    font.touch()


@pytest.fixture(scope="session")
def new_sample(new_project):
    """Make a project with the sample, as the snippets expect it."""

    def make(**settings):
        project = new_project(**settings)
        (project.folder / "images").symlink_to(SAMPLE.parent)
        return project

    return make


@pytest.fixture(scope="session")
def sample(new_sample):
    project = new_sample()
    project.run("yolo")
    return project


@pytest.fixture(scope="session")
def files(sample):
    """The file names of the images that belong in each JSON of the split."""
    return images_of_folds(sample, SPLIT)


@pytest.fixture(scope="session")
def empty_image():
    """The image that loses its cells."""
    return "train/1daf75af0761.png"


@pytest.fixture(scope="session")
def sample_with_an_empty_image(new_sample, empty_image):
    dialect = SARTORIUS | {"no_mask": [""]}
    project = new_sample(annotations="train.csv", dialect=dialect)
    rows = read_table(SAMPLE)
    lost = [row for row in rows if f"train/{row['id']}.png" == empty_image]
    kept = [row for row in rows if row not in lost]
    project.write_source([lost[0] | {"annotation": ""}, *kept])
    project.run(f"results/{SPLIT}/yolo/fold_{FOLD}/data.yaml")
    return project
