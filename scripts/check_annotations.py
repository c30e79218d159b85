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
from functools import partial
from pathlib import Path

import numpy as np

from cocofolds.checks.annotations import (
    compare_categories,
    compare_groups,
    compare_heads,
    compare_with_source,
    what_to_delete,
)
from cocofolds.checks.file_names import compare_file_names
from cocofolds.checks.whole_set import read_whole_set, save_arrays
from cocofolds.files import read_table, write_json, written_whole
from cocofolds.job import followed, reported_to
from cocofolds.settings import Numbering
from cocofolds.sources.complete_rows import read_complete_rows, read_missing_sizes
from cocofolds.sources.digests import as_indexed
from cocofolds.sources.image_files import list_files
from cocofolds.sources.records import source_of

given, params = snakemake.input, snakemake.params
with reported_to(snakemake.log[0]) as logger:
    dialects, settings, categories, images_dir, file_name = map(
        json.loads,
        (
            params.dialects,
            params.source,
            params.categories,
            params.images_dir,
            params.file_name,
        ),
    )
    numbering = Numbering(**params.numbering)
    source = source_of(given.annotations, dialects, settings)
    index = json.loads(Path(given.source).read_text())
    of_documents = [
        range(*ends)
        for ends, dialect in zip(index["numbers"], source.dialects, strict=True)
        if not dialect.is_table
    ]

    n_rows = sum(len(range(*ends)) for ends in index["numbers"])

    def is_carried_over(annotation_id):
        """Tell whether an annotation comes from a COCO JSON."""
        keeps_ids = numbering.annotations == "keep"
        return keeps_ids or any(annotation_id in ids for ids in of_documents)

    with (
        as_indexed(given.annotations, index["digests"]),
        what_to_delete(given.whole),
    ):
        whole, contents = read_whole_set(
            given.whole,
            is_carried_over,
            numbering,
            partial(followed, logger=logger, unit="masks", total=n_rows),
        )
        files = []
        has_images = images_dir is not None and Path(images_dir).is_dir()
        image_files = list_files(images_dir) if has_images else None
        sizes = read_missing_sizes(source, image_files, file_name)
        rows = read_complete_rows(
            source, files, image_files, sizes, params.unlisted, file_name
        )
        compared = compare_with_source(
            whole,
            contents,
            followed(rows, logger, "rows", n_rows),
            *(
                {(row["file"], row["line"]) for row in read_table(table)}
                for table in (given.rejected, given.changed)
            ),
            params.image_ids,
            numbering,
        )
        compare_heads(whole, files, numbering)
        if numbering.categories == "renumber":
            listed = (file.categories for file in files)
            names = compared.category_names.union(*listed)
            compare_categories(whole, names, categories)
        compare_file_names(
            whole, compared.of_tables, source, image_files, sizes.found, file_name
        )
        compare_groups(whole, compared.groups, read_table(given.images))
    n_carried_over = int((contents.fingerprints != 0).sum())
    n_made = len(contents.ids) - n_carried_over
    checks = {"images_in_their_group": len(whole.images)}
    if n_made:
        checks |= {
            "annotations_with_area_and_box_of_their_mask": n_made,
            "annotations_as_in_their_row": n_made - compared.n_changed,
            "masks_equal_in_every_pixel": compared.n_drawn,
        }
    if compared.n_changed:
        checks["masks_changed_as_the_settings_say"] = compared.n_changed
    if n_carried_over:
        checks["records_as_in_the_coco_json"] = n_carried_over
    with written_whole(snakemake.output.arrays) as file:
        groups = [compared.groups[str(image["id"])] for image in whole.images]
        number_of = {group: n for n, group in enumerate(dict.fromkeys(groups))}
        save_arrays(
            whole._replace(
                numbers=compared.numbers,
                groups=np.array([number_of[group] for group in groups], np.int32),
            ),
            file,
        )
    write_json(snakemake.output.checks, checks)
    for check, count in checks.items():
        logger.info("%s: %d", check, count)
