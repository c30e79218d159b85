"""Draw the plots of a split.

Input
-----
fold_table : `fold_table.csv` of the split
folds : `folds.csv` of the split
whole : `annotations_all.json`
columns : `annotations_all.npz`
checked : the SHA-256 of the whole data set, by `check_annotations`
images : `images.csv` of the index, which is not read

Output
------
annotations, images, areas, masks : SVG
    How the folds share the annotations, and the images, of each category; with the
    images, the groups of each fold, if there are groups. Where the areas of each
    category are: the `area` of the records, of which those without one are only
    counted. How many masks images have. The same input gives the same bytes.
"""

import numpy as np

from cocofolds.checks.whole_set import load_whole_set
from cocofolds.files import read_table, written_whole
from cocofolds.job import reported_to
from cocofolds.report.plots import (
    count_groups,
    plot_areas,
    plot_masks_per_image,
    plot_shares,
    read_counts,
    save_svg,
    styled,
)

given, output = snakemake.input, snakemake.output
with reported_to(snakemake.log[0]) as logger, styled():
    counts = read_counts(read_table(given.fold_table))
    groups = count_groups(read_table(given.folds), int(snakemake.wildcards.n_folds))
    whole = load_whole_set(given.whole, given.columns, given.checked)
    n_masks = np.bincount(whole.image_positions, minlength=len(whole.images))
    figures = {
        output.annotations: plot_shares(
            "Does every fold hold every category in equal share?",
            counts.names,
            counts.annotations,
        ),
        output.images: plot_shares(
            "Does every fold hold images of every category?",
            counts.names,
            counts.images,
            groups,
        ),
        output.areas: plot_areas(
            "How large are the masks of each category?",
            [category["name"] for category in whole.categories],
            whole.category_positions,
            whole.areas,
        ),
        output.masks: plot_masks_per_image(
            "How many masks does an image have?", n_masks
        ),
    }
    for path, figure in figures.items():
        with written_whole(path) as file:
            save_svg(figure, file)
        logger.info("%s", path)
