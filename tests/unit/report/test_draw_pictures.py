"""The pictures of a run: which are written, and what is said of them."""

import json
from collections import Counter

import pytest
from data_sets import build
from PIL import Image

from cocofolds.checks.whole_set import WholeSet, load_columns, open_coco
from cocofolds.report.pictures import choose, draw_pictures


@pytest.fixture
def draw(tmp_path):
    """Choose and draw images of a small data set."""
    data = build(tmp_path)
    with open_coco(data.whole) as (head, _):
        whole = WholeSet(data.whole, head, **load_columns(data.columns), digest="")
    rows = [
        {
            "image_id": str(image["id"]),
            "source_id": image["file_name"].removesuffix(".png"),
            "file_name": image["file_name"],
            "width": str(image["width"]),
            "height": str(image["height"]),
        }
        for image in whole.images
    ]

    def draw(n_previews=2, images_dir=None, rejected=()):
        chosen = choose(
            whole, (row["source_id"] for row in rows), iter(rows), n_previews, seed=0
        )
        folder = tmp_path / "preview"
        counts = Counter(rejected)
        drawn = draw_pictures(whole, chosen, images_dir, counts, folder, iter)
        return chosen, drawn

    draw.folder, draw.whole = tmp_path / "preview", whole
    return draw


def test_each_category_has_previews(draw):
    chosen, drawn = draw()
    of_category = Counter(row[0] for row in drawn.rows)
    names = [category["name"] for category in draw.whole.categories]
    assert of_category == dict.fromkeys(names, 2)
    written = {path.stem for path in draw.folder.glob("*.png")}
    assert written == {row[1] for row in drawn.rows}
    assert drawn.n_previews == len(written) == len(chosen.images)
    assert drawn.messages == []


def test_an_image_of_two_categories_is_drawn_once_and_listed_twice(draw):
    chosen, drawn = draw(n_previews=9)
    assert len(drawn.rows) > drawn.n_previews == len(chosen.images)


def test_gallery(draw):
    chosen, drawn = draw(rejected=["img 0", "img 0", "img 1"])
    images = json.loads(drawn.gallery)["images"]
    assert len(images) == len(chosen.in_gallery)
    for image in images:
        left_out = {"img 0": 2, "img 1": 1}.get(image["source_id"])
        said = " ".join(map(str, image["warnings"]))
        assert (f"rows left out: {left_out}," in said) == bool(left_out)


def test_missing_images_are_said(draw, tmp_path):
    (tmp_path / "images").mkdir()
    _, drawn = draw(images_dir=str(tmp_path / "images"))
    [message] = drawn.messages
    assert message.startswith("Some previews are on grey, or missing:\n  image 'img ")
    assert message.endswith("add `--forcerun draw_previews` to the command.")


def test_a_file_of_the_user(draw):
    draw.folder.mkdir()
    chosen, _ = draw()
    name = next(iter(chosen.images.values()))["name"]
    mine = draw.folder / f"{name}.png"
    mine.write_text("mine")
    _, drawn = draw()
    [message] = drawn.messages
    assert message == (
        f"These pictures are not of this workflow, and are kept as they are:\n  {mine}"
    )
    assert mine.read_text() == "mine"


def test_what_was_asked_for_is_drawn_again_and_kept(draw):
    chosen, _ = draw()
    name = next(iter(chosen.images.values()))["name"]
    (draw.folder / f".{name}.json").write_text("{}")
    (draw.folder / ".other.json").write_text("{}")
    Image.new("L", (1, 1)).save(draw.folder / "other.png")
    draw()
    record = json.loads((draw.folder / f".{name}.json").read_text())
    assert [*record] == [draw.whole.path]
    assert (draw.folder / ".other.json").read_text() == "{}"
    assert (draw.folder / "other.png").exists()


def test_what_was_asked_for_is_kept_when_it_is_chosen_no_more(draw):
    many, _ = draw(n_previews=9)
    few = choose_names(draw, n_previews=1)
    asked, other = sorted({row["name"] for row in many.images.values()} - few)[:2]
    (draw.folder / f".{asked}.json").write_text("{}")
    draw(n_previews=1)
    assert (draw.folder / f"{asked}.png").exists()
    assert not (draw.folder / f"{other}.png").exists()


def choose_names(draw, n_previews):
    chosen, _ = draw(n_previews=n_previews)
    draw(n_previews=9)
    return {row["name"] for row in chosen.images.values()}
