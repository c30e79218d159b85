"""Other packages read in the JSON what is in the source."""

import json

import numpy as np
import PIL.Image
import pytest
from readers import READERS, refusal_of

from documents import document
from plain_reading import count_equal, read_plainly
from tables import SAMPLE, read_table

WHOLE = "annotations_all.json"
ROWS = read_table(SAMPLE)
N_IMAGES, N_MASKS = len({row["id"] for row in ROWS}), len(ROWS)
each_reader = pytest.mark.parametrize("reader", READERS, ids=lambda r: r.package)


def all_of(reader, images, annotations):
    return {
        "images": images,
        "categories": annotations,
        "boxes": annotations,
        "masks": annotations if reader.has_run_lengths else 0,
    }


@each_reader
def test_all_is_as_in_the_table(reader, count, files):
    assert count(reader, WHOLE) == all_of(reader, N_IMAGES, N_MASKS)
    assert len(files) == 7


@each_reader
def test_folds_are_as_in_the_table(reader, count, files, sample):
    for name in files:
        n_annotations = len(sample.json(name)["annotations"])
        assert count(reader, name) == all_of(reader, len(files[name]), n_annotations)


@each_reader
def test_ids_that_are_text(reader, sample_with_text_ids, files):
    def images():
        return reader.open(sample_with_text_ids.results / WHOLE, SAMPLE.parent)

    if reader.refusal:
        assert reader.refusal in refusal_of(images())
    else:
        equal = count_equal(images(), read_plainly(files[WHOLE]))
        assert equal == all_of(reader, N_IMAGES, N_MASKS)


@pytest.fixture(scope="module")
def coco_json(new_project):
    """A COCO JSON with a polygon, a crowd, and a string of run lengths."""
    project = new_project(annotations="instances.json", dialect="coco", n_folds=2)
    source = document(
        # hotcoco takes a version that is text.
        info={"description": "café", "version": "1.5"},
        annotations=[
            {
                "id": 908800474295,
                "image_id": 900,
                "category_id": 18,
                "iscrowd": 0,
                "segmentation": [[1, 1, 5, 1, 5, 4, 1, 4]],
                "area": 12,
                "bbox": [1, 1, 4, 3],
            },
            {
                "id": 3,
                "image_id": 8,
                "category_id": 18,
                "iscrowd": 1,
                "segmentation": {"size": [6, 8], "counts": [7, 4, 37]},
                "area": 4,
                "bbox": [1, 1, 1, 4],
            },
            {
                "id": 6,
                "image_id": 9,
                "category_id": 90,
                "iscrowd": 0,
                "segmentation": {"size": [6, 8], "counts": "7240m0"},
                "area": 4,
                "bbox": [1, 1, 2, 2],
            },
        ],
    )
    (project.folder / "instances.json").write_text(json.dumps(source), encoding="utf-8")
    project.run(f"results/{WHOLE}")
    for image in source["images"]:
        path = project.folder / "images" / image["file_name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        PIL.Image.new("L", (image["width"], image["height"])).save(path)
    return project


@each_reader
def test_coco_json(reader, coco_json):
    images = reader.open(coco_json.results / WHOLE, coco_json.folder / "images")
    read = {image.file_name: image.instances for image in images}
    assert {name: len(instances) for name, instances in read.items()} == {
        "a b/é.png": 1,
        "神経.png": 0,
        "empty.png": 0,
        "d.png": 1,
        "e.png": 1,
        "f.png": 0,
    }
    [polygon], [crowd], [compressed] = (
        read[n] for n in ("a b/é.png", "d.png", "e.png")
    )
    assert [(o.category, [*o.box]) for o in (polygon, crowd, compressed)] == [
        ("dog", [1, 1, 4, 3]),
        ("dog", [1, 1, 1, 4]),
        ("unused", [1, 1, 2, 2]),
    ]
    # Some packages draw a polygon with its outline.
    inside, outline = np.zeros((2, 6, 8), bool)
    inside[1:4, 1:5] = outline[1:5, 1:6] = True
    assert polygon.mask[inside].all() and not polygon.mask[~outline].any()
    if reader.has_run_lengths:
        pixels = np.zeros((2, 6, 8), bool)
        pixels[0, 1:5, 1] = True
        pixels[1, 1:3, 1:3] = True
        assert np.array_equal([crowd.mask, compressed.mask], pixels)
    else:
        assert crowd.mask is None is compressed.mask
