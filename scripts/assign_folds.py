"""Assign the images, or the annotations, to folds.

Input
-----
images : `results/index/images.csv`
annotations : `results/index/annotations.csv`

Output
------
folds.csv
    One row an image: image_id, source_id, category, group, and fold, the one whose
    val file holds the image, from 1. For `split_by: annotation` one row an annotation,
    with annotation_id in front and the annotation's own category; images without
    annotations have a row each, with annotation_id empty.
warnings : JSON
    What a user should know of the split: a list of messages.
"""

from cocofolds.errors import first_named
from cocofolds.files import read_table, write_table
from cocofolds.folds.assignment import (
    assign_folds,
    avoidable_holes,
    sparse_categories,
    spread_groups,
)
from cocofolds.job import reported_to


def hole_message(hole):
    """Say of a category how many things to assign have it, and which folds do not."""
    without = ", ".join(first_named(hole.without, str))
    return f"{hole.category!r}: {hole.n_units} {split_by}s, none in fold {without}"


with reported_to(snakemake.log[0], snakemake.output.warnings) as logger:
    split_by = snakemake.wildcards.split_by
    n_folds, seed = int(snakemake.wildcards.n_folds), int(snakemake.wildcards.seed)
    images = {row["image_id"]: row for row in read_table(snakemake.input.images)}
    annotations = read_table(snakemake.input.annotations)
    unit = "group" if split_by == "group" else f"{split_by}_id"
    if split_by == "annotation":
        assigned = [{**images[row["image_id"]], **row} for row in annotations]
        members = {(row["category"], row["annotation_id"]) for row in assigned}
        with_annotations = {row["image_id"] for row in assigned}
        assigned += [
            {**row, "annotation_id": ""}
            for image_id, row in images.items()
            if image_id not in with_annotations
        ]
    else:
        assigned = list(images.values())
        members = {
            (row["category"], images[row["image_id"]][unit]) for row in annotations
        }
    categories = [row["category"] for row in assigned]
    groups = [row["group"] for row in assigned]
    folds = assign_folds(
        categories,
        groups if split_by == "group" else None,
        n_folds,
        seed,
        f"{split_by}s",
    )

    if sparse := sparse_categories(members, n_folds):
        logger.warning(
            "Categories with fewer %ss than there are folds (%d): %d. Some folds go"
            " without them.\n  %s",
            split_by,
            n_folds,
            len(sparse),
            ", ".join(first_named([*sparse], lambda name: f"{name!r}: {sparse[name]}")),
        )
    fold_of = dict(zip((row[unit] for row in assigned), folds.tolist(), strict=True))
    if holes := avoidable_holes(members, fold_of, n_folds):
        logger.warning(
            "Categories that could be in more folds than they are: %d. Another `seed`"
            " may do better.\n  %s",
            len(holes),
            ", ".join(first_named(holes, hole_message)),
        )
    spread = spread_groups(groups, folds)
    if spread:
        logger.warning(
            "`split_by: %s` puts %d of %d groups into several folds, so into train and"
            " val. `split_by: group` keeps them whole.",
            split_by,
            len(spread),
            len({*groups} - {""}),
        )
    ids = ["annotation_id", "image_id"] if split_by == "annotation" else ["image_id"]
    texts = ["source_id", "category", "group"]
    write_table(
        snakemake.output.folds,
        [*ids, *texts, "fold"],
        [
            [
                *(int(row[name]) if row[name] else "" for name in ids),
                *(row[name] for name in texts),
                fold,
            ]
            for row, fold in zip(assigned, folds.tolist(), strict=True)
        ],
    )
    n_assigned = len({*groups}) if split_by == "group" else len(assigned)
    logger.info("%d %ss in %d folds", n_assigned, split_by, n_folds)
