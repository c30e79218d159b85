import errno
import json
import os
import random

import numpy as np
import pytest
from data_sets import places

from cocofolds import __version__
from cocofolds.errors import InputError
from cocofolds.files import write_table
from cocofolds.output.annotation_records import RECORD_DTYPE, stretches_of
from cocofolds.output.coco_json import assemble, header, held_out_in
from cocofolds.output.stretches import STRETCH_COLUMNS, joined, stretches_in

SOURCES = [{"name": "train.csv", "sha256": "0a"}]
SOURCE = {"sources": SOURCES, "members": {"licenses": "[]"}}
CATEGORIES = [
    {"category_id": "1", "name": 'a"b\n', "record": ""},
    {"category_id": "2", "name": "神経", "record": ""},
]
IMAGES = [
    {
        "image_id": str(number),
        "source_id": f'img"{number}\\',
        "file_name": f"train/é{number}.png",
        "width": "704",
        "height": "520",
        "record": "",
    }
    for number in (1, 2, 5)
]


def write_shard(folder, name, ids):
    """Write records of (annotation_id, image_id), of different lengths.

    Returns the file of records, and what says where those of images and of annotations
    are.
    """
    records, offsets, position = [], [], 0
    for annotation_id, image_id in ids:
        record = {
            "id": annotation_id,
            "image_id": image_id,
            "counts": "x" * (annotation_id % 7),
        }
        records.append(json.dumps(record, separators=(",", ":")) + ",\n")
        end = position + len(records[-1])
        offsets.append((position, end, annotation_id, image_id, 0, 1.0))
        position = end
    endings = ("records", "stretches.csv", "offsets.npy")
    paths = [str(folder / f"{name}.{ending}") for ending in endings]
    (folder / f"{name}.records").write_text("".join(records))
    np.save(paths[2], np.array(offsets, RECORD_DTYPE))
    write_table(paths[1], STRETCH_COLUMNS, stretches_of(paths[2], "image_id"))
    return paths


def ids_in(path):
    """(annotation, image) of each record, after a look at the form of the file."""
    text = path.read_text()
    assert text.endswith("]}\n")
    document = json.loads(text)
    lines = text.split('"annotations":[\n')[1].splitlines()[:-1]
    assert [json.loads(line.removesuffix(",")) for line in lines] == document[
        "annotations"
    ]
    return [(record["id"], record["image_id"]) for record in document["annotations"]]


START = b'{"info":{},\n"annotations":[\n'


@pytest.mark.parametrize("image_ids", ["integer", "source"])
def test_header(image_ids):
    what = {"split_by": "image", "fold": 3}
    text = header(what, SOURCE, CATEGORIES, IMAGES, image_ids).decode("ascii")
    document = json.loads(text + "]}")
    assert document == {
        "info": {
            "description": "Made by cocofolds",
            "version": __version__,
            "split_by": "image",
            "fold": 3,
            "sources": SOURCES,
        },
        "licenses": [],
        "categories": [{"id": 1, "name": 'a"b\n'}, {"id": 2, "name": "神経"}],
        "images": [
            {
                "id": number if image_ids == "integer" else f'img"{number}\\',
                "file_name": f"train/é{number}.png",
                "width": 704,
                "height": 520,
            }
            for number in (1, 2, 5)
        ],
        "annotations": [],
    }
    assert list(document) == ["info", "licenses", "categories", "images", "annotations"]
    assert list(document["images"][0]) == ["id", "file_name", "width", "height"]
    lines = text.splitlines()
    assert len(lines) == 12
    assert [json.loads(line.removesuffix(",")) for line in lines[7:10]] == document[
        "images"
    ]


def test_header_without_images():
    document = json.loads(header({}, SOURCE, CATEGORIES, [], "integer") + b"]}")
    assert document["images"] == []


@pytest.mark.parametrize("key", ["image_id", "annotation_id"])
@pytest.mark.parametrize("seed", range(5))
def test_as_a_plain_assembly(tmp_path, key, seed):
    """Three shards of four images, their records in any order, dealt to three files."""
    chance = random.Random(seed)
    annotation_ids = iter(chance.sample(range(1, 500), 300))
    shards, all_ids = [], []
    for shard in range(3):
        ids = [
            (next(annotation_ids), chance.randint(4 * shard + 1, 4 * shard + 4))
            for _ in range(100)
        ]
        shards.append(write_shard(tmp_path, shard, ids))
        all_ids += sorted(ids, key=lambda pair: pair[::-1])
    output_of = [chance.randrange(-1, 3) for _ in range(501)]
    paths = [tmp_path / f"{place}.json" for place in range(3)]
    assemble([(path, START) for path in paths], places(shards, key), output_of)

    column = 1 if key == "image_id" else 0
    for place, path in enumerate(paths):
        assert path.read_bytes().startswith(START)
        assert ids_in(path) == [i for i in all_ids if output_of[i[column]] == place]


def test_sorted_shards_to_one_file(tmp_path):
    shards = [
        write_shard(tmp_path, "a", [(2, 1), (5, 1), (3, 2)]),
        write_shard(tmp_path, "b", [(1, 3)]),
    ]
    path = tmp_path / "all.json"
    assemble([(str(path), START)], places(shards, "image_id"), [0] * 4)
    assert ids_in(path) == [(2, 1), (5, 1), (3, 2), (1, 3)]


@pytest.mark.parametrize("place", [0, 1])
def test_empty_part(tmp_path, place):
    shards = [write_shard(tmp_path, "a", [(1, 1), (2, 2)])]
    paths = [tmp_path / "train.json", tmp_path / "val.json"]
    assemble([(p, START) for p in paths], places(shards, "image_id"), [place] * 3)
    assert ids_in(paths[place]) == [(1, 1), (2, 2)]
    assert ids_in(paths[1 - place]) == []
    assert paths[1 - place].read_bytes() == START + b"]}\n"


def copy_some(source, target, size, start):
    """Copy as a system may, less than it was asked for."""
    return os.write(target, os.pread(source, min(size, 1000), start))


def copy_nothing(*_):
    return 0


def refuse_to_copy(*_):
    raise OSError(errno.EXDEV, "of two file systems")


@pytest.mark.parametrize(
    "copy", [os.copy_file_range, copy_some, copy_nothing, refuse_to_copy, None]
)
def test_stretch_of_several_megabytes(tmp_path, monkeypatch, copy):
    """Whatever the system does of the copying; not all have the call."""
    if copy is None:
        monkeypatch.delattr(os, "copy_file_range")
    else:
        monkeypatch.setattr(os, "copy_file_range", copy)
    ids = [(number, 1) for number in range(1, 60_000)]
    shards = [write_shard(tmp_path, "a", ids)]
    assert (tmp_path / "a.records").stat().st_size > 2 * 2**20
    path = tmp_path / "all.json"
    assemble([(path, START)], places(shards, "image_id"), [0, 0])
    assert ids_in(path) == ids


@pytest.mark.parametrize("copy", [os.copy_file_range, refuse_to_copy])
def test_shard_that_was_cut_short(tmp_path, monkeypatch, copy):
    monkeypatch.setattr(os, "copy_file_range", copy)
    shards = [write_shard(tmp_path, "a", [(1, 1), (2, 1)])]
    os.truncate(tmp_path / "a.records", 20)
    with pytest.raises(OSError, match=r"a\.records is shorter than its offsets say"):
        assemble([(tmp_path / "all.json", START)], places(shards, "image_id"), [0, 0])
    assert not (tmp_path / "all.json").exists()


def test_stretches_of_images(tmp_path):
    ids = [(2, 1), (5, 1), (9, 2), (3, 1), (4, 3)]
    _, of_images, of_annotations = write_shard(tmp_path, "a", ids)
    ends = np.load(of_annotations)["end"].tolist()
    # Annotation 3 is between the others of its image, and somewhere else.
    expected = [
        (1, 0, ends[0]),
        (1, ends[2], ends[3]),
        (1, ends[0], ends[1]),
        (2, ends[1], ends[2]),
        (3, ends[3], ends[4]),
    ]
    assert [*stretches_in(of_images, range(4))] == expected


def test_joined():
    assert [*joined([])] == []
    assert [*joined([(-1, 0, 3)])] == []
    stretches = [(0, 0, 3), (0, 3, 5), (-1, 5, 6), (-1, 6, 7), (0, 7, 8), (1, 8, 9)]
    assert [*joined(stretches)] == [(0, 0, 5), (0, 7, 8), (1, 8, 9)]
    assert [*joined([(0, 5, 6), (0, 0, 5)])] == [(0, 5, 6), (0, 0, 5)]


@pytest.mark.parametrize("suffix", ["records", "stretches.csv"])
def test_missing_shard(tmp_path, suffix):
    shards = [write_shard(tmp_path, name, [(1, 1)]) for name in "ab"]
    (tmp_path / f"b.{suffix}").unlink()
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "val.json").write_text("old")
    outputs = [(folder / "train.json", START), (folder / "val.json", START)]
    with pytest.raises(FileNotFoundError):
        assemble(outputs, places(shards, "image_id"), [0, 0])
    assert [path.name for path in folder.iterdir()] == ["val.json"]
    assert (folder / "val.json").read_text() == "old"


def test_held_out_images():
    folds = [
        {"image_id": number, "fold": fold, "category": "cell"}
        for number, fold in [("1", "2"), ("3", "10"), ("4", "1"), ("7", "10")]
    ]
    held_out = held_out_in(iter(folds), 10)
    assert held_out.key == "image_id"
    assert held_out.parts.tolist() == [-1, 0, -1, 1, 0, -1, -1, 1]
    assert (held_out.train_images, held_out.val_images) == ({1, 4}, {3, 7})


def test_held_out_annotations():
    folds = [
        {"annotation_id": number, "image_id": image, "fold": fold}
        for number, image, fold in [("1", "1", "1"), ("2", "1", "2"), ("5", "3", "1")]
    ]
    held_out = held_out_in(iter(folds), 1)
    assert held_out.key == "annotation_id"
    assert held_out.parts.tolist() == [-1, 1, 0, -1, -1, 1]
    assert (held_out.train_images, held_out.val_images) == ({1}, {1, 3})


def test_fold_that_is_not_there():
    with pytest.raises(InputError, match="no fold 2"):
        held_out_in([{"image_id": "1", "fold": "1"}], 2)
