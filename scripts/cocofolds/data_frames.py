"""Masks in the columns of a data frame to COCO, without a workflow and its files.

The code that reads, checks and encodes them is that of the workflow.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from itertools import count
from operator import itemgetter
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple, get_args
from warnings import warn

import numpy as np

from cocofolds.dataset.index import Index, IndexSettings, index_source
from cocofolds.dataset.repetitions import repetition_message
from cocofolds.dataset.tables import (
    CATEGORY_COLUMNS,
    IMAGE_COLUMNS,
    category_names,
    category_rows,
    image_rows,
)
from cocofolds.dataset.validation import size_problem
from cocofolds.errors import InputError, first_named
from cocofolds.files import read_table
from cocofolds.masks.encoding import CocoMasks, encode_masks
from cocofolds.masks.pixel_order import (
    ENOUGH_VOTES,
    order_votes,
    other_order_evidence,
)
from cocofolds.masks.run_lengths import (
    find_invalid,
    in_batches,
    numbered_from_1,
    parse_runs,
)
from cocofolds.output.annotation_records import encode_shard
from cocofolds.output.coco_json import header
from cocofolds.output.stretches import SEPARATOR
from cocofolds.settings import Numbering, Order
from cocofolds.sources.columns import NAME, read_columns, texts_of
from cocofolds.sources.complete_rows import Sizes, with_size
from cocofolds.sources.dialects import dialect_of
from cocofolds.sources.file_names import (
    missing_message,
    names_where_found,
    pattern_and_id,
    wildcards_message,
)
from cocofolds.sources.image_files import (
    Files,
    file_name_of,
    has_wildcards,
    images_message,
    list_files,
    look_among,
)
from cocofolds.sources.image_sizes import read_sizes
from cocofolds.sources.records import Source, TableRow
from cocofolds.workflow_files import workflow_files

# A shard that takes all images.
_ALL_IMAGES = 2**62


class _Mask(NamedTuple):
    """A row of `encode`, all of it text except for its position."""

    position: int
    runs: str
    height: str
    width: str


def encode(
    annotations: Iterable[object],
    heights: Any,
    widths: Any,
    order: Order = "row",
    base: Literal[0, 1] = 1,
    relative: bool = False,
) -> CocoMasks:
    """Turn run-length masks into COCO's counts, areas and boxes.

    Parameters
    ----------
    annotations : (n_masks,) column of str
        A run-length text each, ``start length start length ...``.
    heights, widths : int, or (n_masks,) column of int
        Sizes of the images, in pixels.
    order : {"row", "column"}
        Whether pixels are numbered along the rows or down the columns.
    base : {0, 1}
        The number of the first pixel.
    relative : bool
        Whether each start is counted from the end of the run before.

    Returns
    -------
    counts : list of str
        Compressed counts as they are in a COCO JSON; `pycocotools.mask` gives the same
        as bytes.
    areas : (n_masks,) int64
        Pixels in each mask.
    boxes : (n_masks, 4) int64
        x, y, width, height of the smallest box around each mask, in pixels.

    Raises
    ------
    InputError
        If a row is not a mask of its image. It names the first ten such rows by their
        positions, from 0. A missing value is not a mask: leave such rows out.
    ValueError
        If the columns differ in length, or `order` or `base` is none of the above.

    Warns
    -----
    UserWarning
        If the masks hang together in the other order, but not in this one.

    Examples
    --------
    >>> import cocofolds
    >>> masks = cocofolds.encode(["2 2 5 2"], heights=2, widths=3, order="row")
    >>> masks.counts, masks.areas.tolist(), masks.boxes.tolist()
    (['24'], [4], [[1, 0, 2, 2]])
    """
    if order not in get_args(Order) or base not in (0, 1):
        raise ValueError(
            f"order is 'row' or 'column' and base is 0 or 1, not {order!r} and {base!r}"
        )
    texts = texts_of(annotations)
    columns = texts, _sizes(heights, len(texts)), _sizes(widths, len(texts))
    problems: dict[int, str] = {}
    parts: list[CocoMasks] = []
    votes = np.zeros(2, int)
    rows = map(_Mask, count(), *columns)
    for batch in in_batches(rows, lambda row: len(row.runs)):
        runs, problems_here = _checked(batch, base, relative)
        problems |= problems_here
        if problems:
            continue
        height = np.array([int(row.height) for row in batch])
        width = np.array([int(row.width) for row in batch])
        parts.append(encode_masks(runs, height, width, order))
        if votes.sum() < ENOUGH_VOTES:
            votes += order_votes(parse_runs(runs), height, width)
    if problems:
        lines = first_named([*problems], lambda n: f"row {n}: {problems[n]}")
        raise InputError(_listed(f"Rows that are not masks: {len(problems)}", lines))
    _warn_of_order((int(votes[0]), int(votes[1])), order)
    return CocoMasks(
        [counts for part in parts for counts in part.counts],
        np.concatenate([np.empty(0, int), *(part.areas for part in parts)]),
        np.concatenate([np.empty((0, 4), int), *(part.boxes for part in parts)]),
    )


def to_coco(
    table: Any,
    dialect: str | Mapping[str, Any],
    categories: Iterable[object] | None = None,
    images_dir: str | PathLike[str] | None = None,
) -> dict[str, Any]:
    """Turn a data frame with a mask a row into a COCO JSON document.

    Parameters
    ----------
    table : data frame, or mapping of str to columns
        A table as it was read from its CSV file. Ids with zeros in front, and
        categories such as ``NA``, have to be read as text: ``read_csv(path, dtype=str,
        keep_default_na=False)``.
    dialect : str or mapping
        How to read it, as in config.yaml: the name of a preset, a preset with changed
        keys, or the keys themselves.
    categories : iterable of str, optional
        The names of the categories in the order of their ids; by default, all names in
        the table, sorted.
    images_dir : path, optional
        The folder of the image files: for their names, and for sizes that the table
        does not have.

    Returns
    -------
    dict
        What the workflow writes to `results/annotations_all.json` for the same rows and
        settings; only ``info`` does not name a file that they came from.

    Raises
    ------
    InputError
        If the dialect does not fit the table, or a row is not a mask of its image. It
        names the first ten such rows by their positions, from 0.

    Warns
    -----
    UserWarning
        If the masks hang together in the other order, rows repeat others, or images
        have no file in `images_dir`.

    Examples
    --------
    >>> import cocofolds
    >>> table = {"id": ["a", "a"], "rle": ["2 2 5 2", "1 1"], "cell": ["x", "y"]}
    >>> keys = {"image_column": "id", "runs_column": "rle", "category_column": "cell"}
    >>> keys |= {"order": "row", "width": 3, "height": 2, "file_name": "{id}.png"}
    >>> coco = cocofolds.to_coco(table, keys)
    >>> coco["images"]
    [{'id': 1, 'file_name': 'a.png', 'width': 3, 'height': 2}]
    >>> [record["segmentation"]["counts"] for record in coco["annotations"]]
    ['24', '015']
    """
    source = Source([NAME], [dialect_of(dialect, "dialect", workflow_files())])
    if not source.dialects[0].is_table:
        raise InputError("dialect: a COCO JSON is not a table; json.load reads it.")
    files = None if images_dir is None else list_files(str(images_dir))
    rows, found = _with_sizes([*read_columns(table, source)], source, files)
    if not rows:
        raise InputError(f"{NAME}: it has no rows.")
    may_be = None if categories is None else texts_of(categories)
    with TemporaryDirectory() as folder:
        settings = IndexSettings(may_be, images_per_shard=_ALL_IMAGES)
        index = index_source(rows, settings, Path(folder), BytesIO())
        _raise_or_warn(index)
        for votes in index.order_votes.values():
            _warn_of_order(votes, source.dialects[0].order)
        names = category_names(index, [], may_be, Numbering())
        images = _images(index, names, source, files, found)
        [shard] = Path(folder).iterdir()
        return _document(names, images, read_table(shard))


def _sizes(sizes: Any, n_masks: int) -> list[str]:
    """Write sizes as text: those of a column, or the one of all masks."""
    if isinstance(sizes, str) or not isinstance(sizes, Iterable):
        return texts_of([sizes]) * n_masks
    texts = texts_of(sizes)
    if len(texts) != n_masks:
        raise ValueError(f"{n_masks} annotations, but {len(texts)} heights or widths")
    return texts


def _checked(
    batch: Sequence[_Mask], base: int, relative: bool
) -> tuple[list[str], dict[int, str]]:
    """Bring masks into canonical form; say by position what is wrong with others."""
    as_is = base == 1 and not relative
    runs = [
        row.runs if as_is else numbered_from_1(row.runs, base, relative)
        for row in batch
    ]
    wrong_sizes = {
        n: problem
        for n, row in enumerate(batch)
        if (problem := size_problem(row.width, row.height))
    }
    n_pixels = [
        0 if n in wrong_sizes else int(row.height) * int(row.width)
        for n, row in enumerate(batch)
    ]
    invalid, canonical = find_invalid(runs, np.array(n_pixels))
    problems = {
        batch[n].position: problem for n, problem in {**invalid, **wrong_sizes}.items()
    }
    return [canonical.get(n, text) for n, text in enumerate(runs)], problems


def _with_sizes(
    rows: list[TableRow], source: Source, files: Files | None
) -> tuple[list[TableRow], dict[str, str]]:
    """Give rows the sizes of their image files, if the table has none.

    Returns
    -------
    rows : list of TableRow
    found : dict of str to str
        The file of each image, as a path from the folder; empty if sizes are known.
    """
    [dialect] = source.dialects
    if dialect.has_sizes:
        return rows, {}
    if files is None:
        raise InputError(
            f"{NAME}: it does not say how large the images are. Name their folder in"
            " `images_dir`, or `width` and `height` in the dialect."
        )
    wanted = {
        row.image: pattern_and_id(row.image, dialect, source, None)
        for row in rows
        if row.image
    }
    found, not_found = look_among(files, wanted)
    paths = {image: Path(files.folder, path) for image, path in found.items()}
    sizes, not_readable = read_sizes(paths)
    if problems := {**not_found, **not_readable}:
        raise InputError(images_message(problems))
    return [with_size(row, Sizes(found, sizes, {})) for row in rows], found


def _raise_or_warn(index: Index) -> None:
    """Refuse rows that are not masks, and warn of what the workflow warns of."""
    if index.rejected:
        lines = first_named(
            index.rejected, lambda row: f"{row.line}, image {row.image!r}: {row.reason}"
        )
        count = f"Rows that are not masks: {len(index.rejected)}"
        raise InputError(_listed(count, lines))
    if index.repeated:
        warn(repetition_message(index.repeated), stacklevel=3)


def _warn_of_order(votes: tuple[int, int], order: Order) -> None:
    if evidence := other_order_evidence(votes, order):
        warn(evidence, stacklevel=3)


def _listed(heading: str, lines: Iterable[str]) -> str:
    return "\n  ".join([heading, *lines])


def _document(
    names: Sequence[str],
    images: Sequence[tuple[Any, ...]],
    rows: Iterable[Mapping[str, str]],
) -> dict[str, Any]:
    """Put the document together of what the workflow writes: its head, and all records.

    Parameters
    ----------
    names : sequence of str
        Of the categories, in the order of their ids.
    images : sequence of tuple
        Rows of `IMAGE_COLUMNS`.
    rows : iterable of mapping
        Those of the only shard.
    """
    categories = _as_text(CATEGORY_COLUMNS, category_rows(names, [], Numbering()))
    start = header(
        {},
        {"sources": [], "members": {}},
        categories,
        _as_text(IMAGE_COLUMNS, images),
        "integer",
    )
    records = BytesIO()
    category_ids = {row["name"]: row["category_id"] for row in categories}
    for _ in encode_shard(rows, category_ids, "integer", Numbering(), records):
        pass
    annotations = records.getvalue().removesuffix(SEPARATOR)
    document: dict[str, Any] = json.loads(start + annotations + b"]}")
    document["annotations"].sort(key=itemgetter("image_id", "id"))
    return document


def _as_text(
    columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> list[dict[str, str]]:
    """Make of rows what `read_table` reads of them."""
    return [dict(zip(columns, map(str, row), strict=True)) for row in rows]


def _images(
    index: Index,
    names: Sequence[str],
    source: Source,
    files: Files | None,
    found: Mapping[str, str],
) -> list[tuple[Any, ...]]:
    """List the images as rows of `IMAGE_COLUMNS`, named after their files."""
    patterns = {
        image: pattern_and_id(image, source.dialects[0], source, None)
        for image in index.images
    }
    images = [
        *image_rows(
            index, names, lambda i, _: file_name_of(*patterns[i]), Numbering(), {}
        )
    ]
    if files is None:
        for pattern, _ in patterns.values():
            if has_wildcards(pattern):
                raise InputError(wildcards_message(pattern, "no folder is given"))
        return images
    said = {row[1]: row[2] for row in images}
    named, _, missing = names_where_found(said, patterns, files, found, None)
    if missing:
        warn(missing_message(missing, len(images)), stacklevel=3)
    return [(*row[:2], named[row[1]], *row[3:]) for row in images]
