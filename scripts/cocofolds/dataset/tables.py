"""The tables of images and categories that the index makes of what it has read.

A COCO JSON alone keeps its ids. Where several files are one source, the ids of one say
nothing in another, so all are counted again.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cocofolds.dataset.index import Index
from cocofolds.json_text import compact, with_values
from cocofolds.settings import Numbering
from cocofolds.sources.records import Dialect, SourceFile

IMAGE_COLUMNS = (
    "image_id",
    "source_id",
    "file_name",
    "width",
    "height",
    "category",
    "group",
    "values",
    "shard",
    "record",
)
CATEGORY_COLUMNS = ("category_id", "name", "record")


class Head(NamedTuple):
    """What a COCO JSON has besides its images, annotations and categories.

    Attributes
    ----------
    sources : list of dict
        What to say of each file.
    members : mapping of str to str
        The texts of the members that are kept.
    left_out : list of str
        The names of those that are not.
    new_license_ids : dict of str to dict
        For each file, the new id of each license, by the JSON text of the old one.
    """

    sources: list[dict[str, Any]]
    members: Mapping[str, str]
    left_out: list[str]
    new_license_ids: dict[str, dict[str, int]]


def head_of(files: Sequence[SourceFile], numbering: Numbering) -> Head:
    """Take the members of a COCO JSON as they are; of several files, join the licenses.

    Parameters
    ----------
    files : sequence of SourceFile
    numbering : Numbering
        Where licenses are numbered from 1, equal ones are one.
    """
    sources: list[dict[str, Any]] = [
        {"name": file.name, "sha256": file.sha256} for file in files
    ]
    if numbering.images == "keep":
        return Head(sources, files[0].members, [], {files[0].path: {}})
    licenses: dict[str, dict[str, Any]] = {}
    new_ids: dict[str, dict[str, int]] = {file.path: {} for file in files}
    for file, said in zip(files, sources, strict=True):
        if "info" in file.members:
            said["info"] = json.loads(file.members["info"])
        for record in json.loads(file.members.get("licenses", "[]")):
            text = json.dumps({**record, "id": None}, sort_keys=True)
            kept = licenses.setdefault(text, {**record, "id": len(licenses) + 1})
            new_ids[file.path][json.dumps(record.get("id"))] = kept["id"]
    joined = json.dumps([*licenses.values()], separators=(",", ":"))
    others = {key for file in files for key in file.members} - {"info", "licenses"}
    return Head(sources, {"licenses": joined}, sorted(others), new_ids)


def category_names(
    index: Index,
    files: Sequence[SourceFile],
    categories: Sequence[str] | None,
    numbering: Numbering,
) -> list[str]:
    """List the names of the categories: as given, as in the COCO JSON, or sorted."""
    if categories:
        return list(categories)
    if numbering.categories == "keep":
        return [name for file in files for name in file.categories]
    return sorted(found_names(index, files))


def found_names(index: Index, files: Sequence[SourceFile]) -> set[str]:
    """Collect the names of categories that annotations have, or a COCO JSON lists."""
    names = {name for image in index.images.values() for name in image.categories}
    return names.union(*(file.categories for file in files))


def category_rows(
    names: Sequence[str], files: Sequence[SourceFile], numbering: Numbering
) -> Iterator[tuple[int | str, str, str]]:
    """List the categories as rows of `CATEGORY_COLUMNS`.

    Parameters
    ----------
    names : sequence of str
    files : sequence of SourceFile
        The record of a category is that of the first file that has one.
    numbering : Numbering
    """
    for number, name in enumerate(names, 1):
        record = next((f.categories[name] for f in files if name in f.categories), "")
        if numbering.categories == "keep":
            yield json.loads(record)["id"], name, record
            continue
        if record:
            record = with_values(record, {"id": str(number), "name": json.dumps(name)})
        yield number, name, record


def image_rows(
    index: Index,
    names: Sequence[str],
    file_name: Callable[[str, Dialect], str],
    numbering: Numbering,
    new_license_ids: Mapping[str, Mapping[str, int]],
) -> Iterator[tuple[Any, ...]]:
    """List the images of an index as rows of `IMAGE_COLUMNS`.

    Parameters
    ----------
    index : Index
    names : sequence of str
        Of the categories, in the order of their ids.
    file_name : callable
        Tells the file name of an image of a table, by its id there.
    numbering : Numbering
    new_license_ids : mapping
        For each file, see `Head`.
    """
    positions = {name: position for position, name in enumerate(names)}
    for source_id, image in sorted(
        index.images.items(), key=lambda item: item[1].image_id
    ):
        category = min(
            image.categories,
            key=lambda name: (-image.categories[name], positions[name]),
            default="",
        )
        record = compact(image.record)
        if record:
            name = json.loads(record)["file_name"]
        else:
            name = file_name(source_id, image.dialect)
        if record and numbering.images == "renumber":
            record = _renumbered(
                record, image.image_id, new_license_ids[image.record_path]
            )
        yield (
            image.image_id,
            source_id,
            name,
            image.width,
            image.height,
            category,
            image.group,
            json.dumps([*image.values]) if image.values else "",
            image.shard,
            record,
        )


def _renumbered(record: str, image_id: int, new_license_ids: Mapping[str, int]) -> str:
    values = {"id": str(image_id)}
    license_id = json.loads(record).get("license")
    if license_id is not None:
        # A license that the file does not list would become that of another file.
        new_id = new_license_ids.get(json.dumps(license_id))
        values["license"] = json.dumps(new_id)
    return with_values(record, values)
