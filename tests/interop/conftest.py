"""One run of the sample, and one with ids that are text, for all packages."""

from functools import cache

import pytest
from readers import count_equal, read_plainly

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
    table = [
        (f"train/{row['source_id']}.png", row["fold"])
        for row in sample.table(f"{SPLIT}/folds.csv")
    ]
    names = dict.fromkeys(f"train/{row['id']}.png" for row in read_table(SAMPLE))
    files = {"annotations_all.json": [*names]}
    for fold in "123":
        val = [name for name, held_out_in in table if held_out_in == fold]
        train = [name for name, held_out_in in table if held_out_in != fold]
        files[f"{SPLIT}/annotations_val_fold_{fold}.json"] = val
        files[f"{SPLIT}/annotations_train_fold_{fold}.json"] = train
    return files


@pytest.fixture(scope="session")
def count(sample, files):
    """Count what a reader reads in a JSON of the sample as its table has it."""

    @cache
    def count(reader, name):
        images = reader.open(sample.results / name, SAMPLE.parent)
        return count_equal(images, read_plainly(files[name]))

    return count
