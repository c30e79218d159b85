"""Write the label files of all images for Ultralytics.

Input
-----
whole : `annotations_all.json`

Output
------
complete : JSON
    In the folder of the labels: what they were made of. Beside it are the label files,
    {file name of the image}.txt: a line an instance, empty if the image has none. If no
    annotation has a mask, the labels are those of boxes, for a detector.
summary : JSON
    How many labels there are, what was left out, and how well the labels give the
    masks back: the pixels of both by the pixels of either.
"""

from collections import Counter
from functools import partial
from pathlib import Path
from statistics import median

from cocofolds.checks.whole_set import open_coco
from cocofolds.errors import InputError, first_named
from cocofolds.files import write_json
from cocofolds.job import followed, reported_to
from cocofolds.output.folders import write_among, write_record
from cocofolds.output.yolo import have_masks, label_paths, labels_by_image

whole, output = snakemake.input.whole, snakemake.output
left_out, kept, overlaps = Counter(), Counter(), {}


def counted(labels):
    """Count labels, and what is left out, on their way."""
    for label in labels:
        if label.left_out:
            left_out[label.left_out] += 1
            continue
        yield label
        overlaps[label.annotation_id] = label.overlap
        kept["several parts"] += label.n_parts > 1
        kept["holes"] += label.n_holes > 0


def label_files(paths, labels):
    """List the label files and what writes each, those without labels last."""
    empty = {**paths}
    for image, its_labels in labels:
        text = "".join(f"{label.line}\n" for label in counted(its_labels))
        yield empty.pop(image["id"]), partial(Path.write_text, data=text)
    for path in empty.values():
        yield path, Path.touch


with reported_to(snakemake.log[0]) as logger:
    with open_coco(whole) as (_, records):
        of_boxes = not have_masks(records)
    with open_coco(whole) as (head, records):
        paths = label_paths(head["images"])
        labels = labels_by_image(
            head["images"],
            head["categories"],
            followed(records, logger, "masks"),
            of_boxes,
        )
        folder = Path(output.complete).parent
        taken = write_among(folder, paths.values(), label_files(paths, labels))
    if taken:
        raise InputError(
            "These are not of this workflow, and are where labels are to be written."
            " Move them away:\n  " + "\n  ".join(first_named(taken, str))
        )
    n_labels = len(overlaps)
    if of_boxes:
        overlaps.clear()
    worst = min(overlaps, key=overlaps.get, default=None)
    summary = {
        "labels": n_labels,
        "with_several_parts": kept["several parts"],
        "with_holes": kept["holes"],
        "left_out_as_crowd": left_out["crowd"],
        "left_out_without_mask": left_out["no mask"],
        "median_overlap": median(overlaps.values()) if overlaps else None,
        "worst_overlap": overlaps.get(worst),
        "worst_annotation": worst,
    }
    write_json(output.summary, summary)
    write_record(output.complete, [whole])
    for what, value in summary.items():
        logger.info("%s: %s", what, value)
    if of_boxes and n_labels:
        logger.warning(
            "No annotation has a mask: the labels are %d boxes, for `yolo detect`.",
            n_labels,
        )
    if left_out:
        logger.warning(
            "%d are left out: %d crowds, for which Ultralytics has no labels, and %d"
            " without a %s.",
            left_out.total(),
            left_out["crowd"],
            left_out["no mask"],
            "box in the image" if of_boxes else "mask; boxes cannot be beside masks",
        )
