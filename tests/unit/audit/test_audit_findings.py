"""Each leak is found, and nothing else is taken for one."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parts_of import annotation, document, found_in, image, read_parts

from cocofolds.audit.findings import findings_of_copies, in_several
from cocofolds.audit.verdict import as_document, audit, summary
from cocofolds.copies.pairs import CopyPair
from cocofolds.errors import InputError

A = document([image(1), image(2)], [annotation(1, 1), annotation(2, 2, 2)])
B = document([image(3), image(4)], [annotation(3, 3), annotation(4, 4, 2)])


def test_clean(tmp_path):
    assert found_in(tmp_path, A, B) == {}
    found = audit(read_parts(tmp_path, A, B))
    assert summary(found) == "Nothing leaks."
    assert not found.leaks
    assert len(found.not_looked_for) == 2


def test_image_with_the_same_annotations(tmp_path):
    b = document(
        [image(3), image(1), image(4)],
        [annotation(3, 3), annotation(1, 1), annotation(4, 4, 2)],
    )
    found = found_in(tmp_path, A, b)
    assert {*found} == {"images", "repeated", "annotation ids"}
    assert found["images"].level == found["repeated"].level == "leak"
    assert found["annotation ids"].level == "look"
    assert [f.n for f in found.values()] == [1, 1, 1]
    assert found["images"].examples == ["1.png"]
    assert found["repeated"].examples == ["1.png: 1 annotation"]


def test_image_whose_annotations_are_on_both_sides(tmp_path):
    """As in the seed's notebook: other annotations, other ids of images."""
    b = document([image(7, "1.png"), image(4)], [annotation(3, 7), annotation(4, 4, 2)])
    found = found_in(tmp_path, A, b)
    assert {*found} == {"images", "annotations"}
    assert found["annotations"].level == "problem"
    assert found["annotations"].examples == [
        "1.png: 1 in a.json, 1 in b.json; 0 in both"
    ]


def test_same_mask_of_another_category(tmp_path):
    b = document([image(1), image(4)], [annotation(3, 1), annotation(4, 4)])
    b["annotations"][0]["segmentation"] = A["annotations"][0]["segmentation"]
    b["annotations"][0]["category_id"] = 2
    found = found_in(tmp_path, A, b)
    assert found["annotations"].examples == [
        "1.png: 1 in a.json, 1 in b.json; 1 in both"
    ]
    assert found["repeated"].n == 1


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ([[0, 0, 5, 0, 5, 5]], [[0.0, 0, 5, 0, 5.0, 5.0]], True),
        ([[0, 0, 5, 0, 5, 5]], [[0, 0, 5, 0, 5, 5.01]], False),
        (
            {"size": [9, 9], "counts": [40, 41]},
            {"counts": [40, 41], "size": [9, 9]},
            True,
        ),
        ({"size": [9, 9], "counts": [40, 41]}, {"size": [9, 9], "counts": [41, 40]}, 0),
        ([[0, 0, 5, 0, -1, 5]], [[0, 0, 5, 0, -2, 5]], False),
    ],
)
def test_same_segmentation(tmp_path, first, second, is_same):
    a, b = (
        document([image(1)], [annotation(n, 1, segmentation=segmentation)])
        for n, segmentation in ((1, first), (2, second))
    )
    assert ("repeated" in found_in(tmp_path, a, b)) == is_same


def test_boxes_where_there_is_no_mask(tmp_path):
    boxes = [1, 1, 2, 2], [1, 1, 2, 2], None, None
    a, b, c, d = (
        document([image(1)], [{"id": n, "image_id": 1, "category_id": 1, "bbox": box}])
        for n, box in enumerate(boxes)
    )
    assert found_in(tmp_path, a, b)["repeated"].n == 1
    assert "repeated" not in found_in(tmp_path, c, d)


def test_three_parts(tmp_path):
    found = found_in(
        tmp_path,
        document([image(1), image(2)]),
        document([image(1), image(3)]),
        document([image(1), image(2)]),
    )
    assert found["images"].examples == [
        "1.png in all parts",
        "2.png in a.json and c.json",
    ]


def test_one_name_in_other_spellings(tmp_path):
    a = document([image(1, "x/./1.png"), image(2, "./2.png")])
    b = document([image(3, "x\\1.png"), image(4, "2.png")])
    assert found_in(tmp_path, a, b)["images"].examples == ["x/1.png", "2.png"]


def test_url_in_place_of_a_name(tmp_path):
    a = document([{"id": 1, "coco_url": "http://x/a/1.png"}])
    assert found_in(tmp_path, a, document([image(5, "1.png")]))["images"].n == 1


def test_names_in_other_folders_may_be_the_same(tmp_path):
    a, b = document([image(1, "train/1.png")]), document([image(2, "val/1.png")])
    found = found_in(tmp_path, a, b)
    assert {*found} == {"file names"}
    assert found["file names"].level == "look"
    assert found["file names"].examples == [
        "train/1.png (a.json) and val/1.png (b.json)"
    ]


def test_images_of_one_name_and_two_sizes_are_two(tmp_path):
    a = document([image(1, width=4, height=5)])
    b = document([image(1, width=5, height=4)])
    found = found_in(tmp_path, a, b)
    assert {*found} == {"file names"}
    assert found["file names"].examples == ["1.png: 4 x 5 in a.json, 5 x 4 in b.json"]
    # A part that says no size does not contradict.
    assert "images" in found_in(tmp_path, a, document([image(1)]))
    assert "images" in found_in(tmp_path, a, document([image(1, width=4.0, height=5)]))


def test_groups(tmp_path):
    a = document([image(1, "p1_1.png"), image(2, "p2_1.png"), image(3, "x.png")])
    b = document([image(4, "p1_2.png"), image(5, "p3_1.png")])
    found = found_in(tmp_path, a, b, group_pattern=r"^(p\d)_")
    assert found["no group"].level == "look"
    assert found["no group"].examples == ["x.png in a.json"]
    parts = read_parts(tmp_path, a, b, group_pattern=r"^(p\d)_")
    [leak] = audit(parts, has_groups=True).leaks
    assert (leak.what, leak.n, leak.examples) == ("groups", 1, ["p1"])
    assert leak.said == "1 of 3 groups is in more than one part"
    assert "groups" not in found_in(tmp_path, a, b)


def test_families_where_no_one_said_groups(tmp_path):
    """They are what names suggest: to look at, and no leak."""
    a = document([image(1, "x_png.rf.1.jpg"), image(2, "y_png.rf.2.jpg")])
    b = document([image(3, "x_png.rf.3.jpg"), image(4, "z_png.rf.4.jpg")])
    groups = found_in(tmp_path, a, b)["groups"]
    assert groups.level == "look"
    assert groups.examples == ["x_png"]
    assert "augmented copies of the same originals: 1 of 3 are in" in groups.said
    assert "--group-pattern '^(.+?)(?:" in groups.detail
    pattern = groups.detail.split("'")[1]
    assert found_in(tmp_path, a, b, group_pattern=pattern)["groups"].level == "leak"
    c = document([image(5, "w_png.rf.5.jpg"), image(6, "w_png.rf.6.jpg")])
    assert "groups" not in found_in(tmp_path, a, c)


def test_groups_of_a_key(tmp_path):
    a = document([image(1, extra={"name": 1}), image(2, extra={"name": "y"})])
    b = document([image(3, extra={"name": "1"})])
    found = found_in(tmp_path, a, b, group_column="extra.name")
    assert found["groups"].examples == ["1"]
    with pytest.raises(InputError, match=r"a.json: no image has the key 'plate'"):
        found_in(tmp_path, a, b, group_column="plate")


def test_pattern_that_finds_nothing_is_no_all_clear(tmp_path):
    with pytest.raises(InputError, match=r"No image is of a group.*1.png"):
        found_in(tmp_path, A, B, group_pattern="^plate")


def test_group_of_a_faulty_image(tmp_path):
    a = document([image(1, "p1_1.png", width="wide")])
    b = document([image(2, "p1_2.png")])
    found = found_in(tmp_path, a, b, group_pattern="^p.")
    assert found["groups"].level == "leak"
    assert found["records"].examples == [
        "a.json, images[0]: its width, 'wide', is no whole number"
    ]


def test_copies_are_leaks_between_parts_alone(tmp_path):
    a = document([image(1), image(2)])
    b = document([image(3), image(2)])
    parts = read_parts(tmp_path, a, b)
    pairs = [
        CopyPair("1.png", "3.png", "same picture", 0.99),
        CopyPair("1.png", "2.png", "same file", 1.0),
    ]
    [leak] = findings_of_copies(parts, pairs, {})
    assert (leak.what, leak.level, leak.n) == ("copies", "leak", 2)
    assert leak.examples[0] == "1.png in a.json, 3.png in b.json: same picture"
    alone = read_parts(tmp_path, a, document([image(3)]))
    [fine] = findings_of_copies(alone, pairs[1:], {})
    assert fine.level == "ok"


def test_ids(tmp_path):
    b = document(
        [image(1, "5.png"), image("2", "6.png")],
        [annotation(1, 1), annotation(9, 1, 2)],
    )
    found = found_in(tmp_path, A, b)
    assert {*found} == {"image ids", "annotation ids"}
    assert found["image ids"].examples == ["1: 1.png in a.json, 5.png in b.json"]
    assert found["annotation ids"].n == 1
    assert {f.level for f in found.values()} == {"look"}


def test_categories(tmp_path):
    annotations = [annotation(3, 3, 1), annotation(4, 4, 2)]
    swapped = document([image(3), image(4)], annotations, {"dog": 1, "cat": 2})
    found = found_in(tmp_path, A, swapped)
    assert {*found} == {"category ids", "category names"}
    assert found["category ids"].examples == [
        "cat: 1 in a.json, 2 in b.json",
        "dog: 2 in a.json, 1 in b.json",
    ]
    assert found["category names"].examples[0] == "1: cat in a.json, dog in b.json"
    renamed = document([image(3), image(4)], annotations, {"cat": 1, "Dog": 2})
    found = found_in(tmp_path, A, renamed)
    assert {*found} == {"category names", "categories", "unused"}
    assert found["categories"].examples == ["dog: not in b.json", "Dog: not in a.json"]
    assert found["unused"].examples == ["Dog: none in a.json", "dog: none in b.json"]
    assert {found[what].level for what in ("category names", "categories")} == {
        "problem"
    }


def test_unused_everywhere_is_no_finding(tmp_path):
    a, b = (
        document([image(n)], [annotation(n, n)], {"cat": 1, "unused": 7})
        for n in (1, 2)
    )
    assert found_in(tmp_path, a, b) == {}


def test_balance(tmp_path):
    """Of 10 images 5 are in a; all of the cats are."""
    a = document(map(image, range(5)), [annotation(n, n) for n in range(5)])
    b = document(map(image, range(5, 10)), [annotation(n, n, 2) for n in range(5, 10)])
    found = found_in(tmp_path, a, b)
    assert found["balance"].level == "problem"
    assert found["balance"].examples == [
        "cat: 100% of its images in a.json, which has 50% of all images"
    ]
    assert "Deviation of images 1.00" in found["balance"].detail


def test_faults_are_all_counted(tmp_path):
    annotations = [annotation(n, 99) for n in range(10_000)]
    found = found_in(tmp_path, document([image(1)], annotations), B)["records"]
    assert found.n == 10_000
    assert len(found.examples) == 10
    assert found.examples[9].startswith("a.json, annotations[9]: its image_id, 99, ")


def test_hostile_records(tmp_path):
    """What is of no use is a fault, and what is left of it is compared."""
    images = [
        {"id": [1], "file_name": "1.png"},
        {"id": None, "file_name": "2.png"},
        {"id": 3, "file_name": 3},
        {"id": 4},
        {"id": True, "file_name": "5.png"},
        7,
        None,
        [],
        {"id": 8, "file_name": "8.png", "width": float("nan")},
    ]
    annotations = [
        5,
        None,
        {"id": {}, "image_id": {}, "category_id": {}},
        {"id": 1, "image_id": 8, "category_id": 77, "segmentation": {"counts": {}}},
        annotation(2, 8, segmentation=[[float("nan")]]),
        annotation(3, "8", segmentation=7, bbox="x"),
    ]
    a = document(images, annotations)
    a["categories"] += [3, {"id": 4}, {"id": 5, "name": ""}]
    found = found_in(tmp_path, a, document([image(8)]))
    assert found["images"].examples == ["8.png"]
    assert found["records"].n == 9 + 6 + 3
    assert found["images"].level == "leak"


def test_records_without_an_id_share_none(tmp_path):
    a, b = (
        document([image(None, name), image(9, f"of {name}")], [annotation(1, 9, id=[])])
        for name in ("1.png", "2.png")
    )
    found = found_in(tmp_path, a, b)
    assert "annotation ids" not in found
    assert found["image ids"].examples[0].startswith("9: ")
    assert found["image ids"].n == 1


def test_annotations_that_refer_to_nothing(tmp_path):
    """They are of no image, and their category is none."""
    a = document([image(1)], [annotation(1, 1, 2)])
    b = document([image(1)], [annotation(1, 1, 2), annotation(2, 99)])
    assert "annotations" not in found_in(tmp_path, a, b)
    c = document([image(1)], [annotation(1, 1, 77)])
    assert "annotations" in found_in(tmp_path, a, c)


def test_parts_without_annotations(tmp_path):
    a = document([image(1)])
    del a["annotations"]
    assert found_in(tmp_path, a, document([image(2)])) == {}
    found = audit(read_parts(tmp_path, a, document([image(2)])))
    assert as_document(found)["balance"]["categories"] == []


def test_document(tmp_path):
    said = as_document(audit(read_parts(tmp_path, A, A)))
    assert said["leaks"] is True
    assert said["parts"][0] == {
        "name": "a.json",
        "images": 2,
        "annotations": 2,
        "categories": 2,
        "faulty": 0,
    }
    assert said["balance"]["categories"][0] == {
        "category": "cat",
        "images": [1, 1],
        "annotations": [1, 1],
        "image_deviation": 0,
        "annotation_deviation": 0,
    }


def test_in_several():
    assert in_several([[1, 2, 1], [3, 1, 1], [3, 1]]) == {1: (0, 1, 2), 3: (1, 2)}
    assert in_several([[1, 1], [], []]) == {}


@given(st.integers(2, 5), st.integers(1, 30), st.integers(0, 2**32))
def test_a_partition_does_not_leak(tmp_path_factory, n_parts, n_images, seed):
    """A partition by image is clean; one annotation in another part is found."""
    rng = random.Random(seed)
    folder = tmp_path_factory.mktemp("parts")
    parts = [document([]) for _ in range(n_parts)]
    # A reader refuses a file without images.
    for number in range(1, n_images + n_parts + 1):
        part = parts[number - 1 if number <= n_parts else rng.randrange(n_parts)]
        part["images"].append(image(number))
        for n in range(rng.randrange(1, 4)):
            part["annotations"].append(annotation(10 * number + n, number))
    assert audit(read_parts(folder, *parts)).leaks == []
    origin, target = rng.sample(range(n_parts), 2)
    moved = parts[origin]["annotations"].pop(
        rng.randrange(len(parts[origin]["annotations"]))
    )
    parts[target]["annotations"].append(moved)
    parts[target]["images"].append(image(moved["image_id"]))
    [leak] = audit(read_parts(folder, *parts)).leaks
    assert (leak.what, leak.n) == ("images", 1)
