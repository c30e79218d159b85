"""What results were made from: so that they follow from content, whatever the dates.

Snakemake compares dates, and what it knows of parameters is lost with the folder
`.snakemake`. A *record* is a JSON file that says what results were made from: the
settings and, for the index, the digest of each source. It is an input of their rule,
written when it says something new, while Snakemake asks for the inputs.
"""

import functools
import hashlib
import json
import mimetypes
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from cocofolds.errors import InputError
from cocofolds.files import read_json_object, sha256_of, write_json
from cocofolds.sources.digests import KNOWN_DIGESTS, known_digest, state_of
from cocofolds.sources.image_files import Files, list_files, look_among

Record = dict[str, Any]

# Where `index` notes what it has read.
_SOURCE_READ = "index/source.json"

# What a wrong clock may have dated after all that is made now.
_MADE = (
    *("*.json", "*.csv", "*.npz", "*.html", "made_from/*.json"),
    *("index/*", "index/rows/*", "fingerprints/*", "made_from/image_files/*.json"),
    *("shards/*", "*/*.csv", "*/annotations_*.json", "*/checks.json"),
    *(
        "*/quality.json",
        "*/warnings.json",
        "*/plots/*.svg",
        "*/yolo/*/data.yaml",
        "preview/.complete",
    ),
    "report/*.json",
)


def path_of_record(results: Path, subject: str) -> Path:
    """Name the file of a record in the folder of the results."""
    return results / "made_from" / f"{subject}.json"


def current_record(
    results: Path, subject: str, settings: Mapping[str, Any], sources: Sequence[str]
) -> Record:
    """Say what results of today are made from: what a record says, if that still holds.

    Parameters
    ----------
    results : Path
        The folder of the results.
    subject : str
        What the record is of, such as index.
    settings : mapping
        The settings that the results follow from, as JSON has them.
    sources : sequence of str
        The files of annotations, if the results are made from them.
    """
    path = path_of_record(results, subject)
    said = read_json_object(path)
    if still_holds(results, said, settings, sources):
        return said
    record: Record = {"settings": settings}
    if sources:
        record["sources"] = {name: _digest_of(name, sources) for name in sources}
    if sources and record.items() <= said.items():
        source_read = results / _SOURCE_READ
        if not source_read.exists() or _is_newer(path, source_read):
            # It waits for `index`.
            return said
        # It is right, but `index` has read something else since.
        record["in_place_of"] = _digests_that_were_read(results)
    return record


def still_holds(
    results: Path,
    record: Mapping[str, Any],
    settings: Mapping[str, Any],
    sources: Sequence[str],
) -> bool:
    """Tell whether results that were made from a record are those of today.

    Of a source that is gone, its name is enough: what needs the file will miss it.
    Parameters are those of `current_record`.
    """
    if record.get("settings") != settings:
        return False
    if not sources:
        return True
    said = record.get("sources")
    if not isinstance(said, dict) or [*said] != [*sources]:
        return False
    # What `index` has read counts, if it has run since: another workflow may have made
    # a source after the record.
    expected = _digests_that_were_read(results) or [*said.values()]
    return len(expected) == len(sources) and all(
        _digest_of(name, sources) in (None, digest)
        for name, digest in zip(sources, expected, strict=True)
    )


def refuse_missing(
    results: Path, settings: Mapping[str, Any], sources: Sequence[str]
) -> None:
    """Say which source is not there, unless the results are made from it already.

    Parameters are those of `current_record`.

    Raises
    ------
    InputError
    """
    missing = [name for name in sources if not os.path.exists(name)]
    record = read_json_object(path_of_record(results, "index"))
    if missing and not still_holds(results, record, settings, sources):
        raise InputError(
            f"config: annotations: there is no file '{missing[0]}' in {Path.cwd()}."
        )


def write_record(
    results: Path, subject: str, record: Record, made: Sequence[str] = _MADE
) -> None:
    """Write a record if it says something new, and date nothing after it.

    Where nothing can be written, nothing can be made, but all can be looked at.

    Parameters
    ----------
    results : Path
        The folder of the results.
    subject : str
        What the record is of.
    record : dict
    made : sequence of str
        Patterns of the results that follow from it.

    Raises
    ------
    InputError
        If it cannot be written, and there is none.
    """
    path = path_of_record(results, subject)
    if record == read_json_object(path):
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, record)
    except OSError as error:
        if not path.exists():
            raise InputError(f"{path}: {error.strerror}.") from None
        return
    now = path.stat().st_mtime_ns
    for result in chain.from_iterable(map(results.glob, made)):
        # Other programs may work in the folder.
        with suppress(OSError):
            if result.lstat().st_mtime_ns > now and not result.is_symlink():
                os.utime(result, ns=(now - 10**9, now - 10**9))


def made_of_images(shard: str) -> tuple[str, ...]:
    """List patterns of the results that follow from the image files of a shard."""
    later = ("duplicates.csv", "report/*.json", "*/warnings.json", "*.html")
    return (f"fingerprints/{shard}.*", *later, "*/folds.csv")


def digest_of_settings(settings: Mapping[str, Any]) -> str:
    """Fingerprint settings, as JSON has them."""
    return hashlib.sha256(json.dumps(settings).encode()).hexdigest()


@functools.cache
def digest_of_names(folder: str | None, results: Path) -> str | None:
    """Fingerprint which image files a folder has, and those below it, as links lead."""
    if folder is None:
        return None
    # Where images are in the working folder, results come and go.
    passed = {os.path.realpath(name) for name in (results, ".snakemake")}
    paths = []
    for place, folders, names in os.walk(folder, followlinks=True):
        real_place = os.path.realpath(place)
        if real_place in passed:
            folders.clear()
            continue
        passed.add(real_place)
        folders.sort()
        paths += [f"{place}/{name}" for name in names if _may_be_image(name)]
    text = "\0".join(sorted(paths))
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


def named_file(
    results: Path, subject: str, key: str, name: str | None
) -> list[str] | None:
    """Tell the name and the digest of a file that a setting names; None without one.

    Of one that is gone since results were made of it, those are said again.

    Raises
    ------
    InputError
        If there is no such file, and there never was.
    """
    if name is None:
        return None
    if os.path.isfile(name):
        return [name, sha256_of(name)]
    settings = read_json_object(path_of_record(results, subject)).get("settings", {})
    said: list[str] | None = settings.get(key)
    if said and said[0] == name:
        return said
    raise InputError(f"config: {key}: there is no file '{name}' in {Path.cwd()}.")


def digest_of_image_files(folder: str, file_names: Sequence[str]) -> str:
    """Fingerprint the state of image files: where they are, their sizes and dates.

    Parameters
    ----------
    folder : str
        Where they are.
    file_names : sequence of str
    """
    try:
        found, _ = look_among(
            _files_in(folder), {name: ("{id}", name) for name in file_names}
        )
    except InputError:
        found = {}
    states = []
    for name in file_names:
        path = os.path.join(folder, found[name]) if name in found else None
        state = state_of(path) if path else None
        states.append([name, path, state[:2] if state else None])
    return hashlib.sha256(json.dumps(states).encode()).hexdigest()


@functools.cache
def _files_in(folder: str) -> Files:
    return list_files(folder)


def _digests_that_were_read(results: Path) -> list[str]:
    """Read the digests of the sources that `index` has read; none if it has not run."""
    digests: list[str] = read_json_object(results / _SOURCE_READ).get("digests", [])
    return digests


def _is_newer(path: Path, other: Path) -> bool:
    return path.stat().st_mtime_ns > other.stat().st_mtime_ns


def _digest_of(name: str, sources: Sequence[str]) -> str | None:
    """Take the SHA-256 of a source as it is now; None if another job makes it first."""
    state = state_of(name)
    return None if state is None else _digest_in_state(name, state, tuple(sources))


@functools.cache
def _digest_in_state(
    name: str, state: tuple[int, ...], sources: tuple[str, ...]
) -> str:
    """Take the digest of a source, known from before if its state is the same."""
    known = known_digest(name, state)
    if known is not None:
        return known
    digest = sha256_of(name)
    with suppress(OSError):
        KNOWN_DIGESTS.parent.mkdir(exist_ok=True)
        said = read_json_object(KNOWN_DIGESTS)
        others = {path: said[path] for path in sources if path in said}
        write_json(KNOWN_DIGESTS, {**others, name: [state, digest]})
    return digest


def _may_be_image(name: str) -> bool:
    kind, _ = mimetypes.guess_type(name, strict=False)
    # A kind that is not known may be one: DICOM, or a name without an ending.
    return kind is None or kind.startswith("image/")
