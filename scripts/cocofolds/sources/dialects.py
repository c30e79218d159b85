"""Dialects by the name of a preset, or as a mapping of their keys."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from cocofolds.errors import InputError
from cocofolds.sources.records import Dialect

_CATEGORY_KEYS = ("category", "category_column", "category_separator")


def dialect_of(said: str | Mapping[str, Any], workflow: Path) -> Dialect:
    """Read a preset, change one, or take the keys of a mapping.

    Parameters
    ----------
    said : str or mapping
        As for `dialect` in config.yaml: the name of a preset; keys with their values;
        or `preset` and the keys that change it, None for one that is taken away.
    workflow : Path
        The folder of the presets and of the schema.

    Raises
    ------
    InputError
        If there is no such preset, or a key or a value is not what it may be.
    """
    keys = {"preset": said} if isinstance(said, str) else {**said}
    if "preset" in keys:
        keys = {**_read_preset(keys.pop("preset"), workflow), **keys}
        keys = {key: value for key, value in keys.items() if value is not None}
    schema = yaml.safe_load((workflow / "schemas" / "dialect.schema.yaml").read_bytes())
    problem = best_match(Draft202012Validator(schema).iter_errors(keys))
    if problem:
        where = problem.json_path.removeprefix("$").lstrip(".")
        raise InputError(f"dialect{': ' if where else ''}{where}: {problem.message}.")
    if keys.get("format") != "coco" and sum(key in keys for key in _CATEGORY_KEYS) != 1:
        raise InputError(
            f"dialect: it needs one of {', '.join(_CATEGORY_KEYS)}, and only one."
        )
    if {"attributes_column", "attributes_separator"} <= keys.keys():
        raise InputError(
            "dialect: it has attributes_column and attributes_separator; the attributes"
            " are in a column of their own, or behind the category."
        )
    return Dialect(**keys)


def preset_files(workflow: Path) -> dict[str, Path]:
    """Find the file of each preset.

    Parameters
    ----------
    workflow : Path
        The folder of the folder of presets.
    """
    return {path.stem: path for path in sorted(workflow.glob("dialects/*.yaml"))}


def _read_preset(name: object, workflow: Path) -> dict[str, Any]:
    presets = preset_files(workflow)
    if isinstance(name, str) and name in presets:
        preset: dict[str, Any] = yaml.safe_load(presets[name].read_bytes())
        return preset
    similar = get_close_matches(str(name), presets, 1)
    hint = f" Is it {similar[0]!r}?" if similar else ""
    raise InputError(
        f"dialect: there is no preset {name!r}.{hint} There are {', '.join(presets)}."
    )
