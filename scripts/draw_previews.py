"""Draw the masks of some images of each category over them.

Input
-----
whole : `annotations_all.json`
columns : `annotations_all.npz`
checked : the SHA-256 of the whole data set, by `check_annotations`
images : `images.csv` of the index
rejected : `rejected.csv` of the index

Output
------
table : CSV
    category, name, image_id, source_id, file_name: one row for each picture and each
    category that it was chosen for. The picture is `preview/{name}.png`, as the script
    `preview` draws it. What a picture cannot show is no reason to stop: it is said in a
    warning.
gallery : JSON
    The pictures of the report page.
warnings : JSON
    What pictures do not show: a list of messages.
complete : empty file
    In the folder of the pictures, where files of the user may be.
"""

import json
from collections import Counter
from functools import partial
from pathlib import Path

from cocofolds.checks.whole_set import load_whole_set
from cocofolds.files import read_table, write_table, written_whole
from cocofolds.job import followed, reported_to
from cocofolds.report.pictures import PREVIEW_COLUMNS, choose, draw_pictures

given, params, output = snakemake.input, snakemake.params, snakemake.output
with reported_to(snakemake.log[0], output.warnings) as logger:
    whole = load_whole_set(given.whole, given.columns, given.checked)
    source_ids = (row["source_id"] for row in read_table(given.images))
    chosen = choose(
        whole, source_ids, read_table(given.images), params.n_previews, params.seed
    )
    drawn = draw_pictures(
        whole,
        chosen,
        json.loads(params.images_dir),
        Counter(row["image"] for row in read_table(given.rejected)),
        Path(output.complete).parent,
        partial(followed, logger=logger, unit="images", total=len(chosen.images)),
    )
    write_table(output.table, PREVIEW_COLUMNS, drawn.rows)
    with written_whole(output.gallery) as file:
        file.write(drawn.gallery.encode())
    with written_whole(output.complete):
        pass
    for message in drawn.messages:
        logger.warning("%s", message)
    logger.info("%d previews", drawn.n_previews)
