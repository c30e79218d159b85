"""Write the label files of all images for Ultralytics.

Input
-----
whole : `annotations_all.json`

Output
------
labels : folder
    {file name of the image}.txt: a line an instance, empty if the image has none.
summary : JSON
    How many labels there are, what was left out, and how well the labels give the
    masks back: the pixels of both by the pixels of either.
"""

from collections import Counter
from statistics import median

from cocofolds.files import folder_written_whole, write_json
from cocofolds.reporting import reported_to
from cocofolds.whole_set import open_coco
from cocofolds.yolo import label_paths, labels_by_image

output = snakemake.output
with (
    reported_to(snakemake.log[0]) as logger,
    folder_written_whole(output.labels) as folder,
    open_coco(snakemake.input.whole) as (head, records),
):
    paths = label_paths(head["images"])
    for path in paths.values():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()
    left_out, kept, overlaps = Counter(), Counter(), {}
    for image, labels in labels_by_image(head["images"], head["categories"], records):
        lines = [f"{label.line}\n" for label in labels if label.line]
        (folder / paths[image["id"]]).write_text("".join(lines))
        for label in labels:
            if label.left_out:
                left_out[label.left_out] += 1
                continue
            overlaps[label.annotation_id] = label.overlap
            kept["several parts"] += label.n_parts > 1
            kept["holes"] += label.n_holes > 0
    worst = min(overlaps, key=overlaps.get, default=None)
    summary = {
        "labels": len(overlaps),
        "with_several_parts": kept["several parts"],
        "with_holes": kept["holes"],
        "left_out_as_crowd": left_out["crowd"],
        "left_out_without_mask": left_out["no mask"],
        "median_overlap": median(overlaps.values()) if overlaps else None,
        "worst_overlap": overlaps.get(worst),
        "worst_annotation": worst,
    }
    write_json(output.summary, summary)
    for what, value in summary.items():
        logger.info("%s: %s", what, value)
    if left_out:
        logger.warning(
            "Ultralytics has no labels for crowds, nor for annotations without a mask:"
            " %d are left out.",
            left_out.total(),
        )
