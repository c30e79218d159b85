import gzip
import hashlib
import json

import pytest

from cocofolds.errors import InputError
from cocofolds.sources.reading import read_source
from cocofolds.sources.records import (
    AnnotationRecord,
    Dialect,
    ImageRecord,
    Source,
    is_annotation,
)
from documents import DOCUMENT, document, spelled

COCO = Dialect(format="coco")


@pytest.fixture
def read(tmp_path):
    """Read a document; return its rows and what is known of the file."""

    def read(
        content,
        group_column=None,
        renamed=None,
        n_files=1,
        dialect=COCO,
        measure=None,
        **settings,
    ):
        path = tmp_path / "a.json"
        if not isinstance(content, str):
            content = json.dumps(content)
        path.write_text(content, encoding="utf-8")
        files = []
        paths = [str(path)] * n_files
        dialects = [dialect] * n_files
        source = Source(paths, dialects, group_column, renamed or {}, **settings)
        return list(read_source(source, files, measure)), files

    return read


def problems(rows):
    return {row.line: row.problem for row in rows if row.problem}


def test_rows(read):
    rows, [file] = read(DOCUMENT, "plate")
    assert problems(rows) == {}
    images, annotations = rows[:6], rows[6:]
    assert [row.line for row in rows] == [
        *(f"images[{place}]" for place in range(6)),
        *(f"annotations[{place}]" for place in range(7)),
    ]
    assert [row.image for row in images] == ["900", "7", "30", "8", "9", "10"]
    assert [row.group for row in images] == ["p1", "p1", "2", "2", "p3", "p3"]
    assert (images[1].width, images[1].height) == ("5", "7")
    assert {*map(type, images)} == {ImageRecord}
    assert {*map(type, annotations)} == {AnnotationRecord}
    assert [row.number for row in annotations] == [1, 2, 3, 4, 5, 6, 7]
    assert [row.image for row in annotations] == [
        "900",
        "8",
        "900",
        "7",
        "9",
        "10",
        "8",
    ]
    assert [row.category for row in annotations[:3]] == ["person", "dog", "dog"]
    assert {(row.width, row.height, row.group) for row in rows if row.image == "7"} == {
        ("5", "7", "p1")
    }
    records = spelled(DOCUMENT)
    assert [spelled(row.record) for row in images] == records["images"]
    assert [spelled(row.record) for row in annotations] == records["annotations"]
    assert "14.50" in annotations[0].record
    assert file.numbers == range(1, 8)
    assert file.sha256 == hashlib.sha256(DOCUMENT.encode()).hexdigest()
    assert [*file.categories] == ["person", "dog", "unused"]
    assert file.members == {
        "info": '{"description":"caf\\u00e9","version":1.50,"year":2014}',
        "licenses": '[{"id":4,"name":"CC BY","url":"http:\\/\\/x"}]',
        "videos": '[{"id":1}]',
    }


def test_images_have_the_numbers_that_their_annotations_would_have_in_order(read):
    rows, _ = read(DOCUMENT)
    assert [row.number for row in rows[:6]] == [1, 3, 4, 4, 6, 7]


def test_in_a_list_images_are_known_by_their_file_names(read):
    rows, files = read(DOCUMENT, n_files=2)
    assert [row.image for row in rows[:2]] == ["a b/é.png", "神経.png"]
    assert rows[6].image == "a b/é.png"
    assert [row.number for row in rows if is_annotation(row)] == [*range(1, 15)]
    assert [file.numbers for file in files] == [range(1, 8), range(8, 15)]


def test_compressed(tmp_path):
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + DOCUMENT.encode()))
    files = []
    rows = list(read_source(Source([str(path)], [COCO]), files))
    assert len(rows) == 13
    assert files[0].name == "a.json"


def test_renamed_categories(read):
    rows, [file] = read(DOCUMENT, renamed={"dog": "person", "x": "y"})
    assert {row.category for row in rows if is_annotation(row)} == {"person"}
    assert [*file.categories] == ["person", "unused"]


def test_categories_that_share_a_name(read):
    categories = [
        {"id": 0, "name": "fish"},
        {"id": 18, "name": "fish", "supercategory": "fish"},
        {"id": 90, "name": "crab"},
    ]
    rows, [file] = read(document(categories=categories))
    assert [*file.categories] == ["fish (id 0)", "fish (id 18)", "crab"]
    assert rows[6].category == "fish (id 0)"


def test_a_category_of_a_name_that_is_made_up(read):
    names = ["a", "a", "a (id 2)"]
    categories = [{"id": n, "name": name} for n, name in enumerate(names, 1)]
    with pytest.raises(InputError, match=r"category 'a \(id 2\)', and the one of"):
        read(document(categories=categories))


def changed(key, place, **changes):
    """Change a record; a value of None takes the key out."""
    records = document()[key]
    record = {**records[place], **changes}
    records[place] = {k: value for k, value in record.items() if value is not None}
    return document(**{key: records})


NO_ID = "is neither a whole number nor text"
FAULTS = {
    "annotation without id": ("annotations", 1, {"id": None}, "it has no 'id'"),
    "annotation without image": (
        "annotations",
        1,
        {"image_id": None},
        "it has no 'image_id'",
    ),
    "annotation without category": (
        "annotations",
        1,
        {"category_id": None},
        "it has no 'category_id'",
    ),
    "unknown image": (
        "annotations",
        1,
        {"image_id": 99},
        "its image_id, 99",
    ),
    "image id as text": (
        "annotations",
        1,
        {"image_id": "8"},
        "its image_id, '8'",
    ),
    "unknown category": (
        "annotations",
        1,
        {"category_id": 5},
        "its category_id, 5",
    ),
    "repeated id": (
        "annotations",
        3,
        {"id": 3},
        "its id, 3, is that of annotations[1]",
    ),
    "repeated text": (
        "annotations",
        6,
        {"id": "six"},
        "its id, 'six', is that of annotations[4]",
    ),
    "id with a point": ("annotations", 1, {"id": 3.0}, NO_ID),
    "id that is a list": ("annotations", 1, {"id": [3]}, NO_ID),
    "id that is true": ("annotations", 1, {"id": True}, NO_ID),
    "id that is empty": ("annotations", 1, {"id": ""}, NO_ID),
    "id that cannot be written": ("annotations", 1, {"id": "\ud800"}, NO_ID),
    "image id with a point": ("annotations", 1, {"image_id": 8.0}, NO_ID),
    "category id as a list": ("annotations", 1, {"category_id": [0]}, NO_ID),
    "image without id": ("images", 2, {"id": None}, "it has no 'id'"),
    "image without name": ("images", 2, {"file_name": None}, "it has no 'file_name'"),
    "width that is text": ("images", 2, {"width": "4"}, "'4', is no whole number"),
    "height with a point": ("images", 2, {"height": 4.5}, "4.5, is no whole number"),
    "width that is true": ("images", 2, {"width": True}, "True, is no whole number"),
    "width that is a list": ("images", 2, {"width": [4]}, "[4], is no whole number"),
    "file name that is a number": ("images", 2, {"file_name": 5}, "is no text"),
    "category without name": ("categories", 2, {"name": None}, "it has no 'name'"),
    "category with an empty name": ("categories", 2, {"name": ""}, "is no text"),
    "category without id": ("categories", 2, {"id": None}, "it has no 'id'"),
}


@pytest.mark.parametrize(
    ("key", "place", "changes", "problem"), FAULTS.values(), ids=FAULTS
)
def test_faulty_record(read, key, place, changes, problem):
    found = problems(read(changed(key, place, **changes))[0])
    assert [*found] == [f"{key}[{place}]"]
    assert problem in found[f"{key}[{place}]"]


@pytest.mark.parametrize("key", ["images", "annotations", "categories"])
@pytest.mark.parametrize("record", [None, 5, "x", []])
def test_record_that_is_no_object(read, key, record):
    found = problems(read(document(**{key: [*document()[key], record]}))[0])
    assert [*found.values()] == ["it is no object"]


def without_where(row):
    fields = {"line": "", "refers_to": ""}
    return row._replace(**{key: fields[key] for key in fields if key in row._fields})


def test_records_under_their_ids(read):
    """As in LIVECell."""
    content = document()
    expected, _ = read(content)
    for key in ("images", "annotations", "categories"):
        content[key] = {str(record["id"]): record for record in content[key]}
    rows, _ = read(content)
    assert [without_where(row) for row in rows] == [
        without_where(row) for row in expected
    ]
    assert rows[0].line == 'images["900"]'
    assert rows[-1].line == 'annotations["2"]'
    assert rows[-1].refers_to == ('images["8"]', 'categories["0"]')


def test_a_file_that_is_read_no_further(read, monkeypatch):
    monkeypatch.setattr("cocofolds.sources.coco._MOST_FAULTY", 5)
    faulty = [{"id": 1}] * 5
    assert len(problems(read(document(images=faulty))[0])) == 5 + 7
    with pytest.raises(
        InputError, match=r"more than 5 faulty .* images\[5\]: it has no"
    ):
        read(document(images=[*faulty, {}]))


def test_records_that_do_not_stand_under_their_ids(read):
    text = """{"images": [{"id": 1, "file_name": "a", "width": 2, "height": 3}],
      "categories": [{"id": 1, "name": "a"}],
      "annotations": {"4": {"id": 4, "image_id": 1, "category_id": 1},
                      "5": {"id": 6, "image_id": 1, "category_id": 1},
                      "4": {"id": 4, "image_id": 1, "category_id": 1}}}"""
    rows, [file] = read(text)
    assert [(row.line, row.problem) for row in rows[1:]] == [
        ('annotations["4"]', ""),
        ('annotations["5"]', "its id is 6"),
        (
            'annotations["4"]',
            'its id, 4, is that of annotations["4"]; `annotation_ids: renumber` gives'
            " each annotation another one",
        ),
    ]
    assert file.numbers == range(1, 4)


def test_annotations_of_a_faulty_image_refer_to_it(read):
    rows, _ = read(changed("images", 3, file_name=None))
    assert [*problems(rows)] == ["images[3]"]
    assert [
        row.line for row in rows if is_annotation(row) and "images[3]" in row.refers_to
    ] == [
        "annotations[1]",
        "annotations[6]",
    ]


@pytest.mark.parametrize(
    ("record_id", "said"),
    [
        (7, ["its id, 7, is that of images[2]", "its id, 7, is that of images[1]"]),
        (
            "7",
            [
                "its id, 7, is that of images[2], '7', except for its type",
                "its id, '7', is that of images[1], 7, except for its type",
            ],
        ),
    ],
)
def test_an_id_that_two_images_have_belongs_to_neither(read, record_id, said):
    rows, _ = read(changed("images", 2, id=record_id))
    assert problems(rows) == dict(zip(["images[1]", "images[2]"], said, strict=True))
    [annotation] = [row for row in rows if row.line == "annotations[3]"]
    assert annotation.refers_to == ("images[1]", "categories[0]")


def test_an_id_that_three_categories_have_belongs_to_none(read):
    categories = [{"id": 0, "name": name} for name in "abc"]
    rows, [file] = read(document(categories=[*categories, {"id": 18, "name": "d"}]))
    assert problems(rows) == {
        "categories[0]": "its id, 0, is that of categories[1]",
        "categories[1]": "its id, 0, is that of categories[0]",
        "categories[2]": "its id, 0, is that of categories[0]",
    }
    assert [*file.categories] == ["d"]


def test_in_a_list_ids_may_differ_in_their_type(read):
    content = changed("images", 2, id="7")
    assert problems(read(content, n_files=2)[0][:13]) == {}


@pytest.mark.parametrize(
    ("image_id", "annotation_id", "said"),
    [
        (7, "7", "'7', is text, but the id of images[1] is the number 7"),
        ("7", 7, "7, is a number, but the id of images[1] is the text '7'"),
    ],
)
def test_an_id_that_differs_in_its_type(read, image_id, annotation_id, said):
    content = changed("images", 1, id=image_id)
    content["annotations"][3]["image_id"] = annotation_id
    found = problems(read(content)[0])
    assert found == {"annotations[3]": f"its image_id, {said}"}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize(
    ("old", "where"),
    [
        ('"area": 14.50', "annotations[0]"),
        ('"num_keypoints": 1', "annotations[2]"),
        ("[1, 2, 2, 0, 0, 0]", "annotations[2]"),
        ('"plate": 2', "images[2]"),
        ('"supercategory": "animal"', "categories[1]"),
    ],
)
def test_numbers_that_are_none(read, number, old, where):
    key, _, _ = old.rpartition(" ") if ":" in old else ('"x": [[2, ', "", "")
    new = f"{key} {number}" if ":" in old else f'[1, {{"x": {number}}}]'
    rows, _ = read(DOCUMENT.replace(old, new, 1))
    assert problems(rows)[where] == (
        "it has NaN or Infinity among its values, which are no JSON"
    )


def test_words_that_are_in_text(read):
    text = DOCUMENT.replace("x : y", "NaN, Infinity").replace('"plate"', '"NaN"')
    assert problems(read(text)[0]) == {}


@pytest.mark.parametrize("key", ["info", "licenses", "videos"])
def test_numbers_that_are_none_in_other_members(read, key):
    content = document(**{key: {"a": [float("nan")]}})
    with pytest.raises(InputError, match=f"a.json: '{key}' has NaN or Infinity"):
        read(content)


def test_a_member_that_stands_there_twice(read):
    with pytest.raises(InputError, match="duplicate key 'videos'"):
        read(DOCUMENT.replace('"videos"', '"videos": [], "videos"'))


@pytest.mark.parametrize(
    ("place", "changes", "problem"),
    [
        (1, {"segmentation": {"size": [8, 6], "counts": [48]}}, "[8, 6], is not"),
        (1, {"segmentation": {"size": [6, 8], "counts": [7, 4, 38]}}, "sum up to 49"),
        (4, {"segmentation": {"size": [6, 8], "counts": "7240m1"}}, "sum up to 80"),
        (4, {"segmentation": {"size": [6, 8], "counts": "7240mP"}}, "not readable"),
        (4, {"segmentation": {"size": [6, 8], "counts": ""}}, "not readable"),
        (0, {"segmentation": [[1, 2, 3]]}, "has 3 numbers"),
        (0, {"segmentation": [1, 2, 3, 4, 5, 6]}, "no list of polygons"),
        (0, {"bbox": [1, 1, -1, 4]}, "negative"),
        (0, {"bbox": [1, 1, 1]}, "not four numbers"),
        (0, {"bbox": [10, 1, 1, 1]}, "is outside its image, 8 x 6"),
    ],
)
def test_mask_or_box_that_does_not_fit(read, place, changes, problem):
    found = problems(read(changed("annotations", place, **changes))[0])
    assert [*found] == [f"annotations[{place}]"]
    assert problem in found[f"annotations[{place}]"]


def test_numbers_too_large(read):
    for old, new in (
        ('"area": 14.50', '"area": 1e999'),
        ("[1.0, 1.0,", "[1.0, 1e999,"),
    ):
        assert [*problems(read(DOCUMENT.replace(old, new))[0])] == ["annotations[0]"]


def test_boxes_that_reach_out(read):
    annotations = document()["annotations"]
    for number, annotation in enumerate(annotations):
        annotation["bbox"] = [-1.5 if number > 1 else -1, 0, 4, 4]
    _, [file] = read(document(annotations=annotations))
    assert file.n_reaching_out == 5
    assert file.reaching_out == [f"annotations[{place}]" for place in range(2, 7)]
    _, [file] = read(
        document(annotations=[{**annotations[6], "id": n} for n in range(30)])
    )
    assert (file.n_reaching_out, len(file.reaching_out)) == (30, 10)


def test_file_name_from_a_url(read):
    images = document()["images"]
    for image, url in zip(
        images,
        [
            "http://images.cocodataset.org/train2017/000000000001.jpg",
            "a/b/2.jpg?size=l#x",
            "3.jpg",
        ],
        strict=False,
    ):
        image["coco_url"] = url
        del image["file_name"]
    images[3] |= {"file_name": "", "coco_url": "u/", "flickr_url": "https://f/4.jpg"}
    images[4] |= {"file_name": None, "coco_url": 5, "flickr_url": "https://f/5.jpg"}
    rows, _ = read(document(images=images), n_files=2)
    assert problems(rows[:13]) == {}
    assert [row.image for row in rows[:6]] == [
        "000000000001.jpg",
        "2.jpg",
        "3.jpg",
        "4.jpg",
        "5.jpg",
        "f.png",
    ]


def test_sizes(read):
    images = document()["images"]
    images[0] |= {"width": 8.0, "height": 6e0}
    images[1] |= {"width": None}
    images[2] |= {"width": 0}
    images[3] |= {"width": 0.0, "height": 6}
    del images[4]["width"], images[4]["height"]
    content = document(images=images)
    rows, _ = read(content)
    assert problems(rows) == {}
    sizes = [(row.width, row.height) for row in rows[:6]]
    assert sizes == [("8", "6"), *[("", "")] * 4, ("8", "6")]


def test_sizes_that_are_measured(read):
    images = document()["images"]
    for image in images[1:]:
        del image["width"]
    content = document(images=images)
    asked = []

    def measure(path, names):
        asked.extend(names)
        sizes = dict.fromkeys(names[:2], (5, 7))
        return sizes | {names[3]: (8, 6), names[4]: (8, 6)}, {names[2]: "no file"}

    rows, _ = read(content, measure=measure)
    assert asked == [image["file_name"] for image in images[1:]]
    assert problems(rows) == {
        "images[2]": "its height, 4, is not that of its file, 7",
        "images[3]": "no file",
    }
    assert (rows[1].width, rows[1].height) == ("5", "7")
    assert rows[3].image == "8"
    assert [row.line for row in rows if row.image == "8" and is_annotation(row)] == [
        "annotations[1]",
        "annotations[6]",
    ]


def test_a_prefix(read):
    prefixed = COCO._replace(file_prefix="a/")
    rows, _ = read(DOCUMENT, n_files=2, dialect=prefixed)
    assert rows[3].image == "a/d.png"
    rows, _ = read(DOCUMENT, dialect=prefixed)
    assert rows[3].image == "8"
    # It is for the index to write it.
    assert '"file_name": "d.png"' in rows[3].record


def test_annotations_that_are_numbered(read):
    annotations = document()["annotations"]
    annotations[3]["id"] = annotations[0]["id"]
    annotations[4]["id"] = 5.5
    del annotations[5]["id"]
    content = document(annotations=annotations)
    assert len(problems(read(content)[0])) == 3
    rows, _ = read(content, annotation_ids="renumber")
    assert problems(rows) == {}
    assert [row.number for row in rows[6:]] == [*range(1, 8)]


def test_ids_of_the_same_hash_are_two(read):
    assert hash(-1) == hash(-2)
    annotations = document()["annotations"]
    annotations[0]["id"], annotations[1]["id"] = -1, -2
    assert problems(read(document(annotations=annotations))[0]) == {}


def test_id_that_stands_three_times(read):
    annotations = document()["annotations"]
    for annotation in annotations[2:5]:
        annotation["id"] = 4
    found = problems(read(document(annotations=annotations))[0])
    assert [*found] == ["annotations[3]", "annotations[4]"]


def test_one_file_name_twice_in_a_list(read):
    content = changed("images", 1, file_name="d.png")
    assert problems(read(content)[0]) == {}
    found = problems(read(content, n_files=2)[0])
    assert found["images[3]"] == "its file_name, 'd.png', is that of images[1]"


def test_group_that_no_image_has(read):
    message = r"no image has the key 'plat'\. The first one has 'id', 'file_name', "
    with pytest.raises(InputError, match=message):
        read(DOCUMENT, "plat")


@pytest.mark.parametrize("value", [None, [], {}, 1.5, True, ""])
def test_group_that_is_none(read, value):
    images = [{**image, "plate": value} for image in document()["images"]]
    rows, _ = read(document(images=images), "plate")
    assert {row.group for row in rows} == {""}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": []}, "it has no images. Is it a COCO JSON"),
        ({"categories": []}, "it has no categories"),
        ({"info": []}, "'info' is no object"),
        ({"licenses": {}}, "'licenses' is no list of objects"),
        ({"licenses": [1]}, "'licenses' is no list of objects"),
        ({"images": {}}, "it has no images. Is it a COCO JSON"),
        ({"images": 5}, "images: .*it is neither a list nor an object"),
    ],
)
def test_document_that_is_none_of_coco(read, changes, message):
    with pytest.raises(InputError, match=message):
        read(document(**changes))


IMAGES = [{"id": 1, "file_name": "1.png", "width": 40, "height": 30}]
CATEGORIES = [{"id": 1, "name": "a"}]
ANNOTATIONS = [{"id": 1, "image_id": 1, "category_id": 1}]
CAPTIONS = [{"id": 1, "image_id": 1, "caption": "A cat."}]
SEGMENTS = [{"image_id": 1, "file_name": "1.png", "segments_info": [{"id": 1}]}]
OTHER_KINDS = {
    "misspelt annotations": (
        {"images": IMAGES, "categories": CATEGORIES, "annotation": ANNOTATIONS},
        "it has no annotations. Is it 'annotation'\\? Then name that 'annotations'. Its"
        " keys: 'images', 'categories', 'annotation'.",
    ),
    "misspelt beside an empty list": (
        {
            "images": IMAGES,
            "categories": CATEGORIES,
            "annotations": [],
            "Annotations": ANNOTATIONS,
        },
        "it has no annotations. Is it 'Annotations'?",
    ),
    "abbreviated": (
        {"images": IMAGES, "categories": CATEGORIES, "anns": ANNOTATIONS},
        "it has no annotations. Is it 'anns'?",
    ),
    "called otherwise": (
        {"images": IMAGES, "categories": CATEGORIES, "objects": ANNOTATIONS},
        "it has no annotations. Is it 'objects'?",
    ),
    "misspelt images": (
        {"image": IMAGES, "categories": CATEGORIES, "annotations": ANNOTATIONS},
        "it has no images. Is it 'image'?",
    ),
    "misspelt categories": (
        {"images": IMAGES, "category": CATEGORIES, "annotations": ANNOTATIONS},
        "it has no categories. Is it 'category'?",
    ),
    "images of a test set": (
        {"info": {}, "images": IMAGES, "licenses": [], "categories": CATEGORIES},
        'as the files of test sets do: .* add "annotations": \\[\\]',
    ),
    "captions": (
        {"info": {}, "images": IMAGES, "licenses": [], "annotations": CAPTIONS},
        "seems to be a file of COCO's captions",
    ),
    "captions with categories": (
        {"images": IMAGES, "categories": CATEGORIES, "annotations": CAPTIONS},
        "seems to be a file of COCO's captions",
    ),
    "panoptic": (
        {"images": IMAGES, "categories": CATEGORIES, "annotations": SEGMENTS},
        "seems to be a file of COCO's panoptic segments",
    ),
    "results": (
        [{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}],
        "it is no COCO JSON, but a file of results",
    ),
    "list of annotations": (ANNOTATIONS, "but the list of annotations alone"),
    "list of images": (IMAGES, "but the list of images alone"),
    "captions as results": (CAPTIONS, "but a file of COCO's captions"),
    "Label Studio": (
        [{"id": 1, "data": {"image": "1.png"}, "annotations": []}],
        "but an export of Label Studio",
    ),
    "Create ML": ([{"image": "1.png", "annotations": []}], "but a file of Create ML"),
    "some list": ([1, 2], "but a list"),
    "empty list": ([], "the file is no JSON object"),
    "empty object": ({}, "it has no images. Is it a COCO JSON"),
    "GeoJSON": (
        {"type": "FeatureCollection", "features": [{"type": "Feature"}]},
        "it has no images. It seems to be GeoJSON. Its keys: 'type', 'features'",
    ),
    "LabelMe": (
        {"version": "5.0", "flags": {}, "shapes": [], "imagePath": "1.png"},
        "seems to be a file of LabelMe",
    ),
    "VIA": (
        {"_via_settings": {}, "_via_img_metadata": {}},
        "a project of the VGG Image Annotator",
    ),
    "VIA's annotations": (
        {"1.png123": {"filename": "1.png", "size": 123, "regions": []}},
        "annotations of the VGG Image Annotator",
    ),
    "YouTube-VIS": (
        {"videos": [{"id": 1}], "categories": CATEGORIES, "annotations": []},
        "annotated videos",
    ),
    "many keys": ({f"k{n}": 1 for n in range(99)}, "'k9' and 89 more"),
}


@pytest.mark.parametrize(("content", "message"), OTHER_KINDS.values(), ids=OTHER_KINDS)
def test_file_of_another_kind(read, content, message):
    with pytest.raises(InputError, match=message):
        read(json.dumps(content))


def test_no_annotations(read):
    rows, [file] = read(document(annotations=[]))
    assert len(rows) == 6
    assert file.numbers == range(1, 1)


def test_not_in_utf_8(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(DOCUMENT.encode("utf-16"))
    with pytest.raises(InputError, match=r"a\.json: not UTF-8"):
        list(read_source(Source([str(path)], [COCO])))
