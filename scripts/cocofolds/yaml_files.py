"""YAML files that people write: read, or refused in a sentence."""

from pathlib import Path
from typing import Any

import yaml

from cocofolds.errors import InputError

# Without the C library, 8,000 categories take a second.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# More than any setting needs, and little enough to be looked through by recursion.
_MOST_LEVELS = 20
# An alias is short, but what it stands for is there again: a few make very much.
_MOST_VALUES = 10**6


def read_keys(path: str | Path) -> dict[Any, Any]:
    """Read a YAML file of keys with their values; of comments alone, there are none.

    Raises
    ------
    InputError
        If it is not readable, or not keys with their values.
    """
    path = Path(path)
    keys = read_yaml(path)
    if keys is None:
        return {}
    if not isinstance(keys, dict):
        raise InputError(
            f"{path.name}: it has to be keys with their values, such as"
            " `n_folds: 5`, a line each."
        )
    return keys


def read_yaml(path: str | Path) -> Any:
    """Read a YAML file.

    Raises
    ------
    InputError
        If it is not readable: not YAML, a key that is there twice, nested too deep, or
        with aliases that are endless or make too much.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
        _check_levels(path.name, text)
        _check_document(path.name, yaml.compose(text, _LOADER))
        return yaml.load(text, _LOADER)
    except (InputError, FileNotFoundError):
        raise
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(
            f"{path.name}, line {line}: not readable as YAML: {error.problem}."
        ) from None
    # A value that is not what its tag says raises errors of many kinds.
    except Exception as error:
        raise InputError(f"{path.name}: not readable as YAML: {error}") from None


def has_aliases(path: str | Path) -> bool:
    """Tell whether values of a YAML file are there again by an alias."""
    text = Path(path).read_text(encoding="utf-8")
    return any(
        isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, _LOADER)
    )


def _check_levels(name: str, text: str) -> None:
    """Refuse what is nested so deep that reading it would end in a RecursionError."""
    level = 0
    for event in yaml.parse(text, _LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            level += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            level -= 1
        if level > _MOST_LEVELS:
            line = event.start_mark.line + 1  # type: ignore[union-attr]
            raise InputError(
                f"{name}, line {line}: not readable as YAML: nested more than"
                f" {_MOST_LEVELS} deep."
            )


def _check_document(name: str, document: yaml.Node | None) -> None:
    """Refuse keys that are there twice, and aliases that make too much."""
    # By node, which an alias stands for again: values in it, and how deep they are.
    measures: dict[yaml.Node, tuple[int, int] | None] = {}

    def measure(node: yaml.Node) -> tuple[int, int]:
        if node not in measures:
            measures[node] = None
            parts = node.value if isinstance(node, yaml.CollectionNode) else []
            if isinstance(node, yaml.MappingNode):
                _check_keys(name, [key for key, _ in parts])
                parts = [part for pair in parts for part in pair]
            found = [measure(part) for part in parts]
            measures[node] = (
                1 + sum(n_values for n_values, _ in found),
                1 + max((n_levels for _, n_levels in found), default=0),
            )
        measured = measures[node]
        if measured is None:
            line = node.start_mark.line + 1
            raise InputError(f"{name}, line {line}: it has an alias of itself in it.")
        return measured

    n_values, n_levels = measure(document) if document else (0, 0)
    if n_values > _MOST_VALUES or n_levels > _MOST_LEVELS + 1:
        raise InputError(
            f"{name}: its aliases make more than {_MOST_VALUES} values, or values"
            f" nested more than {_MOST_LEVELS} deep."
        )


def _check_keys(name: str, keys: list[yaml.Node]) -> None:
    """Refuse a key that is there twice, of which YAML would take the last."""
    lines: dict[tuple[str, str], int] = {}
    for key in keys:
        line = key.start_mark.line + 1
        if isinstance(key, yaml.ScalarNode):
            if (key.tag, key.value) in lines:
                first = lines[key.tag, key.value]
                raise InputError(
                    f"{name}: the key '{key.value}' is there twice, in line {first} and"
                    f" in line {line}. Keep one of them."
                )
            lines[key.tag, key.value] = line
