"""Check the whole data set against the source.

Input
-----
annotations : the source
rejected, changed : `rejected.csv` and `changed.csv` of the index
images : `images.csv` of the index
whole : `annotations_all.json`

Output
------
checks : JSON
    What was checked, and on how many. It is written only if all is well.
arrays : NPY
    id, area, category and image of each annotation of the whole set, in its order, for
    the checks of its splits.
"""

from cocofolds.checking import compare_groups, compare_with_source
from cocofolds.files import read_table, write_json, written_whole
from cocofolds.reporting import reported_to
from cocofolds.source import Dialect, read_source
from cocofolds.whole_set import read_whole_set, save_arrays

given, params = snakemake.input, snakemake.params
with reported_to(snakemake.log[0]) as logger:
    dialect = Dialect(**params.dialect)
    whole = read_whole_set(given.whole)
    groups, n_compared = compare_with_source(
        whole,
        read_source(
            given.annotations,
            dialect,
            params.group_column,
            max_gz_ratio=params.max_gz_ratio,
        ),
        *(
            {(row["file"], int(row["line"])) for row in read_table(table)}
            for table in (given.rejected, given.changed)
        ),
        dialect,
        params.image_ids,
    )
    compare_groups(whole, groups, read_table(given.images))
    n_annotations = len(whole.annotation_ids)
    checks = {
        "annotations_with_area_and_box_of_their_mask": n_annotations,
        "annotations_as_in_their_row": n_annotations,
        "masks_equal_in_every_pixel": n_compared,
        "images_in_their_group": len(whole.images),
    }
    with written_whole(snakemake.output.arrays) as file:
        save_arrays(whole, file)
    write_json(snakemake.output.checks, checks)
    for check, count in checks.items():
        logger.info("%s: %d", check, count)
