"""Notice a source that changes while the workflow runs."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from cocofolds.errors import CheckError, InputError
from cocofolds.files import read_json_object, sha256_of
from cocofolds.sources.records import SourceFile

#: Digests of files in the state in which they were taken: to know them again is quick.
KNOWN_DIGESTS = Path(".snakemake", "cocofolds_digests.json")


def unchanged_while_read(paths: Sequence[str]) -> AbstractContextManager[None]:
    """Refuse files that change from the beginning of a block to its end.

    Raises
    ------
    InputError
        In place of an error that may be a consequence.
    """
    before = [*map(state_of, paths)]

    def compare() -> None:
        for path, state in zip(paths, before, strict=True):
            if state_of(path) != state:
                raise InputError(
                    f"{path}: it changed while it was read. Once nothing writes to it"
                    " any more, give the same command again."
                )

    return _compared_at_the_end(compare)


def digests_as_read(files: Sequence[SourceFile]) -> list[str]:
    """Take the SHA-256 of the bytes of each file, after it has been read.

    Parameters
    ----------
    files : sequence of SourceFile
        Their own digests are those of the text that was read; of a compressed file,
        that is not the digest of its bytes.
    """
    return [
        sha256_of(file.path) if file.path.endswith(".gz") else file.sha256
        for file in files
    ]


def as_indexed(
    paths: Sequence[str], digests: Sequence[str]
) -> AbstractContextManager[None]:
    """Check, once they have been read, that files are still those that `index` read.

    Parameters
    ----------
    paths : sequence of str
    digests : sequence of str
        As `digests_as_read` returned them to `index`.

    Raises
    ------
    CheckError
        In place of an error that may be a consequence.
    """

    def compare() -> None:
        for path, digest in zip(paths, digests, strict=True):
            if sha256_of(path) != digest:
                raise CheckError(
                    f"{path}: it changed after `index` had read it. Once nothing writes"
                    " to it any more, give the same command again: all that depends on"
                    " it is made again."
                )

    return _compared_at_the_end(compare)


@contextmanager
def _compared_at_the_end(compare: Callable[[], None]) -> Iterator[None]:
    """Compare at the end of a block, also of one that ends in an error."""
    try:
        yield
    except Exception:
        compare()
        raise
    compare()


def known_digest(path: str, state: Sequence[int]) -> str | None:
    """Look up the SHA-256 of a file in this state; None if it is not known."""
    known = read_json_object(KNOWN_DIGESTS).get(path)
    if isinstance(known, list) and known[:1] == [[*state]]:
        return str(known[1])
    return None


def state_of(path: str) -> tuple[int, int, int, int] | None:
    """What changes with the content of a file; None if it is gone."""
    try:
        state = Path(path).stat()
    except OSError:
        return None
    return state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino
