"""Put a fold together as a data set that Ultralytics trains on.

Input
-----
train, val : COCO JSON of the fold
labels : the record in the folder with the label files of all images

Output
------
data : YAML
    What Ultralytics reads first. Beside it are images/{part}/ and labels/{part}/ with
    links to the image files and to the label files.
complete : JSON
    What the data set was made of.
"""

from pathlib import Path

import yaml

from cocofolds.files import written_whole
from cocofolds.job import reported_to
from cocofolds.output.folders import write_record
from cocofolds.output.yolo_fold import link_fold

given, output = snakemake.input, snakemake.output
with reported_to(snakemake.log[0]) as logger:
    data, n_images = link_fold(
        {"train": given.train, "val": given.val},
        Path(given.labels).parent,
        snakemake.params.images_dir,
        snakemake.wildcards.split_by,
        Path(output.data).parent,
    )
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    with written_whole(output.data) as file:
        file.write(text.encode())
    write_record(output.complete, given)
    for part, n in n_images.items():
        logger.info("%s: %d images", part, n)
