"""Settings, as a JSON schema says what they may be."""

import re
from collections import Counter
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from cocofolds.errors import InputError
from cocofolds.files import fits_in_utf8
from cocofolds.workflow_files import WorkflowFiles
from cocofolds.yaml_files import read_yaml

#: Words that the command line leaves as text.
WORDS = {"null": None, "true": True, "false": False}

# Longer than any path or name; a message that shows it is still one.
_MOST_CHARACTERS = 10_000
_MOST_SHOWN = 300


def defaults(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Take the defaults of the keys from a schema."""
    keys: Mapping[str, Any] = schema["properties"]
    return {key: about["default"] for key, about in keys.items() if "default" in about}


def completed(
    settings: Mapping[str, Any], schema_file: str, name: str, files: WorkflowFiles
) -> dict[str, Any]:
    """Complete settings with the defaults of a schema.

    Parameters
    ----------
    settings : mapping
        What is said.
    schema_file : str
        The path of the schema in the folder `workflow`.
    name : str
        What the settings are, for messages.
    files : WorkflowFiles

    Returns
    -------
    dict
        In the order of `settings`; with 3 for 3.0, and a number for its text where no
        text may be.

    Raises
    ------
    InputError
        If a key or a value is not what it may be.
    """
    _check_texts(settings, name)
    schema = read_yaml(files.path_of(schema_file))
    meant: dict[str, Any] = _as_meant({**settings}, schema)
    meant = {**meant, **{k: v for k, v in defaults(schema).items() if k not in meant}}
    problem = next(Draft202012Validator(schema).iter_errors(meant), None)
    if problem:
        raise InputError(_sentence(problem, schema_file, name))
    return meant


def _sentence(problem: ValidationError, schema_file: str, name: str) -> str:
    """Say what is wrong with a key or a value."""
    if problem.validator == "enum" and "propertyNames" in problem.schema_path:
        key = str(problem.instance)
        similar = get_close_matches(key, problem.validator_value, 1)
        hint = f" Is it '{similar[0]}'?" if similar else ""
        return f"{name}: there is no key '{key}'.{hint}"
    path = problem.json_path.removeprefix("$").lstrip(".")
    where = f"{name}: {path}" if path else name
    what = _shortened(problem.message)
    if problem.validator == "uniqueItems":
        times = Counter(map(repr, problem.instance)).items()
        twice = ", ".join(item for item, n in times if n > 1)
        what = f"{_shortened(twice)} is there more than once"
    elif isinstance(problem.instance, bool):
        what += " (YAML takes yes, no, on and off for true and false, without quotes)"
    return f"{where}: {what}. workflow/{schema_file} says what may be there."


def _as_meant(value: Any, schema: Mapping[str, Any]) -> Any:
    """Take 3.0 for 3, and text for a number or a word where no text may be.

    `--config 'n_folds=[5]'` gives text.
    """

    def may_be() -> bool:
        return bool(Draft202012Validator(schema).is_valid(value))

    if isinstance(value, list):
        return [_as_meant(item, schema.get("items", {})) for item in value]
    if isinstance(value, dict):
        keys = schema.get("properties", {})
        return {key: _as_meant(item, keys.get(key, {})) for key, item in value.items()}
    if isinstance(value, float) and value.is_integer() and may_be():
        return int(value)
    if isinstance(value, str):
        number = re.fullmatch(r"([0-9]{1,18})(\.0*)?", value)
        if (value in WORDS or number) and not may_be():
            return int(number[1]) if number else WORDS[value]
    return value


def _check_texts(value: Any, where: str) -> None:
    """Refuse text that no file can hold, or that is longer than any setting needs."""
    if isinstance(value, str):
        if len(value) > _MOST_CHARACTERS:
            raise InputError(
                f"{where}: a text of {len(value)} characters; {_MOST_CHARACTERS} are"
                " the most that a setting may have."
            )
        if not fits_in_utf8(value):
            raise InputError(
                f"{where}: {_shortened(ascii(value))} has halves of characters"
                " (surrogates), which no file can hold. Write the character itself."
            )
    elif isinstance(value, list):
        for number, item in enumerate(value):
            _check_texts(item, f"{where}[{number}]")
    elif isinstance(value, Mapping):
        joint = "." if ": " in where else ": "
        for key, item in value.items():
            _check_texts(key, f"{where}: a key")
            _check_texts(item, f"{where}{joint}{key}")


def _shortened(text: str) -> str:
    """Leave out the middle of a text that is long."""
    half = _MOST_SHOWN // 2
    return text if len(text) <= _MOST_SHOWN else f"{text[:half]} ... {text[-half:]}"
