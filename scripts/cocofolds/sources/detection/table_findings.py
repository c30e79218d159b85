"""Find out how a table of run-length masks is to be read."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from cocofolds.errors import InputError
from cocofolds.sources.detection.columns import (
    Columns,
    find_columns,
    is_marker,
    looks_like_runs,
)
from cocofolds.sources.detection.findings import (
    DIALECT_DEFAULTS,
    FileFindings,
    Finding,
    Question,
)
from cocofolds.sources.detection.groups import constant_within, suggest_groups
from cocofolds.sources.detection.head import Head
from cocofolds.sources.detection.image_folder import (
    Pattern,
    find_pattern,
    image_stems,
    near_file,
)
from cocofolds.sources.detection.numbering import (
    MOST_MASKS,
    find_numbering,
    winning_order,
)
from cocofolds.sources.detection.presets import (
    Facts,
    choose_preset,
    has_image_suffix,
)
from cocofolds.sources.detection.table_faults import find_faults
from cocofolds.sources.detection.table_parts import (
    Known,
    count_votes,
    find_base,
    find_category,
    find_file_names,
    find_markers,
    find_order,
    find_separator,
    sized_masks,
)
from cocofolds.sources.detection.tables import TableHead, read_table_head
from cocofolds.sources.image_files import Files, has_wildcards
from cocofolds.sources.image_sizes import read_sizes
from cocofolds.wording import counted

Presets = Mapping[str, Mapping[str, Any]]

# Image files whose sizes are read: of all images, or to compare them with columns.
_MOST_SIZES, _FEW_SIZES = 20_000, 200


def find_table(
    head: Head, position: int, folders: Sequence[Files], presets: Presets
) -> tuple[FileFindings, Files | None]:
    """Find out how a table is to be read.

    Parameters
    ----------
    head : Head
    position : int
        Of the file among those of the source.
    folders : sequence of Files
        Those that may be the folder of the images.
    presets : mapping of str to mapping
        The keys of each preset.

    Returns
    -------
    findings : FileFindings
    image_files : Files or None
        The folder in which image files of the table are.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    known, dialect, findings = _known(head, position, folders, presets)
    questions: list[Question] = []
    for find in (
        *(find_order, find_base, find_markers),
        *(find_category, find_file_names, find_separator),
    ):
        part = find(known, dialect)
        dialect |= part.keys
        findings += part.findings
        questions += part.questions
    dialect = {
        k: v for k, v in dialect.items() if v is not None and v != DIALECT_DEFAULTS[k]
    }
    faults, faulty = find_faults(known, dialect)
    taken = known.columns.taken
    others = {
        column: known.table.values(n)
        for n, column in enumerate(known.table.header)
        if n not in taken and column.strip()
    }
    found = FileFindings(
        head.path,
        dialect,
        known.preset_name,
        [*findings, *faults.findings],
        [*questions, *faults.questions],
        suggest_groups(constant_within(known.images, others), known.ids),
        faults.keys,
        {image: known.sizes.get(image) for image in known.ids},
        known.table.is_whole,
        len(known.table.rows),
        faulty,
    )
    return found, known.files


def _known(
    head: Head, position: int, folders: Sequence[Files], presets: Presets
) -> tuple[Known, dict[str, Any], list[Finding]]:
    """Find the columns, the images, their sizes and the preset."""
    table = read_table_head(head)
    stems = {stem for files in folders for stem in image_stems(files)}
    columns = find_columns(table, stems)
    images = _image_ids(table, columns)
    ids = [*dict.fromkeys(images)]
    files, pattern = _choose_folder(ids, folders, presets)
    texts = table.values(columns.runs)
    masks = [n for n, text in enumerate(texts) if not is_marker(text)]
    first = (texts[n] for n in masks[:MOST_MASKS])
    numbering = find_numbering([text for text in first if looks_like_runs(text)])
    columns, sizes, of_sizes = _find_sizes(table, columns, images, files, pattern)
    dialect = _keys_of(table, columns)
    some = sized_masks(texts, masks, images, sizes)
    facts = Facts(
        dialect,
        winning_order(count_votes(some, numbering.relative)),
        numbering.relative,
        numbering.from_0,
        numbering.last,
        frozenset(sizes.values()),
        all(map(has_image_suffix, ids)),
        pattern.alike if pattern else frozenset(),
    )
    name = choose_preset(presets, facts)
    preset = presets.get(name, {})
    size = preset.get("width"), preset.get("height")
    if columns.width is None and all(size) and {*sizes.values()} <= {size}:
        dialect.update(width=size[0], height=size[1])
        if not sizes:
            sizes = dict.fromkeys(ids, (preset["width"], preset["height"]))
            of_sizes.append(_size_of_preset(preset, numbering.last))
    looked_in = [each.folder for each in folders]
    hint = "" if pattern else _near_miss(ids, folders)
    if pattern and columns.width is not None and _misses_some(pattern, ids):
        hint = _wildcard_hint(pattern, ids)
        files, pattern = None, None
    if not sizes:
        raise _no_sizes(table, ids, looked_in, hint)
    known = Known(
        *(head, table, position, columns, images, ids, texts, masks),
        *(numbering, looked_in, hint, files, pattern, sizes, name, preset),
    )
    what = f"{counted(len(table.rows), 'row')} of {counted(len(ids), 'image')}"
    looked = what if table.is_whole else f"only the first are looked at: {what}"
    findings = [
        Finding("rows", looked, not table.is_whole),
        *_of_columns(columns, name, dialect, preset),
    ]
    return known, dialect, findings + of_sizes


def _image_ids(table: TableHead, columns: Columns) -> list[str]:
    images = table.values(columns.image)
    if columns.category_separator:
        return [image.rpartition(columns.category_separator)[0] for image in images]
    return images


def _choose_folder(
    ids: Sequence[str], folders: Sequence[Files], presets: Presets
) -> tuple[Files | None, Pattern | None]:
    """Choose the folder with most of the images, and how these are named in it."""
    known = [p["file_name"] for p in presets.values() if "file_name" in p]
    found = [
        (files, pattern)
        for files in folders
        if (pattern := find_pattern(ids, files, [*dict.fromkeys(known)]))
    ]
    return max(found, key=lambda each: len(each[1].found), default=(None, None))


def _keys_of(table: TableHead, columns: Columns) -> dict[str, Any]:
    positions = {
        "image_column": columns.image,
        "runs_column": columns.runs,
        "category_column": columns.category,
        "attributes_column": columns.attributes,
        "width_column": columns.width,
        "height_column": columns.height,
    }
    keys: dict[str, Any] = {
        key: table.header[position]
        for key, position in positions.items()
        if position is not None
    }
    if columns.category_separator:
        keys["category_separator"] = columns.category_separator
    return keys


def _find_sizes(
    table: TableHead,
    columns: Columns,
    images: Sequence[str],
    files: Files | None,
    pattern: Pattern | None,
) -> tuple[Columns, dict[str, tuple[int, int]], list[Finding]]:
    """Find the sizes of images: from columns, which the files have to agree with."""
    found = pattern.found if pattern else {}
    folder = files.folder if files else ""
    n_read = _MOST_SIZES if columns.width is None else _FEW_SIZES
    paths = {i: Path(folder, path) for i, path in islice(found.items(), n_read)}
    of_files, _ = read_sizes(paths)
    if columns.width is None or columns.height is None:
        said = f"no columns; read from {counted(len(of_files), 'image file')}"
        return columns, of_files, [Finding("sizes", said)] if of_files else []
    widths, heights = table.values(columns.width), table.values(columns.height)
    of_rows = {
        image: (int(width), int(height))
        for image, width, height in zip(images, widths, heights, strict=True)
        if width.strip().isdigit() and height.strip().isdigit()
    }
    same = sum(of_rows.get(image) == size for image, size in of_files.items())
    turned = sum(
        of_rows.get(image) == size[::-1] != size for image, size in of_files.items()
    )
    names = [table.header[columns.width], table.header[columns.height]]
    said = f"columns {names[0]}, {names[1]}"
    if not of_files:
        return columns, of_rows, [Finding("sizes", said)]
    if turned > same:
        columns = columns._replace(width=columns.height, height=columns.width)
        of_rows = {image: size[::-1] for image, size in of_rows.items()}
        said = f"columns {names[1]}, {names[0]}: the other way round, by {turned}"
        said += f" of {counted(len(of_files), 'image file')}"
        return columns, of_rows, [Finding("sizes", said, is_warning=True)]
    said += f", as {same} of {counted(len(of_files), 'image file')} have them"
    return columns, of_rows, [Finding("sizes", said, same < len(of_files))]


def _size_of_preset(preset: Mapping[str, Any], last: int) -> Finding:
    width, height = preset["width"], preset["height"]
    said = f"{width}x{height} by the preset; the last pixel of a mask is {last:,}"
    is_far = 2 * last < width * height
    return Finding("sizes", f"{said} of {width * height:,}", is_far)


def _no_sizes(
    table: TableHead,
    ids: Sequence[str],
    looked_in: Sequence[str],
    hint: str,
) -> InputError:
    said = f"{table.path}: it does not say how large the images are, and"
    if hint:
        return InputError(f"{said} {hint}.")
    return InputError(
        f"{said} none has a readable file in {', '.join(looked_in)}, such as"
        f" {ids[0]!r}. `--images FOLDER` says where they are; or add columns width and"
        " height."
    )


def _near_miss(ids: Sequence[str], folders: Sequence[Files]) -> str:
    """Say that a file has the id of an image, but not as it is in the table."""
    near = next(filter(None, (near_file(ids, files) for files in folders)), None)
    if near is None:
        return ""
    return (
        f"the file of image {near[0]!r} seems to be {near[1]!r}: no `file_name` makes"
        " one of the other. Write the ids in the table as the names of files have them"
    )


def _misses_some(pattern: Pattern, ids: Sequence[str]) -> bool:
    return has_wildcards(pattern.pattern) and len(pattern.found) < len(ids)


def _wildcard_hint(pattern: Pattern, ids: Sequence[str]) -> str:
    """Say that the workflow would stop at the first image without a file."""
    n_images = counted(len(ids), "image")
    return (
        f"{len(pattern.found)} of {n_images} have a file by the pattern"
        f" {pattern.pattern}. A wildcard needs the files of all, so there is no"
        " `images_dir`"
    )


def _of_columns(
    columns: Columns, name: str, dialect: Mapping[str, Any], preset: Mapping[str, Any]
) -> Iterator[Finding]:
    """Say which columns are which, and which preset has them."""
    keys = ("image_column", "runs_column", "category_column")
    if name:
        changed = [key for key in keys if dialect.get(key) != preset.get(key)]
        but = f" except for {', '.join(changed)}" if changed else ""
        yield Finding("preset", f"{name}, by its columns{but}")
    roles = {key.removesuffix("_column"): dialect.get(key) for key in keys}
    if columns.category_separator:
        roles["image"] = f"{roles['image']} (with the category)"
    said = ", ".join(f"{what} {column}" for what, column in roles.items() if column)
    yield Finding("columns", said if name else f"{said}; no preset has these")
