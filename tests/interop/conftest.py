"""One run of the sample, and one with ids that are text, for all packages."""

from functools import cache

import pytest

from plain_reading import count_equal, images_of_folds, read_plainly
from tables import SAMPLE, read_table

SPLIT = "image-k3-seed221"


@pytest.fixture(scope="session")
def sample(new_project):
    project = new_project(n_folds=3)
    project.run()
    return project


@pytest.fixture(scope="session")
def sample_with_text_ids(new_project):
    project = new_project(n_folds=3, image_ids="source")
    project.run("results/annotations_all.json")
    return project


@pytest.fixture(scope="session")
def files(sample):
    """The file names of the images that belong in each JSON of the sample."""
    names = dict.fromkeys(f"train/{row['id']}.png" for row in read_table(SAMPLE))
    return {"annotations_all.json": [*names], **images_of_folds(sample, SPLIT)}


@pytest.fixture(scope="session")
def count(sample, files):
    """Count what a reader reads in a JSON of the sample as its table has it."""

    @cache
    def count(reader, name):
        images = reader.open(sample.results / name, SAMPLE.parent)
        return count_equal(images, read_plainly(files[name]))

    return count
