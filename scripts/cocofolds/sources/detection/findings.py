"""What was found out about a source: with what evidence, and what is in doubt."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cocofolds.sources.image_files import Files

#: The keys of a dialect in the order in which they are written, with their defaults.
DIALECT_DEFAULTS: Mapping[str, Any] = {
    "format": "table",
    "separator": None,
    "image_column": None,
    "runs_column": None,
    "order": None,
    "base": 1,
    "runs": "absolute",
    "no_mask": [],
    "category_column": None,
    "category_separator": None,
    "category": None,
    "attributes_column": None,
    "attributes_separator": None,
    "width_column": None,
    "height_column": None,
    "width": None,
    "height": None,
    "file_name": "{id}",
    "file_prefix": "",
}

# Folders that a message names.
_NAMED = 5


class Finding(NamedTuple):
    """One thing that was found.

    Attributes
    ----------
    what : str
        What it is about, such as ``order``.
    said : str
        What was found, and by what evidence.
    is_warning : bool
        Whether a person should know it before they go on.
    """

    what: str
    said: str
    is_warning: bool = False


class Question(NamedTuple):
    """A doubt that the data leave.

    Attributes
    ----------
    name : str
        The key that it is about, such as ``order``.
    text : str
    default : str
    answers : mapping of str to mapping
        What each answer changes: keys of the config, or of the dialect of a file. Of
        none, any text is an answer, and the value of the key `name`.
    why : str
        Why it is in doubt.
    file : int or None
        The position of the file whose dialect is changed; None for the config.
    """

    name: str
    text: str
    default: str
    answers: Mapping[str, Mapping[str, Any]]
    why: str
    file: int | None = None

    def changes(self, answer: str) -> Mapping[str, Any]:
        """Say which keys an answer changes."""
        return self.answers[answer] if self.answers else {self.name: answer}


class Suggestion(NamedTuple):
    """Settings that may be wanted, which a person has to decide.

    Attributes
    ----------
    said : str
    settings : mapping
        Keys of the config.
    """

    said: str
    settings: Mapping[str, Any]


class FileFindings(NamedTuple):
    """What was found out about one file.

    Attributes
    ----------
    path : str
    dialect : mapping
        Of `DIALECT_DEFAULTS`, the keys that have another value.
    preset : str
        The preset that the dialect is, or is near to; empty if there is none.
    findings : sequence of Finding
    questions : sequence of Question
    suggestions : sequence of Suggestion
    settings : mapping
        Keys of the config that the file needs.
    names : mapping of str to (int, int) or None
        The images, by the name they are known by, and the size of each, if known.
    is_whole : bool
        Whether all of the file has been looked at.
    n_rows : int
        Rows, or annotations, that have been looked at.
    faulty : collection of str
        Those of the names of which nothing is left without faulty rows, or records.
    """

    path: str
    dialect: Mapping[str, Any]
    preset: str
    findings: Sequence[Finding]
    questions: Sequence[Question]
    suggestions: Sequence[Suggestion]
    settings: Mapping[str, Any]
    names: Mapping[str, tuple[int, int] | None]
    is_whole: bool
    n_rows: int
    faulty: Collection[str] = ()


class SourceFindings(NamedTuple):
    """What was found out about all files of a source.

    Attributes
    ----------
    files : sequence of FileFindings
    findings : sequence of Finding
        What is about all of them.
    questions : sequence of Question
    suggestions : sequence of Suggestion
    settings : mapping
        Keys of the config.
    image_files : Files or None
        Those of the folder of images.
    """

    files: Sequence[FileFindings]
    findings: Sequence[Finding]
    questions: Sequence[Question]
    suggestions: Sequence[Suggestion]
    settings: Mapping[str, Any]
    image_files: Files | None

    def answered(self, answers: Sequence[str]) -> "SourceFindings":
        """Change settings and dialects by an answer to each of the questions."""
        settings = dict(self.settings)
        dialects = [dict(file.dialect) for file in self.files]
        for question, answer in zip(self.questions, answers, strict=True):
            changed = settings if question.file is None else dialects[question.file]
            defaults = {} if question.file is None else DIALECT_DEFAULTS
            for key, value in question.changes(answer).items():
                if value == defaults.get(key):
                    changed.pop(key, None)
                else:
                    changed[key] = value
        if settings.get("merge_sources"):
            # An image that is in several files has one name.
            for dialect in dialects:
                dialect.pop("file_prefix", None)
        files = [
            file._replace(dialect=dialect)
            for file, dialect in zip(self.files, dialects, strict=True)
        ]
        return self._replace(files=files, settings=settings)


def none_found(path: str, looked_in: Sequence[str]) -> Finding:
    """Say that no image of a file of annotations is in the folders looked in."""
    said = f"none has a file in {', '.join(looked_in[:_NAMED])}; `--images FOLDER`"
    # It is worth a warning where a person has named the folder.
    was_named = str(Path(path).parent) not in looked_in
    return Finding("images", f"{said} says where they are", was_named)
