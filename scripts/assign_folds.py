"""Deal the images, or the annotations, to the folds.

Input
-----
images : `results/index/images.csv`
annotations : `results/index/annotations.csv`, for `split_by: annotation` only

Output
------
folds.csv
    One row an image: image_id, source_id, category, group, and fold, the one whose
    val file holds the image, from 1. For `split_by: annotation` one row an annotation,
    with annotation_id in front and the annotation's own category.
"""

from cocofolds.files import read_table, write_table
from cocofolds.folds import assign_folds, sparse_categories
from cocofolds.reporting import reported_to

with reported_to(snakemake.log[0]) as logger:
    split_by = snakemake.wildcards.split_by
    n_folds, seed = int(snakemake.wildcards.n_folds), int(snakemake.wildcards.seed)
    images = {row["image_id"]: row for row in read_table(snakemake.input.images)}
    if split_by == "annotation":
        table = read_table(snakemake.input.annotations)
        units = [{**images[row["image_id"]], **row} for row in table]
    else:
        units = list(images.values())
    categories = [unit["category"] for unit in units]
    groups = [unit["group"] for unit in units] if split_by == "group" else None

    folds = assign_folds(categories, groups, n_folds, seed, f"{split_by}s")
    for name, count in sparse_categories(categories, groups, n_folds).items():
        logger.warning(
            "The category %r has fewer %ss (%d) than there are folds (%d):"
            " some folds go without it.",
            name,
            split_by,
            count,
            n_folds,
        )
    ids = ["annotation_id", "image_id"] if split_by == "annotation" else ["image_id"]
    texts = ["source_id", "category", "group"]
    write_table(
        snakemake.output.folds,
        [*ids, *texts, "fold"],
        [
            [*(int(unit[name]) for name in ids), *(unit[name] for name in texts), fold]
            for unit, fold in zip(units, folds.tolist(), strict=True)
        ],
    )
    logger.info("%d %ss in %d folds", len(units), split_by, n_folds)
