"""Read the source: number its rows and images, check them, cut them into shards.

Input: the files that `annotations` names; the names of the image files in `images_dir`
and, where the annotations say no sizes, their headers. A row is that of a table, or a
record of a COCO JSON.

Output, text in quotes:

=================  ==============================================================
images.csv
image_id           counted from 1 by first appearance in the source
source_id          the id in the source; of a COCO JSON in a list, the file name
file_name          as it stands in the JSON
width, height      pixels
category           the most frequent one of the image; of several, the lowest id;
                   empty if the image has no mask
group              what `group_column` says, or empty
shard              the shard that the image lies in
record             its record, if the source is COCO JSON
-----------------  --------------------------------------------------------------
annotations.csv
annotation_id      the number of the annotation in the source, from 1
image_id, category
-----------------  --------------------------------------------------------------
categories.csv
category_id        from 1, or as in the COCO JSON
name
record             its record, if the source is COCO JSON
-----------------  --------------------------------------------------------------
rows/{shard}.csv   the masks of some images, each whole
annotation_id, image_id, source_id, category
height, width      pixels
runs               run-length text, canonical: plain numbers, single blanks
order              how they number the pixels: row or column
record             in place of runs and order, the record of a COCO JSON
attribute_ids      JSON; empty if the dialect has none
-----------------  --------------------------------------------------------------
rejected.csv       rows that are not masks, or are left out by the settings
file, line, image
reason
-----------------  --------------------------------------------------------------
changed.csv        masks that the settings change
file, line, image
change
-----------------  --------------------------------------------------------------
warnings.json      what a user should know of the source: a list of messages
-----------------  --------------------------------------------------------------
source.json        of each file, name, SHA-256 (both decompressed), SHA-256 as it is,
                   and the range of its annotation ids; what else stands in the JSON
=================  ==============================================================
"""

from functools import partial
from pathlib import Path

from cocofolds.dataset.duplicates import look_alike_messages
from cocofolds.dataset.index import (
    CHANGED_COLUMNS,
    REJECTED_COLUMNS,
    index_source,
    rejection_message,
    repetition_message,
    wrong_order_message,
)
from cocofolds.dataset.tables import (
    CATEGORY_COLUMNS,
    IMAGE_COLUMNS,
    category_names,
    category_rows,
    found_names,
    head_of,
    image_rows,
    namesakes,
    shared_file_message,
    shared_files,
)
from cocofolds.errors import InputError
from cocofolds.files import (
    folder_written_whole,
    write_json,
    write_table,
    written_whole,
)
from cocofolds.job import followed, reported_to
from cocofolds.masks.cleaning import Hygiene
from cocofolds.sources.complete_rows import read_complete_rows, read_missing_sizes
from cocofolds.sources.digests import digests_as_read, unchanged_while_read
from cocofolds.sources.empty_masks import advice
from cocofolds.sources.file_names import (
    missing_message,
    names_where_found,
    pattern_and_id,
    wildcards_message,
)
from cocofolds.sources.image_files import (
    file_name_of,
    has_wildcards,
    images_message,
    list_files,
)
from cocofolds.sources.records import source_of
from cocofolds.sources.unlisted_images import (
    left_out_message,
    unlisted_images,
)
from cocofolds.sources.untrusted_files import share_read

params, output = snakemake.params, snakemake.output
with (
    reported_to(snakemake.log[0], output.warnings) as logger,
    folder_written_whole(output.rows) as folder,
):
    source = source_of(snakemake.input.annotations, params.dialects, params.source)
    images_dir = params.images_dir
    has_sizes = all(dialect.has_sizes for dialect in source.dialects)
    takes_unlisted = params.unlisted_images == "include"
    image_files = None
    if images_dir is not None:
        # A folder that is not there is an error only where files of it are needed.
        if takes_unlisted or not has_sizes or Path(images_dir).is_dir():
            image_files = list_files(images_dir)
        else:
            logger.warning(
                "%s: there is no such folder, so no image file is looked for. Set"
                " `images_dir` to one, or to null.",
                images_dir,
            )
    sizes = read_missing_sizes(source, image_files, params.file_name)
    if sizes.problems and params.on_invalid == "error":
        raise InputError(
            f"{images_message(sizes.problems)} `on_invalid: skip` leaves them out."
        )
    files = []
    rows = read_complete_rows(
        source, files, image_files, sizes, takes_unlisted, params.file_name
    )
    with (
        written_whole(output.annotations) as annotations,
        unchanged_while_read(source.paths),
    ):
        index = index_source(
            followed(
                rows,
                logger,
                "rows",
                share=partial(share_read, source.paths, source.opened),
            ),
            params.categories,
            params.images_per_shard,
            params.merge_sources,
            Hygiene(**params.hygiene),
            folder,
            annotations,
        )
        wrong_order = wrong_order_message(index.order_votes, source)
        if params.check_order and wrong_order:
            raise InputError(wrong_order)
        to_do = advice(
            [(row.image, row.reason) for row in index.rejected],
            index.images,
            params.on_invalid == "skip",
        )
        if index.rejected and params.on_invalid == "error":
            raise InputError(f"{rejection_message(index.rejected)}\n{to_do}")
        if not index.images:
            raise InputError(f"{rejection_message(index.rejected)}\nNo image is left.")
    if index.rejected:
        logger.warning("%s\n%s", rejection_message(index.rejected), to_do)
    if index.repeated:
        logger.warning("%s\nThey are kept.", repetition_message(index))

    def file_name(source_id, dialect):
        """Name the file of an image of a table, as the settings have it."""
        return file_name_of(
            *pattern_and_id(source_id, dialect, source, params.file_name)
        )

    for file in files:
        if file.n_reaching_out:
            logger.warning(
                "%s: %d boxes reach out of their images by more than a pixel, such as"
                " those of %s. They are kept.",
                file.path,
                file.n_reaching_out,
                ", ".join(file.reaching_out),
            )
    for file, dialect in zip(files, source.dialects, strict=True):
        if dialect.is_table and not dialect.separator and file.separator != ",":
            logger.warning(
                "%s: the fields are separated by %r.", file.path, file.separator
            )
    head = head_of(files, params.renumbered)
    if head.left_out:
        logger.warning(
            "Left out of the COCO JSON, which is not the only source: %s.",
            ", ".join(head.left_out),
        )
    unused = {*source.rename_categories.values()} - found_names(index, files)
    if unused:
        logger.warning(
            "rename_categories: no category of the annotations became %s.",
            ", ".join(map(repr, sorted(unused))),
        )
    names = category_names(index, files, params.categories, params.renumbered)
    categories = category_rows(names, files, params.renumbered)
    write_table(output.categories, CATEGORY_COLUMNS, categories)
    images = [
        *image_rows(index, names, file_name, params.renumbered, head.new_license_ids)
    ]
    patterns = {
        source_id: pattern_and_id(source_id, image.dialect, source, params.file_name)
        for source_id, image in index.images.items()
        if not image.record
    }
    if image_files:
        names_found, found, missing = names_where_found(
            {row[1]: row[2] for row in images},
            patterns,
            image_files,
            sizes.found,
            params.file_name,
        )
        images = [(row[0], row[1], names_found[row[1]], *row[3:]) for row in images]
        if missing:
            logger.warning("%s", missing_message(missing, len(images)))
    elif with_wildcards := [p for p, _ in patterns.values() if has_wildcards(p)]:
        why = "no folder of images is given"
        raise InputError(wildcards_message(with_wildcards[0], why))
    if image_files and not takes_unlisted:
        of_path = dict(zip(source.paths, source.dialects, strict=True))
        named = {row.image: of_path[row.file] for row in index.rejected if row.image}
        named |= {source_id: image.dialect for source_id, image in index.images.items()}
        unlisted = unlisted_images(image_files, found, named, source, params.file_name)
        if unlisted:
            logger.warning("%s", left_out_message(unlisted, images_dir))
    shared = [*shared_files(images)]
    if shared_file := shared_file_message(index, shared):
        raise InputError(shared_file)
    if shared:
        logger.warning(
            "%d images have the file name of another one, such as %r that of %r, %s. A"
            " split may put one into train and the other into val.",
            len(shared),
            *shared[0],
        )
    write_table(output.images, IMAGE_COLUMNS, images)
    same_looks = look_alike_messages(
        {
            "image ids": index.images,
            "categories": names,
            "groups": (image.group for image in index.images.values()),
            "file names": (row[IMAGE_COLUMNS.index("file_name")] for row in images),
        }
    )
    for message in same_looks:
        logger.warning("%s.", message)
    if same_names := [*namesakes(index, images)]:
        logger.warning(
            "%d images are named as one of another file, in another folder, such as %r"
            " of %s and %r of %s. If they are the same image, one may be in train and"
            " the other in val: give them one file name, with `file_name` of the"
            " dialect.",
            len(same_names),
            *same_names[0],
        )
    if index.left_out or index.changed:
        logger.warning(
            "%d masks are left out by the settings (%s), and %d are changed (%s).",
            len(index.left_out),
            output.rejected,
            len({row[:2] for row in index.changed}),
            output.changed,
        )
    rejected = [row[: len(REJECTED_COLUMNS)] for row in index.rejected + index.left_out]
    write_table(output.rejected, REJECTED_COLUMNS, rejected)
    write_table(output.changed, CHANGED_COLUMNS, index.changed)
    write_json(output.warnings, [])
    numbers = [[file.numbers.start, file.numbers.stop] for file in files]
    write_json(
        output.source,
        {
            "sources": head.sources,
            "digests": digests_as_read(files),
            "numbers": numbers,
            "members": head.members,
        },
    )
    logger.info(
        "%d annotations of %d images in %d categories",
        index.n_annotations,
        len(index.images),
        len(names),
    )
