"""A COCO JSON as a source, whose records are carried over as they stand.

What a record needs is what https://cocodataset.org/#format-data gives it, apart from
what an annotation can do without.
"""

import codecs
import hashlib
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from cocofolds.errors import InputError
from cocofolds.json_stream import Value, read_values
from cocofolds.json_text import compact
from cocofolds.source_rows import Dialect, Source, SourceFile, SourceRow
from cocofolds.untrusted_files import open_source, unpacked

#: The members of a COCO JSON that are lists of records, and the keys these need.
NEEDED_KEYS = {
    "images": ("id", "file_name", "width", "height"),
    "annotations": ("id", "image_id", "category_id"),
    "categories": ("id", "name"),
}

_IDS = ("id", "image_id", "category_id")
_TEXTS = ("name", "file_name")
_SIZES = ("width", "height")
_BLOCK = 2**20

# Faulty records in a file that is taken for a COCO JSON.
_MOST_FAULTY = 10**6

Id = int | str


class _Survey(NamedTuple):
    """What a COCO JSON says apart from its annotations, and their ids.

    Attributes
    ----------
    images, categories : list of Value
    members : dict of str to str
        The texts of all other members.
    n_annotations : int
    problems : dict of int to str
        What is wrong with annotations by themselves, by their places.
    n_of_image : Counter
        Annotations of each image id.
    repeated : set of int
        The hashes of annotation ids that stand there more than once.
    """

    images: list[Value]
    categories: list[Value]
    members: dict[str, str]
    n_annotations: int
    problems: dict[int, str]
    n_of_image: Counter[Id]
    repeated: set[int]


class _Image(NamedTuple):
    """What the annotations of an image need to know of it."""

    name: str = ""
    width: str = ""
    height: str = ""
    group: str = ""


def read_coco_source(
    source: Source,
    path: str,
    dialect: Dialect,
    first_number: int,
    files: list[SourceFile],
) -> Iterator[SourceRow]:
    """Read the records of a COCO JSON: its images, then its annotations.

    The file is read twice, since images and categories may stand behind the
    annotations. Memory follows the images, and the longest annotation.

    Parameters
    ----------
    source : Source
        If it is this file alone, images are known by their ids, else by their file
        names: the ids of two files have nothing to do with each other.
    path : str
    dialect : Dialect
    first_number : int
        The number of the first annotation.
    files : list of SourceFile
        Gets an entry once all of it has been read.

    Yields
    ------
    SourceRow
        Also for records that are not what they should be, with what is wrong.

    Raises
    ------
    InputError
        If the file is not one JSON object with images and categories.
    """
    digest = hashlib.sha256()
    survey = _survey(path, _read(source, path, digest))
    row = partial(_row, path, dialect)

    categories: dict[Any, Value] = {}
    for value in survey.categories:
        problem = _problem(value) or _taken(value, "id", categories)
        if problem:
            yield row(value, first_number, _Image(), "", problem)
        else:
            categories[value.value["id"]] = value
    full_names = _full_names(path, categories)
    names = {i: source.rename_categories.get(n, n) for i, n in full_names.items()}

    _refuse_unknown_group(path, survey, source.group_column)
    images: dict[Any, _Image] = {}
    number = first_number
    for value, image, problem in _images(survey, source):
        yield row(value, number, image, "", problem)
        if not problem:
            images[value.value["id"]] = image
            number += survey.n_of_image[value.value["id"]]

    repeated: dict[Any, Value] = {}
    for value in _read(source, path, hashlib.sha256()):
        if value.key != "annotations":
            continue
        record, image, category = value.value, _Image(), ""
        problem = survey.problems.get(value.place, "")
        if not problem:
            image = images.get(record["image_id"], image)
            category = names.get(record["category_id"], "")
            problem = _unknown(record, images, names)
            if hash(record["id"]) in survey.repeated:
                problem = problem or _taken(value, "id", repeated)
                repeated.setdefault(record["id"], value)
        yield row(value, first_number + value.place, image, category, problem)
    records: dict[str, str] = {}
    for category_id, value in categories.items():
        records.setdefault(names[category_id], compact(value.text))
    numbers = range(first_number, first_number + survey.n_annotations)
    files.append(SourceFile(path, digest.hexdigest(), numbers, records, survey.members))


def _row(
    path: str,
    dialect: Dialect,
    value: Value,
    number: int,
    image: _Image,
    category: str,
    problem: str,
) -> SourceRow:
    return SourceRow(
        number,
        path,
        value.where,
        image.name,
        "",
        category,
        image.width,
        image.height,
        image.group,
        "",
        value.key == "annotations",
        problem,
        dialect,
        value.text,
    )


def _images(survey: _Survey, source: Source) -> Iterator[tuple[Value, _Image, str]]:
    """Say of each image what its annotations need to know, or what is wrong."""
    key = "id" if len(source.paths) == 1 else "file_name"
    by_id: dict[Any, Value] = {}
    by_name: dict[str, Value] = {}
    for value in survey.images:
        problem = _problem(value) or _taken(value, "id", by_id)
        name = "" if problem else str(value.value[key])
        if not problem and name in by_name:
            problem = _taken_by(value, key, by_name[name])
        if problem:
            yield value, _Image(), problem
            continue
        by_id[value.value["id"]] = by_name[name] = value
        size = str(value.value["width"]), str(value.value["height"])
        group = _group(value.value.get(source.group_column))
        yield value, _Image(name, *size, group), ""


def _read(source: Source, path: str, digest: "hashlib._Hash") -> Iterator[Value]:
    """Read all values of the file, and its checksum."""
    with open_source(path) as file:
        blocks = iter(lambda: file.read(_BLOCK), b"")
        texts = _decoded(path, unpacked(path, blocks, source.max_gz_ratio), digest)
        yield from read_values(path, texts, NEEDED_KEYS)


def _decoded(
    path: str, blocks: Iterator[bytes], digest: "hashlib._Hash"
) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        for block in blocks:
            digest.update(block)
            yield decoder.decode(block)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: not UTF-8 ({error.reason}). Save the file as UTF-8."
        ) from None


def _survey(path: str, values: Iterator[Value]) -> _Survey:
    lists: dict[str, list[Value]] = {"images": [], "categories": []}
    members: dict[str, str] = {}
    problems: dict[int, str] = {}
    n_of_image: Counter[Id] = Counter()
    n_annotations, n_faulty, hashes = 0, 0, array("q")
    for value in values:
        if value.key in ("info", "licenses") and value.value is None:
            # As good as not there: so Detectron2 writes it.
            continue
        if value.key not in NEEDED_KEYS:
            problem = _problem_of_member(value)
            if problem:
                raise InputError(f"{path}: {problem}. Mend it, or take it out.")
            members[value.key] = compact(value.text)
            continue
        problem = _problem(value)
        n_faulty += bool(problem)
        if n_faulty > _MOST_FAULTY:
            raise InputError(
                f"{path}: more than {_MOST_FAULTY} faulty records, such as"
                f" {value.where}: {problem}. Is it a COCO JSON?"
            )
        if value.key == "annotations":
            if problem:
                problems[n_annotations] = problem
            else:
                hashes.append(hash(value.value["id"]))
                n_of_image[value.value["image_id"]] += 1
            n_annotations += 1
        else:
            lists[value.key].append(value)
    for key, found in lists.items():
        if not found:
            raise InputError(f"{path}: it has no {key}. Is it a COCO JSON?")
    ids, counts = np.unique(np.asarray(hashes, np.int64), return_counts=True)
    repeated = {*ids[counts > 1].tolist()}
    return _Survey(
        lists["images"],
        lists["categories"],
        members,
        n_annotations,
        problems,
        n_of_image,
        repeated,
    )


def _full_names(path: str, categories: Mapping[Id, Value]) -> dict[Id, str]:
    """Name the categories; those that share a name bear their ids as well."""
    counts = Counter(value.value["name"] for value in categories.values())
    names: dict[Id, str] = {}
    for category_id, value in categories.items():
        name = value.value["name"]
        names[category_id] = name if counts[name] == 1 else f"{name} (id {category_id})"
        if counts[name] > 1 and names[category_id] in counts:
            raise InputError(
                f"{path}: there is a category {names[category_id]!r}, and the one of"
                f" the name {name!r} and the id {category_id} would be called so too."
                " Rename one of them."
            )
    return names


def _refuse_unknown_group(path: str, survey: _Survey, key: str | None) -> None:
    """Refuse a key for groups that no image has."""
    records = [v.value for v in survey.images if isinstance(v.value, dict)]
    if key and records and not any(key in record for record in records):
        raise InputError(
            f"{path}: no image has the key {key!r}. The first one has"
            f" {', '.join(map(repr, records[0]))}. Check `group_column`."
        )


def _group(value: object) -> str:
    """Read the name of a group, which may be a number; "" if there is none."""
    return str(value) if type(value) is int or _is_text(value) else ""


def _problem(value: Value) -> str:
    """Say what is wrong with a record by itself; "" if nothing."""
    record = value.value
    if not isinstance(record, dict):
        return "it is no object"
    for key in NEEDED_KEYS[value.key]:
        if key not in record:
            return f"it has no {key!r}"
        if key in _IDS and not (type(record[key]) is int or _is_text(record[key])):
            return f"its {key}, {record[key]!r}, is neither a whole number nor text"
        if key in _TEXTS and not _is_text(record[key]):
            return f"its {key}, {record[key]!r}, is no text"
        if key in _SIZES and type(record[key]) is not int:
            return f"its {key}, {record[key]!r}, is no whole number"
    if value.name not in (None, str(record["id"])):
        return f"its id is {record['id']!r}"
    return ""


def _problem_of_member(value: Value) -> str:
    if value.key == "info" and not isinstance(value.value, dict):
        return "'info' is no object"
    if value.key == "licenses" and not (
        isinstance(value.value, list) and all(isinstance(v, dict) for v in value.value)
    ):
        return "'licenses' is no list of objects"
    return ""


def _is_text(value: object) -> bool:
    """Tell whether a value is text that can be written."""
    try:
        return isinstance(value, str) and value.encode() != b""
    except UnicodeEncodeError:
        # JSON can spell one half of a pair of code points.
        return False


def _taken(value: Value, key: str, others: Mapping[Id, Value]) -> str:
    """Say which other record has what stands under a key; "" if none."""
    other = others.get(value.value[key])
    return _taken_by(value, key, other) if other else ""


def _taken_by(value: Value, key: str, other: Value) -> str:
    return f"its {key}, {value.value[key]!r}, is that of {other.where}"


def _unknown(
    record: Mapping[str, Any], images: Mapping[Id, Any], names: Mapping[Id, Any]
) -> str:
    """Say what an annotation refers to that is not there; "" if nothing."""
    if record["image_id"] not in images:
        return f"there is no sound image of its image_id, {record['image_id']!r}"
    if record["category_id"] not in names:
        key = record["category_id"]
        return f"there is no sound category of its category_id, {key!r}"
    return ""
