"""Find the preset that a table fits, and write a dialect as a changed preset."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from cocofolds.settings import Order
from cocofolds.sources.detection.findings import DIALECT_DEFAULTS
from cocofolds.sources.image_files import IMAGE_SUFFIXES

Dialect = Mapping[str, Any]

_COLUMNS = (
    *("image_column", "runs_column", "category_column", "width_column"),
    *("height_column", "attributes_column"),
)


class Facts(NamedTuple):
    """What is known of a table before a preset is chosen.

    Attributes
    ----------
    dialect : mapping
        The columns, as keys of a dialect.
    order : {"row", "column"} or None
        None if it is in doubt.
    relative, from_0 : bool
        As `Numbering` has them.
    last : int
        The largest end of a run.
    sizes : frozenset of (int, int)
        Those of the images, if they are known.
    ids_are_names : bool
        Whether the ids end as the names of image files do.
    patterns : frozenset of str
        Those that find the image files, if there are any.
    """

    dialect: Dialect
    order: Order | None
    relative: bool
    from_0: bool
    last: int
    sizes: frozenset[tuple[int, int]]
    ids_are_names: bool
    patterns: frozenset[str]


def choose_preset(presets: Mapping[str, Dialect], facts: Facts) -> str:
    """Choose the preset that needs the fewest changes; "" if all need too many.

    More than two of its columns have to be there for each key to be changed.
    """
    changes = {
        name: changed
        for name, preset in presets.items()
        if preset.get("format") != "coco"
        and (changed := _changes(preset, facts)) is not None
    }
    kept = {name: _n_kept(presets[name], facts) for name in changes}
    fitting = [
        name
        for name, changed in changes.items()
        if kept[name] > max(2 * len(changed), 1)
    ]
    return min(fitting, key=lambda name: (len(changes[name]), -kept[name]), default="")


def _n_kept(preset: Dialect, facts: Facts) -> int:
    return sum(
        key in preset and _same(preset[key], facts.dialect.get(key)) for key in _COLUMNS
    )


def _changes(preset: Dialect, facts: Facts) -> set[str] | None:
    """Tell the keys of a preset that a table does not fit; None if it cannot be it.

    Width and height are one.
    """
    found = facts.dialect
    changes = {key for key in _COLUMNS if not _same(preset.get(key), found.get(key))}
    if "width_column" in changes:
        changes.discard("height_column")
    if preset.get("category_separator") != found.get("category_separator"):
        changes.add("category_separator")
    if facts.order and facts.order != preset.get("order"):
        changes.add("order")
    if facts.relative != (preset.get("runs") == "relative"):
        changes.add("runs")
    if facts.from_0 and preset.get("base", 1) == 1:
        changes.add("base")
    if "width" in preset:
        size = preset["width"], preset["height"]
        if facts.sizes and facts.sizes != {size}:
            changes.add("width")
        elif not facts.sizes and facts.last > size[0] * size[1]:
            return None
    elif "width_column" not in preset and not facts.sizes:
        return None
    pattern = preset.get("file_name", "{id}")
    if facts.patterns and pattern not in facts.patterns:
        changes.add("file_name")
    elif not facts.sizes and facts.ids_are_names != (pattern == "{id}"):
        return None
    return changes


def _same(first: object, second: object) -> bool:
    if isinstance(first, str) and isinstance(second, str):
        return first.strip() == second.strip()
    return first == second


def expressed(dialect: Dialect, name: str, preset: Dialect) -> str | dict[str, Any]:
    """Write a dialect as a preset with the keys that it changes, or as it is.

    Parameters
    ----------
    dialect : mapping
        Of `DIALECT_DEFAULTS`, the keys that have another value.
    name : str
        That of the preset; empty if there is none.
    preset : mapping
    """
    if dialect.get("format") == "coco" and set(dialect) == {"format"}:
        return "coco"
    if not name:
        return {key: dialect[key] for key in DIALECT_DEFAULTS if key in dialect}
    changed: dict[str, Any] = {}
    for key, default in DIALECT_DEFAULTS.items():
        value, of_preset = dialect.get(key, default), preset.get(key, default)
        if not _same(value, of_preset):
            changed[key] = value
    return {"preset": name, **changed} if changed else name


def has_image_suffix(name: str) -> bool:
    """Tell whether a name ends as that of an image file does."""
    return any(name.lower().endswith(suffix) for suffix in IMAGE_SUFFIXES)
