"""Write a config.yaml with a line above each key that says what it is."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from cocofolds.sources.detection.findings import (
    FileFindings,
    Question,
    SourceFindings,
)
from cocofolds.sources.detection.presets import expressed
from cocofolds.sources.detection.table_findings import Presets
from cocofolds.wording import visible

_WIDTH = 88
# What a key is, where no finding is about it.
_COMMENTS = {
    "annotations": "The annotations.",
    "dialect": "How to read them.",
    "images_dir": "The folder with the image files.",
    "n_folds": "How many folds: as many as suit so few images.",
    "merge_sources": "Images of one name in several files are one image.",
    "annotation_ids": "Annotations are numbered from 1, since some share an id.",
    "unlisted_images": "Image files without a row are images without annotations.",
    "on_invalid": "Faulty rows, and images of which no size is known, are left out.",
}
# The findings that say why a dialect is as it is.
_OF_DIALECT = ("preset", "columns", "sizes", "order", "runs", "base", "no_mask")


def settings_of(
    found: SourceFindings, presets: Presets, defaults: Mapping[str, Any]
) -> dict[str, Any]:
    """Collect the keys of the config that differ from their defaults.

    Parameters
    ----------
    found : SourceFindings
        With all questions answered.
    presets : mapping of str to mapping
        The keys of each preset.
    defaults : mapping
        The default of each key of the config, in the order in which to write them.
    """
    paths = [file.path for file in found.files]
    dialects = [
        expressed(file.dialect, file.preset, presets.get(file.preset, {}))
        for file in found.files
    ]
    are_alike = all(dialect == dialects[0] for dialect in dialects)
    settings = {
        "annotations": paths[0] if len(paths) == 1 else paths,
        "dialect": dialects[0] if are_alike else dialects,
        **found.settings,
    }
    if settings["annotations"] != defaults["annotations"]:
        # The images of the sample belong to its annotations.
        defaults = {**defaults, "images_dir": None}
    return {
        key: settings[key]
        for key, default in defaults.items()
        if key in settings and settings[key] != default
    }


def config_text(
    settings: Mapping[str, Any],
    found: SourceFindings,
    doubts: Sequence[tuple[Question, str]],
    command: str,
) -> str:
    """Write a config.yaml.

    Parameters
    ----------
    settings : mapping
    found : SourceFindings
    doubts : sequence of (Question, str)
        The questions that no person has answered, with the answers that are taken.
    command : str
        What has made it.
    """
    parts = [
        _comment(
            f"Made by `{command}`. All other keys have their defaults. docs/settings.md"
            " of cocofolds lists them: test_fraction for a hold-out, folds_file for"
            " folds that exist, exclude_images for what to leave out, and more."
        )
    ]
    for key, value in settings.items():
        lines = [_COMMENTS[key], *_evidence(key, found.files)]
        parts.append("".join(map(_comment, lines)) + _yaml({key: value}))
    if doubts:
        heading = _comment("In doubt, and taken without asking:")
        parts.append(heading + "".join(_comment(_doubt(*doubt)) for doubt in doubts))
    for suggestion in found.suggestions:
        heading = _comment(f"To keep groups whole: {suggestion.said}.")
        lines = _yaml(suggestion.settings).splitlines(keepends=True)
        parts.append(heading + "".join(f"# {line}" for line in lines))
    return "\n".join(parts)


def _evidence(key: str, files: Sequence[FileFindings]) -> list[str]:
    """Take the findings about the dialect, if there is one file to say it of."""
    if key != "dialect" or len(files) > 1:
        return []
    return [f"{f.what}: {f.said}" for f in files[0].findings if f.what in _OF_DIALECT]


def _doubt(question: Question, answer: str) -> str:
    others = [other for other in question.answers if other != answer]
    otherwise = f" Otherwise: {', '.join(others)}." if others else ""
    return f"{question.name}: {answer} ({question.why}).{otherwise}"


def _comment(text: str) -> str:
    # Text of the data may hold line ends, which would end the comment.
    lines = textwrap.wrap(visible(text), _WIDTH - 2, break_on_hyphens=False)
    return "".join(f"# {line}\n" for line in lines)


def _yaml(settings: Mapping[str, Any]) -> str:
    plain = dict(settings)
    text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=_WIDTH)
    if yaml.safe_load(text) == plain:
        return text
    # PyYAML writes some line ends so that it does not read them again.
    return yaml.safe_dump(plain, sort_keys=False, width=_WIDTH)
