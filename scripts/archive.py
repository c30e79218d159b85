"""Pack the files of a split into a ZIP archive, whose bytes depend on these alone.

Input
-----
files : all files of the split

Output
------
archive : ZIP
complete : JSON
    What it was made of.
"""

import os
from pathlib import Path

from cocofolds.archives import write_archive
from cocofolds.job import reported_to
from cocofolds.output.folders import write_record

with reported_to(snakemake.log[0]) as logger:
    folder = os.path.commonpath(snakemake.input)
    paths = {Path(p).relative_to(folder).as_posix(): p for p in snakemake.input}
    write_archive(snakemake.output.archive, paths)
    write_record(snakemake.output.complete, snakemake.input)
    logger.info("%d files", len(paths))
