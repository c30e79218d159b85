"""Put a fold together as a data set for Ultralytics: links to images and labels."""

from collections.abc import Iterator, Mapping
from itertools import chain
from operator import methodcaller
from pathlib import Path, PurePosixPath
from typing import Any

from cocofolds.checks.whole_set import open_coco
from cocofolds.errors import InputError
from cocofolds.output.folders import refuse_taken, write_among
from cocofolds.output.yolo import label_path_of, link_target, path_of
from cocofolds.settings import SplitBy
from cocofolds.sources.image_files import find_images


def link_fold(
    parts: Mapping[str, str],
    labels: Path,
    images_dir: str | None,
    split_by: SplitBy,
    folder: Path,
) -> tuple[dict[str, Any], dict[str, int]]:
    """Link the images and the labels of each part of a fold.

    Parameters
    ----------
    parts : mapping of str to str
        The COCO JSON of "train" and of "val".
    labels : Path
        The folder with the label files of all images.
    images_dir : str or None
    split_by : {"image", "group", "annotation"}
    folder : Path
        Gets `images/{part}/` and `labels/{part}/`.

    Returns
    -------
    data : dict
        What `data.yaml` says.
    n_images : dict of str to int
        How many images each part has.

    Raises
    ------
    InputError
        If an image file is missing, parts of an image are in train and in val, or files
        of a user are where links are to be made.
    """
    if images_dir is None:
        raise InputError("Ultralytics needs the images: set `images_dir`.")
    if split_by == "annotation":
        raise InputError(
            "With `split_by: annotation`, parts of an image are in train and in val."
            " Ultralytics has one label file for each image: choose another split."
        )
    names: dict[str, list[str]] = {}
    for part, path in parts.items():
        with open_coco(path) as (head, _):
            names[part] = [image["file_name"] for image in head["images"]]
            categories = [category["name"] for category in head["categories"]]
    found = find_images(images_dir, "{id}", chain(*names.values()))
    links = {
        link: link_target(folder / link, target)
        for part, names_of_part in names.items()
        for name in names_of_part
        for link, target in _links_of(part, name, found[name], labels)
    }
    _remove_caches(folder, links)
    taken = write_among(
        folder,
        links.keys(),
        ((link, methodcaller("symlink_to", links[link])) for link in links),
    )
    refuse_taken(taken, "links are to be made")
    data = {
        **{part: f"images/{part}" for part in parts},
        "names": dict(enumerate(categories)),
    }
    return data, {part: len(names_of_part) for part, names_of_part in names.items()}


def _links_of(
    part: str, name: str, image: Path, labels: Path
) -> Iterator[tuple[PurePosixPath, Path]]:
    """Say of an image and of its labels where the link is, and where it leads."""
    label = label_path_of(name)
    yield PurePosixPath("images", part, path_of(name)), image
    yield PurePosixPath("labels", part, label), labels / label


def _remove_caches(folder: Path, links: Mapping[PurePosixPath, Path]) -> None:
    """Remove what Ultralytics noted of labels, which may be of the same length."""
    folders = {parent for link in links for parent in link.parents}
    for labels in folders - {PurePosixPath(name) for name in (".", "images", "labels")}:
        if labels.parts[0] == "labels":
            (folder / labels).with_suffix(".cache").unlink(missing_ok=True)
