"""Read the source: number its rows and images, check them, cut them into shards.

Input: the files that `annotations` names; where these say no sizes, the headers of the
image files in `images_dir`.

Output, text in quotes:

=================  ==============================================================
images.csv
image_id           counted from 1 by first appearance in the source
source_id          the id in the source
file_name          as it stands in the JSON
width, height      pixels
category           the most frequent one of the image; of several, the lowest id;
                   empty if the image has no mask
group              what `group_column` says, or empty
shard              the shard that the image lies in
-----------------  --------------------------------------------------------------
annotations.csv
annotation_id      the number of the row in the source, from 1
image_id, category
-----------------  --------------------------------------------------------------
categories.csv
category_id        from 1
name
-----------------  --------------------------------------------------------------
rows/{shard}.csv   the masks of some images, each whole
annotation_id, image_id, source_id, category
height, width      pixels
runs               run-length text, canonical: plain numbers, single blanks
-----------------  --------------------------------------------------------------
rejected.csv       rows that are not masks, or are left out by the settings
file, line, image
reason
-----------------  --------------------------------------------------------------
changed.csv        masks that the settings change
file, line, image
change
-----------------  --------------------------------------------------------------
source.json        name and SHA-256 of each file, decompressed
=================  ==============================================================
"""

import json
from functools import partial

from cocofolds.errors import InputError
from cocofolds.files import folder_written_whole, write_table, written_whole
from cocofolds.hygiene import Hygiene
from cocofolds.image_files import (
    file_name_of,
    find_images,
    has_wildcards,
    read_sizes,
)
from cocofolds.indexing import (
    CHANGED_COLUMNS,
    IMAGE_COLUMNS,
    REJECTED_COLUMNS,
    category_ids_of,
    image_rows,
    index_source,
    order_message,
    rejection_message,
    repetition_message,
    with_size,
)
from cocofolds.reporting import reported_to
from cocofolds.source import Dialect, read_source

params, output = snakemake.params, snakemake.output
with (
    reported_to(snakemake.log[0]) as logger,
    folder_written_whole(output.rows) as folder,
):
    dialect = Dialect(**params.dialect)
    source = snakemake.input.annotations, dialect, params.group_column
    ratio = params.max_gz_ratio
    pattern = params.file_name or dialect.file_name
    file_name = partial(file_name_of, pattern)
    files = []
    rows = read_source(*source, files, max_gz_ratio=ratio)
    if dialect.has_sizes and has_wildcards(pattern):
        raise InputError(
            f"`file_name` is {pattern!r}: wildcards stand for the names of files only"
            " where sizes are read from the images."
        )
    if not dialect.has_sizes:
        if params.images_dir is None:
            raise InputError(
                "The annotations do not say how large the images are. Set `images_dir`"
                " to their folder, or `width` and `height` in the dialect."
            )
        every_row = read_source(*source, max_gz_ratio=ratio)
        source_ids = dict.fromkeys(row.image for row in every_row)
        paths = find_images(params.images_dir, pattern, filter(None, source_ids))
        sizes = read_sizes(paths)
        rows = (with_size(row, sizes) for row in rows)
        if has_wildcards(pattern):
            file_name = {
                source_id: path.relative_to(params.images_dir).as_posix()
                for source_id, path in paths.items()
            }.__getitem__
    with written_whole(output.annotations) as annotations:
        index = index_source(
            rows,
            dialect,
            params.categories,
            params.images_per_shard,
            params.merge_sources,
            Hygiene(**params.hygiene),
            folder,
            annotations,
        )
        wrong_order = order_message(index.order_votes, dialect.order)
        if params.check_order and wrong_order:
            raise InputError(wrong_order)
        if index.rejected and params.on_invalid == "error":
            raise InputError(
                f"{rejection_message(index.rejected)}\nMend them, or set"
                " `on_invalid: skip` to leave them out and list them in"
                f" {output.rejected}."
            )
        if not index.images:
            raise InputError(f"{rejection_message(index.rejected)}\nNo mask is left.")
    if index.rejected:
        logger.warning(
            "%s\nThey are left out; %s lists them.",
            rejection_message(index.rejected),
            output.rejected,
        )
    if index.repeated:
        logger.warning("%s\nThey are kept.", repetition_message(index))

    category_ids = category_ids_of(index, params.categories)
    images = image_rows(index, category_ids, file_name)
    write_table(output.images, IMAGE_COLUMNS, images)
    write_table(
        output.categories,
        ("category_id", "name"),
        [(category_id, name) for name, category_id in category_ids.items()],
    )
    if index.left_out or index.changed:
        logger.warning(
            "%d masks are left out by the settings (%s), and %d are changed (%s).",
            len(index.left_out),
            output.rejected,
            len({row[:2] for row in index.changed}),
            output.changed,
        )
    write_table(output.rejected, REJECTED_COLUMNS, index.rejected + index.left_out)
    write_table(output.changed, CHANGED_COLUMNS, index.changed)
    with written_whole(output.source) as file:
        file.write(
            json.dumps([source._asdict() for source in files], indent=2).encode()
        )
    logger.info(
        "%d annotations of %d images in %d categories",
        index.n_annotations,
        len(index.images),
        len(category_ids),
    )
