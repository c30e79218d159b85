"""Images and categories that the settings leave out."""

import json
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath

from cocofolds.dataset.rejection import RejectedRow
from cocofolds.sources.image_records import file_name_in
from cocofolds.sources.records import (
    AnnotationRecord,
    ImageRecord,
    SourceRow,
    TableRow,
    is_annotation,
)

_BY_IMAGE = "its image is one of `exclude_images`"
_BY_CATEGORY = "its category is one of `exclude_categories`"


class Exclusions:
    """What is left out of the rows of a source.

    Parameters
    ----------
    images : collection of str
        Ids in the source, or names of files. That of an image of a table may have
        folders and an ending.
    categories : collection of str

    Attributes
    ----------
    left_out : list of RejectedRow
    """

    def __init__(self, images: Collection[str], categories: Collection[str]) -> None:
        self.left_out: list[RejectedRow] = []
        self._categories = frozenset(categories)
        self._image_names = {name: name for name in images}
        # An id may have a point too, with a number behind it.
        self._of_files = {
            file.stem: name
            for name in images
            if (file := PurePosixPath(name)).suffix[1:2].isalpha()
        }
        self._found: set[str] = set()
        # The ids of records of images, in each file.
        self._excluded: set[tuple[str, str]] = set()

    def names_of(self, image: str, prefixes: Collection[str]) -> set[str]:
        """List what an image of a table is called among those that are left out.

        Parameters
        ----------
        image : str
            Its id.
        prefixes : collection of str
            What may be in front of it to tell images of two files apart.
        """
        ids = {image, *map(image.removeprefix, prefixes)}
        known = (self._image_names, self._of_files)
        return {names[name] for names in known for name in ids & names.keys()}

    def applied(self, rows: Sequence[SourceRow]) -> Sequence[SourceRow]:
        """Take the rows that are kept.

        A row of a table whose category is left out is kept as one without a mask.
        """
        if not (self._image_names or self._categories):
            return rows
        kept: list[SourceRow] = []
        for row in rows:
            where = row.path, row.line, row.image
            if self._is_of_excluded_image(row):
                self.left_out.append(RejectedRow(*where, _BY_IMAGE))
            elif is_annotation(row) and row.category in self._categories:
                self._found.add(row.category)
                self.left_out.append(RejectedRow(*where, _BY_CATEGORY))
                if isinstance(row, TableRow):
                    kept.append(row._replace(has_mask=False, runs=""))
            else:
                kept.append(row)
        return kept

    @property
    def unknown_images(self) -> list[str]:
        """Names of images that no row has."""
        return sorted(self._image_names.keys() - self._found)

    @property
    def unknown_categories(self) -> list[str]:
        """Names of categories that no row has."""
        return sorted(self._categories - self._found)

    def _is_of_excluded_image(self, row: SourceRow) -> bool:
        if isinstance(row, TableRow):
            names = self.names_of(row.image.strip(), [row.dialect.file_prefix])
            self._found |= names
            return bool(names)
        if isinstance(row, ImageRecord):
            names = {row.image, *_file_names(row)} & self._image_names.keys()
            self._found |= names
            if names:
                self._excluded.add((row.path, row.image))
            return bool(names)
        return (
            isinstance(row, AnnotationRecord)
            and (row.path, row.image) in self._excluded
        )


def _file_names(row: ImageRecord) -> Collection[str]:
    """Name the file of an image, with and without its folders."""
    try:
        name = file_name_in(json.loads(row.record))
    except (ValueError, AttributeError):
        return ()
    return (name, PurePosixPath(name).name) if isinstance(name, str) else ()
