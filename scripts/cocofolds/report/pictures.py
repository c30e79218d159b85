"""Draw the pictures of a run: previews, and the gallery of the report page."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from cocofolds.checks.whole_set import WholeSet
from cocofolds.errors import first_named
from cocofolds.output.folders import write_among, write_record
from cocofolds.report.drawing import draw_image, find_files
from cocofolds.report.gallery import gallery_text, share_of_gallery
from cocofolds.report.picture_names import picture_names
from cocofolds.report.previews import save_png
from cocofolds.report.selection import (
    choose_for_gallery,
    choose_images,
    read_annotations,
)

PREVIEW_COLUMNS = ("category", "name", "image_id", "source_id", "file_name")


class Chosen(NamedTuple):
    """The images to draw.

    Attributes
    ----------
    of_category : mapping of str to list of int
        Their positions in the whole set, for each category that they were chosen for.
    in_gallery : list of int
        The positions of those of the gallery.
    images : dict of int to dict
        For each position, the row of `images.csv` with the `name` of its picture.
    """

    of_category: Mapping[str, list[int]]
    in_gallery: list[int]
    images: dict[int, dict[str, str]]


class Pictures(NamedTuple):
    """What was drawn.

    Attributes
    ----------
    rows : list of list
        Rows of `PREVIEW_COLUMNS`.
    n_previews : int
        How many previews were drawn.
    gallery : str
        What `gallery.json` says.
    messages : list of str
        What pictures do not show, and what was not written.
    """

    rows: list[list[str]]
    n_previews: int
    gallery: str
    messages: list[str]


def choose(
    whole: WholeSet,
    source_ids: Iterable[str],
    rows: Iterable[dict[str, str]],
    n_previews: int,
    seed: int,
) -> Chosen:
    """Choose the images to draw.

    Parameters
    ----------
    whole : WholeSet
    source_ids : iterable of str
        The ids of all images.
    rows : iterable of dict
        Those of `images.csv`.
    n_previews : int
        How many of each category.
    seed : int
    """
    of_category = choose_images(whole, n_previews, seed)
    to_draw = {position for some in of_category.values() for position in some}
    names = picture_names(source_ids)
    images = {
        position: {**row, "name": names[position]}
        for position, row in enumerate(rows)
        if position in to_draw
    }
    return Chosen(of_category, choose_for_gallery(whole, of_category, seed), images)


def draw_pictures(
    whole: WholeSet,
    chosen: Chosen,
    images_dir: str | None,
    n_rejected: Mapping[str, int],
    folder: Path,
    follow: Callable[[Iterable[int]], Iterable[int]],
) -> Pictures:
    """Draw the chosen images, and write their previews.

    Parameters
    ----------
    whole : WholeSet
    chosen : Chosen
    images_dir : str or None
        The folder of the image files.
    n_rejected : mapping of str to int
        How many rows of an image, by its id in the source, were left out.
    folder : Path
        Gets the previews. One that was asked for is kept there, and drawn again if it
        is one of these.
    follow : callable
        What positions of images pass through as these are drawn.
    """
    images, in_gallery = chosen.images, chosen.in_gallery
    files, not_found = find_files(
        images_dir, [row["file_name"] for row in images.values()]
    )
    annotations = read_annotations(whole, images)
    category_names = {category["id"]: category["name"] for category in whole.categories}
    problems = [*dict.fromkeys(not_found.values())]
    entries: dict[int, str | None] = {}

    def pictures() -> Iterator[tuple[PurePosixPath, Callable[[Path], Any]]]:
        """Draw image by image, so that one picture is in memory at a time."""
        for position in follow(images):
            image = images[position]
            warnings = []
            if image["file_name"] in not_found:
                warnings.append(not_found[image["file_name"]])
            if n := n_rejected.get(image["source_id"]):
                warnings.append(f"rows left out: {n}, see results/rejected.csv")
            drawn = draw_image(
                image,
                files.get(image["file_name"]),
                annotations[position],
                category_names,
                warnings,
                share_of_gallery(len(in_gallery)) if position in in_gallery else 0,
            )
            problems.extend(drawn.problems)
            if drawn.picture:
                entries[position] = drawn.entry
                yield _path(image["name"]), partial(save_png, drawn.picture)

    asked = {record.stem.removeprefix("."): record for record in folder.glob(".*.json")}
    taken = write_among(
        folder,
        [_path(image["name"]) for image in images.values()],
        pictures(),
        also_made=[*map(_path, asked)],
    )
    for name in asked.keys() & {images[position]["name"] for position in entries}:
        write_record(asked[name], [whole.path])
    rows = [
        [category, *(images[position][column] for column in PREVIEW_COLUMNS[1:])]
        for category, some in chosen.of_category.items()
        for position in some
        if position in entries
    ]
    return Pictures(
        rows,
        len(entries),
        gallery_text(entries.get(position) for position in in_gallery),
        [*_messages(taken, problems)],
    )


def _path(name: str) -> PurePosixPath:
    return PurePosixPath(f"{name}.png")


def _messages(taken: list[Path], problems: list[str]) -> Iterator[str]:
    """Say which pictures were not written, and what pictures do not show."""
    if taken:
        named = "\n  ".join(first_named(taken, str))
        yield (
            "These pictures are not of this workflow, and are kept as they are:\n "
            f" {named}"
        )
    if problems:
        named = "\n  ".join(first_named(problems, str))
        yield (
            f"Some previews are on grey, or missing:\n  {named}\nOnce the images are"
            " there, add `--forcerun draw_previews` to the command."
        )
