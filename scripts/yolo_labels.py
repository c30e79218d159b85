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

from functools import partial
from pathlib import Path

from cocofolds.files import write_json
from cocofolds.job import followed, reported_to
from cocofolds.output.folders import write_record
from cocofolds.output.yolo_labels import label_messages, write_labels

whole, output = snakemake.input.whole, snakemake.output
with reported_to(snakemake.log[0]) as logger:
    follow = partial(followed, logger=logger, unit="masks")
    labels = write_labels(whole, Path(output.complete).parent, follow)
    summary = labels._asdict()
    del summary["of_boxes"]
    write_json(output.summary, summary)
    write_record(output.complete, [whole])
    for what, value in summary.items():
        logger.info("%s: %s", what, value)
    for message in label_messages(labels):
        logger.warning("%s", message)
