import csv
import functools


@functools.cache
def shard_names(images, mtime):
    """Read which shards there are; a table with another date is read again."""
    # A record of an image may be longer than the csv module takes by itself.
    csv.field_size_limit(2**31 - 1)
    with images.open(encoding="utf-8", newline="") as file:
        return list(dict.fromkeys(row["shard"] for row in csv.DictReader(file)))


def shards(extension):
    """A function that lists a file of each shard, once the index says which there are."""

    def files(wildcards):
        images = Path(checkpoints.index.get().output.images)
        names = shard_names(images, images.stat().st_mtime_ns)
        return [f"results/shards/{name}.{extension}" for name in names]

    return files


def files_of_folds(part):
    """A function that lists a file of each fold of a split, in order."""

    def files(wildcards):
        pattern = f"results/{SPLIT}/annotations_{part}_fold_{{fold}}.json"
        folds = range(1, int(wildcards.n_folds) + 1)
        return expand(pattern, **wildcards, fold=folds)

    return files


def of_each_split(name):
    """List a file of each split of the config, in order."""
    return [f"results/{SPLIT.format(**split)}/{name}" for split in SPLITS]


def files_of_split(split_by, n_folds, seed):
    """All that a user gets of a split."""
    return expand(
        [
            f"results/{SPLIT}/folds.csv",
            f"results/{SPLIT}/annotations_{{part}}_fold_{{fold}}.json",
            f"results/{SPLIT}/checks.json",
            f"results/{SPLIT}/fold_table.csv",
            f"results/{SPLIT}/plots/{{plot}}.svg",
        ],
        split_by=split_by,
        n_folds=n_folds,
        seed=seed,
        part=["train", "val"],
        plot=[
            "annotations_by_category_and_fold",
            "images_by_category_and_fold",
            "areas_by_category",
            "masks_per_image",
        ],
        fold=range(1, n_folds + 1),
    )
