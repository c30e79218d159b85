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


# What the end of a run says of warnings.
MOST_WARNING_LINES = 20


def closing_words():
    """Say which checked splits there are, what to do with one, and what to look at."""
    folders = [f"results/{SPLIT.format(**split)}" for split in SPLITS]
    made = [folder for folder in folders if Path(folder, "checks.json").exists()]
    words = []
    if made:
        words.append(f"""
Folds are in {', '.join(made)}. To load a train set:

    from pycocotools.coco import COCO
    coco = COCO("{made[0]}/annotations_train_fold_1.json")
    print(len(coco.imgs), "images,", len(coco.anns), "annotations")
""")
    if stale := stale_results():
        more = [f"and {len(stale) - 10} more"] if len(stale) > 10 else []
        words.append(
            "\nThese are of earlier data. Name them in a command to make them again, or"
            " delete them:\n\n    " + "\n    ".join([*map(str, stale[:10]), *more])
        )
    if warnings := [*warnings_of_results()]:
        more = (
            ["and more, in results/logs"] if len(warnings) > MOST_WARNING_LINES else []
        )
        lines = [*warnings[:MOST_WARNING_LINES], *more]
        words.append("\nWarnings:\n\n    " + "\n    ".join(lines) + "\n")
    return "".join(words)


def warnings_of_results():
    """Read again what jobs warned of, in this run or in the one that made the results."""
    logs = ["index", *(f"{SPLIT.format(**split)}/assign_folds" for split in SPLITS)]
    if config["n_previews"]:
        logs.append("draw_previews")
    for log in logs:
        path = Path(f"results/logs/{log}.log")
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        # A message begins with its level, and may have more lines.
        for level, message in re.findall(
            r"^(WARNING|ERROR|INFO): (.*(?:\n(?!(?:WARNING|ERROR|INFO): ).*)*)",
            text,
            re.M,
        ):
            if level == "WARNING":
                yield from message.rstrip().splitlines()


def stale_results():
    """List what was made on request, from data that is no longer that of the results."""
    of_record = {
        "preview/.*.json": lambda record: record.with_name(f"{record.stem[1:]}.png"),
        "*/.archive.json": lambda record: Path(f"{record.parent}.zip"),
        "yolo/labels/.complete.json": lambda _: Path("results/yolo/summary.json"),
        "*/yolo/fold_*/.complete.json": lambda record: record.with_name("data.yaml"),
    }
    return [
        result(record)
        for pattern, result in of_record.items()
        for record in sorted(Path("results").glob(pattern))
        if result(record).exists() and is_of_earlier_data(record)
    ]


def is_of_earlier_data(record):
    """Tell whether a file has changed that a record has the SHA-256 of."""
    made = record.stat().st_mtime_ns
    for name, digest in read_json_object(record).items():
        path = Path(name)
        # What is older than the record needs no reading.
        if not path.exists():
            return True
        if path.stat().st_mtime_ns > made:
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                    return True
    return False
