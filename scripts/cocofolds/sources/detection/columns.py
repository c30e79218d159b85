"""Tell which column of a table is which, by what is in it and then by its name."""

import re
from collections.abc import Collection, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

from cocofolds.errors import InputError
from cocofolds.sources.detection.tables import TableHead
from cocofolds.sources.empty_masks import unlisted_marker
from cocofolds.sources.image_files import IMAGE_SUFFIXES

# Rows that tell what a column is.
_FEW = 2000

# Names of columns, in small letters without blanks and the like; better ones first.
_IMAGE = (
    *("imageid", "image", "imagename", "imagefile", "imgid", "img", "imagepath"),
    *("filename", "file", "filepath", "path", "picture", "id", "name", "key"),
)
_RUNS = (
    *("encodedpixels", "rle", "rlemask", "runs", "runlength", "runlengths"),
    *("encoding", "segmentation", "annotation", "annotations", "mask", "pixels"),
)
_CATEGORY = (
    *("classname", "categoryname", "labelname", "category", "class", "label", "labels"),
    *("celltype", "organ", "species", "classid", "categoryid", "labelid", "type"),
    *("kind", "defect", "objecttype"),
)
_WIDTH = ("width", "imgwidth", "imagewidth", "w", "columns")
_HEIGHT = ("height", "imgheight", "imageheight", "h", "rows")
_ATTRIBUTES = ("attributesids", "attributeids", "attributes")
_NO_CATEGORY = frozenset(("iscrowd", "fold", "split", "difficult", "truncated"))

_MOST_CATEGORIES = 500
# With blanks around it.
_LONGEST_MARKER = 20
_RUNS_TEXT = re.compile(r"\s*\d+\s+\d+(\s+\d+\s+\d+)*\s*")
_WHOLE_NUMBER = re.compile(r"\s*[1-9]\d*\s*")
_NUMBERS = re.compile(r"(\d+(,\d+)*)?")
_IMAGE_AND_CATEGORY = re.compile(
    rf"(.+({'|'.join(map(re.escape, sorted(IMAGE_SUFFIXES)))}))([_:|@-])([^/]+)",
    re.IGNORECASE,
)
# Run-length texts, and other masks, that are not supported.
_OTHER_MASKS = (
    (
        re.compile(r"\s*\[\s*\[.*", re.DOTALL),
        "lists of lists in brackets, such as polygons. Write them as a COCO JSON",
    ),
    (
        re.compile(r"\s*\[[\d\s,.]*\]\s*"),
        "lists in brackets. Write the numbers with blanks between them:"
        " df[{column!r}].str.strip('[] ').str.replace(r'[, ]+', ' ', regex=True)",
    ),
    (
        re.compile(r"\s*\d+\s*,\s*\d+(\s*[,;]\s*\d+)*\s*"),
        "numbers with commas between them. Write blanks in place of these:"
        " df[{column!r}].str.replace(',', ' ')",
    ),
    (
        re.compile(r"\s*\d+[:;|/-]\d+(\D\d+)*\s*"),
        "numbers with {between!r} between them. Write blanks in place of these:"
        " df[{column!r}].str.replace({between!r}, ' ', regex=False)",
    ),
    (
        re.compile(r"\s*\{.*\}\s*", re.DOTALL),
        "objects in braces. If they are COCO's, write a COCO JSON of them",
    ),
    (
        re.compile(r"[0-o]{12,}|[A-Za-z0-9+/]{20,}={0,2}"),
        "compressed text, such as COCO's counts. Write a COCO JSON of them",
    ),
)


class Columns(NamedTuple):
    """The positions of the columns of a table; None for what has no column.

    Attributes
    ----------
    image, runs : int
    category : int or None
    category_separator : str or None
        What is between image and category where `image` holds both.
    width, height, attributes : int or None
    other_categories : sequence of int
        Columns that may be that of the category as well.
    """

    image: int
    runs: int
    category: int | None
    category_separator: str | None
    width: int | None
    height: int | None
    attributes: int | None
    other_categories: Sequence[int]

    @property
    def taken(self) -> set[int]:
        """The columns that are something."""
        positions = (
            *(self.image, self.runs, self.category),
            *(self.width, self.height, self.attributes),
        )
        return {position for position in positions if position is not None}


def find_columns(table: TableHead, file_stems: Collection[str]) -> Columns:
    """Tell which column is which.

    Parameters
    ----------
    table : TableHead
    file_stems : collection of str
        The names of image files, with and without their ends.

    Raises
    ------
    InputError
        If no column has run-length texts, or none names the image.
    """
    runs = _runs_column(table)
    width, height = (_named(table, names, _WHOLE_NUMBER) for names in (_WIDTH, _HEIGHT))
    if width is None or height is None:
        width = height = None
    taken = {runs, width, height}
    image = _image_column(table, taken, file_stems)
    taken.add(image)
    attributes = _named(table, _ATTRIBUTES, _NUMBERS)
    taken.add(attributes)
    # A row without a mask may have no category.
    masks = [row for row in table.rows if not is_marker(row[runs])]
    category, others = _category_column(table._replace(rows=masks), taken, image)
    separator = None if category is not None else _category_separator(table, image)
    return Columns(
        image,
        runs,
        category,
        separator,
        width,
        height,
        attributes,
        [] if separator else others,
    )


def looks_like_runs(text: str) -> bool:
    """Tell whether a text is pairs of numbers."""
    return _RUNS_TEXT.fullmatch(text) is not None


def is_marker(text: str) -> bool:
    """Tell whether a text stands for no mask."""
    return len(text) < _LONGEST_MARKER and unlisted_marker(text.strip(), ()) != ""


def simplified(name: str) -> str:
    """Write the name of a column in small letters without what parts its words."""
    return re.sub(r"[\W_]+", "", name).lower()


def _rank(table: TableHead, names: Sequence[str], position: int) -> int:
    """Tell how well a column is named: 0 if not, more for better names."""
    name = simplified(table.header[position])
    return len(names) - names.index(name) if name in names else 0


def _named(table: TableHead, names: Sequence[str], form: re.Pattern[str]) -> int | None:
    """Find the best named column among those whose values have a form."""
    positions = [
        position
        for position in range(len(table.header))
        if _rank(table, names, position)
        and all(form.fullmatch(value) for value in _some(table, position))
    ]
    return max(positions, key=partial(_rank, table, names), default=None)


def _some(table: TableHead, position: int) -> list[str]:
    step = max(len(table.rows) // _FEW, 1)
    return [row[position] for row in islice(table.rows, 0, None, step)]


def _runs_column(table: TableHead) -> int:
    def quality(position: int) -> tuple[int, int, int]:
        """Count the values that are runs, if they are most of those that say one."""
        values = [v for v in _some(table, position) if not is_marker(v)]
        if not values:
            # There are masks in a few rows.
            values = [v for v in table.values(position) if not is_marker(v)]
        n_runs = sum(map(looks_like_runs, values))
        if n_runs == 0 or 2 * n_runs < len(values):
            return 0, 0, 0
        length = sum(map(len, values)) // len(values)
        return 1, _rank(table, _RUNS, position), length

    qualities = [quality(position) for position in range(len(table.header))]
    best = max(qualities)
    if not best[0]:
        raise _no_runs(table)
    return qualities.index(best)


def _no_runs(table: TableHead) -> InputError:
    """Say what the masks of the table are, if they are known but not supported."""
    by_name = sorted(range(len(table.header)), key=lambda p: -_rank(table, _RUNS, p))
    for position in by_name:
        values = [v for v in _some(table, position) if not is_marker(v)]
        for pattern, what in _OTHER_MASKS:
            fitting = [v for v in values if pattern.fullmatch(v)]
            if fitting and 2 * len(fitting) > len(values):
                column = table.header[position]
                between = re.sub(r"[\s\d]", "", fitting[0])[:1]
                said = what.format(column=column, between=between)
                return InputError(
                    f"{table.path}: column {column!r} has no runs such as '1 3 10 5',"
                    f" but {fitting[0][:30]!r}: {said}."
                )
    return InputError(
        f"{table.path}: no column has runs, pairs of numbers such as '1 3 10 5'. Its"
        f" columns are {', '.join(map(repr, table.header))}."
    )


def _image_column(
    table: TableHead, taken: Collection[int | None], file_stems: Collection[str]
) -> int:
    """Find the column whose values are files; without any, the best named one."""
    candidates = [p for p in range(len(table.header)) if p not in taken]

    def share_of_files(position: int) -> float:
        values = {*_some(table, position)}
        return sum(not stems.isdisjoint(_names(v)) for v in values) / len(values)

    stems = frozenset(file_stems)
    shares = {p: share_of_files(p) if stems else 0.0 for p in candidates}
    best = max(
        candidates, key=lambda p: (shares[p], _rank(table, _IMAGE, p)), default=None
    )
    if best is not None and shares[best]:
        return best
    named = [p for p in candidates if _rank(table, _IMAGE, p)]
    with_suffix = [p for p in candidates if _IMAGE_SUFFIX.search(table.rows[0][p])]
    both = [p for p in candidates if _IMAGE_AND_CATEGORY.fullmatch(table.rows[0][p])]
    likely = both or with_suffix or named
    # A number for each row is its own name, not that of an image.
    shared = [p for p in likely if len({*table.values(p)}) < len(table.rows)]
    likely = shared or likely
    if likely:
        return max(likely, key=partial(_rank, table, _IMAGE))
    raise InputError(
        f"{table.path}: none of the columns seems to name the image:"
        f" {', '.join(map(repr, table.header))}. Call it image_id, or say by `--images"
        " FOLDER` where the files are that it names."
    )


_IMAGE_SUFFIX = re.compile(
    rf"({'|'.join(map(re.escape, sorted(IMAGE_SUFFIXES)))})$", re.IGNORECASE
)


def _names(value: str) -> set[str]:
    """The names that the file of an image may have, by what a field says."""
    both = _IMAGE_AND_CATEGORY.fullmatch(value)
    value = both[1] if both else value
    name = re.split(r"[/\\]", value)[-1]
    return {value, name, name.rpartition(".")[0]} - {""}


def _category_column(
    table: TableHead, taken: Collection[int | None], image: int
) -> tuple[int | None, list[int]]:
    """Find the column of the category, and others that could be it as well."""
    candidates = [
        position
        for position in range(len(table.header))
        if position not in taken and _may_be_category(table, position)
    ]
    named = [p for p in candidates if _rank(table, _CATEGORY, p)]
    if named:
        # A name says more than a number.
        best = max(
            named,
            key=lambda p: (not _is_number(table, p), _rank(table, _CATEGORY, p)),
        )
        alike = [p for p in named if p != best and not _are_one(table, best, p)]
        return best, alike
    return None, [p for p in candidates if _varies_within(table, p, image)]


def _may_be_category(table: TableHead, position: int) -> bool:
    values = {*table.values(position)}
    is_named = _rank(table, _CATEGORY, position) > 0
    if simplified(table.header[position]) in _NO_CATEGORY:
        return False
    if "" in values or len(values) > _MOST_CATEGORIES:
        return False
    if is_named:
        return True
    if any(re.fullmatch(r"-?\d*\.\d+|\d+\.\d*", value) for value in values):
        return False
    return 1 < len(values) <= max(2, len(table.rows) // 3)


def _is_number(table: TableHead, position: int) -> bool:
    return all(value.strip().isdigit() for value in _some(table, position))


def _are_one(table: TableHead, first: int, second: int) -> bool:
    """Tell whether two columns say the same in other words."""
    pairs = {(row[first], row[second]) for row in table.rows}
    return len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def _varies_within(table: TableHead, position: int, image: int) -> bool:
    """Tell whether the values of a column differ within an image."""
    pairs = {(row[image], row[position]) for row in table.rows}
    return len(pairs) > len({image_id for image_id, _ in pairs})


def _category_separator(table: TableHead, image: int) -> str | None:
    """Find what is between an image and its category, if a column holds both."""
    found = [_IMAGE_AND_CATEGORY.fullmatch(value) for value in table.values(image)]
    separators = {match[3] for match in found if match}
    if not all(found) or len(separators) != 1:
        return None
    categories = {match[4] for match in found if match}
    is_few = len(categories) <= _MOST_CATEGORIES and len(categories) < len(found)
    return separators.pop() if is_few else None
