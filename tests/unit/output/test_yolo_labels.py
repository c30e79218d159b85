"""The label files of a whole data set, and what is said of them."""

import pytest
from data_sets import write
from oracles import as_in_pycocotools, drawn

from cocofolds.errors import InputError
from cocofolds.output.yolo_labels import label_messages, write_labels

# A square, two parts, and a square with a hole, all of 10 x 10 pixels.
SQUARE = " ".join(f"{start} 4" for start in range(12, 52, 10))
PARTS = "1 3 11 3 21 3 78 3 88 3 98 3"
RING = "12 5 22 5 32 2 35 2 42 5 52 5"


def annotation(number, image_id, runs, **others):
    counts, area, box = as_in_pycocotools(drawn(runs, 10, 10, "row"))
    return {
        "id": number,
        "image_id": image_id,
        "category_id": 7,
        "segmentation": {"size": [10, 10], "counts": counts},
        "area": area,
        "bbox": box,
        "iscrowd": 0,
        **others,
    }


@pytest.fixture
def labels(tmp_path):
    """Write the labels of annotations of two images."""

    def labels(*annotations):
        images = [
            {"id": n, "file_name": name, "width": 10, "height": 10}
            for n, name in enumerate(["a.png", "below/b.png"], 1)
        ]
        document = {
            "images": images,
            "categories": [{"id": 3, "name": "x"}, {"id": 7, "name": "y"}],
            "annotations": list(annotations),
        }
        whole = str(tmp_path / "all.json")
        write(whole, document)
        return write_labels(whole, tmp_path / "labels", iter)

    return labels


def test_files(labels, tmp_path):
    labels(annotation(1, 1, SQUARE), annotation(2, 1, PARTS))
    lines = (tmp_path / "labels/a.txt").read_text().splitlines()
    assert [line.split()[0] for line in lines] == ["1", "1"]
    assert (tmp_path / "labels/below/b.txt").read_text() == ""


def test_what_there_is(labels):
    summary = labels(
        annotation(1, 1, SQUARE),
        annotation(2, 1, PARTS),
        annotation(3, 2, RING),
        annotation(4, 2, SQUARE, iscrowd=1),
        annotation(5, 2, SQUARE, segmentation=[]),
    )
    assert summary.labels == 3
    assert (summary.with_several_parts, summary.with_holes) == (1, 1)
    assert (summary.left_out_as_crowd, summary.left_out_without_mask) == (1, 1)
    # A line through the picture joins the two parts.
    assert summary.worst_annotation == 2
    assert 0 < summary.worst_overlap < summary.median_overlap <= 1
    [message] = label_messages(summary)
    assert message.startswith("2 are left out: 1 crowds, for which Ultralytics has no")
    assert message.endswith("1 without a mask; boxes cannot be beside masks.")


def test_all_is_well(labels):
    summary = labels(annotation(1, 1, SQUARE))
    assert (summary.median_overlap, summary.worst_annotation) == (1.0, 1)
    assert [*label_messages(summary)] == []


def test_boxes_where_nothing_has_a_mask(labels):
    summary = labels(
        annotation(1, 1, SQUARE, segmentation=[]),
        annotation(2, 1, SQUARE, segmentation=[], bbox=[]),
    )
    assert (summary.labels, summary.of_boxes) == (1, True)
    assert (summary.median_overlap, summary.worst_overlap) == (None, None)
    first, second = label_messages(summary)
    assert first == (
        "No annotation has a mask: the labels are 1 boxes, for `yolo detect`."
    )
    assert second.endswith("1 without a box in the image.")


def test_a_file_of_the_user(labels, tmp_path):
    (tmp_path / "labels").mkdir()
    mine = tmp_path / "labels/a.txt"
    mine.write_text("mine")
    with pytest.raises(InputError, match=r"where labels are to be written\. Move") as e:
        labels(annotation(1, 1, SQUARE))
    assert str(mine) in str(e.value)
    assert mine.read_text() == "mine"
