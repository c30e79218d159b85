"""Find the folder of the image files, how their names follow from ids, and copies."""

import hashlib
import os
import posixpath
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from cocofolds.sources.image_files import (
    IMAGE_SUFFIXES,
    Files,
    has_wildcards,
    list_files,
    look_among,
)

# Files of a folder that is looked for, beside the annotations.
_MOST_FILES = 200_000
# Ids that are looked for with each pattern.
_FEW_IDS = 300
_LONG_ID = 4
# Bytes that are read to compare files: of each one, and of all.
_FIRST_BYTES = 2**14
_MOST_BYTES = 2**28

# Folders that hold no images; those of hidden names do not either.
_OTHER_FOLDERS = frozenset(("results", "node_modules", "__pycache__"))
_MASK_WORDS = ("mask", "label", "annot", "segm")


class Pattern(NamedTuple):
    """How the file names of images follow from their ids.

    Attributes
    ----------
    pattern : str
        As for `cocofolds.sources.image_files.file_name_of`.
    found : mapping of str to str
        The file of each image, as a path from the folder.
    alike : frozenset of str
        Patterns that find as many, this one among them.
    """

    pattern: str
    found: Mapping[str, str]
    alike: frozenset[str]


class Copies(NamedTuple):
    """Image files that are byte for byte the same.

    Attributes
    ----------
    groups : sequence of sequence of str
        Paths from the folder.
    is_whole : bool
        Whether all files have been compared.
    """

    groups: Sequence[Sequence[str]]
    is_whole: bool


def image_stems(files: Files) -> set[str]:
    """Collect the names of image files, with and without their ends."""
    names = {name for name in files.by_name if _is_image(name)}
    return names | {PurePosixPath(name).stem for name in names}


def folders_beside(path: str) -> Iterator[Files]:
    """List the files in the folders beside a file, and those beside it.

    Folders of very many files, hidden ones, and those of results are passed over.
    """
    parent = Path(path).parent
    with os.scandir(parent) as scanned:
        entries = sorted(scanned, key=lambda entry: entry.name)
    for entry in entries:
        name = entry.name
        if name.startswith(".") or name in _OTHER_FOLDERS or not entry.is_dir():
            continue
        folder = str(parent / name)
        n_files = sum(1 for _ in islice(_walk(folder), _MOST_FILES))
        if 0 < n_files < _MOST_FILES:
            yield list_files(folder)
    # Of names with folders, the files are found by their paths.
    names = [entry.name for entry in entries if entry.is_file()]
    yield Files(str(parent), {name: [name] for name in names}, {"": names})


def _walk(folder: str) -> Iterator[str]:
    for _, _, names in os.walk(folder):
        # An empty folder takes its time as well.
        yield from names or [""]


def find_pattern(
    ids: Collection[str], files: Files, known: Sequence[str]
) -> Pattern | None:
    """Find how the names of image files follow from the ids of images.

    Parameters
    ----------
    ids : collection of str
    files : Files
        Those of the folder of images.
    known : sequence of str
        The patterns to try first, such as those of presets.

    Returns
    -------
    Pattern or None
        The one that finds most files; of several, the first.
    """
    step = max(len(ids) // _FEW_IDS, 1)
    few = [*islice(ids, 0, None, step)]
    n_found: dict[str, int] = {}
    for pattern in [*known, *_below(known, files), *_plain_patterns(files)]:
        if pattern not in n_found:
            n_found[pattern] = len(_look(few, pattern, files))
            if n_found[pattern] == len(few) and pattern not in known:
                break
    best = max(n_found, key=lambda pattern: n_found[pattern], default="")
    if not n_found.get(best):
        best = _wildcard_pattern(few, files)
        n_found[best] = 1
    if not best:
        return None
    alike = frozenset(p for p, n in n_found.items() if n == n_found[best])
    return Pattern(best, _look(ids, best, files), alike)


def _below(known: Sequence[str], files: Files) -> Iterator[str]:
    """Put folders in front of patterns with wildcards, which look nowhere else."""
    folders = dict.fromkeys(folder.split("/")[0] for folder in files.by_folder)
    for pattern in filter(has_wildcards, known):
        yield from (f"{folder}/{pattern}" for folder in islice(folders, 20) if folder)


def _look(ids: Iterable[str], pattern: str, files: Files) -> dict[str, str]:
    return look_among(files, {i: (pattern, i) for i in ids})[0]


def _plain_patterns(files: Files) -> Iterator[str]:
    """Make patterns of the ends of file names, then with the folders they are in."""
    suffixes: Counter[str] = Counter()
    ends_of: dict[str, Counter[str]] = {}
    for folder, names in files.by_folder.items():
        ends = Counter(PurePosixPath(name).suffix for name in names if _is_image(name))
        suffixes.update(ends)
        if ends:
            ends_of[folder] = ends
    ends_in_order = ["", *(suffix for suffix, _ in suffixes.most_common())]
    yield from (f"{{id}}{suffix}" for suffix in ends_in_order)
    # Masks may have the names of images, in another folder.
    folders = sorted(ends_of, key=lambda f: (_is_of_masks(f), -ends_of[f].total(), f))
    for folder in folders[:20]:
        yield from (posixpath.join(folder, f"{{id}}{end}") for end in ends_in_order)


def _is_of_masks(folder: str) -> bool:
    return any(word in folder.lower() for word in _MASK_WORDS)


def _wildcard_pattern(ids: Sequence[str], files: Files) -> str:
    """Make a pattern for names of which the id is the beginning or the end; "" if none.

    It has to find another file for each of most ids, or most files of a folder. Where
    nothing parts the id from the rest, one may be the end of another: these are long.
    """
    forms = ["{id}_*", "{id}-*", "*_{id}", "*-{id}"]
    if len({len(image) for image in ids}) == 1 and len(ids[0]) >= _LONG_ID:
        forms += ["{id}*", "*{id}"]
    for folder, names in files.by_folder.items():
        images = [name for name in names if _is_image(name)]
        for suffix in {PurePosixPath(name).suffix for name in images}:
            for form in forms:
                pattern = posixpath.join(folder, form + suffix)
                found = _look(ids, pattern, files)
                n_found = len({*found.values()})
                if n_found > 1 and 2 * n_found > min(len(ids), len(images)):
                    return pattern
    return ""


def near_file(ids: Iterable[str], files: Files) -> tuple[str, str] | None:
    """Find an id that is a number whose file has it written in another way.

    That is with zeros in front, or without the ``.0`` that pandas adds. No pattern says
    it.

    Returns
    -------
    (str, str) or None
        The id, and the name of the file.
    """
    numbers = {
        stem.lstrip("0"): name
        for name in files.by_name
        if _is_image(name) and (stem := PurePosixPath(name).stem).isdigit()
    }
    for image in ids:
        number = image.removesuffix(".0")
        if number.isdigit() and number.lstrip("0") in numbers:
            return image, numbers[number.lstrip("0")]
    return None


def find_copies(files: Files, paths: Iterable[str]) -> Copies:
    """Find files that are byte for byte the same: by size, beginning, and digest.

    Parameters
    ----------
    files : Files
    paths : iterable of str
        From the folder.
    """
    by_size: dict[int, list[str]] = {}
    for path in sorted(paths):
        size = Path(files.folder, path).stat().st_size
        by_size.setdefault(size, []).append(path)
    read, is_whole = 0, True
    groups: list[list[str]] = []
    for size, alike in sorted(by_size.items()):
        first = min(size, _FIRST_BYTES)
        if len(alike) < 2 or not size:
            continue
        read += first * len(alike)
        if read > _MOST_BYTES:
            return Copies(groups, False)
        for candidates in _grouped(files, alike, first):
            if size <= _FIRST_BYTES:
                groups.append(candidates)
            elif read + size * len(candidates) > _MOST_BYTES:
                is_whole = False
            else:
                read += size * len(candidates)
                groups += _grouped(files, candidates, size)
    return Copies(groups, is_whole)


def _grouped(files: Files, paths: Sequence[str], n_bytes: int) -> list[list[str]]:
    """Put files together that begin with the same bytes, if there are several."""
    by_digest: dict[bytes, list[str]] = {}
    for path in paths:
        with Path(files.folder, path).open("rb") as file:
            digest = hashlib.sha256(file.read(n_bytes)).digest()
        by_digest.setdefault(digest, []).append(path)
    return [group for group in by_digest.values() if len(group) > 1]


def _is_image(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in IMAGE_SUFFIXES
