"""The table of docs/readers.md says what these packages do, in these versions."""

import re
from importlib.metadata import version

from evaluation import detections_of, precision
from readers import READERS, refusal_of

from pages import page
from tables import SAMPLE, read_table

WHOLE = "annotations_all.json"
N_MASKS = len(read_table(SAMPLE))

HEAD = """\
| package | version | files | boxes | masks | AP of the truth | `image_ids: source` |
| --- | --- | --- | --- | --- | --- | --- |
"""


def lowest_precision(reader, paths):
    if reader.evaluation is None:
        return "not tried"
    return min(
        precision(reader, path, detections_of(path), kind)
        for path in paths
        for kind in ("bbox", "segm")
    )


def row(reader, sample, sample_with_text_ids, files, count):
    whole = count(reader, WHOLE)
    opened = sum(count(reader, n)["images"] == len(files[n]) for n in files)
    folds = [sample.results / name for name in files if "_val_" in name]
    with_text_ids = reader.open(sample_with_text_ids.results / WHOLE, SAMPLE.parent)
    cells = [
        reader.package,
        version(reader.package),
        f"{opened} of {len(files)}",
        f"{whole['boxes']} of {N_MASKS}",
        f"{whole['masks']} of {N_MASKS}",
        lowest_precision(reader, folds),
        "refused" if refusal_of(with_text_ids) else "taken",
    ]
    return f"| {' | '.join(map(str, cells))} |\n"


def test_table(sample, sample_with_text_ids, files, count):
    """Another version of a package is another row: the failure prints the table."""
    runs = sample, sample_with_text_ids, files, count
    table = HEAD + "".join(row(reader, *runs) for reader in READERS)
    lines = re.findall(r"^\|.*\n", page("docs/readers.md"), re.M)
    assert "".join(lines) == table, f"the table to paste:\n\n{table}"
