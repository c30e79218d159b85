"""Check the whole data set against the source.

Input
-----
annotations : the source
rejected, changed : `rejected.csv` and `changed.csv` of the index
images, source : `images.csv` and `source.json` of the index
whole : `annotations_all.json`

Output
------
checks : JSON
    What was checked, and on how many. It is written only if all is well.
arrays : NPY
    Number, category, image and area of each annotation of the whole set, in its order,
    the group of each image, and the digest of the whole set, for the check of splits,
    plots and previews.
"""

import json
from pathlib import Path

from cocofolds.checks.source_check import Expected, Indexed, check_against_source
from cocofolds.checks.whole_set import save_arrays
from cocofolds.files import read_table, write_json, written_whole
from cocofolds.job import reported_to
from cocofolds.settings import Numbering
from cocofolds.sources.records import source_of

given, params = snakemake.input, snakemake.params
with reported_to(snakemake.log[0]) as logger:
    expected = Expected(
        params.image_ids,
        Numbering(**params.numbering),
        json.loads(params.categories),
        json.loads(params.images_dir),
        json.loads(params.file_name),
        params.unlisted,
    )
    indexed = Indexed(
        json.loads(Path(given.source).read_text(encoding="utf-8")),
        {(row["file"], row["line"]) for row in read_table(given.rejected)},
        {(row["file"], row["line"]) for row in read_table(given.changed)},
        read_table(given.images),
    )
    source = source_of(
        given.annotations, json.loads(params.dialects), json.loads(params.source)
    )
    whole, checks = check_against_source(given.whole, source, indexed, expected, logger)
    with written_whole(snakemake.output.arrays) as file:
        save_arrays(whole, file)
    write_json(snakemake.output.checks, checks)
    for check, count in checks.items():
        logger.info("%s: %d", check, count)
