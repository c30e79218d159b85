"""Where the annotations of images are in the files of records, stretch by stretch."""

from collections.abc import Iterable, Iterator, Sequence

from cocofolds.files import read_table

STRETCH_COLUMNS = ("image_id", "start", "end")

#: What is behind each record.
SEPARATOR = b",\n"

#: The position of the file that it goes to, or -1; where it starts and ends, in bytes.
Stretch = tuple[int, int, int]


def stretches_in(path: str, output_of: Sequence[int]) -> Iterator[Stretch]:
    """Say where the records of a shard go.

    Parameters
    ----------
    path : str
        `{shard}.stretches.csv`, or, where annotations were assigned one by one,
        `{shard}.offsets.npy`.
    output_of : sequence of int
        The position of the file that the records of each image, or each annotation, go
        to, by its id; -1 for none.

    Yields
    ------
    Stretch
        In the order of the images, then the annotations.
    """
    for number, start, end in _read_stretches(path):
        yield output_of[number], start, end


def _read_stretches(path: str) -> Iterator[tuple[int, int, int]]:
    """Read the ids of images or annotations, and start and end of their records."""
    if path.endswith(".npy"):
        # Where images are whole, NumPy is not needed: importing it takes longer than
        # all the rest.
        from cocofolds.output.annotation_records import stretches_of

        yield from stretches_of(path, "annotation_id")
        return
    for row in read_table(path):
        yield int(row["image_id"]), int(row["start"]), int(row["end"])


def joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Join neighbours that go to the same file; leave out what goes to none."""
    position, start, end = -1, 0, 0
    for next_position, next_start, next_end in stretches:
        if (next_position, next_start) == (position, end):
            end = next_end
            continue
        if position >= 0:
            yield position, start, end
        position, start, end = next_position, next_start, next_end
    if position >= 0:
        yield position, start, end
