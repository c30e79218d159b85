"""Compare folds with those of other splitters: how even they are, and in what time.

All get the same counts and the same seeds, one after the other on one core. The data
are tables of counts (image, group, category, annotations), or of masks in the layout of
Sartorius (id, cell_type, sample_id). Without any, a long-tailed data set is made up.

With --scores, a table of the annotations, detections and true positives of each image
(image, category, annotations, detections, true_positives): how far the folds' scores
are apart.
"""

import argparse
import resource
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from iterstrat.ml_stratifiers import MultilabelStratifiedKFold
from matplotlib import rcParams
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
)

from cocofolds import assign_folds
from cocofolds.folds.balance import deviation, evenest
from cocofolds.folds.quality import class_proportion, label_distribution

Ints = NDArray[np.int64]


class Data(NamedTuple):
    """A data set.

    Attributes
    ----------
    name : str
    counts : (n_images, n_categories) int
        Annotations.
    groups : (n_images,) int or None
    """

    name: str
    counts: Ints
    groups: Ints | None


def read(path: Path) -> Data:
    """Read a table of counts, or of masks."""
    table = pd.read_csv(path)
    if "annotations" not in table:
        names = {"id": "image", "cell_type": "category", "sample_id": "group"}
        table = table.rename(columns=names).assign(annotations=1)
    counts = table.pivot_table(
        "annotations", "image", "category", aggfunc="sum", fill_value=0
    )
    groups = table.drop_duplicates("image").set_index("image")["group"]
    codes = pd.factorize(groups.loc[counts.index], sort=True)[0]
    name = path.name.partition(".")[0]
    return Data(name, counts.to_numpy(np.int64), codes.astype(np.int64))


def made_up() -> Data:
    """Make up 2,000 images of 40 categories with a long tail, in groups."""
    random = np.random.RandomState(0)
    often = 1 / np.arange(1, 41)
    counts = random.poisson(3, (2000, 40)) * (random.random_sample((2000, 40)) < often)
    return Data("made_up_long_tail", counts, random.randint(0, 500, 2000))


Splitter = Callable[[Data, int, int, bool], Ints]


def ours(data: Data, n_folds: int, seed: int, grouped: bool) -> Ints:
    """Assign images with cocofolds."""
    image, category = np.nonzero(data.counts)
    bare = np.flatnonzero(~data.counts.any(axis=1))
    table: dict[str, list[Any]] = {
        "image": [*image.tolist(), *bare.tolist()],
        "category": [*category.tolist(), *[None] * len(bare)],
        "annotations": [*data.counts[image, category].tolist(), *[0] * len(bare)],
    }
    groups = None
    if grouped and data.groups is not None:
        groups = dict(enumerate(data.groups.tolist()))
    folds = assign_folds(table, n_folds, groups, seed)
    return np.array([folds[n] - 1 for n in range(len(data.counts))])


def with_splitter(make: Callable[[int, int], Any], of_annotations: bool) -> Splitter:
    """Assign images with a splitter of scikit-learn's kind.

    Parameters
    ----------
    make : function
        Takes the number of folds and the seed.
    of_annotations : bool
        Whether a sample is an annotation, with its image or group for a group, or an
        image, with its most frequent category.
    """

    def split(data: Data, n_folds: int, seed: int, grouped: bool) -> Ints:
        groups = data.groups if grouped else np.arange(len(data.counts))
        assert groups is not None
        labels: Ints = data.counts.argmax(axis=1)
        images = np.arange(len(data.counts))
        if of_annotations:
            rows, columns = np.nonzero(data.counts)
            times = data.counts[rows, columns]
            images, labels = np.repeat(rows, times), np.repeat(columns, times)
        folds = np.zeros(len(data.counts), np.int64)
        parts = make(n_folds, seed).split(np.zeros(len(images)), labels, groups[images])
        for fold, (_, held_out) in enumerate(parts):
            folds[images[held_out]] = fold
        return folds

    return split


def iterative(data: Data, n_folds: int, seed: int, grouped: bool) -> Ints:
    """Assign images with iterative stratification by their categories."""
    folds = np.zeros(len(data.counts), np.int64)
    splitter = MultilabelStratifiedKFold(n_folds, shuffle=True, random_state=seed)
    has_any = (data.counts > 0).astype(int)
    for fold, (_, held_out) in enumerate(splitter.split(has_any, has_any)):
        folds[held_out] = fold
    return folds


def shuffled(splitter: Any) -> Callable[[int, int], Any]:
    """Make a splitter that shuffles."""
    return lambda n_folds, seed: splitter(n_folds, shuffle=True, random_state=seed)


IMAGES: dict[str, Splitter] = {
    "cocofolds": ours,
    "KFold": with_splitter(shuffled(KFold), False),
    "StratifiedKFold, most frequent category": with_splitter(
        shuffled(StratifiedKFold), False
    ),
    "iterative-stratification": iterative,
    "StratifiedGroupKFold over annotations": with_splitter(
        shuffled(StratifiedGroupKFold), True
    ),
}
GROUPS: dict[str, Splitter] = {
    "cocofolds": ours,
    "GroupKFold": with_splitter(shuffled(GroupKFold), False),
    "StratifiedGroupKFold, most frequent category": with_splitter(
        shuffled(StratifiedGroupKFold), False
    ),
    "StratifiedGroupKFold over annotations": with_splitter(
        shuffled(StratifiedGroupKFold), True
    ),
}


def by_fold(counts: Ints, folds: Ints, n_folds: int) -> Ints:
    """Add up the counts in each fold, (n_categories, n_folds)."""
    sums = np.zeros((n_folds, counts.shape[1]), np.int64)
    np.add.at(sums, folds, counts)
    return sums.T


class Measures(NamedTuple):
    """How even folds are; `docs/folds.md` has the formulas."""

    images: float
    annotations: float
    holes: int
    smallest: int
    largest: int
    ld: float
    dcp: float


def measured(counts: Ints, folds: Ints, n_folds: int) -> Measures:
    """Measure folds.

    Parameters
    ----------
    counts : (n_images, n_categories) int
    folds : (n_images,) int
        From 0.
    n_folds : int
    """
    images = by_fold((counts > 0).astype(np.int64), folds, n_folds)
    sizes = np.bincount(folds, minlength=n_folds)
    return Measures(
        deviation(images),
        deviation(by_fold(counts, folds, n_folds)),
        int((images == 0).sum()),
        int(sizes.min()),
        int(sizes.max()),
        label_distribution(images, sizes),
        class_proportion(images),
    )


def forced_holes(images: Ints, n_folds: int) -> int:
    """Count the folds that have to lack a category of fewer images."""
    return int(np.maximum(n_folds - images, 0).sum())


def print_table(data: Data, n_folds: int, grouped: bool, seeds: Sequence[int]) -> None:
    """Print a Markdown table of all ways, as means over some seeds."""
    n_images = (data.counts > 0).sum(axis=0)
    floor = deviation(evenest(np.c_[n_images, np.zeros((len(n_images), n_folds - 1))]))
    groups = data.groups if grouped else None
    kind = "" if groups is None else f", {len({*groups.tolist()})} groups"
    print(
        f"\n**{data.name}**: {len(data.counts):,} images,"
        f" {data.counts.sum():,} annotations, {len(n_images)} categories{kind};"
        f" {n_folds} folds. Floor of images {floor:.4f};"
        f" holes that cannot be avoided: {forced_holes(n_images, n_folds)}.\n"
    )
    print("| | images | annotations | holes | sizes | LD | DCP | seconds |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, split in (GROUPS if grouped else IMAGES).items():
        found, start = [], time.process_time()
        for seed in seeds:
            found.append(
                measured(data.counts, split(data, n_folds, seed, grouped), n_folds)
            )
        seconds = (time.process_time() - start) / len(seeds)
        mean = Measures(*np.mean(found, axis=0).tolist())
        smallest = min(one.smallest for one in found)
        largest = max(one.largest for one in found)
        print(
            f"| {name} | {mean.images:.4f} | {mean.annotations:.4f} |"
            f" {mean.holes:.1f} | {smallest}-{largest} | {mean.ld:.4f} |"
            f" {mean.dcp:.4f} | {seconds:.2f} |"
        )


def print_large(n_images: int, n_categories: int, n_each: int, n_folds: int) -> None:
    """Print time, memory and evenness for a large data set that is made up."""
    random = np.random.RandomState(0)
    often = 1 / np.arange(1, n_categories + 1)
    category = random.choice(n_categories, n_images * n_each, p=often / often.sum())
    table = pd.DataFrame({"image": np.arange(n_images).repeat(n_each)})
    table = table.assign(category=category, annotations=random.poisson(2, len(table)))
    table = table.groupby(["image", "category"], as_index=False).sum()
    table["annotations"] += 1
    start = time.process_time()
    fold_of = assign_folds(table, n_folds)
    seconds = time.process_time() - start
    folds = table["image"].map(fold_of).to_numpy() - 1
    counts = np.zeros((2, n_categories, n_folds), np.int64)
    np.add.at(counts[0], (table["category"], folds), 1)
    np.add.at(counts[1], (table["category"], folds), table["annotations"])
    # In kB, of the whole process.
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{n_images:,} images, {n_categories} categories, {n_each} an image at most,"
        f" {n_folds} folds: {seconds:.1f} s, {memory:.1f} GB, deviations"
        f" {deviation(counts[0]):.5f} + {deviation(counts[1]):.5f}, floor of images"
        f" {deviation(evenest(counts[0])):.5f}"
    )


def print_spread(path: Path, n_folds: int, n_seeds: int) -> None:
    """Print how far the micro F1 of the folds are apart: their standard deviation.

    Parameters
    ----------
    path : Path
        A table of scores.
    n_folds : int
    n_seeds : int
        The mean is over seeds from 0.
    """
    table = pd.read_csv(path).sort_values("image", ignore_index=True)
    counts = pd.get_dummies(table["category"]).mul(table["annotations"], axis=0)
    data = Data(path.stem, counts.to_numpy(np.int64), None)
    print(f"\n**{data.name}**: {len(table)} images, {n_folds} folds.\n")
    print("| | spread of F1 | effective images of the worst fold |")
    print("| --- | --- | --- |")
    for name, split in IMAGES.items():
        spreads, effective = [], []
        for seed in range(n_seeds):
            folds = split(data, n_folds, seed, False)
            sums = table.groupby(folds)[
                ["annotations", "detections", "true_positives"]
            ].sum()
            found = sums["annotations"] + sums["detections"]
            spreads.append((2 * sums["true_positives"] / found).std(ddof=0))
            squares = (table["annotations"] ** 2).groupby(folds).sum()
            effective.append((sums["annotations"] ** 2 / squares).min())
        print(f"| {name} | {np.mean(spreads):.4f} | {np.mean(effective):.1f} |")


def draw(data: Data, n_folds: int, seed: int, path: Path) -> None:
    """Draw each category's share of annotations in each fold, for two ways."""
    rcParams["svg.hashsalt"] = "cocofolds"
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    order = np.argsort(-data.counts.sum(axis=0), kind="stable")
    names = ("StratifiedKFold, most frequent category", "cocofolds")
    for axes, name in zip(panels, names, strict=True):
        folds = IMAGES[name](data, n_folds, seed, False)
        annotations = by_fold(data.counts, folds, n_folds)[order]
        shares = annotations / annotations.sum(axis=1, keepdims=True)
        position = np.repeat(np.arange(len(order)), n_folds)
        axes.axhline(1 / n_folds, color="0.6", linewidth=1)
        axes.plot(position, shares.ravel(), ".", color="#0072b2", markersize=4)
        axes.set_title(name, fontsize=10)
        axes.set_xlabel("categories, the most frequent first")
    panels[0].set_ylabel("share of annotations in a fold")
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Compare on the data that are named."""
    about, _, details = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(description=about, epilog=details)
    parser.add_argument("tables", nargs="*", type=Path, help="of counts, or of masks")
    parser.add_argument("--scores", type=Path, help="a table of scores")
    parser.add_argument("--plot", type=Path, help="draw the first table's shares here")
    parser.add_argument("--large", action="store_true", help="large data sets alone")
    parser.add_argument("--folds", type=int, nargs="+", default=[5, 10])
    parser.add_argument("--seeds", type=int, nargs="+", default=[221, 0, 1, 2, 3])
    arguments = parser.parse_args()
    # scikit-learn warns of categories with fewer images than folds.
    warnings.simplefilter("ignore", UserWarning)
    if arguments.large:
        print_large(60_600, 3, 1, 10)
        print_large(1_000_000, 100, 4, 5)
        return
    all_data = [read(path) for path in arguments.tables] or [made_up()]
    for data in all_data:
        for n_folds in arguments.folds:
            for grouped in (False, True):
                print_table(data, n_folds, grouped, arguments.seeds)
    if arguments.scores:
        for n_folds in arguments.folds:
            print_spread(arguments.scores, n_folds, 60)
    if arguments.plot:
        draw(all_data[0], arguments.folds[0], arguments.seeds[0], arguments.plot)


if __name__ == "__main__":
    main()
