"""The documents of `cocofolds.to_coco` and those of the workflow, of the same rows."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import cocofolds
from tables import REPO, tiny_rows, write_table

SAMPLE = REPO / "data" / "sample"
WHOLE = "results/annotations_all.json"


def compare(project, dialect, **settings):
    """Make the whole set, and compare it with what its table gives in memory."""
    project.run(WHOLE, dialect=dialect, **settings)
    whole = project.json("annotations_all.json")
    table = pd.read_csv(project.folder / project.settings["annotations"])
    coco = cocofolds.to_coco(table, dialect, **settings)
    assert [*coco] == [*whole]
    assert {**coco, "info": whole["info"]} == whole
    assert coco["info"] == {**whole["info"], "sources": []}


def test_sample(new_project):
    project = new_project(annotations=str(SAMPLE / "train.csv"))
    compare(project, "sartorius-2021", images_dir=str(SAMPLE))


def test_sizes_of_files_and_numbers_for_names(new_tiny_project):
    """Images without a mask, categories that are numbers, and one without a row."""
    numbers = {"thin": "10", "round": "9"}
    rows = [
        {"id": row["id"][-1], "rle": row["annotation"], "n": numbers[row["cell_type"]]}
        for row in tiny_rows()
    ]
    project = new_tiny_project([*rows, {"id": "7", "rle": "", "n": ""}])
    for name in range(1, 8):
        path = project.folder / "images" / "below" / f"{name}.tif"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.zeros((20, 30), np.uint8)).save(path)
    dialect = {"image_column": "id", "runs_column": "rle", "category_column": "n"}
    dialect |= {"order": "row", "file_name": "below/{id}.*", "no_mask": [""]}
    images = str(project.folder / "images")
    compare(project, dialect, images_dir=images, categories=["9", "10"])


@pytest.mark.parametrize(("base", "runs"), [(0, "absolute"), (1, "relative")])
def test_other_runs(new_tiny_project, base, runs):
    project = new_tiny_project(tiny_rows())
    rows = [{**row, "annotation": "3 4 16 4"} for row in tiny_rows()]
    rows = [{**row, "cell_type": f"{n} of_x"} for n, row in enumerate(rows)]
    write_table(project.source, rows)
    dialect = {
        "preset": "sartorius-2021",
        "order": "column",
        "base": base,
        "runs": runs,
    }
    compare(project, dialect, images_dir=None)
