"""The keys of config.yaml that are needed without Snakemake."""

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from cocofolds.errors import InputError
from cocofolds.output.results import Split
from cocofolds.workflow_files import pipeline_folder

CONFIG = Path("config.yaml")
# Without the C library, reading takes ten times as long.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def defaults() -> dict[str, Any]:
    """Read the default of each key from the schema."""
    schema = pipeline_folder() / "workflow" / "schemas" / "config.schema.yaml"
    keys = yaml.load(schema.read_bytes(), _LOADER)["properties"]
    return {key: about["default"] for key, about in keys.items()}


def read_config(path: Path = CONFIG) -> dict[str, Any]:
    """Read config.yaml, with the defaults of the schema for what it does not say.

    Raises
    ------
    InputError
        If there is no such file, or it is not keys with their values.
    """
    try:
        said = yaml.load(path.read_bytes(), _LOADER) or {}
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file in {Path.cwd()}.") from None
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not readable as YAML: {error}") from None
    if not isinstance(said, dict):
        raise InputError(f"{path}: it has to be keys with their values.")
    return defaults() | said


def splits_of(config: Mapping[str, Any]) -> list[Split]:
    """List the splits that a config names.

    Raises
    ------
    InputError
        If `n_folds` or `seed` is not a number or a list of numbers.
    """
    n_folds, seeds = (_numbers(config, key) for key in ("n_folds", "seed"))
    return [Split(str(config["split_by"]), *pair) for pair in product(n_folds, seeds)]


def annotations_of(config: Mapping[str, Any]) -> list[str]:
    """List the files of annotations that a config names."""
    return [*map(str, _as_list(config["annotations"]))]


def _numbers(config: Mapping[str, Any], key: str) -> list[int]:
    try:
        return [int(value) for value in _as_list(config[key])]
    except (TypeError, ValueError):
        raise InputError(
            f"{CONFIG}: {key}: {config[key]!r} is not a whole number or a list of them."
        ) from None


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
