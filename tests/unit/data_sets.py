"""Small data sets on disk, made with the library as the workflow makes them."""

import json
import random
from io import BytesIO
from typing import NamedTuple

import numpy as np
from oracles import runs_of, written

from cocofolds.dataset.index import (
    IndexSettings,
    index_source,
)
from cocofolds.dataset.tables import (
    CATEGORY_COLUMNS,
    IMAGE_COLUMNS,
    category_names,
    category_rows,
    image_rows,
)
from cocofolds.files import read_table, write_table
from cocofolds.folds.most_frequent import stratified_folds
from cocofolds.output.annotation_records import (
    RECORD_DTYPE,
    encode_shard,
    stretches_of,
)
from cocofolds.output.arrays import write_array
from cocofolds.output.coco_json import assemble, header, held_out_in
from cocofolds.output.columns import columns_of
from cocofolds.output.stretches import STRETCH_COLUMNS
from cocofolds.settings import Numbering
from cocofolds.sources.reading import read_source
from cocofolds.sources.records import Dialect, Source
from tables import SARTORIUS

N_FOLDS = 3
# What the files say of their split.
SPLIT = {"n_folds": N_FOLDS, "seed": 221}
# Every id, as there is no COCO JSON that could have its own.
RENUMBERED = Numbering()
IMAGES_PER_SHARD = 5
# The masks of annotations 1 and 2, both on the first image.
DIAGONALS = [np.array([[1, 0, 0], [0, 1, 0]]), np.array([[0, 1, 0], [1, 0, 0]])]


class DataSet(NamedTuple):
    """The files of a data set, and how they were made."""

    source: Source
    split_by: str
    image_ids: str
    rejected: set
    changed: set
    whole: str
    columns: str
    folds: list
    fold_rows: list

    @property
    def paths(self):
        """The whole set, then train and val of each fold."""
        return [self.whole, *(path for fold in self.folds for path in fold)]


def some_masks(order="row", n_rows=60, n_images=12):
    """(image, runs, width, height) of each row; images differ, rows are scattered."""
    chance = random.Random(0)
    sizes = [(2, 3), (6, 5), (6, 5), (1, 12)]
    pictures = [("img 0", picture) for picture in DIAGONALS]
    for _ in range(n_rows - len(pictures)):
        number = chance.randrange(n_images)
        picture = np.zeros(sizes[number % len(sizes)])
        picture.flat[chance.sample(range(picture.size), 4)] = 1
        pictures.append((f"img {number}", picture))
    return [
        (name, written(runs_of(picture, order)), *reversed(picture.shape))
        for name, picture in pictures
    ]


def build(folder, split_by="image", image_ids="integer", order="row", masks=None):
    """Make all files of a data set."""
    dialect = Dialect(**SARTORIUS)._replace(category_column="type", order=order)
    source = Source([str(folder / "train.csv")], [dialect], "plate")
    write_source(source.paths[0], masks or some_masks(order))
    index, categories, images, tables = indexed(folder, source)
    category_ids = {row["name"]: row["category_id"] for row in categories}
    shards = [encoded(table, category_ids, image_ids) for table in tables]
    annotations = [row for table in tables for row in read_table(table)]
    dealt = deal(annotations if split_by == "annotation" else images, split_by)

    def start(image_numbers, **what):
        chosen = [image for image in images if int(image["image_id"]) in image_numbers]
        source = {"sources": [], "members": {}}
        return header(what, source, categories, chosen, image_ids)

    whole = str(folder / "all.json")
    largest_id = int(images[-1]["image_id"])
    everything = [(whole, start(range(largest_id + 1)))]
    assemble(everything, places(shards, "image_id"), [0] * (largest_id + 1))
    columns = str(folder / "all.npz")
    np.savez(columns, **columns_of([offsets for _, _, offsets in shards], images))
    folds = []
    for fold in range(1, N_FOLDS + 1):
        train, val = (str(folder / f"{part}_{fold}.json") for part in ("train", "val"))
        held_out = held_out_in(dealt, fold)
        parts = [
            (train, start(held_out.train_images, **SPLIT, fold=fold, part="train")),
            (val, start(held_out.val_images, **SPLIT, fold=fold, part="val")),
        ]
        assemble(parts, places(shards, held_out.key), held_out.parts)
        folds.append((train, val))
    rejected = {(row.file, str(row.line)) for row in index.rejected}
    return DataSet(
        source, split_by, image_ids, rejected, set(), whole, columns, folds, dealt
    )


def write_source(path, masks):
    """Write a row for each mask, and some rows that are not masks among them."""
    chance = random.Random(1)
    names = list(dict.fromkeys(name for name, *_ in masks))
    rows = [
        [*mask, chance.choice("bac"), f"plate {names.index(mask[0]) // 2}"]
        for mask in masks
    ]
    no_run = [rows[0][0], "", *rows[0][2:]]
    no_name = ["", *rows[0][1:]]
    only_one_of_its_image = ["lost", "0 1", 2, 2, "d", "plate 0"]
    rows = [*rows[:3], no_run, no_name, only_one_of_its_image, *rows[3:]]
    write_table(path, ("id", "annotation", "width", "height", "type", "plate"), rows)


def indexed(folder, source):
    """Index a source: the index, its tables of categories and images, the shards."""
    tables = folder / "rows"
    tables.mkdir()
    rows = read_source(source)
    settings = IndexSettings(images_per_shard=IMAGES_PER_SHARD)
    index = index_source(rows, settings, tables, BytesIO())
    names = category_names(index, [], None, RENUMBERED)
    categories = [
        dict(zip(CATEGORY_COLUMNS, map(str, row), strict=True))
        for row in category_rows(names, [], RENUMBERED)
    ]
    images = [
        dict(zip(IMAGE_COLUMNS, map(str, row), strict=True))
        for row in image_rows(
            index, names, lambda name, _: f"{name}.png", RENUMBERED, {}
        )
    ]
    return index, categories, images, sorted(tables.iterdir())


def encoded(table, category_ids, image_ids):
    """Encode a shard beside its table."""
    endings = (".records", ".stretches.csv", ".npy")
    records, stretches, offsets = map(table.with_suffix, endings)
    with open(records, "wb") as file, open(offsets, "wb") as offsets_file:
        rows = read_table(table)
        parts = encode_shard(rows, category_ids, image_ids, RENUMBERED, file)
        write_array(offsets_file, parts, RECORD_DTYPE)
    write_table(stretches, STRETCH_COLUMNS, stretches_of(str(offsets), "image_id"))
    return str(records), str(stretches), str(offsets)


def places(shards, key):
    """Files of records, and what says where they are by image, or by annotation."""
    for records, of_images, of_annotations in shards:
        yield records, of_images if key == "image_id" else of_annotations


def deal(units, split_by):
    """Rows as `folds.csv` has them."""
    groups = [unit["group"] for unit in units] if split_by == "group" else None
    folds = stratified_folds([unit["category"] for unit in units], groups, N_FOLDS, 221)
    key = "annotation_id" if split_by == "annotation" else "image_id"
    return [
        {
            key: unit[key],
            "image_id": unit["image_id"],
            "source_id": unit["source_id"],
            "fold": str(fold),
        }
        for unit, fold in zip(units, folds.tolist(), strict=True)
    ]


def read(path):
    """Read a COCO document."""
    with open(path) as file:
        return json.load(file)


def write(path, document):
    """Write a COCO document in the form that the library gives it."""
    head = {key: value for key, value in document.items() if key != "annotations"}
    lines = [
        json.dumps(record, separators=(",", ":")) for record in document["annotations"]
    ]
    with open(path, "w") as file:
        file.write(f'{json.dumps(head)[:-1]},\n"annotations":[\n')
        file.write(",\n".join(lines) + "\n" * bool(lines) + "]}\n")


def edit(change, *paths):
    """Rewrite documents after `change` has been made in each."""
    for path in paths:
        document = read(path)
        change(document)
        write(path, document)


def fold_of_annotations(data):
    """The fold of each annotation, by its id, as the val files say."""
    return {
        record["id"]: fold
        for fold, (_, val) in enumerate(data.folds, 1)
        for record in read(val)["annotations"]
    }


def deal_again(data, fold_of):
    """Write all train and val files again, each faultless but for who is in it."""
    whole = read(data.whole)
    for fold, paths in enumerate(data.folds, 1):
        for path, is_val in zip(paths, (False, True), strict=True):
            chosen = [
                record
                for record in whole["annotations"]
                if (fold_of[record["id"]] == fold) == is_val
            ]
            ids = {record["image_id"] for record in chosen}
            images = [image for image in whole["images"] if image["id"] in ids]
            info = read(path)["info"]
            write(
                path,
                {**whole, "info": info, "images": images, "annotations": chosen},
            )
