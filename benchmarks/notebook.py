"""What notebooks do to get from run-length masks to cross-validation folds.

`python benchmarks/notebook.py again TABLE FOLDER` is the usual one: it decodes each
mask to a picture, encodes that with pycocotools, gathers one dict a row, and dumps
train and val, for each fold again. `once` encodes all masks first, and `on-all-cores`
does so with joblib.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from pycocotools import mask as coco_mask
from sklearn.model_selection import StratifiedKFold

N_FOLDS, SEED = 10, 221


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


def encode_rows(table: pd.DataFrame, n_jobs: int = 1) -> list[dict[str, Any]]:
    """Make the annotations of rows, except for their ids, by so many processes."""
    columns = table.annotation, table.height, table.width
    masks = zip(*(column.tolist() for column in columns), strict=True)
    if n_jobs == 1:
        return [encode(*mask) for mask in masks]
    calls = (delayed(encode)(*mask) for mask in masks)
    return list(Parallel(n_jobs=n_jobs, batch_size=500)(calls))


def coco_of(table: pd.DataFrame, masks: list[dict[str, Any]]) -> dict[str, Any]:
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
            **mask,
        }
        for number, (row, mask) in enumerate(
            zip(table.itertuples(), masks, strict=True)
        )
    ]
    categories = [{"id": number, "name": name} for name, number in category_ids.items()]
    return {"categories": categories, "images": images, "annotations": annotations}


def parts_of(
    table: pd.DataFrame, n_folds: int, seed: int
) -> list[tuple[str, NDArray[np.int64]]]:
    """Name train and val of all folds, with the positions of their rows."""
    splitter = StratifiedKFold(n_splits=n_folds, shuffle=True, random_state=seed)
    return [
        (f"annotations_{part}_fold_{fold}.json", rows)
        for fold, both in enumerate(splitter.split(table, table.cell_type), 1)
        for part, rows in zip(("train", "val"), both, strict=True)
    ]


def write_folds(source: Path, folder: Path, n_folds: int, seed: int) -> None:
    """Write train and val of all folds, the masks of each encoded for it."""
    table = pd.read_csv(source)
    for name, rows in parts_of(table, n_folds, seed):
        part = table.iloc[rows]
        document = coco_of(part, encode_rows(part))
        (folder / name).write_text(json.dumps(document, indent=4))


def write_folds_and_all(
    source: Path, folder: Path, n_folds: int, seed: int, n_jobs: int
) -> None:
    """Encode all masks once; write the whole set, and train and val of all folds."""
    table = pd.read_csv(source)
    masks = encode_rows(table, n_jobs)
    everything = "annotations_all.json", np.arange(len(table))
    for name, rows in [everything, *parts_of(table, n_folds, seed)]:
        document = coco_of(table.iloc[rows], [masks[row] for row in rows])
        with (folder / name).open("w") as file:
            json.dump(document, file)


def main() -> None:
    """Work as the notebook that the command line names."""
    way, source, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    folder.mkdir(exist_ok=True)
    if way == "again":
        write_folds(source, folder, N_FOLDS, SEED)
    else:
        n_jobs = -1 if way == "on-all-cores" else 1
        write_folds_and_all(source, folder, N_FOLDS, SEED, n_jobs)


if __name__ == "__main__":
    main()
