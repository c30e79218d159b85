"""What the source is, and what each row or record of it says."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple, TypeGuard

from cocofolds.settings import Order, Separator


class Dialect(NamedTuple):
    """How to read a file; `workflow/schemas/dialect.schema.yaml` says what is what."""

    image_column: str = ""
    runs_column: str = ""
    order: Order = "row"
    base: Literal[0, 1] = 1
    runs: Literal["absolute", "relative"] = "absolute"
    no_mask: Sequence[str] = ()
    category_column: str | None = None
    category_separator: str | None = None
    category: str | None = None
    attributes_column: str | None = None
    attributes_separator: str | None = None
    width_column: str | None = None
    height_column: str | None = None
    width: int | None = None
    height: int | None = None
    file_name: str = "{id}"
    format: Literal["table", "coco"] = "table"
    file_prefix: str = ""
    separator: Separator | None = None

    @property
    def is_table(self) -> bool:
        """Whether the file is a table of run-length masks."""
        return self.format == "table"

    @property
    def has_sizes(self) -> bool:
        """Whether the file, or the dialect, says how large the images are."""
        return (
            not self.is_table or self.width is not None or self.width_column is not None
        )


class Source(NamedTuple):
    """The files to read, and how.

    Attributes
    ----------
    paths : sequence of str
        Plain, or compressed with gzip (`.gz`).
    dialects : sequence of Dialect
        That of each file.
    group_column : str, sequence of str or None
        The column, or the key of image records, that names the group of an image; of
        several, images of one group have all in common.
    rename_categories : mapping of str to str
        The names of categories that get another one.
    max_gz_ratio : int
        How many times its size a compressed file may unpack to.
    annotation_ids : {"keep", "renumber"}
        Whether the annotations of a COCO JSON need ids of their own.
    group_pattern : str or None
        In place of `group_column`, a regular expression that finds the group in the id
        of an image of a table, or in the file name in a COCO JSON.
    image_columns : sequence of str
        Columns, or keys of image records, whose values folds have equal shares of.
    exclude_categories : collection of str
        The names of categories that are left out, as they are once renamed.
    opened : list of binary file, or None
        Gets each file as it is opened, for
        `cocofolds.sources.untrusted_files.share_read`.
    needs_annotations : bool
        Whether a COCO JSON with images alone, as those of test sets, is refused.
    """

    paths: Sequence[str]
    dialects: Sequence[Dialect]
    group_column: str | Sequence[str] | None = None
    rename_categories: Mapping[str, str] = {}
    max_gz_ratio: int = 200
    annotation_ids: Literal["keep", "renumber"] = "keep"
    group_pattern: str | None = None
    image_columns: Sequence[str] = ()
    exclude_categories: Collection[str] = ()
    opened: list[BinaryIO] | None = None
    needs_annotations: bool = True

    @property
    def group_columns(self) -> Sequence[str]:
        """The columns, or keys, that name the group of an image."""
        if isinstance(self.group_column, str):
            return [self.group_column]
        return self.group_column or []

    def id_prefix(self, dialect: Dialect) -> str:
        """What is before the ids of images, to tell those of two files apart.

        Images of a COCO JSON in a list are known by their file names, which have it.
        """
        return dialect.file_prefix if len(self.paths) > 1 else ""


def source_of(
    paths: Sequence[str],
    dialects: Sequence[Mapping[str, Any]],
    settings: Mapping[str, Any],
) -> Source:
    """Make a source of what the rules hand over: paths, dialects, and settings."""
    return Source(
        paths, [Dialect(**dialect) for dialect in dialects], **settings, opened=[]
    )


class TableRow(NamedTuple):
    """A row of a table: an annotation, or an image without one.

    Attributes
    ----------
    number : int
        Counted from 1 over all files of the source.
    path : str
        The file.
    line : int or str
        Where the row begins in its file, the header being line 1; or, in words, what is
        in the place of a line.
    image, runs, category, width, height, group : str
        The fields, with the blanks around them. What has no column is that of the
        dialect, or empty. All are empty if the row has too many or too few fields.
    attribute_ids : str
        The attributes of the category, in brackets; empty if the dialect has none.
    has_mask : bool
        Whether the row is an annotation.
    problem : str
        What is wrong with the row as a whole, or empty.
    dialect : Dialect
        That of its file.
    values : sequence of str
        What it says of its image in the `image_columns` of the source.
    """

    number: int
    path: str
    line: int | str
    image: str
    runs: str
    category: str
    width: str
    height: str
    group: str
    attribute_ids: str
    has_mask: bool
    problem: str
    dialect: Dialect
    values: Sequence[str] = ()


class ImageRecord(NamedTuple):
    """The record of an image in a COCO JSON.

    Attributes
    ----------
    number : int
        That of the image's first annotation, if the annotations came image by image.
    path : str
        The file.
    line : str
        The position of the record in its list, such as ``images[16]``.
    image, width, height, group : str
        What the image is known by, its size in pixels and its group; empty if the
        record does not say.
    problem : str
        What is wrong with the record, or empty.
    dialect : Dialect
        That of its file.
    record : str
        Its text.
    values : sequence of str
        What it says in the `image_columns` of the source.
    """

    number: int
    path: str
    line: str
    image: str
    width: str
    height: str
    group: str
    problem: str
    dialect: Dialect
    record: str
    values: Sequence[str] = ()


class AnnotationRecord(NamedTuple):
    """The record of an annotation in a COCO JSON.

    Attributes
    ----------
    number : int
        Counted from 1 over all files of the source.
    path, line, problem, dialect, record
        As those of an `ImageRecord`.
    image, width, height, group : str
        Those of its image; empty if that is not known.
    category : str
        The name of its category; empty if that is not known.
    refers_to : sequence of str
        Where the records of its image and its category are in the file.
    """

    number: int
    path: str
    line: str
    image: str
    category: str
    width: str
    height: str
    group: str
    problem: str
    dialect: Dialect
    record: str
    refers_to: Sequence[str]


class FaultyCategory(NamedTuple):
    """The record of a category in a COCO JSON that is not what it should be.

    Its attributes are those of an `ImageRecord`, but it is of no image. The records of
    valid categories are in the `SourceFile`.
    """

    number: int
    path: str
    line: str
    problem: str
    dialect: Dialect
    image: str = ""
    width: str = ""
    height: str = ""
    group: str = ""


#: What may be an annotation.
AnnotationRow = TableRow | AnnotationRecord
#: One item of the source, as it is there.
SourceRow = AnnotationRow | ImageRecord | FaultyCategory


def is_annotation(row: SourceRow) -> TypeGuard[AnnotationRow]:
    """Tell whether a row is an annotation, not an image or category alone."""
    if isinstance(row, TableRow):
        return row.has_mask
    return isinstance(row, AnnotationRecord)


def n_characters(row: SourceRow) -> int:
    """Count the characters of the mask or the record of a row."""
    if isinstance(row, TableRow):
        return len(row.runs)
    return 0 if isinstance(row, FaultyCategory) else len(row.record)


class SourceFile(NamedTuple):
    """What a file of the source is as a whole.

    Attributes
    ----------
    path : str
    sha256 : str
        The checksum of the plain text.
    numbers : range
        Of its rows that may be annotations.
    categories : mapping of str to str
        The records of its categories, by name.
    members : mapping of str to str
        The texts of what else is in a COCO JSON, such as ``info``.
    n_reaching_out : int
        Boxes that reach out of their image by more than a pixel.
    reaching_out : sequence of str
        Where the first of them are.
    separator : str
        What is between the fields of a table.
    """

    path: str
    sha256: str
    numbers: range
    categories: Mapping[str, str] = {}
    members: Mapping[str, str] = {}
    n_reaching_out: int = 0
    reaching_out: Sequence[str] = ()
    separator: Separator = ","

    @property
    def name(self) -> str:
        """The name of the file without its folder and `.gz`."""
        return Path(self.path).name.removesuffix(".gz")


def without_categories(
    files: Iterable[SourceFile], names: Collection[str]
) -> list[SourceFile]:
    """Take some categories from the lists of files."""
    return [
        file._replace(
            categories={n: r for n, r in file.categories.items() if n not in names}
        )
        for file in files
    ]


def where(line: int | str) -> str:
    """Say in words where a row is in its file."""
    return f"line {line}" if isinstance(line, int) else line
