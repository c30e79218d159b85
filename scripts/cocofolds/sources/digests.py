"""Notice a source that changes while the workflow runs."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from cocofolds.errors import CheckError, InputError
from cocofolds.source_rows import SourceFile


def digests_as_read(files: Sequence[SourceFile]) -> dict[str, str]:
    """Take the digest of each file of the source, after it has been read.

    Parameters
    ----------
    files : sequence of SourceFile
        Their own digests are those of the text that was read; of a compressed file,
        that is not the digest of its bytes.

    Returns
    -------
    dict of str to str
        SHA-256 of the bytes of each file, by its path.
    """
    return {
        file.path: _digest_of_bytes(file.path)
        if file.path.endswith(".gz")
        else file.sha256
        for file in files
    }


def refuse_changed_sources(
    digests: Mapping[str, str], expected: Sequence[str | None]
) -> None:
    """Refuse a source that changed between the start of the run and the end of reading.

    Parameters
    ----------
    digests : mapping of str to str
        As `digests_as_read` returns them.
    expected : sequence of str or None
        The digests at the start of the run; None for a file that was not there yet.

    Raises
    ------
    InputError
    """
    for (path, digest), at_start in zip(digests.items(), expected, strict=True):
        if at_start not in (None, digest):
            raise InputError(
                f"{path}: it changed while it was read. Once nothing writes to it any"
                " more, give the same command again."
            )


@contextmanager
def unchanged(paths: Sequence[str], digests: Sequence[str]) -> Iterator[None]:
    """Check, once they have been read, that files are still those that `index` read.

    Parameters
    ----------
    paths : sequence of str
    digests : sequence of str
        As `digests_as_read` returned them to `index`.

    Raises
    ------
    CheckError
        In place of any other error, which would be a consequence.
    """
    try:
        yield
    finally:
        for path, digest in zip(paths, digests, strict=True):
            if _digest_of_bytes(path) != digest:
                raise CheckError(
                    f"{path}: it changed after `index` had read it. Once nothing writes"
                    " to it any more, give the same command again: all that depends on"
                    " it is made again."
                )


def _digest_of_bytes(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
