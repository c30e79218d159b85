"""What the workflow made and no longer needs, told from what is the user's.

A file is taken for the workflow's if it has the exact name of a result, or if a record
beside it fingerprints it. Links are not followed, and all else is kept.
"""

import os
import re
import stat
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from cocofolds.files import read_json_object
from cocofolds.output.folders import made_in
from cocofolds.output.results import Split, files_of_split, split_named

# What Snakemake wrote last into a folder that was an output, as folders were in 0.1.0.
_STAMP = ".snakemake_timestamp"


class Leftover(NamedTuple):
    """A file that can be removed.

    Attributes
    ----------
    path : Path
    size : int
        In bytes.
    modified : int
        When it was last written: `st_mtime_ns`.
    """

    path: Path
    size: int
    modified: int


class Leftovers(NamedTuple):
    """What can be removed, and what is beside it.

    Attributes
    ----------
    files : list of Leftover
        Sorted by their paths.
    kept : list of Path
        What is in the folders of the splits, or is named as an archive of one, and is
        not surely the workflow's.
    """

    files: list[Leftover]
    kept: list[Path]


def find_leftovers(
    results: Path,
    named: Collection[str],
    shards: Collection[str] | None,
    previews: Collection[str] | None,
) -> Leftovers:
    """Look for what the workflow made and no longer needs.

    Parameters
    ----------
    results : Path
        The folder of results.
    named : collection of str
        The names of the splits that are needed.
    shards : collection of str or None
        The shards of the index; None if there is none.
    previews : collection of str or None
        The names, without their ending, of the previews that there can be.
    """
    splits = [split for split in _splits_in(results) if split.name not in named]
    candidates = {
        *(path for split in splits for path in _made_for_split(results, split)),
        *(() if shards is None else _made_for_shards(results, shards)),
        *(() if previews is None else _made_for_previews(results, previews)),
        *_made_by_older_versions(results),
    }
    files = [found for path in sorted(candidates) if (found := _as_found(path))]
    removable = {file.path for file in files}
    beside = [
        path
        for split in splits
        for path in (results / f"{split.name}.zip", *_walk(results / split.name))
    ]
    kept = [p for p in beside if p not in removable and os.path.lexists(p)]
    return Leftovers(files, kept)


def remove(files: Iterable[Leftover], results: Path) -> dict[Path, str]:
    """Remove files, and the folders that this leaves empty.

    Parameters
    ----------
    files : iterable of Leftover
    results : Path
        The folder of results, which is kept.

    Returns
    -------
    dict of Path to str
        Of each file that is still there, why.
    """
    problems = {}
    for file in files:
        if _as_found(file.path) != file:
            problems[file.path] = "it has changed since it was listed"
            continue
        try:
            file.path.unlink()
        except OSError as error:
            problems[file.path] = error.strerror or str(error)
            continue
        with suppress(OSError):
            for folder in file.path.parents:
                if folder == results:
                    break
                folder.rmdir()
    return problems


def _splits_in(results: Path) -> list[Split]:
    """List the splits of which there is a folder, an archive, a log or a benchmark."""
    names = {
        path.name.removesuffix(".zip")
        for pattern in ("*", "logs/*", "benchmarks/*")
        for path in results.glob(pattern)
    }
    return sorted(split for name in names if (split := split_named(name)))


def _made_for_split(results: Path, split: Split) -> Iterator[Path]:
    folder = results / split.name
    yield from _regular(results, files_of_split(split))
    record = f"{split.name}/.archive.json"
    if [*_regular(results, [record])]:
        yield from _regular(results, [record, f"{split.name}.zip"])
    for fold in range(1, split.n_folds + 1):
        yield from _made_for_yolo(results, folder / "yolo" / f"fold_{fold}")


def _made_for_yolo(results: Path, data_set: Path) -> Iterator[Path]:
    if made := made_in(data_set):
        yield from (path for path in made if not _has_links(results, path.parent))
        names = (data_set / name for name in ("data.yaml", ".complete.json"))
        yield from _regular(results, (str(p.relative_to(results)) for p in names))


def _made_for_shards(results: Path, shards: Collection[str]) -> Iterator[Path]:
    of_folders = {
        "shards": (".records", ".offsets.npy", ".stretches.csv", ".sha256"),
        "logs/encode_shard": (".log",),
        "benchmarks/encode_shard": (".tsv",),
        "fingerprints": (".csv", ".npy"),
        "logs/fingerprint": (".log",),
        "benchmarks/fingerprint": (".tsv",),
        "made_from/image_files": (".json",),
    }
    for folder, endings in of_folders.items():
        for path in (results / folder).glob("*"):
            name, point, ending = path.name.partition(".")
            is_ours = re.fullmatch(r"[0-9]{5,}", name) and point + ending in endings
            if is_ours and name not in shards:
                yield from _regular(results, [f"{folder}/{path.name}"])


def _made_for_previews(results: Path, previews: Collection[str]) -> Iterator[Path]:
    for record in (results / "preview").glob(".*.json"):
        name = record.name[1 : -len(".json")]
        made_of = {Path(file).name for file in read_json_object(record)}
        if name not in previews and made_of == {"annotations_all.json"}:
            yield from _regular(
                results,
                [
                    f"preview/{record.name}",
                    f"preview/{name}.png",
                    f"logs/preview/{name}.log",
                    f"benchmarks/preview/{name}.tsv",
                ],
            )


def _made_by_older_versions(results: Path) -> Iterator[Path]:
    folders = [results / "preview", results / "yolo" / "labels"]
    folders += [
        results / split.name / "yolo" / f"fold_{fold}"
        for split in _splits_in(results)
        for fold in range(1, split.n_folds + 1)
    ]
    yield from _regular(results, ["annotations_all.npy"])
    records = (p.name for p in (results / "shards").glob("*.jsonl"))
    ours = (name for name in records if re.fullmatch(r"[0-9]{5,}\.jsonl", name))
    yield from _regular(results, (f"shards/{name}" for name in ours))
    for folder in folders:
        if not _has_links(results, folder):
            yield from _unchanged_since_made(folder)
    # The same files had names in `preview` too; if one goes, the other has changed.
    previews = results / "report" / "previews"
    stamp = [*_regular(results, [f"report/previews/{_STAMP}"])]
    if stamp:
        numbered = (p.name for p in previews.glob("*.png") if p.stem.isdecimal())
        yield from _regular(results, (f"report/previews/{name}" for name in numbered))
        yield from stamp


def _unchanged_since_made(folder: Path) -> Iterator[Path]:
    """List what has not changed since a job made a folder, which was its output.

    Snakemake empties such a folder before the job, and stamps it afterwards. A file
    that was put there later, or copied with its date, has a later `st_ctime`.
    """
    stamp = folder / _STAMP
    if not os.path.lexists(stamp):
        return
    for path in _walk(folder):
        if path.lstat().st_ctime_ns <= stamp.lstat().st_mtime_ns:
            yield path
    yield stamp


def _regular(results: Path, names: Iterable[str]) -> Iterator[Path]:
    """Choose the names of regular files that no link leads to."""
    for path in (results / name for name in names):
        with suppress(OSError):
            if stat.S_ISREG(path.lstat().st_mode) and not _has_links(results, path):
                yield path


def _has_links(results: Path, path: Path) -> bool:
    """Tell whether a path, or a folder between it and `results`, is a link."""
    below = [path, *path.parents]
    return any(part.is_symlink() for part in below[: below.index(results)])


def _as_found(path: Path) -> Leftover | None:
    """Describe a file or a link; None for a folder, or if there is nothing."""
    try:
        state = path.lstat()
    except OSError:
        return None
    if stat.S_ISDIR(state.st_mode):
        return None
    return Leftover(path, state.st_size, state.st_mtime_ns)


def _walk(folder: Path) -> Iterator[Path]:
    """List the files and links in a folder and those below it; no link is followed."""
    if folder.is_symlink():
        yield folder
        return
    for parent, folders, names in os.walk(folder):
        links = [name for name in folders if Path(parent, name).is_symlink()]
        for name in sorted([*names, *links]):
            yield Path(parent, name)
