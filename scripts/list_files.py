"""List the image files of a fold as text, a path below the folder of images a line.

Input
-----
images : `images.csv` of the index
folds : `folds.csv` of the split
checks : `checks.json` of the split, which is not read

Output
------
train, val : text
"""

from cocofolds.files import read_table, written_whole
from cocofolds.job import reported_to
from cocofolds.output.results import split_of
from cocofolds.output.splits import folds_of_files

given, output = snakemake.input, snakemake.output
with reported_to(snakemake.log[0]) as logger:
    n_folds = split_of(snakemake.wildcards).n_folds
    files = folds_of_files(read_table(given.images), read_table(given.folds), n_folds)
    for part, path in (("train", output.train), ("val", output.val)):
        names = files.of_part(int(snakemake.wildcards.fold), part == "val")
        with written_whole(path) as file:
            file.writelines(f"{name}\n".encode() for name in names)
        logger.info("%s: %d images", path, len(names))
