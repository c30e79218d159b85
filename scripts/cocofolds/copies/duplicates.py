"""What a user should know of images that are copies, and what cannot be known."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cocofolds.copies.pairs import CopyPair, copies_among
from cocofolds.copies.shards import Fingerprints
from cocofolds.errors import InputError, first_named

DUPLICATE_COLUMNS = (
    *("first_image_id", "first_source_id", "first_file_name"),
    *("second_image_id", "second_source_id", "second_file_name"),
    *("kind", "correlation"),
)
_OF_IMAGE = ("image_id", "source_id", "file_name")

Row = Mapping[str, str]


def find_duplicates(images: Sequence[Row], known: Fingerprints) -> list[CopyPair]:
    """Find the images whose files are copies, by their ids in the source.

    Parameters
    ----------
    images : sequence of mapping
        Rows of `images.csv`.
    known : Fingerprints
    """
    file_of = {row["source_id"]: row["file_name"] for row in images}
    return copies_among(
        {
            image: known.of_files[name]
            for image, name in file_of.items()
            if name in known.of_files
        },
        lambda image: known.pictures[file_of[image]],
    )


def duplicate_rows(
    images: Sequence[Row], pairs: Sequence[CopyPair]
) -> Iterator[list[Any]]:
    """List pairs as rows of `DUPLICATE_COLUMNS`."""
    by_id = {row["source_id"]: row for row in images}
    for pair in pairs:
        ends = (by_id[pair.first], by_id[pair.second])
        values = [end[column] for end in ends for column in _OF_IMAGE]
        yield [*values, pair.kind, f"{pair.correlation:.4f}"]


def duplicate_messages(
    pairs: Sequence[CopyPair], problems: Mapping[str, str], share_a_fold: bool
) -> Iterator[str]:
    """Say which images are copies, and which could not be compared.

    Parameters
    ----------
    pairs : sequence of CopyPair
    problems : mapping of str to str
        Of each file that could not be read, why.
    share_a_fold : bool
        Whether copies have to share a fold.

    Raises
    ------
    InputError
        If copies have to share a fold and a file could not be read: it may be one.
    """
    if problems:
        lines = first_named([*problems], lambda name: f"{name}: {problems[name]}")
        named = "\n  ".join(
            [f"Image files that could not be compared: {len(problems)}", *lines]
        )
        if share_a_fold:
            raise InputError(
                f"{named}\n`duplicates: group` promises that copies share a fold, and"
                " one of these may be a copy. Make them readable, or set `duplicates:"
                " warn`."
            )
        yield f"{named}\nNobody knows whether they are copies of others."
    if pairs and not share_a_fold:
        lines = first_named(pairs, lambda pair: f"{pair.first!r} and {pair.second!r}")
        named = ", ".join(lines)
        yield (
            f"Images that are copies of others: {len(pairs)}. A fold may hold out one"
            f" and train on the other.\n  {named}\n`results/duplicates.csv` lists them."
            " `duplicates: group` keeps copies in one fold."
        )
