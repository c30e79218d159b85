"""Write masks as the labels that Ultralytics reads: a line, one polygon, an instance.

https://docs.ultralytics.com/datasets/segment gives the format: the number of the class,
then x and y of each corner as shares of width and height. The corners here are the
centres of the pixels on the outline: Ultralytics cuts coordinates down to whole pixels
and fills polygons with OpenCV, outline included, which gives the same pixels back.

A polygon cannot have holes or several parts. Each hole and each further part is joined
to the polygon by a line there and back, which in the mask that the label gives is as
wide as a pixel. So a mask without holes and of one part comes back as it was, another
with the pixels of these lines too.
"""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from cocofolds.errors import InputError
from cocofolds.masks.decoding import is_no_mask, mask_of

# Only labels need it: `labels_by_image` says how to get it.
with suppress(ModuleNotFoundError):
    import cv2

# A line with fewer is taken for a box.
_FEWEST_CORNERS = 4

Polygon = NDArray[np.int64]


class Label(NamedTuple):
    """A line of a label file, and how well it gives the mask back.

    Attributes
    ----------
    annotation_id : int or str
    line : str
        Empty if the annotation is left out.
    left_out : {"", "crowd", "no mask"}
    n_parts, n_holes : int
    overlap : float
        Pixels of the mask and of the label: those of both by those of either.
    """

    annotation_id: int | str
    line: str
    left_out: str = ""
    n_parts: int = 0
    n_holes: int = 0
    overlap: float = 1.0


class Outline(NamedTuple):
    """The outline of a mask as one polygon.

    Attributes
    ----------
    corners : (n_corners, 2) int64
        x and y of pixels.
    n_parts, n_holes : int
        How many the mask has; parts that touch at a corner are one.
    """

    corners: Polygon
    n_parts: int
    n_holes: int


def have_masks(lines: Iterable[bytes]) -> bool:
    """Tell whether an annotation has a mask; the lines are read up to the first."""
    return not all(is_no_mask(json.loads(line).get("segmentation")) for line in lines)


def labels_by_image(
    images: Sequence[dict[str, Any]],
    categories: Sequence[dict[str, Any]],
    lines: Iterable[bytes],
    of_boxes: bool = False,
) -> Iterator[tuple[dict[str, Any], list[Label]]]:
    """Make the labels of each image that has annotations.

    Parameters
    ----------
    images, categories : sequence of dict
        Records of COCO. The first category gets the number 0.
    lines : iterable of bytes
        Annotations, those of an image one after the other.
    of_boxes : bool
        Whether the labels are to be those of a detector.

    Yields
    ------
    image : dict
    labels : list of Label

    Raises
    ------
    InputError
        If OpenCV is not installed.
    """
    if not find_spec("cv2"):
        raise InputError(
            "Labels for Ultralytics need OpenCV, which is not installed: `make yolo`"
            " adds it and makes them; elsewhere, pip install opencv-python-headless."
        )
    image_by_id = {image["id"]: image for image in images}
    numbers = {category["id"]: n for n, category in enumerate(categories)}
    records = map(json.loads, lines)
    make = box_label_of if of_boxes else label_of
    for image_id, annotations in groupby(records, lambda record: record["image_id"]):
        image = image_by_id[image_id]
        yield (
            image,
            [make(a, image, numbers[a["category_id"]]) for a in annotations],
        )


def label_of(annotation: dict[str, Any], image: dict[str, Any], category: int) -> Label:
    """Make the label of an annotation. Crowds have none in this format."""
    height, width = image["height"], image["width"]
    if annotation.get("iscrowd"):
        return Label(annotation["id"], "", "crowd")
    mask = mask_of(annotation, height, width)
    if not mask.pixels.size:
        return Label(annotation["id"], "", "no mask")
    corners, n_parts, n_holes = outline_of(mask.pixels)
    corner = mask.left, mask.top
    line = label_line(category, corners + np.array(corner), height, width)
    drawn = read_label_line(line, height, width, corner, mask.pixels.shape)
    found = overlap(mask.pixels, drawn)
    return Label(annotation["id"], line, "", n_parts, n_holes, found)


def box_label_of(
    annotation: dict[str, Any], image: dict[str, Any], category: int
) -> Label:
    """Make the label of the box of an annotation: its centre, width and height.

    Ultralytics passes over an image with a box that reaches out of it, so the box is
    cut at the borders of the image.
    """
    if annotation.get("iscrowd"):
        return Label(annotation["id"], "", "crowd")
    ends = _ends_of_box(annotation.get("bbox"), image["width"], image["height"])
    if ends is None:
        return Label(annotation["id"], "", "no mask")
    (left, top), (right, bottom) = ends
    shares = (left + right) / 2, (top + bottom) / 2, right - left, bottom - top
    line = " ".join([str(category), *(f"{share:.8g}" for share in shares)])
    return Label(annotation["id"], line)


def _ends_of_box(box: Any, width: int, height: int) -> NDArray[np.float64] | None:
    """Find (left, top), (right, bottom) as shares; None if no part is in the image."""
    try:
        left, top, box_width, box_height = map(float, box)
    except (TypeError, ValueError, OverflowError):
        return None
    ends = np.array([(left, top), (left + box_width, top + box_height)])
    ends = np.clip(ends, 0, (width, height)) / (width, height)
    # NaN is not larger either.
    return ends if (ends[1] > ends[0]).all() else None


def path_of(file_name: str) -> PurePosixPath:
    """Say where an image is in a folder that Ultralytics reads.

    Raises
    ------
    InputError
        If the file name leads out of the folder.
    """
    path = PurePosixPath(file_name)
    if path.is_absolute() or ".." in path.parts or "\0" in file_name or not path.name:
        raise InputError(f"The file name {file_name!r} leads out of its folder.")
    # The last folder of this name is where Ultralytics looks for labels instead.
    return PurePosixPath(*("images_" if p == "images" else p for p in path.parts))


def label_path_of(file_name: str) -> PurePosixPath:
    """Say where the labels of an image are, as `path_of` does of the image."""
    return path_of(file_name).with_suffix(".txt")


def label_paths(images: Iterable[dict[str, Any]]) -> dict[int | str, PurePosixPath]:
    """Say where the labels of each image are, by the id of the image.

    Raises
    ------
    InputError
        If two images would have one label file, such as those of a.png and a.jpg.
    """
    paths: dict[int | str, PurePosixPath] = {}
    file_names: dict[PurePosixPath, str] = {}
    for image in images:
        path = paths[image["id"]] = label_path_of(image["file_name"])
        first = file_names.setdefault(path, image["file_name"])
        if len(file_names) < len(paths):
            raise InputError(
                f"Two images, {first!r} and {image['file_name']!r}, would have one file"
                f" of labels, {path}. Rename one of them."
            )
    return paths


def link_target(link: Path, target: Path) -> Path:
    """Say where a link is to lead, so that it stays right if the project moves.

    Within the working directory that is a relative path; what is elsewhere, and so
    does not move with the project, has an absolute one.
    """
    # Folders may be links themselves: `..` leads out of where they really are.
    start, end = link.parent.resolve(), target.parent.resolve() / target.name
    project = Path.cwd().resolve()
    if start.is_relative_to(project) and end.is_relative_to(project):
        return Path(os.path.relpath(end, start))
    return end


def outline_of(mask: NDArray[np.bool_]) -> Outline:
    """Trace the outline of a mask and join its parts and holes to one polygon.

    Parameters
    ----------
    mask : (height, width) bool
        With one pixel at least.
    """
    contours, hierarchy = cv2.findContours(
        np.ascontiguousarray(mask, np.uint8),
        cv2.RETR_CCOMP,
        cv2.CHAIN_APPROX_NONE,
    )
    rings = [contour[:, 0, :].astype(np.int64) for contour in contours]
    # The fourth value is the part that a hole is in.
    n_holes = int((hierarchy[0, :, 3] >= 0).sum())
    joined = rings[0]
    for ring in rings[1:]:
        joined = _joined(joined, ring)
    corners = _without_straight_corners(joined)
    # Once around and no further: a polygon that goes around twice is empty.
    corners = np.resize(corners, (max(_FEWEST_CORNERS, len(corners)), 2))
    return Outline(corners, len(rings) - n_holes, n_holes)


def label_line(category: int, corners: Polygon, height: int, width: int) -> str:
    """Write a polygon as a line of a label file, without its end.

    Parameters
    ----------
    category : int
        From 0.
    corners : (n_corners, 2) int64
    height, width : int
        Size of the image in pixels.
    """
    shares = (corners + 0.5) / (width, height)
    return " ".join([str(category), *(f"{share:.8g}" for share in shares.flat)])


def read_label_line(
    line: str,
    height: int,
    width: int,
    corner: tuple[int, int] = (0, 0),
    shape: tuple[int, ...] | None = None,
) -> NDArray[np.bool_]:
    """Draw the mask that Ultralytics makes of a line.

    As its `polygon2mask` does; in training it puts further corners on the outline.

    Parameters
    ----------
    line : str
    height, width : int
        Size of the image in pixels.
    corner : (int, int)
        x and y of the part of the image that is drawn.
    shape : (int, int), optional
        Height and width of that part; by default, the image is drawn.

    Returns
    -------
    (height, width) bool
        Of that part.
    """
    shares = np.array(line.split()[1:], np.float32).reshape(-1, 2)
    corners = (shares * np.array([width, height], np.float32)).astype(np.int32)
    mask = np.zeros(shape or (height, width), np.uint8)
    cv2.fillPoly(mask, [corners - np.array(corner, np.int32)], 1)
    return mask.astype(bool)


def overlap(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """Divide the pixels that two masks share by those of either: IoU."""
    return float((first & second).sum() / (first | second).sum())


def _joined(polygon: Polygon, ring: Polygon) -> Polygon:
    """Walk a ring from the corner of the polygon that is nearest to it, and back."""
    distances, nearest = KDTree(polygon).query(ring)
    start = int(np.argmin(distances))
    position = int(nearest[start])
    walk = np.concatenate([ring[start:], ring[: start + 1]])
    return np.concatenate([polygon[: position + 1], walk, polygon[position:]])


def _without_straight_corners(corners: Polygon) -> Polygon:
    """Leave out the corners where the outline goes straight on."""
    step_here = corners - np.roll(corners, 1, axis=0)
    step_next = np.roll(corners, -1, axis=0) - corners
    goes_on = (step_here == step_next).all(axis=1)
    return corners if goes_on.all() else corners[~goes_on]
