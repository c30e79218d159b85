"""The sample as it is in its table; what packages read is compared with it."""

from collections import Counter, defaultdict
from typing import NamedTuple

import numpy as np

from tables import SAMPLE, draw, read_table


class Instance(NamedTuple):
    """An object on an image; no mask where a package has none of it."""

    category: str
    box: list[float]
    mask: np.ndarray | None


class Image(NamedTuple):
    """An image, with its instances in the order of their annotations."""

    file_name: str
    instances: list[Instance]


def read_plainly(file_names):
    """Read images of the sample from its table, and draw them pixel by pixel."""
    rows = defaultdict(list)
    for row in read_table(SAMPLE):
        rows[f"train/{row['id']}.png"].append(row)
    for file_name in file_names:
        instances = []
        for row in rows[file_name]:
            mask = draw(row)
            y, x = mask.nonzero()
            box = [x.min(), y.min(), np.ptp(x) + 1, np.ptp(y) + 1]
            instances.append(Instance(row["cell_type"], box, mask))
        yield Image(file_name, instances)


def images_of_folds(sample, split):
    """The file names of the images that belong in each JSON of a split."""
    table = [
        (f"train/{row['source_id']}.png", row["fold"])
        for row in sample.table(f"{split}/folds.csv")
    ]
    images = {}
    for fold in sorted({held_out_in for _, held_out_in in table}, key=int):
        val = [name for name, held_out_in in table if held_out_in == fold]
        train = [name for name, held_out_in in table if held_out_in != fold]
        images[f"{split}/annotations_val_fold_{fold}.json"] = val
        images[f"{split}/annotations_train_fold_{fold}.json"] = train
    return images


def count_equal(read, expected):
    """Count what is read as expected; all images and instances have to be there."""
    equal = Counter(images=0, categories=0, boxes=0, masks=0)
    for image, expected_image in zip(read, expected, strict=True):
        equal["images"] += image.file_name == expected_image.file_name
        pairs = zip(image.instances, expected_image.instances, strict=True)
        for instance, wanted in pairs:
            equal["categories"] += instance.category == wanted.category
            equal["boxes"] += [*instance.box] == [*wanted.box]
            if instance.mask is not None:
                equal["masks"] += np.array_equal(instance.mask, wanted.mask)
    return equal
