"""The usual notebook's way from run-length masks to cross-validation folds.

Decode each mask to a picture, encode that with pycocotools, gather one dict a row, and
dump train and val: for each fold again.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pycocotools import mask as coco_mask
from sklearn.model_selection import StratifiedKFold


def decode(runs: str, height: int, width: int) -> NDArray[np.uint8]:
    """Draw a mask whose pixels are numbered along the rows: (height, width)."""
    numbers = np.array(runs.split(), dtype=int)
    picture = np.zeros(height * width, np.uint8)
    for start, length in zip(numbers[0::2] - 1, numbers[1::2], strict=True):
        picture[start : start + length] = 1
    return picture.reshape(height, width)


def encode(runs: str, height: int, width: int) -> dict[str, Any]:
    """Make the mask's part of an annotation, by way of the picture."""
    code = coco_mask.encode(np.asfortranarray(decode(runs, height, width)))
    area, box = int(coco_mask.area(code)), coco_mask.toBbox(code).tolist()
    segmentation = {"size": code["size"], "counts": code["counts"].decode()}
    return {"segmentation": segmentation, "area": area, "bbox": box, "iscrowd": 0}


def coco_of(table: pd.DataFrame) -> dict[str, Any]:
    """Make the COCO document of the rows of one part."""
    category_ids = {
        name: number for number, name in enumerate(table.cell_type.unique(), 1)
    }
    images = [
        {
            "id": image_id,
            "width": int(row.width),
            "height": int(row.height),
            "file_name": f"train/{image_id}.png",
        }
        for image_id, row in table.groupby("id").first().iterrows()
    ]
    annotations = [
        {
            "id": number,
            "image_id": row.id,
            "category_id": category_ids[row.cell_type],
            **encode(row.annotation, row.height, row.width),
        }
        for number, row in enumerate(table.itertuples())
    ]
    categories = [{"id": number, "name": name} for name, number in category_ids.items()]
    return {"categories": categories, "images": images, "annotations": annotations}


def write_folds(source: Path, folder: Path, n_folds: int, seed: int) -> None:
    """Write train and val of all folds, the rows assigned by `StratifiedKFold`."""
    table = pd.read_csv(source)
    splitter = StratifiedKFold(n_splits=n_folds, shuffle=True, random_state=seed)
    parts = splitter.split(table, table.cell_type)
    for fold, (train, val) in enumerate(parts, 1):
        write(table.iloc[train], folder / f"annotations_train_fold_{fold}.json")
        write(table.iloc[val], folder / f"annotations_val_fold_{fold}.json")


def write_whole_set(source: Path, folder: Path) -> None:
    """Write all rows to one file."""
    write(pd.read_csv(source), folder / "annotations_all.json")


def write(table: pd.DataFrame, path: Path) -> None:
    """Write the COCO document of some rows."""
    with path.open("w") as file:
        json.dump(coco_of(table), file, indent=4)
