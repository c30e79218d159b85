"""Find out how a COCO JSON is to be read."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from cocofolds.errors import InputError
from cocofolds.sources.coco import NEEDED_KEYS, read_coco_source
from cocofolds.sources.detection.findings import (
    FileFindings,
    Finding,
    Question,
    Suggestion,
    none_found,
)
from cocofolds.sources.detection.groups import flattened, suggest_groups
from cocofolds.sources.detection.head import Head
from cocofolds.sources.file_kinds import kind_of_list, named
from cocofolds.sources.image_files import Files, look_among
from cocofolds.sources.image_records import file_name_in, size_in
from cocofolds.sources.image_sizes import measure
from cocofolds.sources.json_stream import read_values
from cocofolds.sources.records import Dialect, ImageRecord, Source, is_annotation
from cocofolds.wording import counted

_PIECE = 2**20
_NO_GROUP = frozenset(
    ("id", "file_name", "coco_url", "flickr_url", "license", "width", "height")
)
_SHOWN = 5


class _Survey(NamedTuple):
    """What is in a COCO JSON, or in its beginning.

    Attributes
    ----------
    images, categories : list of dict
    n_annotations : int
    kinds : Counter of str
        Annotations by what their segmentation is.
    ids : Counter
        Annotations by their ids.
    keys : set of str
    """

    images: list[dict[str, Any]]
    categories: list[dict[str, Any]]
    n_annotations: int
    kinds: Counter[str]
    ids: Counter[int | str | None]
    keys: set[str]


def find_coco(
    head: Head, position: int, folders: Sequence[Files]
) -> tuple[FileFindings, Files | None]:
    """Find out how a COCO JSON is to be read.

    Parameters
    ----------
    head : Head
    position : int
        Of the file among those of the source.
    folders : sequence of Files
        Those that may be the folder of the images.

    Returns
    -------
    findings : FileFindings
    image_files : Files or None
        The folder in which image files of it are.

    Raises
    ------
    InputError
        If it is no COCO JSON.
    """
    survey = _survey(head)
    names = [str(file_name_in(image)) for image in survey.images]
    looked_in = [each.folder for each in folders]
    files, n_found = _choose_folder(names, folders)
    findings = [_rows(head, survey), *_of_records(survey)]
    findings.append(_files(head.path, names, n_found, files, looked_in))
    settings: dict[str, Any] = {}
    if repeated := [i for i, n in survey.ids.items() if n > 1]:
        settings["annotation_ids"] = "renumber"
        what = counted(len(repeated), "id is", "ids are")
        said = f"renumber: {what} missing or there twice, such as {repeated[0]!r}"
        findings.append(Finding("ids", said, is_warning=True))
    questions: list[Question] = []
    valid = {*names}
    if head.is_whole:
        questions, valid = _faults(head, survey, settings, files)
        settings |= {k: v for q in questions for k, v in q.changes(q.default).items()}
    sizes = [size_in(image) for image in survey.images]
    found = FileFindings(
        head.path,
        {"format": "coco"},
        "",
        findings,
        questions,
        _groups(survey, names),
        settings,
        {
            name: (int(width), int(height)) if width and height else None
            for name, (width, height) in zip(names, sizes, strict=True)
        },
        head.is_whole,
        survey.n_annotations,
        {*names} - valid,
    )
    return found, files


def _survey(head: Head) -> _Survey:
    survey = _Survey([], [], 0, Counter(), Counter(), set())
    n_annotations = 0
    pieces = (head.text[n : n + _PIECE] for n in range(0, len(head.text), _PIECE))
    try:
        for value in read_values(head.path, pieces, NEEDED_KEYS):
            if not value.key and value.where:
                kind = kind_of_list(value.value) or "a list, with no images in it"
                raise InputError(f"{head.path}: it is no COCO JSON, but {kind}.")
            survey.keys.add(value.key)
            record = value.value
            if not isinstance(record, dict):
                continue
            if value.key == "images":
                # What is wrong with the others, the workflow's reader says.
                if _is_sound(record):
                    survey.images.append(record)
            elif value.key == "categories":
                survey.categories.append(record)
            elif value.key == "annotations":
                n_annotations += 1
                survey.kinds[_kind(record)] += 1
                survey.ids[record["id"] if _has_id(record) else None] += 1
    except InputError:
        # What has not been read ends it: the workflow's reader says what is wrong.
        if head.is_whole:
            _refuse(head)
            raise
    if not head.is_whole and not survey.keys & {*NEEDED_KEYS}:
        raise InputError(
            f"{head.path}: the beginning has no images, annotations or categories, but"
            f" {named(survey.keys)}. Is it a COCO JSON?"
        )
    return survey._replace(n_annotations=n_annotations)


def _is_sound(image: Mapping[str, Any]) -> bool:
    sizes = [size for key in ("width", "height") if (size := image.get(key))]
    return isinstance(file_name_in(image), str) and all(
        type(size) is int or (type(size) is float and size.is_integer())
        for size in sizes
    )


def _has_id(record: Mapping[str, Any]) -> bool:
    return type(record.get("id")) in (int, str)


def _kind(annotation: Mapping[str, Any]) -> str:
    segmentation = annotation.get("segmentation")
    if not segmentation or segmentation == [[]]:
        return "without a mask"
    return "run lengths" if isinstance(segmentation, dict) else "polygons"


def _refuse(head: Head) -> None:
    """Read it as the workflow does, for the message."""
    source = Source([head.path], [Dialect(format="coco")])
    for _ in read_coco_source(source, head.path, source.dialects[0], 1, []):
        pass


def _choose_folder(
    names: Sequence[str], folders: Sequence[Files]
) -> tuple[Files | None, int]:
    """Choose the folder with most of the images, best at their paths."""
    best: tuple[int, int] = (0, 0)
    chosen = None
    for files in folders:
        found, _ = look_among(files, {name: ("{id}", name) for name in names})
        n_exact = sum(name == path for name, path in found.items())
        if (len(found), n_exact) > best:
            best, chosen = (len(found), n_exact), files
    return chosen, best[0]


def _rows(head: Head, survey: _Survey) -> Finding:
    said = (
        f"COCO JSON: {counted(survey.n_annotations, 'annotation')} of"
        f" {counted(len(survey.images), 'image')}"
    )
    if head.is_whole:
        return Finding("rows", said)
    return Finding("rows", f"only the first are looked at: {said}", is_warning=True)


def _of_records(survey: _Survey) -> Iterator[Finding]:
    names = [str(record.get("name")) for record in survey.categories]
    shown = ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
    what = counted(len(names), "category", "categories")
    if names:
        yield Finding("categories", f"{what}: {shown}")
    kinds = ", ".join(f"{n:,} {kind}" for kind, n in survey.kinds.most_common())
    if kinds:
        yield Finding("masks", kinds, is_warning="without a mask" in survey.kinds)
    without = sum(not image.get("file_name") for image in survey.images)
    if without:
        said = f"{counted(without, 'image')} without file_name: the end of their url"
        yield Finding("file_name", said)
    unsized = sum(not all(size_in(image)) for image in survey.images)
    if unsized:
        said = f"{counted(unsized, 'image has', 'images have')} none; read from files"
        yield Finding("sizes", said)


def _files(
    path: str,
    names: Sequence[str],
    n_found: int,
    files: Files | None,
    looked_in: Sequence[str],
) -> Finding:
    if files is None:
        return none_found(path, looked_in)
    said = f"{n_found:,} of {counted(len(names), 'image')} have a file in"
    return Finding("images", f"{said} {files.folder}", n_found < len(names))


def _faults(
    head: Head, survey: _Survey, settings: Mapping[str, Any], files: Files | None
) -> tuple[list[Question], set[str]]:
    """Ask whether to leave faulty records out, if there are some.

    Returns
    -------
    questions : list of Question
    valid : set of str
        The file names of the images that are not faulty.

    Raises
    ------
    InputError
        If half of the annotations or more are faulty.
    """
    source = Source([head.path], [Dialect(format="coco")], **settings)
    folder = files.folder if files else None
    rows = read_coco_source(
        source, head.path, source.dialects[0], 1, [], partial(measure, folder)
    )
    n_faulty, n_annotations, first = 0, 0, ""
    valid = set()
    for row in rows:
        if row.problem:
            n_faulty += 1
            n_annotations += is_annotation(row)
            first = first or f"{row.line}: {row.problem}"
        elif isinstance(row, ImageRecord):
            valid.add(str(file_name_in(json.loads(row.record))))
    if n_annotations and 2 * n_annotations >= survey.n_annotations:
        raise InputError(
            f"{head.path}: {n_annotations:,} of"
            f" {counted(survey.n_annotations, 'annotation')} are faulty, such as"
            f" {first}."
        )
    if not n_faulty:
        return [], valid
    what = counted(n_faulty, "record is", "records are")
    return [
        Question(
            "on_invalid",
            "Leave them out (skip), or let the run stop at them (error)?",
            "skip",
            {"skip": {"on_invalid": "skip"}, "error": {"on_invalid": None}},
            f"{what} faulty, such as {first}",
        )
    ], valid


def _groups(survey: _Survey, names: Sequence[str]) -> list[Suggestion]:
    columns = {
        key: dict(zip(names, values, strict=True))
        for key, values in flattened(survey.images).items()
        if key not in _NO_GROUP
    }
    return suggest_groups(columns, names)
