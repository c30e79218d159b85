"""The settings of config.yaml and of the command line."""

import re
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

from cocofolds.errors import InputError
from cocofolds.output.results import Split
from cocofolds.schemas import WORDS, completed, defaults
from cocofolds.workflow_files import WorkflowFiles, workflow_files
from cocofolds.yaml_files import read_keys, read_yaml

CONFIG = Path("config.yaml")
_SCHEMA = "schemas/config.schema.yaml"
# Of all splits in one run.
_MOST_FOLDS = 100_000


def default_settings() -> dict[str, Any]:
    """Read the default of each key from the schema."""
    return defaults(read_yaml(workflow_files().path_of(_SCHEMA)))


def read_config() -> dict[str, Any]:
    """Read config.yaml, with the defaults of the schema for what it does not say.

    Raises
    ------
    InputError
        If there is no such file, or a key or a value is not what it may be.
    """
    try:
        said = read_keys(CONFIG)
    except FileNotFoundError:
        raise InputError(f"{CONFIG}: there is no such file in {Path.cwd()}.") from None
    return completed_settings(said, workflow_files())


def completed_settings(said: Mapping[str, Any], files: WorkflowFiles) -> dict[str, Any]:
    """Complete the settings with the defaults of the schema.

    Parameters
    ----------
    said : mapping
        What config.yaml and the command line say.
    files : WorkflowFiles

    Raises
    ------
    InputError
        If a key or a value is not what it may be, or two keys contradict each other.
    """
    settings: dict[str, Any] = {
        # `--config` leaves these words as text.
        key: WORDS[value] if isinstance(value, str) and value in WORDS else value
        for key, value in said.items()
    }
    # Whole numbers are names of categories, as competitions have them: {1: scratch}.
    if isinstance(settings.get("categories"), list):
        settings["categories"] = [_as_name(name) for name in settings["categories"]]
    if isinstance(settings.get("rename_categories"), dict):
        settings["rename_categories"] = {
            _as_name(old): _as_name(new)
            for old, new in settings["rename_categories"].items()
        }
    # YAML takes off, without quotes, for false.
    if settings.get("duplicates") is False:
        settings["duplicates"] = "off"
    # The images of the sample belong to its annotations.
    if "annotations" in settings:
        settings.setdefault("images_dir", None)
    settings = completed(settings, _SCHEMA, "config", files)
    _check_groups(settings)
    _check_duplicates(settings)
    return settings


def splits_of(settings: Mapping[str, Any]) -> list[Split]:
    """List the splits that the settings ask for.

    Raises
    ------
    InputError
        If they have more folds than a run can make.
    """
    numbers = product(as_list(settings["n_folds"]), as_list(settings["seed"]))
    splits = [Split(settings["split_by"], *pair) for pair in numbers]
    if sum(split.n_folds for split in splits) > _MOST_FOLDS:
        raise InputError(
            f"config: n_folds, seed: these make more than {_MOST_FOLDS} folds in all."
            " Make fewer in one run."
        )
    return splits


def has_duplicates(settings: Mapping[str, Any]) -> bool:
    """Tell whether image files are looked at for copies: where there are some."""
    return settings["images_dir"] is not None and settings["duplicates"] != "off"


def annotations_of(settings: Mapping[str, Any]) -> list[str]:
    """List the files of annotations that the settings name."""
    return as_list(settings["annotations"])


def as_list(value: Any) -> list[Any]:
    """Take a value that is no list for a list of it alone."""
    return value if isinstance(value, list) else [value]


def _as_name(value: Any) -> Any:
    return str(value) if type(value) is int else value


def _check_groups(settings: Mapping[str, Any]) -> None:
    """Refuse groups that nothing says, or two keys do."""
    keys = [key for key in ("group_column", "group_pattern") if settings[key]]
    if settings["split_by"] == "group" and not keys:
        raise InputError(
            "config: split_by: group needs group_column, the column that names the"
            " group of each image, or group_pattern, which finds it in the name of the"
            " image."
        )
    if len(keys) > 1:
        raise InputError(
            "config: group_column and group_pattern: set one of them, and the other to"
            " null."
        )
    pattern = settings["group_pattern"] or ""
    try:
        re.compile(pattern)
    except re.error as error:
        raise InputError(
            f"config: group_pattern: {pattern!r} is no regular expression: {error}."
        ) from None


def _check_duplicates(settings: Mapping[str, Any]) -> None:
    """Refuse to keep copies in one fold where that cannot be."""
    if settings["duplicates"] != "group":
        return
    if settings["images_dir"] is None:
        raise InputError(
            "config: duplicates: group compares the image files. Set `images_dir` to"
            " their folder."
        )
    if settings["split_by"] == "annotation":
        raise InputError(
            "config: duplicates: group keeps copies of an image in one fold, which"
            " `split_by: annotation` does not even do with the image itself."
        )
