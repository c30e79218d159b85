"""Copies in the report page."""

from base64 import b64decode
from io import BytesIO

from PIL import Image

from cocofolds.report.copies import copies_side_by_side
from tables import SAMPLE

FOLDER = SAMPLE.parent / "train"
NAMES = [path.name for path in sorted(FOLDER.glob("*.png"))]


def row(first, second):
    return {
        "first_source_id": "a",
        "first_file_name": first,
        "second_source_id": "b",
        "second_file_name": second,
        "kind": "same picture",
        "correlation": "0.9912",
    }


def test_pictures(tmp_path):
    Image.new("L", (20, 40)).save(tmp_path / "small.png")
    (tmp_path / "large.png").write_bytes((FOLDER / NAMES[0]).read_bytes())
    rows = [row("large.png", "small.png")]
    [pair] = copies_side_by_side(rows, str(tmp_path))["pairs"]
    assert (pair["kind"], pair["correlation"]) == ("same picture", "0.9912")
    large, small = pair["images"]
    assert (large["width"], large["height"]) == (576, 432)
    assert (large["source_id"], large["file_name"]) == ("a", "large.png")
    for image, size in ((large, (256, 192)), (small, (20, 40))):
        data = b64decode(image["picture"].partition("base64,")[2])
        assert Image.open(BytesIO(data)).size == size
        assert (image["shown_width"], image["shown_height"]) == size


def test_the_first_pairs_are_shown():
    rows = [row(*NAMES[:2])] * 100
    assert len(copies_side_by_side(rows, str(FOLDER))["pairs"]) == 12
    assert copies_side_by_side([], str(FOLDER)) == {"pairs": []}


def test_files_that_are_gone(tmp_path):
    rows = [row(NAMES[0], "gone.png"), row(*NAMES[:2])]
    assert len(copies_side_by_side(rows, str(FOLDER))["pairs"]) == 1
    assert copies_side_by_side(rows, str(tmp_path / "gone")) == {"pairs": []}
