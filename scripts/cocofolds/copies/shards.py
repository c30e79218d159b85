"""Fingerprints of the images of a shard, as a job takes them and another reads them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from cocofolds.copies.fingerprints import (
    SIDE,
    Fingerprint,
    Picture,
    fingerprint_and_picture,
)
from cocofolds.errors import InputError
from cocofolds.files import read_table
from cocofolds.sources.image_files import find_or_explain

FINGERPRINT_COLUMNS = ("file_name", "digest", "bits", "problem")


class Fingerprints(NamedTuple):
    """What is known of image files, by the file names of the images.

    Attributes
    ----------
    of_files : dict of str to Fingerprint
    pictures : dict of str to (SIDE, SIDE) uint16
        Their small pictures.
    problems : dict of str to str
        Of each other file, why it could not be read.
    """

    of_files: dict[str, Fingerprint]
    pictures: dict[str, Picture]
    problems: dict[str, str]


def file_names_of_shard(images: Iterable[Mapping[str, str]], shard: str) -> list[str]:
    """List the files of the images of a shard, each once.

    Parameters
    ----------
    images : iterable of mapping
        Rows of `images.csv`.
    shard : str
    """
    return [*dict.fromkeys(r["file_name"] for r in images if r["shard"] == shard)]


def take_fingerprints(
    images_dir: str, file_names: Sequence[str]
) -> Iterator[tuple[tuple[str, str, str, str], Picture]]:
    """Take the fingerprints of image files; to be unreadable is no reason to stop.

    Parameters
    ----------
    images_dir : str
        The folder of the image files.
    file_names : sequence of str

    Yields
    ------
    row : tuple of str
        Of `FINGERPRINT_COLUMNS`, with the bits in hexadecimal digits.
    picture : (SIDE, SIDE) uint16
        All 0 if the file could not be read.
    """
    paths, problems = find_or_explain(images_dir, file_names)
    for name in file_names:
        try:
            if name in problems:
                raise InputError(problems[name])
            (digest, bits), picture = fingerprint_and_picture(paths[name])
            yield (name, digest, f"{bits:016x}", ""), picture
        except InputError as error:
            yield (name, "", "", str(error)), np.zeros((SIDE, SIDE), np.uint16)


def read_fingerprints(shards: Iterable[tuple[str, str]]) -> Fingerprints:
    """Read the fingerprints of all shards.

    Parameters
    ----------
    shards : iterable of (str, str)
        Of each shard, the table and the array of small pictures, which is not read
        before a picture is looked at.
    """
    found = Fingerprints({}, {}, {})
    for table, array in shards:
        pictures = np.load(array, mmap_mode="r")
        for row, picture in zip(read_table(table), pictures, strict=True):
            name = row["file_name"]
            if row["problem"]:
                found.problems[name] = row["problem"]
            else:
                found.of_files[name] = Fingerprint(row["digest"], int(row["bits"], 16))
                found.pictures[name] = picture
    return found
