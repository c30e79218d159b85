"""`split_by: annotation` gives what the usual notebook gives, up to numbering."""

import numpy as np
from pycocotools import mask as coco_mask
from sklearn.model_selection import StratifiedKFold

from tables import SAMPLE, draw, read_table

N_FOLDS, SEED = 5, 221


def notebook_folds(rows):
    """Make train and val of each fold as the notebook does."""
    masks = [coco_mask.encode(np.asfortranarray(draw(row))) for row in rows]
    splitter = StratifiedKFold(n_splits=N_FOLDS, shuffle=True, random_state=SEED)
    parts = splitter.split(rows, [row["cell_type"] for row in rows])
    for train, val in parts:
        yield (
            notebook_json([(rows[place], masks[place]) for place in train]),
            notebook_json([(rows[place], masks[place]) for place in val]),
        )


def notebook_json(rows):
    images, category_ids, annotations = {}, {}, []
    for number, (row, mask) in enumerate(rows):
        images[row["id"]] = {
            "id": row["id"],
            "file_name": f"train/{row['id']}.png",
            "width": int(row["width"]),
            "height": int(row["height"]),
        }
        category_id = category_ids.setdefault(row["cell_type"], len(category_ids))
        annotations.append(
            {
                "id": number,
                "image_id": row["id"],
                "category_id": category_id,
                "segmentation": {
                    "size": mask["size"],
                    "counts": mask["counts"].decode(),
                },
                "area": int(coco_mask.area(mask)),
                "bbox": coco_mask.toBbox(mask).tolist(),
                "iscrowd": 0,
            }
        )
    categories = [{"id": number, "name": name} for name, number in category_ids.items()]
    return {
        "categories": categories,
        "images": list(images.values()),
        "annotations": annotations,
    }


def without_numbering(document):
    """Images and annotations in an order of their own, categories by name."""
    names = {category["id"]: category["name"] for category in document["categories"]}
    annotations = [
        (
            record["image_id"],
            names[record["category_id"]],
            record["segmentation"]["size"],
            record["segmentation"]["counts"],
            record["area"],
            record["bbox"],
            record["iscrowd"],
        )
        for record in document["annotations"]
    ]
    images = sorted(document["images"], key=lambda image: image["id"])
    return images, sorted(annotations)


def test_sample_is_as_from_notebook(new_project):
    compare_with_notebook(new_project, SAMPLE)


def test_real_annotations_are_as_from_notebook(new_project, real_data):
    compare_with_notebook(new_project, real_data / "dsb2018" / "train_row_major.csv")


def compare_with_notebook(new_project, source):
    project = new_project(
        annotations=str(source),
        split_by="annotation",
        image_ids="source",
        n_folds=N_FOLDS,
        seed=SEED,
    )
    project.run()
    split = f"annotation-k{N_FOLDS}-seed{SEED}"
    n_leaking = 0
    for fold, (train, val) in enumerate(notebook_folds(read_table(source)), 1):
        our_train = project.json(f"{split}/annotations_train_fold_{fold}.json")
        our_val = project.json(f"{split}/annotations_val_fold_{fold}.json")
        assert without_numbering(our_train) == without_numbering(train)
        assert without_numbering(our_val) == without_numbering(val)
        sides = [{image["id"] for image in part["images"]} for part in (train, val)]
        n_leaking += len(set.intersection(*sides))
    # Why nobody should split so: the same images are on both sides.
    assert n_leaking
