"""Check the file names of images against the tables that name the images."""

from collections.abc import Mapping

from cocofolds.checks.whole_set import WholeSet
from cocofolds.errors import CheckError
from cocofolds.sources.file_names import names_where_found, pattern_and_id
from cocofolds.sources.image_files import Files, file_name_of
from cocofolds.sources.records import Dialect, Source


def compare_file_names(
    whole: WholeSet,
    of_tables: Mapping[str, tuple[str, Dialect]],
    source: Source,
    image_files: Files | None,
    found: Mapping[str, str],
    file_name: str | None,
) -> None:
    """Check that images of tables have the name of their file, or that of the settings.

    Parameters
    ----------
    whole : WholeSet
    of_tables : mapping of str to (str, Dialect)
        By the id of each image that has no record of its own: its id in the source, and
        the dialect of the table that names it.
    source : Source
    image_files : Files or None
        Those of the folder of images.
    found : mapping of str to str
        The files of images that have been found already, as paths from the folder.
    file_name : str or None
        The pattern of file names; None for that of each dialect.

    Raises
    ------
    CheckError
    """
    patterns = {
        image: pattern_and_id(image, dialect, source, file_name)
        for image, dialect in of_tables.values()
    }
    names = {image: file_name_of(*pattern) for image, pattern in patterns.items()}
    if image_files:
        # A file may be that of an image with a record. Ids of tables have no such key.
        recorded = {
            f"\0{record['id']}": record["file_name"]
            for record in whole.images
            if str(record["id"]) not in of_tables
        }
        names, *_ = names_where_found(
            names | recorded, patterns, image_files, found, file_name
        )
    for record in whole.images:
        image, _ = of_tables.get(str(record["id"]), ("", None))
        if image and record["file_name"] != names[image]:
            raise CheckError(
                f"{whole.path}: the image {image!r} has the file name"
                f" {record['file_name']!r}, but should have {names[image]!r}."
            )
