"""Dialects by the name of a preset, or as a mapping of their keys."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from cocofolds.errors import InputError
from cocofolds.schemas import completed
from cocofolds.sources.records import Dialect
from cocofolds.workflow_files import WorkflowFiles
from cocofolds.yaml_files import has_aliases, read_yaml

_CATEGORY_KEYS = ("category", "category_column", "category_separator")


def dialect_of(
    said: str | Mapping[str, Any], name: str, files: WorkflowFiles
) -> Dialect:
    """Read a preset, change one, or take the keys of a mapping.

    Parameters
    ----------
    said : str or mapping
        As for `dialect` in config.yaml: the name of a preset; keys with their values;
        or `preset` and the keys that change it, None for one that is taken away.
    name : str
        What it is, for messages.
    files : WorkflowFiles

    Raises
    ------
    InputError
        If there is no such preset, or a key or a value is not what it may be.
    """
    if isinstance(said, str):
        keys = _read_preset(said, name, files)
    elif "preset" in said:
        keys = _read_changed_preset(said, name, files)
    else:
        keys = {**said}
    is_coco = keys.get("format") == "coco"
    if is_coco and {*keys} - {"format", "file_prefix"}:
        raise InputError(
            f"{name}: with `format: coco` there are no other keys than file_prefix."
        )
    keys = completed(keys, "schemas/dialect.schema.yaml", name, files)
    if not is_coco and sum(key in keys for key in _CATEGORY_KEYS) != 1:
        has = " and ".join(key for key in _CATEGORY_KEYS if key in keys) or "none"
        raise InputError(
            f"{name}: it needs one of {', '.join(_CATEGORY_KEYS)}, and only one, but"
            f" has {has}. `null` takes a key of a preset away."
        )
    if {"attributes_column", "attributes_separator"} <= keys.keys():
        raise InputError(
            f"{name}: it has attributes_column and attributes_separator; the attributes"
            " are in a column of their own, or behind the category."
        )
    return Dialect(**keys)


def _read_preset(preset: str, name: str, files: WorkflowFiles) -> dict[str, Any]:
    """Read the dialect in a file of workflow/dialects."""
    try:
        path = files.path_of(f"dialects/{preset}.yaml")
        keys = read_yaml(path)
    except FileNotFoundError:
        similar = get_close_matches(preset, files.presets, 1)
        hint = f" Is it '{similar[0]}'?" if similar else ""
        raise InputError(
            f"{name}: there is no preset '{preset}'.{hint} The folder workflow/dialects"
            f" has one file for each preset: {', '.join(files.presets)}. A mapping of"
            " the keys in such a file does as well."
        ) from None
    if not isinstance(keys, dict):
        raise InputError(f"{name}: it is no mapping of keys to values.")
    if has_aliases(path):
        raise InputError(f"{path.name}: a dialect may have no aliases.")
    if "preset" in keys:
        raise InputError(f"{path.name}: a preset cannot be made of another one.")
    return keys


def _read_changed_preset(
    said: Mapping[str, Any], name: str, files: WorkflowFiles
) -> dict[str, Any]:
    """Read the preset that a mapping names, and change the keys that it gives."""
    preset = said["preset"]
    if not isinstance(preset, str) or not re.fullmatch(r"[\w.-]+", preset):
        raise InputError(f"{name}: preset: {preset!r} is not a preset's name.")
    keys = _read_preset(preset, name, files)
    for key, value in said.items():
        if value is None and key not in keys:
            raise InputError(
                f"{name}: `{key}: null` takes a key away, but {preset} has none of this"
                f" name. It has {', '.join(keys)}."
            )
    changed = {key: value for key, value in said.items() if key != "preset"}
    return {k: v for k, v in {**keys, **changed}.items() if v is not None}
