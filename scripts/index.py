"""Read the source: number its rows and images, check them, cut them into shards.

Input: the files that `annotations` names; the names of the image files in `images_dir`
and, where the annotations say no sizes, their headers. A row is that of a table, or a
record of a COCO JSON.

Output, text in quotes:

=================  ==============================================================
images.csv
image_id           counted from 1 by first appearance in the source
source_id          the id in the source; of a COCO JSON in a list, the file name
file_name          as it is in the JSON
width, height      pixels
category           the most frequent one of the image; of several, the lowest id;
                   empty if the image has no mask
group              what `group_column` says, or empty
values             JSON: what the columns in `balance` say, or empty
shard              the shard that the image is in
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
rows.json          the SHA-256 of each table of rows, by shard
images.sha256, annotations.sha256
                   those of the tables, as for sha256sum
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
                   and the range of its annotation ids; what else is in the JSON
=================  ==============================================================
"""

from pathlib import Path

from cocofolds.dataset.index import IndexSettings
from cocofolds.dataset.rejection import CHANGED_COLUMNS, REJECTED_COLUMNS
from cocofolds.dataset.row_files import rows_written_whole
from cocofolds.dataset.source_index import SourceSettings, make_index
from cocofolds.dataset.tables import CATEGORY_COLUMNS, IMAGE_COLUMNS
from cocofolds.files import sha256_of, write_json, write_sha256, write_table
from cocofolds.job import named_as_in_settings, reported_to
from cocofolds.masks.cleaning import Hygiene
from cocofolds.settings import Numbering
from cocofolds.sources.records import source_of

given, params, output = snakemake.input, snakemake.params, snakemake.output
how = params.settings
with (
    reported_to(snakemake.log[0], output.warnings) as logger,
    rows_written_whole(output.rows) as rows,
    named_as_in_settings(given.annotations, params.names) as from_there,
):
    settings = SourceSettings(
        IndexSettings(
            how["categories"],
            how["images_per_shard"],
            how["merge_sources"],
            Hygiene(**how["hygiene"]),
            how["exclude_images"],
            how["source"]["exclude_categories"],
        ),
        how["images_dir"],
        how["file_name"],
        how["unlisted_images"],
        how["on_invalid"],
        how["check_order"],
        Numbering(**how["numbering"]),
    )
    source = source_of(params.names, how["dialects"], how["source"])
    folder, annotations = Path(from_there(str(rows))), from_there(output.annotations)
    tables = make_index(source, settings, folder, annotations, logger)
    write_table(from_there(output.categories), CATEGORY_COLUMNS, tables.categories)
    write_table(from_there(output.images), IMAGE_COLUMNS, tables.images)
    write_table(from_there(output.rejected), REJECTED_COLUMNS, tables.rejected)
    write_table(from_there(output.changed), CHANGED_COLUMNS, tables.changed)
    write_json(from_there(output.source), tables.source)
    rows_of_shards = sorted(folder.iterdir())
    digests = {path.stem: sha256_of(path) for path in rows_of_shards}
    write_json(from_there(output.digests_of_rows), digests)
    images = from_there(output.images)
    write_sha256(from_there(output.digest_of_images), [images])
    write_sha256(from_there(output.digest_of_annotations), [annotations])
    logger.info("%s", tables.summary)
