"""Find out how all files of a source are to be read."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from cocofolds.errors import InputError
from cocofolds.files import fits_in_utf8
from cocofolds.sources.detection.coco_findings import find_coco
from cocofolds.sources.detection.findings import (
    FileFindings,
    Finding,
    Question,
    SourceFindings,
    Suggestion,
)
from cocofolds.sources.detection.head import read_head
from cocofolds.sources.detection.image_folder import find_copies, folders_beside
from cocofolds.sources.detection.shared_names import tell_apart
from cocofolds.sources.detection.table_findings import Presets, find_table
from cocofolds.sources.file_names import pattern_and_id
from cocofolds.sources.image_files import Files, list_files, look_among
from cocofolds.sources.records import Dialect, Source
from cocofolds.sources.unlisted_images import unlisted_images
from cocofolds.wording import counted

# Folds of a source with fewer images than folds are by default.
_USUAL_FOLDS, _FEW_FOLDS = 10, 5


def find_source(
    paths: Sequence[str], images_dir: str | None, presets: Presets
) -> SourceFindings:
    """Find out how files of annotations are to be read.

    Parameters
    ----------
    paths : sequence of str
        Tables, COCO JSON files, or some of each; plain or compressed (`.gz`).
    images_dir : str or None
        The folder of the images; None to look beside the files.
    presets : mapping of str to mapping
        The keys of each preset.

    Raises
    ------
    InputError
        If a file cannot be read, or is no source.
    """
    for path in [*paths, images_dir or ""]:
        if {*"{}"} & {*path}:
            raise InputError(
                f"{path}: Snakemake takes braces for wildcards. Rename it, or make a"
                " link without braces to it."
            )
        if not fits_in_utf8(path):
            raise InputError(
                f"{path!a}: the name is not in UTF-8, so no config can hold it. Rename"
                " it, or make a link to it."
            )
    files, image_files = _find_files(paths, images_dir, presets)
    settings: dict[str, Any] = {}
    if image_files is not None:
        settings["images_dir"] = image_files.folder
    for file in files:
        settings |= file.settings
    files, apart, findings, questions = tell_apart(files, image_files)
    settings |= apart
    if image_files is not None:
        found = _found_images(files, image_files)
        findings += _copies(image_files, found.values())
        questions += _unlisted(files, image_files, found)
    if all(file.is_whole for file in files):
        n_images = _count_images(files, settings)
        if n_images < 2:
            raise InputError(
                f"{', '.join(paths)}: {counted(n_images, 'image')} alone. Folds need"
                " two images or more."
            )
        if n_images < _USUAL_FOLDS:
            settings["n_folds"] = min(n_images, _FEW_FOLDS)
            said = f"{settings['n_folds']}, since there are {n_images} images"
            findings.append(Finding("folds", said))
    of_files = [question for file in files for question in file.questions]
    return SourceFindings(
        files,
        findings,
        [*_asked_once(of_files), *questions],
        _suggestions(files),
        settings,
        image_files,
    )


def _find_files(
    paths: Sequence[str], images_dir: str | None, presets: Presets
) -> tuple[list[FileFindings], Files | None]:
    """Find out about each file; the first image folder that fits is that of all."""
    named = list_files(images_dir) if images_dir is not None else None
    image_files = None
    files = []
    for position, path in enumerate(paths):
        head = read_head(path)
        known = image_files or named
        around = [known] if known else [*folders_beside(path)]
        if head.kind == "table":
            found, of_file = find_table(head, position, around, presets)
        else:
            found, of_file = find_coco(head, position, around)
        files.append(found)
        image_files = image_files or of_file
        if head.kind != "table":
            # Names that are in two files of the list are told apart later.
            image_files = image_files or named
    return files, image_files


def source_of_findings(files: Sequence[FileFindings]) -> Source:
    """Make the source that was found, for the readers of the workflow."""
    return Source(
        [file.path for file in files], [Dialect(**file.dialect) for file in files]
    )


def _found_images(files: Sequence[FileFindings], image_files: Files) -> dict[str, str]:
    """Find the files of all images, by the ids that they have in the source."""
    source = source_of_findings(files)
    wanted = {}
    for file, dialect in zip(files, source.dialects, strict=True):
        prefix = dialect.file_prefix if len(files) > 1 else ""
        for name in file.names:
            image = prefix + name
            wanted[image] = pattern_and_id(image, dialect, source, None)
    return look_among(image_files, wanted)[0]


def _copies(image_files: Files, paths: Collection[str]) -> Iterator[Finding]:
    copies = find_copies(image_files, {*paths})
    if copies.groups:
        n_files = sum(map(len, copies.groups))
        first, second = copies.groups[0][:2]
        said = f"{n_files:,} image files are byte for byte the same as another, such as"
        said += f" {first} and {second}: folds may part them"
        yield Finding("copies", said, is_warning=True)
    if not copies.is_whole:
        said = "not all image files have been compared: there are too many of one size"
        yield Finding("copies", said)


def _unlisted(
    files: Sequence[FileFindings], image_files: Files, found: Mapping[str, str]
) -> Iterator[Question]:
    """Ask about image files without a row, if all rows have been seen."""
    if not all(file.is_whole for file in files):
        return
    source = source_of_findings(files)
    dialects = {
        source.id_prefix(dialect) + name: dialect
        for file, dialect in zip(files, source.dialects, strict=True)
        for name in file.names
    }
    unlisted = unlisted_images(image_files, found, dialects, source, None)
    if unlisted:
        path = next(iter(unlisted.values()))[0]
        yield Question(
            "unlisted_images",
            "Are image files without a row images without annotations (include)?",
            "leave_out",
            {
                "leave_out": {"unlisted_images": None},
                "include": {"unlisted_images": "include"},
            },
            f"{counted(len(unlisted), 'image file has', 'image files have')} no row,"
            f" such as {path}",
        )


def _count_images(files: Sequence[FileFindings], settings: Mapping[str, Any]) -> int:
    """Count the images that are left if the faulty ones are left out."""
    is_left_out = settings.get("on_invalid") == "skip"
    return len(
        {
            file.dialect.get("file_prefix", "") + name
            for file in files
            for name in file.names
            if not is_left_out or name not in file.faulty
        }
    )


def _asked_once(questions: Sequence[Question]) -> list[Question]:
    """Join what several files ask about the config."""
    asked: dict[tuple[str, int | None], Question] = {}
    for question in questions:
        key = question.name, question.file
        if key in asked:
            why = f"{asked[key].why}; {question.why}"
            question = question._replace(why=why)
        asked[key] = question
    return [*asked.values()]


def _suggestions(files: Sequence[FileFindings]) -> list[Suggestion]:
    """Take the suggestions that all files make."""
    first, *others = files
    return [
        suggestion
        for suggestion in first.suggestions
        if all(
            suggestion.settings in (s.settings for s in other.suggestions)
            for other in others
        )
    ]
