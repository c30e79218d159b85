"""A COCO JSON as a source, whose records are carried over as they are.

What a record needs is what https://cocodataset.org/#format-data gives it, apart from
what an annotation can do without.
"""

import codecs
import hashlib
import re
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from math import inf
from typing import Any, NamedTuple

import numpy as np

from cocofolds.errors import InputError
from cocofolds.json_text import compact, has_nan
from cocofolds.masks.run_lengths import in_batches
from cocofolds.sources.file_kinds import (
    kind_of_file,
    kind_of_list,
    kind_of_record,
    named,
)
from cocofolds.sources.groups import group_in_name, joined, value_under
from cocofolds.sources.image_records import URLS, file_name_in, size_in
from cocofolds.sources.json_stream import Value, read_values
from cocofolds.sources.records import (
    AnnotationRecord,
    Dialect,
    FaultyCategory,
    ImageRecord,
    Source,
    SourceFile,
)
from cocofolds.sources.segmentations import (
    box_problem,
    is_inside,
    reaches_out,
    segmentation_problem,
    sum_problem,
    sums_of_counts,
)
from cocofolds.sources.untrusted_files import open_source, unpacked

#: The members of a COCO JSON that are lists of records, and the keys these need.
NEEDED_KEYS = {
    "images": ("id",),
    "annotations": ("id", "image_id", "category_id"),
    "categories": ("id", "name"),
}

_IDS = ("id", "image_id", "category_id")
_SIZES = ("width", "height")
_BLOCK = 2**20

# Faulty records in a file that is taken for a COCO JSON.
_MOST_FAULTY = 10**6

_WHOLE_NUMBER = re.compile("0|-?[1-9][0-9]{0,30}")


# What a warning names before it only counts.
_NAMED = 10

Id = int | str

#: Finds out for images of a file, by their file names, width and height in pixels, or
#: what is wrong.
Measure = Callable[
    [str, Sequence[str]], tuple[Mapping[str, tuple[int, int]], Mapping[str, str]]
]


class _Survey(NamedTuple):
    """What a COCO JSON says apart from its annotations, and their ids.

    Attributes
    ----------
    images, categories : list of Value
    members : dict of str to str
        The texts of all other members.
    n_annotations : int
    problems : dict of int to str
        What is wrong with annotations by themselves, by their positions.
    n_of_image : Counter
        Annotations of each image id.
    repeated : set of int
        The hashes of annotation ids that are there more than once.
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
    size: tuple[int, int] = (0, 0)


class _Known(NamedTuple):
    """What annotations may refer to.

    Attributes
    ----------
    images : dict of Id to _Image
        The valid ones.
    categories : dict of Id to str
        Names of the valid ones.
    image_lines, category_lines : dict of Id to str
        Where the record of each id is, valid or not.
    """

    images: dict[Id, _Image]
    categories: dict[Id, str]
    image_lines: dict[Id, str]
    category_lines: dict[Id, str]


def read_coco_source(
    source: Source,
    path: str,
    dialect: Dialect,
    first_number: int,
    files: list[SourceFile],
    measure: Measure | None = None,
) -> Iterator[ImageRecord | AnnotationRecord | FaultyCategory]:
    """Read the records of a COCO JSON: its images, then its annotations.

    The file is read twice, since images and categories may be behind the
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
    measure : callable, optional
        See `cocofolds.sources.reading.read_source`.

    Yields
    ------
    ImageRecord, AnnotationRecord or FaultyCategory
        Also for records that are not what they should be, with what is wrong. Their
        texts are those of the file.

    Raises
    ------
    InputError
        If the file is not one JSON object with images, annotations and categories.
    """
    digest = hashlib.sha256()
    survey = _survey(source, path, digest)
    categories: dict[Id, Value] = {}
    shared = _shared_ids(survey.categories, lambda record_id: record_id)
    for position, value in enumerate(survey.categories):
        problem = _problem(value) or shared.get(position, "")
        if problem:
            yield FaultyCategory(first_number, path, value.where, problem, dialect)
        else:
            categories[value.value["id"]] = value
    full_names = _full_names(path, categories)
    names = {i: source.rename_categories.get(n, n) for i, n in full_names.items()}

    for key in source.group_columns:
        _refuse_unknown_key(path, survey, key, "group_column")
    for key in source.image_columns:
        _refuse_unknown_key(path, survey, key, "balance")
    images: dict[Id, _Image] = {}
    number = first_number
    for value, image, problem in _images(path, survey, source, dialect, measure):
        said = image.name, image.width, image.height, image.group
        values = [_text_under(value.value, key) for key in source.image_columns]
        yield ImageRecord(
            number, path, value.where, *said, problem, dialect, value.text, values
        )
        if image.name:
            images[value.value["id"]] = image
            number += survey.n_of_image[value.value["id"]]

    known = _Known(images, names, _lines(survey.images), _lines(survey.categories))
    earlier: dict[Id, str] = {}
    row = partial(_annotation_row, path, dialect)
    annotations = (
        _referred(row, value, first_number + value.position, survey, known, earlier)
        for value in _read(source, path, hashlib.sha256(), set())
        if value.key == "annotations"
    )
    n_reaching_out, reaching_out = 0, []
    for annotation in _summed_up(annotations):
        if annotation.reaches_out:
            n_reaching_out += 1
            if n_reaching_out <= _NAMED:
                reaching_out.append(str(annotation.row.line))
        yield annotation.row
    records: dict[str, str] = {}
    for category_id, value in categories.items():
        records.setdefault(names[category_id], compact(value.text))
    numbers = range(first_number, first_number + survey.n_annotations)
    files.append(
        SourceFile(
            path,
            digest.hexdigest(),
            numbers,
            records,
            survey.members,
            n_reaching_out,
            reaching_out,
        )
    )


def _annotation_row(
    path: str,
    dialect: Dialect,
    value: Value,
    number: int,
    image: _Image,
    category: str,
    problem: str,
    refers_to: Sequence[str] = (),
) -> AnnotationRecord:
    return AnnotationRecord(
        number,
        path,
        value.where,
        image.name,
        category,
        image.width,
        image.height,
        image.group,
        problem,
        dialect,
        value.text,
        refers_to,
    )


def _images(
    path: str,
    survey: _Survey,
    source: Source,
    dialect: Dialect,
    measure: Measure | None,
) -> Iterator[tuple[Value, _Image, str]]:
    """Say of each image what its annotations need to know, or what is wrong.

    One whose file does not say its size has a name none the less.
    """
    is_alone = len(source.paths) == 1
    # As text, 7 and "7" are one name.
    shared = _shared_ids(
        survey.images, str if is_alone else lambda record_id: record_id
    )
    by_name: dict[str, Value] = {}
    valid: list[tuple[Value, str, str]] = []
    for position, value in enumerate(survey.images):
        problem = _problem(value) or shared.get(position, "")
        name = "" if problem else f"{dialect.file_prefix}{file_name_in(value.value)}"
        if not problem and not is_alone and name in by_name:
            problem = f"its file_name, {name!r}, is that of {by_name[name].where}"
        by_name.setdefault(name, value)
        valid.append((value, name, problem))
    unsized = [
        n for v, n, problem in valid if not problem and not all(size_in(v.value))
    ]
    sizes, problems = measure(path, unsized) if measure and unsized else ({}, {})
    for value, name, problem in valid:
        if problem:
            yield value, _Image(), problem
            continue
        size = size_in(value.value)
        if not all(size):
            problem = problems.get(name, "") or _other_size(
                value.value, sizes.get(name)
            )
            size = ("", "") if problem or name not in sizes else _as_text(sizes[name])
        group = group_of(value.value, name, source)
        known_as = str(value.value["id"]) if is_alone else name
        pixels = int(size[0] or 0), int(size[1] or 0)
        yield value, _Image(known_as, *size, group, pixels), problem


def _as_text(size: tuple[int, int]) -> tuple[str, str]:
    return str(size[0]), str(size[1])


def _other_size(record: Mapping[str, Any], size: tuple[int, int] | None) -> str:
    """Say that the one side that a record names is not that of the file; "" if so."""
    for key, said, found in zip(_SIZES, size_in(record), size or (), strict=False):
        if said and said != str(found):
            return f"its {key}, {said}, is not that of its file, {found}"
    return ""


class _Annotation(NamedTuple):
    """The row of an annotation, and what is still to be seen.

    Attributes
    ----------
    row : AnnotationRecord
    image : _Image
    counts : str or None
        Compressed counts, whose sum is to be that of its image.
    reaches_out : bool
        Whether its box reaches out of its image by more than a pixel.
    """

    row: AnnotationRecord
    image: _Image
    counts: str | None = None
    reaches_out: bool = False


def _summed_up(annotations: Iterator[_Annotation]) -> Iterator[_Annotation]:
    """Say of annotations whose counts do not fill their images that they do not."""
    # Counts are summed up many at a time.
    for batch in in_batches(annotations, lambda annotation: len(annotation.row.record)):
        positions = [n for n, found in enumerate(batch) if found.counts is not None]
        sums = sums_of_counts([batch[position].counts or "" for position in positions])
        for position, total in zip(positions, sums, strict=True):
            row, image, *_ = batch[position]
            if problem := sum_problem(total, *image.size):
                batch[position] = _Annotation(row._replace(problem=problem), image)
        yield from batch


def _referred(
    row: Callable[..., AnnotationRecord],
    value: Value,
    number: int,
    survey: _Survey,
    known: _Known,
    earlier: dict[Id, str],
) -> _Annotation:
    """Look up what an annotation refers to; `earlier` has the ids that came before."""
    nothing = _Image()
    if survey.problems and (problem := survey.problems.get(value.position)):
        return _Annotation(row(value, number, nothing, "", problem), nothing)
    record = value.value
    image_id, category_id = record["image_id"], record["category_id"]
    image_line = known.image_lines.get(image_id)
    category_line = known.category_lines.get(category_id)
    if image_line is None or category_line is None:
        problem = _unknown(image_id, "image", known.image_lines) or _unknown(
            category_id, "category", known.category_lines
        )
        return _Annotation(row(value, number, nothing, "", problem), nothing)
    image = known.images.get(image_id, nothing)
    problem = _taken(value, earlier) if survey.repeated else ""
    if survey.repeated and hash(record["id"]) in survey.repeated:
        earlier.setdefault(record["id"], value.where)
    counts, is_reaching_out = None, False
    if not problem and image.width:
        segmentation = record.get("segmentation")
        problem = segmentation_problem(segmentation, *image.size)
        if segmentation and not problem and isinstance(segmentation, dict):
            counts = segmentation["counts"]
            counts = counts if isinstance(counts, str) else None
        box = record.get("bbox")
        if box not in (None, []) and not is_inside(box, *image.size):
            problem = problem or box_problem(box, *image.size)
            is_reaching_out = not problem and reaches_out(box, *image.size)
    category = known.categories.get(category_id, "")
    lines = image_line, category_line
    return _Annotation(
        row(value, number, image, category, problem, lines),
        image,
        None if problem else counts,
        is_reaching_out,
    )


def _taken(value: Value, earlier: Mapping[Id, str]) -> str:
    """Say which annotation that came before has the id of this one; "" if none."""
    record_id = value.value["id"]
    if record_id not in earlier:
        return ""
    return (
        f"its id, {record_id!r}, is that of {earlier[record_id]}; `annotation_ids:"
        " renumber` gives each annotation another one"
    )


def _read(
    source: Source, path: str, digest: "hashlib._Hash", begun: set[str]
) -> Iterator[Value]:
    """Read all values of the file, its checksum, and which lists are there."""
    with open_source(path, source.opened) as file:
        blocks = iter(lambda: file.read(_BLOCK), b"")
        texts = _decoded(path, unpacked(path, blocks, source.max_gz_ratio), digest)
        yield from read_values(path, texts, NEEDED_KEYS, begun)


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


def _survey(source: Source, path: str, digest: "hashlib._Hash") -> _Survey:
    keeps_ids = source.annotation_ids == "keep"
    begun: set[str] = set()
    lists: dict[str, list[Value]] = {"images": [], "categories": []}
    members: dict[str, str] = {}
    firsts: dict[str, Any] = {}
    problems: dict[int, str] = {}
    n_of_image: Counter[Id] = Counter()
    n_annotations, n_faulty, hashes = 0, 0, array("q")
    for value in _read(source, path, digest, begun):
        if not value.position:
            if not value.key and value.where:
                kind = kind_of_list(value.value) or "a list, with no images in it"
                raise InputError(f"{path}: it is no COCO JSON, but {kind}.")
            firsts.setdefault(value.key, value.value)
        if value.key in ("info", "licenses") and value.value is None:
            # As good as not there: so Detectron2 writes it.
            continue
        if value.key not in NEEDED_KEYS:
            problem = _problem_of_member(value)
            if problem:
                raise InputError(f"{path}: {problem}. Fix it, or take it out.")
            if value.key in members:
                raise InputError(f"{path}: duplicate key {value.key!r}.")
            members[value.key] = compact(value.text)
            continue
        problem = _problem(value, keeps_ids)
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
                if keeps_ids:
                    hashes.append(hash(value.value["id"]))
                n_of_image[value.value["image_id"]] += 1
            n_annotations += 1
        else:
            lists[value.key].append(value)
    has_sound_annotations = n_annotations > len(problems)
    _refuse_other_kinds(
        path, begun, firsts, has_sound_annotations, source.needs_annotations
    )
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


def _refuse_other_kinds(
    path: str,
    begun: Collection[str],
    firsts: Mapping[str, Any],
    has_sound_annotations: bool,
    needs_annotations: bool,
) -> None:
    """Refuse a file that is none of COCO's instances, and say what it seems to be.

    Parameters
    ----------
    path : str
    begun : collection of str
        The lists that are there, empty ones among them.
    firsts : mapping
        The first record of each list, and the other members.
    has_sound_annotations, needs_annotations : bool
    """
    first = firsts.get("annotations")
    if not has_sound_annotations and (kind := kind_of_record(first)):
        raise InputError(f"{path}: it seems to be {kind}.")
    others = [k for k, v in firsts.items() if k not in NEEDED_KEYS and _is_filled(v)]
    for key in NEEDED_KEYS:
        similar = get_close_matches(key, others, 1)
        if key == "annotations" and not similar and key not in begun:
            similar = [other for other in others if _lists_annotations(firsts[other])]
        kind = ""
        if key not in begun:
            kind = kind_of_file(firsts, first or next(iter(firsts.values()), None))
        elif key in firsts or (key == "annotations" and not similar):
            continue
        if key == "annotations" and not (kind or similar or needs_annotations):
            continue
        if kind:
            hint = f"It seems to be {kind}."
        elif similar:
            hint = f"Is it {similar[0]!r}? Then name that {key!r}."
        elif key == "annotations":
            hint = (
                "It has images alone, as the files of test sets do: nothing to make"
                ' folds of. If that is what you want, add "annotations": [] to it.'
            )
        else:
            hint = "Is it a COCO JSON?"
        raise InputError(f"{path}: it has no {key}. {hint} Its keys: {named(firsts)}.")


def _lists_annotations(value: object) -> bool:
    record = value[0] if isinstance(value, list) else None
    return isinstance(record, dict) and "image_id" in record


def _is_filled(value: object) -> bool:
    return isinstance(value, list | dict) and bool(value)


def _full_names(path: str, categories: Mapping[Id, Value]) -> dict[Id, str]:
    """Name the categories; those that share a name have their ids as well."""
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


def _refuse_unknown_key(path: str, survey: _Survey, key: str, setting: str) -> None:
    """Refuse a key that no image has, or that holds an object."""
    records = [v.value for v in survey.images if isinstance(v.value, dict)]
    values = [value_under(record, key) for record in records]
    is_there = any(key in record for record in records)
    if records and not is_there and all(value is None for value in values):
        raise InputError(
            f"{path}: no image has the key {key!r}. The first one has"
            f" {', '.join(map(repr, records[0]))}. Check `{setting}`."
        )
    for value in values:
        if isinstance(value, dict) and value:
            raise InputError(
                f"{path}: the key {key!r} of images holds an object with the keys"
                f" {', '.join(map(repr, value))}. Name one of them, as in"
                f" `{setting}: {key}.{next(iter(value))}`."
            )


def group_of(record: Mapping[str, Any], file_name: str, source: Source) -> str:
    """Read the name of a group, which may be a number; "" if there is none.

    Parameters
    ----------
    record : mapping
        That of an image.
    file_name : str
    source : Source
        How groups are named in it.
    """
    if source.group_pattern:
        return group_in_name(source.group_pattern, file_name)
    return joined([_text_under(record, key) for key in source.group_columns])


def _text_under(record: Any, key: str) -> str:
    """Read a text or a whole number under a key of a record; "" if there is none."""
    value = value_under(record, key) if isinstance(record, dict) else None
    return str(value) if type(value) is int or _is_text(value) else ""


def _problem(value: Value, needs_id: bool = True) -> str:
    """Say what is wrong with a record by itself; "" if nothing."""
    record = value.value
    if not isinstance(record, dict):
        return "it is no object"
    if has_nan(value.text):
        return "it has NaN or Infinity among its values, which are no JSON"
    for key in NEEDED_KEYS[value.key]:
        if key == "id" and value.key == "annotations" and not needs_id:
            continue
        if key not in record:
            return f"it has no {key!r}"
        if key in _IDS and not (type(record[key]) is int or _is_text(record[key])):
            return f"its {key}, {record[key]!r}, is neither a whole number nor text"
        if key == "name" and not _is_text(record[key]):
            return f"its {key}, {record[key]!r}, is no text"
    if value.key == "images" and (problem := _problem_of_image(record)):
        return problem
    if value.name is not None and needs_id and value.name != str(record["id"]):
        return f"its id is {record['id']!r}"
    # So a number is read that is too large, such as 1e999.
    if record.get("area") in (inf, -inf):
        return "its area is no finite number"
    return ""


def _problem_of_image(record: Mapping[str, Any]) -> str:
    name = file_name_in(record)
    if name is None:
        return f"it has no 'file_name', nor a {' or '.join(map(repr, URLS))}"
    if not _is_text(name):
        return f"its file_name, {name!r}, is no text"
    for key in _SIZES:
        value = record.get(key)
        is_whole = type(value) is int or (type(value) is float and value.is_integer())
        if value is not None and not is_whole:
            return f"its {key}, {value!r}, is no whole number"
    return ""


def _problem_of_member(value: Value) -> str:
    if has_nan(value.text):
        return f"{value.key!r} has NaN or Infinity among its values, which are no JSON"
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


def _lines(values: Sequence[Value]) -> dict[Id, str]:
    """Tell where the record of each id is, the first if there are several."""
    lines: dict[Id, str] = {}
    for value in values:
        if _has_id(value):
            lines.setdefault(value.value["id"], value.where)
    return lines


def _has_id(value: Value) -> bool:
    return isinstance(value.value, dict) and type(value.value.get("id")) in (int, str)


def _shared_ids(
    values: Sequence[Value], as_known: Callable[[Id], Id]
) -> dict[int, str]:
    """Say of the records that share an id which other one has it, by their positions.

    None of them can be told from the others by what refers to them.
    """
    positions_of: dict[Id, list[int]] = {}
    for position, value in enumerate(values):
        if _has_id(value):
            positions_of.setdefault(as_known(value.value["id"]), []).append(position)
    return {
        position: _taken_by(
            values[position], values[positions[1] if n == 0 else positions[0]]
        )
        for positions in positions_of.values()
        if len(positions) > 1
        for n, position in enumerate(positions)
    }


def _taken_by(value: Value, other: Value) -> str:
    record_id, other_id = value.value["id"], other.value["id"]
    said = f"its id, {record_id!r}, is that of {other.where}"
    if record_id == other_id:
        return said
    return f"{said}, {other_id!r}, except for its type"


def _unknown(record_id: Id, kind: str, lines: Mapping[Id, str]) -> str:
    """Say that an annotation refers to what is not there; "" if it is there."""
    if record_id in lines:
        return ""
    said = f"its {kind}_id, {record_id!r},"
    if isinstance(record_id, int):
        if other := lines.get(str(record_id)):
            return (
                f"{said} is a number, but the id of {other} is the text '{record_id}'"
            )
    elif _WHOLE_NUMBER.fullmatch(record_id) and (other := lines.get(int(record_id))):
        return f"{said} is text, but the id of {other} is the number {record_id}"
    return f"{said} refers to no valid {kind}"
