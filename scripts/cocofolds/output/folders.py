"""Write files into folders in which others may be the user's.

A list in the folder names what the workflow made there. Nothing else is ever replaced
or removed.
"""

import filecmp
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from hashlib import file_digest
from pathlib import Path, PurePosixPath

from cocofolds.files import beside, written_whole

_LIST = ".made_by_cocofolds"

#: Makes a file or a link at a path.
Make = Callable[[Path], object]


def write_among(
    folder: Path,
    paths: Collection[PurePosixPath],
    contents: Iterable[tuple[PurePosixPath, Make]],
    also_made: Collection[PurePosixPath] = (),
) -> list[Path]:
    """Write files or links into a folder, each whole or not at all.

    What an earlier call wrote there and this one does not is removed.

    Parameters
    ----------
    folder : Path
    paths : collection of PurePosixPath
        What may be written, below the folder.
    contents : iterable of (PurePosixPath, callable)
        What is written: where, and what makes it there.
    also_made : collection of PurePosixPath
        Files that another job made: they are replaced, but not removed.

    Returns
    -------
    list of Path
        What was not written, since something of the user's is there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = _read_list(folder)
    free = {str(path) for path in paths if not os.path.lexists(folder / path)}
    # Before they are written: a job may be ended at any moment.
    made |= dict.fromkeys(free)
    _write_list(folder, made)
    others = {*map(str, also_made)}
    written: dict[str, bool | None] = {}
    taken = []
    with beside(folder / _LIST) as place:
        for path, make in contents:
            make(place)
            is_link, name = place.is_symlink(), str(path)
            if _moved(place, folder / path, name in made or name in others):
                written[name] = is_link
            else:
                taken.append(folder / path)
    for name in made.keys() - written.keys() - others:
        _remove(folder, PurePosixPath(name), made[name])
    _write_list(folder, {n: kind for n, kind in written.items() if n not in others})
    return taken


def hard_link(path: Path, target: Path) -> None:
    """Give a file a second name, or copy it where that cannot be."""
    try:
        path.hardlink_to(target)
    except OSError:
        shutil.copyfile(target, path)


def write_record(path: str | Path, files: Iterable[str]) -> None:
    """Note what something was made of: the SHA-256 of each file."""
    digests = {}
    for name in files:
        with open(name, "rb") as file:
            digests[name] = file_digest(file, "sha256").hexdigest()
    with written_whole(path) as record:
        record.write(json.dumps(digests, indent=2).encode() + b"\n")


def _read_list(folder: Path) -> dict[str, bool | None]:
    """Read what the workflow made: by name whether it is a link, None if unknown."""
    try:
        made: dict[str, bool | None] = json.loads((folder / _LIST).read_bytes())
    except FileNotFoundError:
        return {}
    return made


def _write_list(folder: Path, made: dict[str, bool | None]) -> None:
    with written_whole(folder / _LIST) as file:
        file.write(json.dumps(made, indent=0, sort_keys=True).encode() + b"\n")


def _moved(new: Path, path: Path, is_ours: bool) -> bool:
    """Move a file or a link to a path, unless something of the user's is there."""
    if os.path.lexists(path) and not (
        _same_kind(path, new) and (is_ours or _same(path, new))
    ):
        new.unlink()
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        new.unlink()
        return False
    new.replace(path)
    return True


def _same_kind(path: Path, other: Path) -> bool:
    if path.is_symlink() or other.is_symlink():
        return path.is_symlink() and other.is_symlink()
    return path.is_file()


def _same(path: Path, other: Path) -> bool:
    if path.is_symlink():
        return path.readlink() == other.readlink()
    return filecmp.cmp(path, other, shallow=False)


def _remove(folder: Path, name: PurePosixPath, was_link: bool | None) -> None:
    """Remove a file or a link, and the folders that it leaves empty."""
    path = folder / name
    if was_link in (None, path.is_symlink()):
        # A folder of the user's may have taken its place.
        with suppress(OSError):
            path.unlink()
    with suppress(OSError):
        for parent in name.parents[:-1]:
            (folder / parent).rmdir()
