"""Draw one image of a source that has just been looked at, with its masks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, PngImagePlugin

from cocofolds.errors import InputError
from cocofolds.masks.encoding import encode_masks
from cocofolds.masks.run_lengths import find_invalid, numbered_from_1
from cocofolds.report.previews import background_or_grey, draw_preview
from cocofolds.sources.coco import NEEDED_KEYS
from cocofolds.sources.detection.findings import FileFindings, SourceFindings
from cocofolds.sources.detection.head import read_head
from cocofolds.sources.detection.source_findings import source_of_findings
from cocofolds.sources.file_names import pattern_and_id
from cocofolds.sources.image_files import Files, look_among
from cocofolds.sources.image_records import file_name_in
from cocofolds.sources.image_sizes import read_sizes
from cocofolds.sources.json_stream import read_values
from cocofolds.sources.records import TableRow
from cocofolds.sources.table import read_table_source

# Masks of the picture that is best to look at; rows among which it is chosen.
_GOOD_NUMBER, _MOST_ROWS = 12, 20_000
_MARK = "made by cocofolds init"

Id = Any
Record = dict[str, Any]


class Drawable(NamedTuple):
    """An image with what is drawn on it.

    Attributes
    ----------
    name : str
        Its id, or its file name.
    size : (int, int)
        Width and height in pixels.
    annotations : sequence of dict
        COCO annotations.
    category_names : mapping of int to str
    path : Path or None
        The image file.
    """

    name: str
    size: tuple[int, int]
    annotations: Sequence[dict[str, Any]]
    category_names: Mapping[int, str]
    path: Path | None


def find_drawable(found: SourceFindings) -> Drawable | None:
    """Find an image with several masks, best one whose file is there.

    Parameters
    ----------
    found : SourceFindings
        With all questions answered.

    Returns
    -------
    Drawable or None
        None if no mask can be drawn.
    """
    file = found.files[0]
    if file.dialect.get("format") == "coco":
        return _of_coco(file, found.image_files)
    return _of_table(found, found.image_files)


def draw(drawable: Drawable, path: Path) -> None:
    """Draw it, if there is no file of another one at the path.

    Raises
    ------
    InputError
        If there is, or the image cannot be read or drawn.
    """
    if path.exists() and not _is_ours(path):
        raise InputError(f"{path}: there is a file that is not of `cocofolds init`.")
    background, problems = background_or_grey(drawable.path, drawable.size)
    if problems:
        raise InputError(problems[0])
    picture = draw_preview(
        background, drawable.size, drawable.annotations, drawable.category_names
    )
    path.parent.mkdir(exist_ok=True)
    mark = PngImagePlugin.PngInfo()
    mark.add_text("Software", _MARK)
    picture.save(path, pnginfo=mark)


def _is_ours(path: Path) -> bool:
    try:
        with Image.open(path, formats=["PNG"]) as image:
            return image.info.get("Software") == _MARK
    # Pillow raises errors of many kinds.
    except Exception:
        return False


def _best(n_masks: Mapping[str, int], has_file: Callable[[str], bool]) -> str:
    return min(
        n_masks,
        key=lambda image: (not has_file(image), abs(n_masks[image] - _GOOD_NUMBER)),
    )


def _of_table(found: SourceFindings, files: Files | None) -> Drawable | None:
    file = found.files[0]
    source = source_of_findings(found.files)
    dialect = source.dialects[0]
    prefix = source.id_prefix(dialect)
    sizes = {prefix + image: size for image, size in file.names.items() if size}
    rows: dict[str, list[TableRow]] = {}
    n_rows = min(file.n_rows, _MOST_ROWS)
    for row in islice(read_table_source(source, file.path, dialect, 1, []), n_rows):
        if row.has_mask and not row.problem and row.image in sizes:
            rows.setdefault(row.image, []).append(row)
    if not rows:
        return None
    wanted = {image: pattern_and_id(image, dialect, source, None) for image in rows}
    paths = look_among(files, wanted)[0] if files else {}
    image = _best({i: len(some) for i, some in rows.items()}, paths.__contains__)
    annotations, names = _annotations(rows[image], sizes[image])
    path = Path(files.folder, paths[image]) if files and image in paths else None
    return Drawable(image, sizes[image], annotations, names, path)


def _annotations(
    rows: Sequence[TableRow], size: tuple[int, int]
) -> tuple[list[dict[str, Any]], dict[int, str]]:
    """Make COCO annotations of the rows of an image that are masks on it."""
    width, height = size
    dialect = rows[0].dialect
    relative = dialect.runs == "relative"
    texts = [numbered_from_1(row.runs, dialect.base, relative) for row in rows]
    n_pixels = np.full(len(texts), width * height, np.int64)
    invalid, canonical = find_invalid(texts, n_pixels)
    kept = [n for n in range(len(rows)) if n not in invalid]
    masks = encode_masks(
        [canonical.get(n, texts[n]) for n in kept],
        np.full(len(kept), height),
        np.full(len(kept), width),
        dialect.order,
    )
    ids: dict[str, int] = {}
    for n in kept:
        ids.setdefault(rows[n].category, len(ids) + 1)
    annotations = [
        {
            "id": n + 1,
            "category_id": ids[rows[n].category],
            "segmentation": {"size": [height, width], "counts": counts},
        }
        for n, counts in zip(kept, masks.counts, strict=True)
    ]
    return annotations, {number: name for name, number in ids.items()}


def _of_coco(file: FileFindings, files: Files | None) -> Drawable | None:
    images, by_image, names = _read_coco(file.path)
    ids = {str(file_name_in(images[i])): i for i in by_image if i in images}
    if not ids:
        return None
    paths = look_among(files, {n: ("{id}", n) for n in ids})[0] if files else {}
    name = _best({n: len(by_image[i]) for n, i in ids.items()}, paths.__contains__)
    path = Path(files.folder, paths[name]) if files and name in paths else None
    record = images[ids[name]]
    size = record.get("width"), record.get("height")
    if not all(size) and path:
        sizes, _ = read_sizes({name: path})
        size = sizes.get(name, (None, None))
    if not (isinstance(size[0], int) and isinstance(size[1], int)):
        return None
    annotations = by_image[ids[name]]
    # The categories may be behind what has been read.
    unknown = {a["category_id"]: f"category {a['category_id']}" for a in annotations}
    return Drawable(name, (size[0], size[1]), annotations, unknown | names, path)


def _read_coco(
    path: str,
) -> tuple[dict[Id, Record], dict[Id, list[Record]], dict[Id, str]]:
    """Read images, their annotations, and the names of categories, all by id.

    Only the beginning of the file is read, and records without ids are passed over.
    """
    images: dict[Id, Record] = {}
    by_image: dict[Id, list[Record]] = {}
    names: dict[Id, str] = {}
    n_annotations = 0
    try:
        for key, record in _records(path):
            ids = [record.get(key) for key in ("id", "image_id", "category_id")]
            if key == "annotations":
                n_annotations += 1
                if _are_ids(*ids[1:]) and n_annotations <= _MOST_ROWS:
                    annotation = {"id": n_annotations, **record}
                    by_image.setdefault(ids[1], []).append(annotation)
            elif _are_ids(ids[0]) and key == "images":
                images[ids[0]] = record
            elif _are_ids(ids[0]):
                names[ids[0]] = str(record.get("name"))
    except InputError:
        # So the beginning of a file ends.
        pass
    return images, by_image, names


def _are_ids(*values: object) -> bool:
    return all(type(value) in (int, str) for value in values)


def _records(path: str) -> Iterable[tuple[str, dict[str, Any]]]:
    text = read_head(path).text
    pieces = (text[n : n + 2**20] for n in range(0, len(text), 2**20))
    for value in read_values(path, pieces, NEEDED_KEYS):
        if value.key in NEEDED_KEYS and isinstance(value.value, dict):
            yield value.key, value.value
