"""Fingerprints from job to job, and what a user is told of copies."""

import numpy as np
import pytest

from cocofolds.copies.duplicates import (
    DUPLICATE_COLUMNS,
    duplicate_messages,
    duplicate_rows,
    find_duplicates,
)
from cocofolds.copies.fingerprints import SIDE, fingerprint_and_picture
from cocofolds.copies.pairs import CopyPair
from cocofolds.copies.shards import (
    FINGERPRINT_COLUMNS,
    file_names_of_shard,
    read_fingerprints,
    take_fingerprints,
)
from cocofolds.errors import InputError
from cocofolds.files import write_table
from tables import SAMPLE

FOLDER = SAMPLE.parent / "train"
NAMES = [path.name for path in sorted(FOLDER.glob("*.png"))[:3]]
PAIRS = [CopyPair(f"{n}", f"{n}-copy", "same picture", 0.9912) for n in range(12)]


def read_back(tmp_path, names, folder=FOLDER):
    rows, pictures = zip(*take_fingerprints(str(folder), names), strict=True)
    write_table(tmp_path / "1.csv", FINGERPRINT_COLUMNS, rows)
    np.save(tmp_path / "1.npy", np.stack(pictures))
    return read_fingerprints([(tmp_path / "1.csv", tmp_path / "1.npy")])


def images_of(*names):
    return [
        {"image_id": f"{n}", "source_id": f"id {n}", "file_name": name, "shard": "1"}
        for n, name in enumerate(names, 1)
    ]


def test_files_of_a_shard():
    images = [*images_of("b", "a", "b"), {"file_name": "c", "shard": "2"}]
    assert file_names_of_shard(images, "1") == ["b", "a"]
    assert file_names_of_shard(images, "3") == []


def test_as_they_were_taken(tmp_path):
    known = read_back(tmp_path, NAMES)
    assert [*known.of_files] == NAMES
    assert known.problems == {}
    for name in NAMES:
        expected, picture = fingerprint_and_picture(FOLDER / name)
        assert known.of_files[name] == expected
        np.testing.assert_array_equal(known.pictures[name], picture)


def test_files_that_are_not_readable(tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    (images / "a.png").write_text("no image")
    (images / "b.png").write_bytes((FOLDER / NAMES[0]).read_bytes())
    known = read_back(tmp_path, ["a.png", "b.png", "c.png"], images)
    assert [*known.of_files] == ["b.png"]
    assert "a.png: not readable as an image" in known.problems["a.png"]
    assert "there is no file 'c.png'" in known.problems["c.png"]
    assert known.pictures["b.png"].shape == (SIDE, SIDE)


def test_no_folder(tmp_path):
    known = read_back(tmp_path, NAMES, tmp_path / "gone")
    assert [*known.problems] == NAMES
    assert "there is no such folder" in known.problems[NAMES[0]]


def test_images_of_one_file_are_copies(tmp_path):
    known = read_back(tmp_path, NAMES)
    images = images_of(NAMES[0], NAMES[1], NAMES[0], "not readable")
    pairs = find_duplicates(images, known)
    assert pairs == [CopyPair("id 1", "id 3", "same file", 1.0)]
    [row] = duplicate_rows(images, pairs)
    assert dict(zip(DUPLICATE_COLUMNS, row, strict=True)) == {
        "first_image_id": "1",
        "first_source_id": "id 1",
        "first_file_name": NAMES[0],
        "second_image_id": "3",
        "second_source_id": "id 3",
        "second_file_name": NAMES[0],
        "kind": "same file",
        "correlation": "1.0000",
    }


def test_copies_are_said():
    [message] = duplicate_messages(PAIRS, {}, share_a_fold=False)
    assert message.startswith("Images that are copies of others: 12. A fold may")
    assert "'0' and '0-copy'" in message
    assert "and 2 more" in message
    assert [*duplicate_messages(PAIRS, {}, share_a_fold=True)] == []
    assert [*duplicate_messages([], {}, share_a_fold=False)] == []


def test_files_that_could_not_be_compared_are_said():
    problems = {f"{n}.png": "not readable" for n in range(11)}
    [message] = duplicate_messages([], problems, share_a_fold=False)
    assert message.startswith(
        "Image files that could not be compared: 11\n  0.png: not"
    )
    assert "and 1 more" in message
    with pytest.raises(InputError, match=r"0\.png: not readable\n(.*\n)*`duplicates"):
        [*duplicate_messages([], problems, share_a_fold=True)]
