"""Tell whether images of one name in several files are one image, or several."""

import posixpath
import re
from collections.abc import Sequence
from itertools import combinations
from pathlib import PurePosixPath
from typing import Any

from cocofolds.sources.detection.findings import (
    FileFindings,
    Finding,
    Question,
)
from cocofolds.sources.image_files import Files
from cocofolds.wording import counted

_ENDS = re.compile(r"(\.(csv|tsv|txt|json|gz))+$", re.IGNORECASE)
# A prefix is part of a pattern.
_NOT_IN_PREFIX = re.compile(r"[{}*?\[\]]")


def tell_apart(
    files: Sequence[FileFindings], image_files: Files | None
) -> tuple[list[FileFindings], dict[str, Any], list[Finding], list[Question]]:
    """Give files a prefix whose images have the names of those of another file.

    Parameters
    ----------
    files : sequence of FileFindings
    image_files : Files or None
        Those of the folder of images.

    Returns
    -------
    files : list of FileFindings
    settings : dict
        Keys of the config.
    findings : list of Finding
    questions : list of Question
    """
    shared = _shared(files)
    if not shared:
        return [*files], {}, [], []
    example = shared[0]
    what = f"{counted(len(shared), 'image')} of the same name in several files"
    n_files = _n_files_of(example, image_files)
    if n_files == 1:
        said = f"{what}, such as {example!r}, have one image file: merged"
        return [*files], {"merge_sources": True}, [Finding("names", said)], []
    prefixes = _prefixes([file.path for file in files], example, image_files)
    told = [
        file._replace(dialect={**file.dialect, "file_prefix": prefix})
        for file, prefix in zip(files, prefixes, strict=True)
    ]
    said = f"{what}, such as {example!r}, are told apart by {', '.join(prefixes)}"
    if n_files > 1 or _differ_in_size(files, shared):
        return told, {}, [Finding("names", said)], []
    question = Question(
        "merge_sources",
        "Are images of the same name the same image?",
        "no",
        {"no": {"merge_sources": None}, "yes": {"merge_sources": True}},
        said,
    )
    return told, {}, [], [question]


def _shared(files: Sequence[FileFindings]) -> list[str]:
    shared: dict[str, None] = {}
    for first, second in combinations(files, 2):
        shared |= dict.fromkeys(name for name in first.names if name in second.names)
    return [*shared]


def _n_files_of(name: str, image_files: Files | None) -> int:
    return len(_folders_of(name, image_files))


def _folders_of(name: str, image_files: Files | None) -> list[str]:
    """List the folders that have a file of this name, with whatever end."""
    wanted = posixpath.basename(name)
    return [
        posixpath.dirname(path)
        for file_name, paths in (image_files.by_name.items() if image_files else ())
        if wanted in (file_name, PurePosixPath(file_name).stem)
        for path in paths
    ]


def _differ_in_size(files: Sequence[FileFindings], shared: Sequence[str]) -> bool:
    for name in shared:
        sizes = {file.names.get(name) for file in files} - {None}
        if len(sizes) > 1:
            return True
    return False


def _prefixes(
    paths: Sequence[str], example: str, image_files: Files | None
) -> list[str]:
    """Name each file by the folder of its images, or by itself."""
    words = _words(paths)
    folders = _folders_of(example, image_files)
    prefixes = []
    for word in words:
        fitting = [f for f in folders if word in f.split("/")]
        prefixes.append(f"{fitting[0] if len(fitting) == 1 else word}/")
    return [_NOT_IN_PREFIX.sub("_", prefix) for prefix in prefixes]


def _words(paths: Sequence[str]) -> list[str]:
    """Name files by their names, or their folders, whatever is different in all."""
    parts = [[_ENDS.sub("", part) for part in PurePosixPath(p).parts] for p in paths]
    for n in range(1, min(map(len, parts)) + 1):
        words = [part[-n] for part in parts]
        if len({*words}) == len(words):
            return words
    return [str(number) for number in range(1, len(paths) + 1)]
