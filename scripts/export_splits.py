"""Write the folds of a split in the forms of other packages.

Input
-----
images : `images.csv` of the index
folds : `folds.csv` of the split
checks : `checks.json` of the split, which is not read

Output
------
nnunet : JSON
    `splits_final.json` of nnU-Net.
monai : JSON
    A data list of MONAI with the fold, from 0, of each image.
"""

from cocofolds.files import read_table, write_json
from cocofolds.job import reported_to
from cocofolds.output.results import split_of
from cocofolds.output.splits import folds_of_files, monai_datalist, nnunet_splits

given, output = snakemake.input, snakemake.output
with reported_to(snakemake.log[0]) as logger:
    n_folds = split_of(snakemake.wildcards).n_folds
    files = folds_of_files(read_table(given.images), read_table(given.folds), n_folds)
    write_json(output.nnunet, nnunet_splits(files))
    write_json(output.monai, monai_datalist(files))
    logger.info("%d images in %d folds", len(files.names), n_folds)
