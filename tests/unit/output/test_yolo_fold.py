"""A fold as a data set of links."""

import pytest
from data_sets import write

from cocofolds.errors import InputError
from cocofolds.output.yolo_fold import link_fold

NAMES = {"train": ["a.png", "below/b.png"], "val": ["c.png"]}


@pytest.fixture
def link(tmp_path):
    """Link a fold of three images."""
    parts = {}
    for part, names in NAMES.items():
        parts[part] = str(tmp_path / f"{part}.json")
        categories = [{"id": 3, "name": "x"}, {"id": 7, "name": "y"}]
        images = [{"id": n, "file_name": name} for n, name in enumerate(names)]
        write(
            parts[part],
            {"images": images, "categories": categories, "annotations": []},
        )
        for name in names:
            image = tmp_path / "images" / name
            label = (tmp_path / "labels" / name).with_suffix(".txt")
            for path in (image, label):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(name)

    def link(images_dir=str(tmp_path / "images"), split_by="image"):
        folder = tmp_path / "fold_1"
        return link_fold(parts, tmp_path / "labels", images_dir, split_by, folder)

    return link


def test_links(link, tmp_path):
    data, n_images = link()
    assert n_images == {"train": 2, "val": 1}
    assert data == {
        "train": "images/train",
        "val": "images/val",
        "names": {0: "x", 1: "y"},
    }
    for part, names in NAMES.items():
        for name in names:
            image = tmp_path / "fold_1/images" / part / name
            label = (tmp_path / "fold_1/labels" / part / name).with_suffix(".txt")
            assert image.is_symlink() and label.is_symlink()
            assert image.read_text() == label.read_text() == name


def test_what_ultralytics_noted_of_labels_is_removed(link, tmp_path):
    cache = tmp_path / "fold_1/labels/train.cache"
    cache.parent.mkdir(parents=True)
    cache.write_text("old")
    link()
    assert not cache.exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"images_dir": None}, "needs the images: set `images_dir`"),
        ({"split_by": "annotation"}, "parts of an image are in train and in val"),
    ],
)
def test_what_cannot_be(link, settings, message):
    with pytest.raises(InputError, match=message):
        link(**settings)


def test_a_missing_image(link, tmp_path):
    (tmp_path / "images/c.png").unlink()
    with pytest.raises(InputError, match=r"c\.png"):
        link()


def test_a_file_of_the_user(link, tmp_path):
    mine = tmp_path / "fold_1/images/val/c.png"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with pytest.raises(InputError, match=r"where links are to be made\. Move") as e:
        link()
    assert str(mine) in str(e.value)
    assert mine.read_text() == "mine"
