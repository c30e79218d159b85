"""Cut the small inputs in .test/data from the embedded sample.

python tests/make_test_data.py
"""

import csv
import io
import json
from collections import Counter

import cocofolds
from tables import REPO, SAMPLE, read_table

FOLDER = REPO / ".test" / "data"
# Of each category, of which one half goes to each file.
N_IMAGES = 4
MASKS_PER_IMAGE = 3


def small_inputs():
    """The text of each file: a table, and a COCO JSON of other images."""
    images, of_category = {}, {}
    for row in read_table(SAMPLE):
        images.setdefault(row["id"], []).append(row)
    for image, rows in sorted(images.items()):
        categories = Counter(row["cell_type"] for row in rows)
        [(most_frequent, _)] = categories.most_common(1)
        of_category.setdefault(most_frequent, []).append(image)
    first = [ids[:N_IMAGES] for ids in of_category.values()]
    table = [row for ids in first for i in ids[::2] for row in small(images[i])]
    rest = [row for ids in first for i in ids[1::2] for row in small(images[i])]
    columns = {name: [row[name] for row in rest] for name in rest[0]}
    document = cocofolds.to_coco(
        columns, dialect="sartorius-2021", images_dir=SAMPLE.parent
    )
    # It names a version.
    document["info"] = {"description": "Some images of the sample of cocofolds"}
    return {
        "train.csv": table_text(table),
        "instances.json": json.dumps(document, indent=1) + "\n",
    }


def small(rows):
    """The rows with the shortest texts, in the order of the table."""
    shortest = sorted(rows, key=length)[:MASKS_PER_IMAGE]
    return [row for row in rows if row in shortest]


def length(row):
    return len(row["annotation"])


def table_text(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in small_inputs().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
