"""What the settings say of the source: its files, their dialects, and their ids."""

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cocofolds.config.settings import annotations_of, as_list
from cocofolds.errors import InputError
from cocofolds.settings import Ids, ImageIds, Numbering
from cocofolds.sources.dialects import dialect_of
from cocofolds.sources.records import Dialect
from cocofolds.workflow_files import WorkflowFiles

#: The settings of a source besides its files and dialects.
SOURCE_KEYS = (
    "group_column",
    "group_pattern",
    "rename_categories",
    "max_gz_ratio",
    "annotation_ids",
)
#: The settings that change masks.
HYGIENE_KEYS = ("min_area", "fill_holes", "keep_largest_part", "drop_duplicates")


class SourceSettings(NamedTuple):
    """The source, as the settings have it.

    Attributes
    ----------
    paths : list of str
    dialects : list of Dialect
        That of each file.
    image_ids : {"integer", "source"}
    numbering : Numbering
    has_unlisted_images : bool
        Whether image files that no row of a table names are images too.
    """

    paths: list[str]
    dialects: list[Dialect]
    image_ids: ImageIds
    numbering: Numbering
    has_unlisted_images: bool


def source_settings(
    settings: Mapping[str, Any], files: WorkflowFiles
) -> SourceSettings:
    """Find out what the settings say of the source.

    Parameters
    ----------
    settings : mapping
        Complete.
    files : WorkflowFiles

    Raises
    ------
    InputError
        If a dialect is not what it may be, or settings do not fit the source.
    """
    paths = annotations_of(settings)
    _refuse_what_is_no_file(paths)
    dialects = _dialects(settings, len(paths), files)
    if not any(dialect.is_table for dialect in dialects):
        _refuse_settings_of_tables(settings)
    return SourceSettings(
        paths,
        dialects,
        *_ids(settings, dialects),
        _has_unlisted_images(settings, dialects),
    )


def _refuse_what_is_no_file(paths: Sequence[str]) -> None:
    """Refuse a folder and, since to read it is to wait for a writer, a named pipe."""
    for path in paths:
        if os.path.isdir(path):
            raise InputError(
                f"config: annotations: '{path}' is a folder. Name the files, in a list"
                " if there are several."
            )
        if os.path.exists(path) and not os.path.isfile(path):
            raise InputError(
                f"config: annotations: '{path}' is a named pipe, a socket or a device."
                " It is read more than once, so it has to be a file."
            )


def _dialects(
    settings: Mapping[str, Any], n_files: int, files: WorkflowFiles
) -> list[Dialect]:
    """Read the dialect of each file."""
    dialects = [
        dialect_of(said, "config: dialect", files)
        for said in as_list(settings["dialect"])
    ]
    if not isinstance(settings["dialect"], list):
        dialects *= n_files
    if len(dialects) != n_files:
        raise InputError(
            f"config: dialect: it lists {len(dialects)}, but `annotations` has"
            f" {n_files} files. Give one dialect for all, or one for each file."
        )
    return dialects


def _refuse_settings_of_tables(settings: Mapping[str, Any]) -> None:
    """Refuse, for COCO JSON alone, what only tables have."""
    changes = [key for key in HYGIENE_KEYS if settings[key]]
    if changes:
        raise InputError(
            f"config: {', '.join(changes)}: these change masks of tables. The records"
            " of a COCO JSON are carried over as they are."
        )
    if settings["file_name"]:
        raise InputError(
            "config: file_name: a COCO JSON says itself what its files are."
        )


def _ids(
    settings: Mapping[str, Any], dialects: Sequence[Dialect]
) -> tuple[ImageIds, Numbering]:
    """Find out which ids images have, and which ids of a COCO JSON are kept.

    Alone, it keeps its own, those of categories and annotations unless the settings say
    something of them.
    """
    image_ids: ImageIds = settings["image_ids"]
    if all(dialect.is_table for dialect in dialects):
        return image_ids, Numbering()
    if len(dialects) == 1:
        is_changed = settings["categories"] or settings["rename_categories"]
        categories: Ids = "renumber" if is_changed else "keep"
        return "source", Numbering(settings["annotation_ids"], "keep", categories)
    if image_ids == "source":
        raise InputError(
            "config: image_ids: in a list with a COCO JSON, images cannot keep their"
            " ids, which may stand for another image in another file. Leave it at"
            " `integer`."
        )
    return image_ids, Numbering()


def _has_unlisted_images(
    settings: Mapping[str, Any], dialects: Sequence[Dialect]
) -> bool:
    """Tell whether images that no row names count, where there can be some."""
    if settings["unlisted_images"] != "include":
        return False
    if settings["images_dir"] is None or not any(d.is_table for d in dialects):
        raise InputError(
            "config: unlisted_images: include takes the image files in `images_dir`"
            " that no row of a table names; there is no such folder, or no table."
        )
    return True
