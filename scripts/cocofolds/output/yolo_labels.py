"""Write the label files of a whole data set for Ultralytics."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from statistics import median
from typing import Any, NamedTuple

from cocofolds.checks.whole_set import open_coco
from cocofolds.output.folders import refuse_taken, write_among
from cocofolds.output.yolo import Label, have_masks, label_paths, labels_by_image

Follow = Callable[[Iterable[bytes]], Iterable[bytes]]


class LabelSummary(NamedTuple):
    """What there is in label files, and what was left out.

    Attributes
    ----------
    labels, with_several_parts, with_holes : int
        How many labels there are.
    left_out_as_crowd, left_out_without_mask : int
        How many annotations have none.
    median_overlap, worst_overlap : float or None
        How well the labels give the masks back: the pixels of both by the pixels of
        either. None if the labels are those of boxes.
    worst_annotation : int, str or None
        The id of the annotation with `worst_overlap`.
    of_boxes : bool
        Whether the labels are those of boxes, since no annotation has a mask.
    """

    labels: int
    with_several_parts: int
    with_holes: int
    left_out_as_crowd: int
    left_out_without_mask: int
    median_overlap: float | None
    worst_overlap: float | None
    worst_annotation: int | str | None
    of_boxes: bool


def write_labels(whole: str, folder: Path, follow: Follow) -> LabelSummary:
    """Write a label file for each image.

    Parameters
    ----------
    whole : str
        `annotations_all.json`.
    folder : Path
        Gets the files, named as the images are; empty ones for images without a label.
    follow : callable
        What the annotations pass through as they are read.

    Raises
    ------
    InputError
        If files of a user are where labels are to be written.
    """
    left_out: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    overlaps: dict[int | str, float] = {}

    def counted(labels: Iterable[Label]) -> Iterator[Label]:
        """Count labels, and what is left out, on their way."""
        for label in labels:
            if label.left_out:
                left_out[label.left_out] += 1
                continue
            yield label
            overlaps[label.annotation_id] = label.overlap
            kept["several parts"] += label.n_parts > 1
            kept["holes"] += label.n_holes > 0

    with open_coco(whole) as (_, records):
        of_boxes = not have_masks(records)
    with open_coco(whole) as (head, records):
        paths = label_paths(head["images"])
        labels = (
            (image["id"], counted(its_labels))
            for image, its_labels in labels_by_image(
                head["images"], head["categories"], follow(records), of_boxes
            )
        )
        taken = write_among(folder, paths.values(), _label_files(paths, labels))
    refuse_taken(taken, "labels are to be written")
    n_labels = len(overlaps)
    if of_boxes:
        overlaps.clear()
    worst = min(overlaps, key=overlaps.__getitem__, default=None)
    return LabelSummary(
        n_labels,
        kept["several parts"],
        kept["holes"],
        left_out["crowd"],
        left_out["no mask"],
        median(overlaps.values()) if overlaps else None,
        None if worst is None else overlaps[worst],
        worst,
        of_boxes,
    )


def label_messages(summary: LabelSummary) -> Iterator[str]:
    """Say what a user should know of the labels."""
    if summary.of_boxes and summary.labels:
        yield (
            f"No annotation has a mask: the labels are {summary.labels} boxes, for"
            " `yolo detect`."
        )
    n_crowds, n_without = summary.left_out_as_crowd, summary.left_out_without_mask
    if n_crowds or n_without:
        without = (
            "box in the image"
            if summary.of_boxes
            else "mask; boxes cannot be beside masks"
        )
        yield (
            f"{n_crowds + n_without} are left out: {n_crowds} crowds, for which"
            f" Ultralytics has no labels, and {n_without} without a {without}."
        )


def _label_files(
    paths: Mapping[int | str, PurePosixPath],
    labels: Iterable[tuple[int | str, Iterable[Label]]],
) -> Iterator[tuple[PurePosixPath, Callable[[Path], Any]]]:
    """List the label files and what writes each, those without labels last."""
    empty = {**paths}
    for image_id, its_labels in labels:
        text = "".join(f"{label.line}\n" for label in its_labels)
        yield empty.pop(image_id), partial(Path.write_text, data=text)
    for path in empty.values():
        yield path, Path.touch
