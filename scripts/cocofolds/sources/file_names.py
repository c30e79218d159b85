"""What the file of an image is called in the JSON."""

import posixpath
from collections.abc import Mapping

from cocofolds.errors import InputError, first_named
from cocofolds.sources.image_files import Files, has_wildcards, look_among
from cocofolds.sources.records import Dialect, Source


def pattern_and_id(
    image: str, dialect: Dialect, source: Source, file_name: str | None
) -> tuple[str, str]:
    """Take the pattern of the file name of an image, and the id that goes into it.

    Parameters
    ----------
    image : str
        As `SourceRow` has it.
    dialect : Dialect
    source : Source
    file_name : str or None
        The pattern for all tables; None for that of each dialect.
    """
    if not dialect.is_table:
        # A COCO JSON says itself what its files are.
        return "{id}", image
    pattern = dialect.file_prefix + (file_name or dialect.file_name)
    return pattern, image.removeprefix(source.id_prefix(dialect))


def names_where_found(
    names: Mapping[str, str],
    patterns: Mapping[str, tuple[str, str]],
    files: Files,
    found: Mapping[str, str],
    said: str | None,
) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Give each image of a table the name of the file that was found.

    Parameters
    ----------
    names : mapping of str to str
        The file name of each image, as its pattern or its record has it.
    patterns : mapping of str to (str, str)
        What `pattern_and_id` gives for the images that have no record, which would say
        the name.
    files : Files
        Those of the folder of images.
    found : mapping of str to str
        The files that have been found already, as paths from the folder.
    said : str or None
        `file_name` of the config: without wildcards, names are what it says.

    Returns
    -------
    names, found, problems : dict of str to str
        The names; the files of images; and of each other image, why there is none.

    Raises
    ------
    InputError
        If a name would have wildcards in it.
    """
    looked_for, problems = look_among(
        files,
        {
            image: patterns.get(image, ("{id}", name))
            for image, name in names.items()
            if image not in found
        },
    )
    found = {**found, **looked_for}
    is_said = said is not None and not has_wildcards(said)
    named = {**names}
    for image, (pattern, _) in patterns.items():
        if image not in found:
            if has_wildcards(pattern):
                raise InputError(wildcards_message(pattern, problems[image]))
        elif not is_said:
            named[image] = found[image]
        elif found[image] != posixpath.normpath(names[image]):
            problems[image] = (
                f"there is no file {names[image]!r} in {files.folder}, but there is"
                f" {found[image]!r}"
            )
    return named, found, problems


def wildcards_message(pattern: str, why: str) -> str:
    """Say that a file name has wildcards, and why no file is found by them."""
    return (
        f"`file_name` is {pattern!r}: wildcards stand for the names of files in"
        f" `images_dir`, and {why}."
    )


def missing_message(problems: Mapping[str, str], n_images: int) -> str:
    """Count the images without a file, name the first ones and say what to do."""
    lines = first_named([*problems], lambda i: f"image {i!r}: {problems[i]}")
    return (
        "\n  ".join([f"Images without a file: {len(problems)} of {n_images}", *lines])
        + "\nTheir `file_name` is as the settings or the annotations have it. Check"
        " `images_dir` and `file_name`."
    )
