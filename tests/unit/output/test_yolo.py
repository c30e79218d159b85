import tracemalloc
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from cocofolds.errors import InputError
from cocofolds.output.yolo import (
    box_label_of,
    have_masks,
    label_line,
    label_of,
    label_paths,
    labels_by_image,
    link_target,
    outline_of,
    overlap,
    path_of,
    read_label_line,
)

SIZES = st.tuples(st.integers(1, 12), st.integers(1, 12))
MASKS = SIZES.flatmap(lambda size: arrays(bool, size)).filter(np.any)


def there_and_back(mask):
    outline = outline_of(mask)
    line = label_line(3, outline.corners, *mask.shape)
    return outline, line, read_label_line(line, *mask.shape)


@given(MASKS)
def test_label_gives_the_mask_back(mask):
    outline, line, found = there_and_back(mask)
    assert outline.n_parts == ndimage.label(mask, np.ones((3, 3)))[1]
    border = np.pad(~mask, 1, constant_values=True)
    assert outline.n_holes == ndimage.label(border)[1] - 1
    assert found[mask].all()
    if outline.n_parts == 1 and outline.n_holes == 0:
        assert (found == mask).all()
    # Fewer than seven values are taken for a box.
    assert len(line.split()) >= 7
    shares = np.array(line.split()[1:], float)
    assert ((shares > 0) & (shares < 1)).all()


def test_triangle():
    """Three corners alone would be taken for a box."""
    *_, found = there_and_back(np.tri(9, dtype=bool))
    assert (found == np.tri(9, dtype=bool)).all()


def test_large_image():
    mask = np.zeros((9_000, 30_000), bool)
    mask[8_000:8_999, 29_000:29_999] = True
    mask[8_500, 29_999] = True
    *_, found = there_and_back(mask)
    assert (found == mask).all()


def test_straight_lines_have_no_corners_between():
    mask = np.zeros((30, 40), bool)
    mask[5:25, 3:33] = True
    corners = outline_of(mask).corners.tolist()
    assert sorted(corners) == [[3, 5], [3, 24], [32, 5], [32, 24]]


def test_a_hole_is_cut_out():
    mask = np.ones((11, 11), bool)
    mask[3:8, 3:8] = False
    outline, _, found = there_and_back(mask)
    assert (outline.n_parts, outline.n_holes) == (1, 1)
    assert (found == mask).all()


def test_parts_are_joined_by_the_shortest_line():
    mask = np.zeros((9, 20), bool)
    mask[2:7, 2:6] = mask[4:5, 9:18] = True
    outline, _, found = there_and_back(mask)
    assert (outline.n_parts, outline.n_holes) == (2, 0)
    assert np.argwhere(found & ~mask).tolist() == [[4, 6], [4, 7], [4, 8]]
    assert overlap(mask, found) == 29 / 32


def test_the_line_leads_back_to_where_it_came_from():
    mask = np.zeros((9, 12), bool)
    mask[1:4, 1:4] = mask[5:8, 7:11] = True
    outline, _, found = there_and_back(mask)
    assert np.argwhere(found & ~mask).tolist() == [[3, 4], [4, 5], [4, 6]]
    corners = [tuple(corner) for corner in outline.corners.tolist()]
    # Both ends of the line are there twice.
    assert sorted(c for c in {*corners} if corners.count(c) == 2) == [(3, 3), (7, 5)]


def test_line():
    mask = np.zeros((4, 8), bool)
    mask[1:3, 2:5] = True
    line = label_line(7, outline_of(mask).corners, 4, 8)
    assert line.split()[0] == "7"
    corners = np.array(line.split()[1:], float).reshape(-1, 2)
    assert {*map(tuple, corners.tolist())} == {
        (2.5 / 8, 1.5 / 4),
        (4.5 / 8, 1.5 / 4),
        (2.5 / 8, 2.5 / 4),
        (4.5 / 8, 2.5 / 4),
    }


IMAGE = {"id": 5, "width": 8, "height": 6}
POLYGON = [[1, 1, 5, 1, 5, 4, 1, 4]]


@pytest.mark.parametrize(
    ("changes", "left_out"),
    [
        ({"segmentation": POLYGON}, ""),
        ({"segmentation": {"size": [6, 8], "counts": [7, 4, 37]}}, ""),
        ({"segmentation": POLYGON, "iscrowd": 1}, "crowd"),
        ({"segmentation": []}, "no mask"),
        ({}, "no mask"),
        ({"segmentation": {"size": [6, 8], "counts": [48]}}, "no mask"),
    ],
)
def test_what_has_a_label(changes, left_out):
    label = label_of({"id": 9, **changes}, IMAGE, 2)
    assert label.annotation_id == 9
    assert label.left_out == left_out
    assert label.line.startswith("2 ") == (not left_out)
    assert label.overlap == 1


def test_labels_by_image():
    lines = [
        b'{"id":1,"image_id":5,"category_id":7}',
        b'{"id":2,"image_id":5,"category_id":3,"segmentation":[[1,1,5,1,5,4]]}',
        b'{"id":3,"image_id":6,"category_id":7,"segmentation":[[1,1,5,1,5,4]]}',
    ]
    images = [IMAGE, {**IMAGE, "id": 6}, {**IMAGE, "id": 7}]
    categories = [{"id": 7}, {"id": 3}]
    found = [*labels_by_image(images, categories, lines)]
    assert [image["id"] for image, _ in found] == [5, 6]
    assert [label.line[:2] for _, labels in found for label in labels] == [
        "",
        "1 ",
        "0 ",
    ]


@pytest.mark.parametrize(
    ("segmentation", "shares"),
    [
        ([[60_000, 30_000, 60_009, 30_000, 60_009, 30_009]], (60_004.5, 30_004.5)),
        ([[65_600, 65_600, 65_500, 65_600, 65_500, 65_500]], (65_517, 65_517)),
    ],
)
def test_small_mask_on_a_huge_image(segmentation, shares):
    tracemalloc.start()
    image = {"height": 65_535, "width": 65_535}
    label = label_of({"id": 1, "segmentation": segmentation}, image, 0)
    assert tracemalloc.get_traced_memory()[1] < 1e6
    tracemalloc.stop()
    assert label.overlap == 1
    corners = np.array(label.line.split()[1:], float).reshape(-1, 2) * 65_535
    assert corners.mean(axis=0) == pytest.approx(shares, abs=20)
    assert (corners < 65_535).all()


@pytest.mark.parametrize(
    ("box", "line"),
    [
        ([2, 3, 4, 2], "2 0.5 0.66666667 0.5 0.33333333"),
        # Of what reaches out, the part in the image.
        ([-2, -3, 4, 6], "2 0.125 0.25 0.25 0.5"),
        ([6, 3, 1e300, 3], "2 0.875 0.75 0.25 0.5"),
        ([8, 3, 4, 2], ""),
        ([2, 3, 0, 2], ""),
        ([2, 3, 4, -2], ""),
        ([2, 3, float("nan"), 2], ""),
        ([2, 3, 4], ""),
        (["a", 3, 4, 5], ""),
        (None, ""),
    ],
)
def test_label_of_a_box(box, line):
    label = box_label_of({"id": 9, "bbox": box}, IMAGE, 2)
    assert (label.line, label.left_out) == (line, "" if line else "no mask")


def test_crowds_have_no_label_of_a_box():
    crowd = {"id": 9, "bbox": [1, 1, 2, 2], "iscrowd": 1}
    assert box_label_of(crowd, IMAGE, 2).left_out == "crowd"


def test_whether_there_are_masks():
    box, mask = b'{"segmentation":[]}', b'{"segmentation":[[1,1,5,1,5,4]]}'
    assert not have_masks([box, b"{}", b'{"segmentation":null}'])
    assert have_masks([box, mask])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.png", "a.png"),
        ("train/a.png", "train/a.png"),
        ("images/x/images.png", "images_/x/images.png"),
    ],
)
def test_path(name, expected):
    assert str(path_of(name)) == expected


@pytest.mark.parametrize(
    "name", ["../a.png", "a/../../b.png", "/etc/a.png", "a\0.png", ""]
)
def test_path_that_leads_out(name):
    with pytest.raises(InputError, match="leads out of its folder"):
        path_of(name)


def test_paths_of_labels():
    images = [{"id": 1, "file_name": "a/b.c.png"}, {"id": "x", "file_name": "d"}]
    assert label_paths(images) == {
        1: PurePosixPath("a/b.c.txt"),
        "x": PurePosixPath("d.txt"),
    }


@pytest.mark.parametrize("names", [("a.png", "a.jpg"), ("images/a.png", "images_/a.x")])
def test_two_images_with_one_file_of_labels(names):
    images = [{"id": n, "file_name": name} for n, name in enumerate(names)]
    with pytest.raises(InputError, match=f"{names[0]!r} and {names[1]!r}"):
        label_paths(images)


def test_links(tmp_path, monkeypatch):
    for name in ("project", "project/images", "scratch", "elsewhere"):
        (tmp_path / name).mkdir()
    (tmp_path / "project" / "results").symlink_to(tmp_path / "scratch")
    (tmp_path / "project" / "made").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    for folder, target, expected in [
        ("made", "images/a.png", "../images/a.png"),
        ("made", tmp_path / "project/images/a.png", "../images/a.png"),
        ("made", tmp_path / "elsewhere/a.png", tmp_path / "elsewhere/a.png"),
        ("results", "images/a.png", tmp_path / "project/images/a.png"),
        ("results", "results/a.txt", tmp_path / "scratch/a.txt"),
    ]:
        assert link_target(Path(folder, "link"), Path(target)) == Path(expected)
