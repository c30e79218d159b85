"""Write files into folders in which others may be the user's.

A list in the folder names what the workflow made there, and fingerprints it. Nothing
else is ever replaced or removed.
"""

import json
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from cocofolds.errors import InputError, first_named
from cocofolds.files import (
    beside,
    read_json_object,
    sha256_of,
    write_json,
    written_whole,
)

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
    made |= dict.fromkeys(free, "")
    _write_list(folder, made)
    others = {*map(str, also_made)}
    written: dict[str, str] = {}
    taken = []
    with beside(folder / _LIST) as temporary:
        for path, make in contents:
            make(temporary)
            fingerprint, name = _fingerprint(temporary) or "", str(path)
            there = _fingerprint(folder / path)
            # What a job that was ended has made has no fingerprint yet.
            is_ours = there in (made.get(name), fingerprint) or made.get(name) == ""
            is_ours = is_ours or name in others
            if _moved(temporary, folder / path, is_ours):
                written[name] = fingerprint
            else:
                taken.append(folder / path)
    for name in made.keys() - written.keys() - others:
        _remove(folder, PurePosixPath(name), made[name])
    _write_list(folder, {n: said for n, said in written.items() if n not in others})
    return taken


def refuse_taken(taken: Sequence[Path], what: str) -> None:
    """Name files of a user that are where something is to be made.

    Parameters
    ----------
    taken : sequence of Path
        What `write_among` returns.
    what : str
        What is to happen there, such as "links are to be made".

    Raises
    ------
    InputError
        If there are any.
    """
    if taken:
        raise InputError(
            f"These are not of this workflow, and are where {what}. Move them away:\n  "
            + "\n  ".join(first_named(taken, str))
        )


def write_record(path: str | Path, files: Iterable[str]) -> None:
    """Note what something was made of: the SHA-256 of each file."""
    write_json(path, {name: sha256_of(name) for name in files})


def made_in(folder: Path) -> list[Path]:
    """List what `write_among` made in a folder and nobody has changed, and its list."""
    made = _read_list(folder)
    unchanged = [
        folder / name
        for name, fingerprint in made.items()
        if not {"/", ".."} & {*PurePosixPath(name).parts}
        and _fingerprint(folder / name) == fingerprint
    ]
    return [*unchanged, folder / _LIST] if made else []


def _read_list(folder: Path) -> dict[str, str]:
    """Read the fingerprint of what the workflow made, by name; "" if not yet known."""
    return read_json_object(folder / _LIST)


def _write_list(folder: Path, made: dict[str, str]) -> None:
    with written_whole(folder / _LIST) as file:
        file.write(json.dumps(made, indent=0, sort_keys=True).encode() + b"\n")


def _moved(new: Path, path: Path, is_ours: bool) -> bool:
    """Move a file or a link to a path, unless something of the user's is there."""
    is_folder = path.is_dir() and not path.is_symlink()
    if os.path.lexists(path) and (is_folder or not is_ours):
        new.unlink()
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        new.unlink()
        return False
    new.replace(path)
    return True


def _fingerprint(path: Path) -> str | None:
    """Say where a link leads, or the SHA-256 of a file; None if it is neither."""
    if path.is_symlink():
        return f"link to {path.readlink()}"
    try:
        return sha256_of(path)
    except OSError:
        return None


def _remove(folder: Path, name: PurePosixPath, fingerprint: str) -> None:
    """Remove what is as it was made, and the folders that it leaves empty."""
    path = folder / name
    if fingerprint in ("", _fingerprint(path)):
        # A folder of the user's may have taken its place.
        with suppress(OSError):
            path.unlink()
    with suppress(OSError):
        for parent in name.parents[:-1]:
            (folder / parent).rmdir()
