"""A folder of results as the workflow leaves it, made by hand."""

import csv
import hashlib
import json


def write_csv(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def write(path, text="x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_data_set(results, annotations):
    """Make the whole set and the index of a file of annotations."""
    write(results / "annotations_all.json", "the whole set")
    write(
        results / "index" / "source.json",
        json.dumps({"digests": [sha256(annotations)]}),
    )
    images = [
        {"image_id": n, "source_id": f"cell-{n}", "file_name": f"train/cell-{n}.png",
         "shard": "00001"}
        for n in range(1, 4)
    ]  # fmt: skip
    write_csv(results / "index" / "images.csv", images)


def make_split(results, name, table, images=10):
    """Make a split whose `fold_table.csv` has these (category, images, annotations)."""
    folder = results / name
    n_folds = int(name.split("-k")[1].split("-")[0])
    write(folder / "folds.csv")
    write(folder / "quality.json", "{}")
    for fold in range(1, n_folds + 1):
        write(folder / f"annotations_train_fold_{fold}.json")
        write(folder / f"annotations_val_fold_{fold}.json")
        for job in ("assemble_fold", "yolo_fold"):
            write(results / "logs" / name / f"{job}_{fold}.log")
            write(results / "benchmarks" / name / f"{job}_{fold}.tsv")
    for job in ("assign_folds", "check_split", "plot_split", "archive"):
        write(results / "logs" / name / f"{job}.log")
        write(results / "benchmarks" / name / f"{job}.tsv")
    for plot in ("areas_by_category", "masks_per_image"):
        write(folder / "plots" / f"{plot}.svg")
    rows = [
        {"fold": fold, "category": category, "images": n, "annotations": m}
        for category, *cells in table
        for fold, (n, m) in enumerate(cells, 1)
    ]
    write_csv(folder / "fold_table.csv", sorted(rows, key=lambda row: row["fold"]))
    n_annotations = sum(row["annotations"] for row in rows)
    checks = {
        "images_held_out_once": images,
        "annotations_held_out_once": n_annotations,
    }
    write(folder / "checks.json", json.dumps(checks))
    whole = results / "annotations_all.json"
    write(folder / ".complete.json", json.dumps({str(whole): sha256(whole)}))
    return folder
