"""Check the whole data set against the source.

Input
-----
annotations : the source
rejected, changed : `rejected.csv` and `changed.csv` of the index
images, source : `images.csv` and `source.json` of the index
whole, columns : `annotations_all.json` and `annotations_all.npz`

Output
------
checks : JSON
    What was checked, and on how many. It is written only if all is well.
complete : JSON
    The SHA-256 of the whole data set that was checked.
"""

import json

from cocofolds.checks.source_check import Expected, Indexed, check_against_source
from cocofolds.files import read_json, read_table, write_json
from cocofolds.job import named_as_in_settings, reported_to
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
    with named_as_in_settings(given.annotations, params.names) as from_there:
        indexed = Indexed(
            read_json(from_there(given.source)),
            {(r["file"], r["line"]) for r in read_table(from_there(given.rejected))},
            {(r["file"], r["line"]) for r in read_table(from_there(given.changed))},
            read_table(from_there(given.images)),
        )
        source = source_of(
            params.names, json.loads(params.dialects), json.loads(params.source)
        )
        whole, checks = check_against_source(
            from_there(given.whole),
            from_there(given.columns),
            source,
            indexed,
            expected,
            logger,
        )
    write_json(snakemake.output.checks, checks)
    write_json(snakemake.output.complete, {given.whole: whole.digest})
    for check, count in checks.items():
        logger.info("%s: %d", check, count)
