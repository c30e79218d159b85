from collections import Counter
from io import BytesIO

import pytest

from cocofolds.dataset.index import IndexSettings, index_source
from cocofolds.dataset.namesakes import namesakes, shared_file_message, shared_files
from cocofolds.dataset.pixel_order import wrong_order_message
from cocofolds.dataset.rejection import RejectedRow, rejection_message
from cocofolds.dataset.repetitions import repetition_message
from cocofolds.dataset.shards import ROW_COLUMNS, shard_of
from cocofolds.dataset.tables import (
    IMAGE_COLUMNS,
    category_names,
    category_rows,
    image_rows,
)
from cocofolds.errors import InputError
from cocofolds.files import read_table
from cocofolds.masks.cleaning import Hygiene
from cocofolds.masks.pixel_order import order_message
from cocofolds.settings import Numbering
from cocofolds.sources.records import (
    AnnotationRecord,
    Dialect,
    FaultyCategory,
    ImageRecord,
    Source,
    TableRow,
)

DIALECT = Dialect("id", "runs", "row")
RENUMBERED = Numbering()


def source(*rows):
    """Rows of a source: each has what is given, and else what makes it a good one."""
    good = {
        "path": "a.csv",
        "image": "img",
        "runs": "1 2",
        "category": "cell",
        "width": "4",
        "height": "3",
        "group": "",
        "attribute_ids": "",
        "has_mask": True,
        "problem": "",
        "dialect": DIALECT,
    }
    return [
        TableRow(**{"number": number, "line": number + 1, **good, **row})
        for number, row in enumerate(rows, 1)
    ]


def images(*names, **others):
    return source(*({"image": name, **others} for name in names))


@pytest.fixture
def index(tmp_path):
    """Index rows; the result has the tables as well."""

    def index(
        rows, categories=None, images_per_shard=2, merge_sources=False, **hygiene
    ):
        folder = tmp_path / "rows"
        folder.mkdir()
        file = BytesIO()
        settings = IndexSettings(
            categories, images_per_shard, merge_sources, Hygiene(**hygiene)
        )
        found = index_source(rows, settings, folder, file)
        annotations = tmp_path / "annotations.csv"
        annotations.write_bytes(file.getvalue())
        tables = {path.name: list(read_table(path)) for path in folder.iterdir()}
        return found, list(read_table(annotations)), tables

    return index


def rejected(found):
    return {row.line - 1: row.reason for row in found.rejected}


def rows_of_images(found, categories=None, file_name="{}.png".format):
    names = category_names(found, [], categories, RENUMBERED)
    rows = image_rows(
        found, names, lambda name, dialect: file_name(name), RENUMBERED, {}
    )
    return [dict(zip(IMAGE_COLUMNS, row, strict=True)) for row in rows]


def test_tables(index):
    rows = source(
        {"image": "b", "runs": "3 1", "group": "g"},
        {"image": "a", "runs": "5 2 8 1", "category": 'ce"ll\r', "width": "8"},
        {"image": "b", "runs": " 1  2", "group": "g"},
    )
    found, annotations, tables = index(rows)
    assert annotations == [
        {"annotation_id": "1", "image_id": "1", "category": "cell"},
        {"annotation_id": "2", "image_id": "2", "category": 'ce"ll\r'},
        {"annotation_id": "3", "image_id": "1", "category": "cell"},
    ]
    assert list(tables) == ["00001.csv"]
    assert [tuple(row) for row in tables["00001.csv"]] == [ROW_COLUMNS] * 3
    assert [tuple(row.values()) for row in tables["00001.csv"]] == [
        ("1", "1", "b", "cell", "3", "4", "3 1", "row", "", ""),
        ("2", "2", "a", 'ce"ll\r', "3", "8", "5 2 8 1", "row", "", ""),
        ("3", "1", "b", "cell", "3", "4", "1 2", "row", "", ""),
    ]
    assert [tuple(row.values()) for row in rows_of_images(found)] == [
        (1, "b", "b.png", 4, 3, "cell", "g", "", "00001", ""),
        (2, "a", "a.png", 8, 3, 'ce"ll\r', "", "", "00001", ""),
    ]
    assert (found.n_annotations, found.rejected, found.repeated) == (3, [], [])


def test_images_are_numbered_by_first_appearance(index):
    found, annotations, _ = index(images("z", "a", "z", "m", "a"))
    assert {name: image.image_id for name, image in found.images.items()} == {
        "z": 1,
        "a": 2,
        "m": 3,
    }
    assert [row["image_id"] for row in annotations] == ["1", "2", "1", "3", "2"]


def test_rejected_rows_leave_gaps(index):
    rows = source(
        {"image": "a"},
        {"image": "b", "runs": "0 1"},
        {"image": "c", "runs": "x"},
        {"image": "c"},
    )
    found, annotations, tables = index(rows, images_per_shard=1)
    assert [(row["annotation_id"], row["image_id"]) for row in annotations] == [
        ("1", "1"),
        ("4", "3"),
    ]
    assert {name: image.image_id for name, image in found.images.items()} == {
        "a": 1,
        "c": 3,
    }
    assert found.n_annotations == 2
    assert sorted(tables) == ["00001.csv", "00003.csv"]
    assert found.rejected == [
        RejectedRow(
            "a.csv", 3, "b", "run 0 1 starts at 0, but `base: 1` numbers pixels from 1"
        ),
        RejectedRow("a.csv", 4, "c", "'x' is not a whole number"),
    ]
    assert found.images["c"].categories == {"cell": 1}


TOO_MANY = "is more than 4294967295 pixels"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"problem": "5 fields"}, "5 fields"),
        ({"image": ""}, "the image has no id"),
        ({"category": ""}, "the category is empty"),
        (
            {"category": "Cell"},
            "the category 'Cell' is not one of `categories`",
        ),
        (
            {"attribute_ids": "[1,]"},
            "the attributes [1,] are no numbers between commas",
        ),
        ({"attribute_ids": "[01]"}, "the attributes [01] are no numbers"),
        ({"attribute_ids": "[1],2"}, "the attributes [1],2 are no numbers"),
        ({"attribute_ids": "[\N{ARABIC-INDIC DIGIT ONE}]"}, "are no numbers"),
        ({"attribute_ids": "[a]"}, "the attributes [a] are no numbers"),
        ({"width": ""}, "the width '' is not a number of pixels"),
        ({"width": "0"}, "the width '0' is not a number of pixels"),
        ({"height": "-3"}, "the height '-3' is not a number of pixels"),
        ({"height": "3.0"}, "the height '3.0' is not a number of pixels"),
        ({"height": "\N{SUPERSCRIPT TWO}"}, "is not a number of pixels"),
        ({"width": "65536", "height": "65536"}, f"65536x65536 {TOO_MANY}"),
        ({"width": "1", "height": "4294967296"}, f"1x4294967296 {TOO_MANY}"),
        ({"width": "9" * 5000}, TOO_MANY),
        ({"width": "5"}, "the size 5x3 differs from what line 2 of a.csv says of this"),
        ({"height": "2"}, "of this image, 4x3"),
        ({"width": "3", "height": "4"}, "the size 3x4 differs"),
        (
            {"group": "g"},
            "the group 'g' differs from what line 2 of a.csv says of this",
        ),
        ({"path": "b.csv"}, "the image is in a.csv as well"),
        ({"runs": "12 2"}, "run 12 2 ends past the last pixel, 12"),
        ({"runs": ""}, "the run-length text is empty"),
    ],
)
def test_rejected_row(index, row, reason):
    found, annotations, _ = index(source({}, row, {}), ["cell", "nucleus"])
    assert list(rejected(found)) == [2]
    assert reason in rejected(found)[2]
    assert [row["annotation_id"] for row in annotations] == ["1", "3"]


def test_rows_that_are_rejected_for_their_runs_among_others(index):
    rows = source({"width": "0"}, {}, {"runs": "x"}, {"runs": "3  1"}, {"category": ""})
    found, _, tables = index(rows)
    assert list(rejected(found)) == [1, 3, 5]
    assert "'x'" in rejected(found)[3]
    assert [row["runs"] for row in tables["00001.csv"]] == ["1 2", "3 1"]


def test_all_rows_of_a_batch_are_rejected_before_their_runs_are_read(index):
    found, annotations, tables = index(images("a", "b", width="0"))
    assert sorted(rejected(found)) == [1, 2]
    assert (found.images, found.n_annotations, annotations, tables) == ({}, 0, [], {})


def test_no_row_is_a_mask(index):
    found, annotations, tables = index(images("a", "b", runs="x"))
    assert sorted(rejected(found)) == [1, 2]
    assert (found.images, found.n_annotations, annotations, tables) == ({}, 0, [], {})
    assert found.repeated == []


@pytest.mark.parametrize(
    ("width", "height"), [("4294967295", "1"), ("1", "4294967295"), ("65537", "65535")]
)
def test_largest_image(index, width, height):
    rows = source({"width": width, "height": height, "runs": "4294967295 1"})
    found, _, _ = index(rows)
    assert rejected(found) == {}


def test_size_and_group_come_from_the_first_row(index):
    found, _, _ = index(source({"group": "g"}, {}, {"group": "g", "width": "8"}))
    assert list(rejected(found)) == [2, 3]
    assert (found.images["img"].width, found.images["img"].group) == (4, "g")


def test_a_rejected_row_settles_nothing(index):
    wrong = {"width": "1", "height": "99", "group": "h", "runs": "0 1"}
    found, _, _ = index(source(wrong, {"group": "g"}, {"group": "g"}))
    assert list(rejected(found)) == [1]
    image = found.images["img"]
    assert (image.image_id, image.width, image.group, image.line) == (1, 4, "g", 3)


def test_a_row_without_a_size_leaves_it_to_the_next(index):
    found, _, _ = index(source({"width": "?"}, {"width": "8"}, {"width": "8"}))
    assert list(rejected(found)) == [1]
    assert found.images["img"].width == 8


def test_same_size_written_with_zeros(index):
    found, _, tables = index(source({}, {"width": "04"}))
    assert rejected(found) == {}
    assert [row["width"] for row in tables["00001.csv"]] == ["4", "4"]


def test_shards_hold_whole_images(index):
    rows = images("a", "b", "c", "a", "d", "e", "c", "b")
    _, _, tables = index(rows, images_per_shard=2)
    assert {
        name: [(row["annotation_id"], row["source_id"]) for row in table]
        for name, table in tables.items()
    } == {
        "00001.csv": [("1", "a"), ("2", "b"), ("4", "a"), ("8", "b")],
        "00002.csv": [("3", "c"), ("5", "d"), ("7", "c")],
        "00003.csv": [("6", "e")],
    }


def test_shards_over_several_batches(index):
    # 3,000 runs of one pixel: each row is a tenth of a batch or so.
    runs = " ".join(f"{start} 1" for start in range(1, 6_000, 2))
    rows = images(*"abcab" * 12, runs=runs, width="1000", height="1000")
    found, annotations, tables = index(rows, images_per_shard=2)
    assert found.n_annotations == len(annotations) == 60
    numbers = [
        [int(row["annotation_id"]) for row in tables[name]] for name in sorted(tables)
    ]
    assert numbers == [
        [row.number for row in rows if row.image in "ab"],
        [row.number for row in rows if row.image == "c"],
    ]
    assert len(found.repeated) == 57


@pytest.mark.parametrize(
    ("image_id", "images_per_shard", "shard"),
    [(1, 1, "00001"), (64, 64, "00001"), (65, 64, "00002"), (123_456, 1, "123456")],
)
def test_shard_of(image_id, images_per_shard, shard):
    assert shard_of(image_id, 1, images_per_shard) == shard


def test_shards_grow_with_the_rows():
    shards = [int(shard_of(1, row, "auto")) for row in range(1, 100_001)]
    lengths = [shards.count(shard) for shard in range(1, 7)]
    assert lengths == [4000, 8000, 12_000, 16_000, 20_000, 24_000]
    assert shards == sorted(shards)


def test_last_row_of_a_large_shard():
    # Floating point would miss by one here.
    last_row = 4000 * 10**9 * (10**9 + 1) // 2
    assert shard_of(1, last_row, "auto") == "1000000000"
    assert shard_of(1, last_row + 1, "auto") == "1000000001"


def test_an_image_lies_where_its_first_row_does(index):
    rows = [row._replace(number=1000 * row.number) for row in images(*"abcdefa")]
    _, _, tables = index(rows, images_per_shard="auto")
    assert {
        name: [row["source_id"] for row in table] for name, table in tables.items()
    } == {"00001.csv": list("abcda"), "00002.csv": list("ef")}


def test_images_that_share_a_file(index):
    found, _, _ = index(
        source(
            {"image": "x/1"},
            {"image": "y/1"},
            {"image": "x/2"},
            {"image": "z/1", "path": "b.csv"},
            {"image": "x/3", "path": "b.csv"},
        )
    )
    names = category_names(found, [], None, RENUMBERED)

    def rows(file_name):
        return [*image_rows(found, names, file_name, RENUMBERED, {})]

    by_folder = rows(lambda name, dialect: name)
    assert [*shared_files(by_folder)] == []
    assert [*namesakes(found, by_folder)] == [("z/1", "b.csv", "x/1", "a.csv")]

    by_name = rows(lambda name, dialect: name[2:])
    shared = [*shared_files(by_name)]
    assert shared == [("y/1", "x/1", "1"), ("z/1", "x/1", "1")]
    assert shared_file_message(found, shared[:1]) == ""
    assert shared_file_message(found, shared).startswith(
        "b.csv, line 5: the image 'z/1' has the file name '1', as has line 2 of a.csv."
    )
    assert [*namesakes(found, by_name)] == []


def test_image_rows_name_their_shards(index):
    found, _, tables = index(images("a", "b", "c"), images_per_shard=2)
    assert [row["shard"] for row in rows_of_images(found)] == ["00001"] * 2 + ["00002"]
    assert {f"{row['shard']}.csv" for row in rows_of_images(found)} == set(tables)


def test_category_ids(index):
    found, _, _ = index(source({"category": "b"}, {"category": "a"}, {"category": "c"}))
    names = category_names(found, [], None, RENUMBERED)
    assert [*category_rows(names, [], RENUMBERED)] == [
        (1, "a", ""),
        (2, "b", ""),
        (3, "c", ""),
    ]
    listed = ["c", "b", "unused", "a"]
    assert category_names(found, [], listed, RENUMBERED) == listed


def test_categories_of_rejected_rows_get_no_id(index):
    found, _, _ = index(source({}, {"category": "a", "runs": "x"}))
    assert category_names(found, [], None, RENUMBERED) == ["cell"]


@pytest.mark.parametrize(
    ("categories", "listed", "main"),
    [
        ("aab", None, "a"),
        ("baa", None, "a"),
        ("abb", None, "b"),
        ("ba", None, "a"),
        ("abab", None, "a"),
        ("ab", ["b", "a"], "b"),
        ("aab", ["b", "a"], "a"),
        ("cbacb", ["a", "c", "b"], "c"),
    ],
)
def test_main_category(index, categories, listed, main):
    found, _, _ = index(source(*({"category": name} for name in categories)), listed)
    assert [row["category"] for row in rows_of_images(found, listed)] == [main]
    assert found.images["img"].categories == Counter(categories)


def test_rejected_rows_do_not_count_for_the_main_category(index):
    bad = {"category": "b", "runs": "x"}
    found, _, _ = index(source(bad, bad, {"category": "a"}))
    assert [row["category"] for row in rows_of_images(found)] == ["a"]


def test_file_name(index):
    found, _, _ = index(images("a b"))
    rows = rows_of_images(found, None, "train/{}.png".format)
    assert [row["file_name"] for row in rows] == ["train/a b.png"]


def test_records_of_one_category_are_no_repetition(index):
    records = [
        record(f"annotations[{n}]", number=n, record=f'{{"id":{n}}}', refers_to=())
        for n in (1, 2)
    ]
    found, annotations, _ = index(records)
    assert (len(annotations), found.repeated) == (2, [])


def test_repeated_rows(index):
    rows = source(
        {"image": "a", "runs": "1 2"},
        {"image": "b", "runs": "1 2"},
        {"image": "a", "runs": "1  2 "},
        {"image": "a", "runs": "1 2", "category": "b"},
        {"image": "b", "runs": "1 2 5 1"},
        {"image": "a", "runs": "1 2"},
        {"image": "b", "runs": "x"},
        {"image": "b", "runs": "x"},
    )
    found, _, _ = index(rows)
    assert found.repeated == [(3, 1), (6, 3)]
    assert found.n_annotations == 6


def test_rejection_message(index):
    found, _, _ = index(images(*"abcdefghijkl", runs="x"))
    lines = rejection_message(found.rejected).splitlines()
    assert lines[0] == "Rows that are not masks: 12"
    assert lines[1] == "  a.csv, line 2, image 'a': 'x' is not a whole number"
    assert lines[10] == "  a.csv, line 11, image 'j': 'x' is not a whole number"
    assert lines[11:] == ["  and 2 more"]


def test_rows_of_an_image_with_one_reason_are_one_line(index):
    found, _, _ = index(images(*"aaab", runs="x"))
    lines = rejection_message(found.rejected).splitlines()
    assert lines[0] == "Rows that are not masks: 4"
    assert lines[1].endswith("'a': 'x' is not a whole number (and 2 more of its rows)")
    assert lines[2].endswith("'b': 'x' is not a whole number")


def test_repetition_message(index):
    found, _, _ = index(images(*"a" * 13))
    lines = repetition_message(found.repeated).splitlines()
    assert lines[0] == "Rows with the image, category and mask of an earlier row: 12"
    assert lines[1].startswith("  2 (as 1), 3 (as 2), ")
    assert lines[1].endswith("11 (as 10), and 2 more")


@pytest.mark.parametrize("n_rows", [1, 10])
def test_short_messages_count_no_rest(index, n_rows):
    rows = images(*"abcdefghij"[:n_rows], runs="x") + source(*[{}] * (n_rows + 1))
    found, _, _ = index(rows)
    assert "more" not in rejection_message(found.rejected) + repetition_message(
        found.repeated
    )


def test_images_without_masks(index):
    rows = source(
        {"image": "a", "has_mask": False, "runs": "", "category": "", "group": "g"},
        {"image": "b", "runs": "1 2"},
        {"image": "b", "has_mask": False, "runs": "-1", "category": "x"},
        {"image": "c", "has_mask": False, "runs": ""},
    )
    found, annotations, tables = index(rows, images_per_shard=1)
    assert rejected(found) == {}
    assert [row["annotation_id"] for row in annotations] == ["2"]
    assert found.n_annotations == 1
    listed = [(row["source_id"], row["category"]) for row in rows_of_images(found)]
    assert listed == [("a", ""), ("b", "cell"), ("c", "")]
    assert {name: len(table) for name, table in tables.items()} == {
        "00001.csv": 0,
        "00002.csv": 1,
        "00003.csv": 0,
    }


def test_size_of_an_image_without_a_mask(index):
    rows = source({"image": "a", "has_mask": False, "width": "x"})
    found, _, _ = index(rows)
    assert "the width 'x' is not a number" in rejected(found)[1]


@pytest.mark.parametrize(
    ("changes", "runs"),
    [
        ({"base": 0}, "0 2 3 1"),
        ({"base": 1}, "1 2 4 1"),
        ({"base": 0, "runs": "relative"}, "0 2 1 1"),
        ({"base": 1, "runs": "relative"}, "1 2 1 1"),
    ],
)
def test_ways_to_count(tmp_path, changes, runs):
    rows = source({"runs": runs}, {"runs": "x 2"}, {"runs": runs, "has_mask": False})
    rows = [row._replace(dialect=DIALECT._replace(**changes)) for row in rows]
    found = index_source(rows, IndexSettings(images_per_shard=1), tmp_path, BytesIO())
    assert rejected(found) == {2: "'x' is not a whole number"}
    [row] = read_table(tmp_path / "00001.csv")
    assert row["runs"] == "1 2 4 1"


def test_problem_of_runs_that_are_counted_otherwise(index):
    zero = DIALECT._replace(base=0)
    rows = source({"runs": "12 1", "dialect": zero}, {"runs": "13 1"})
    problem = "run 13 1 ends past the last pixel, 12"
    told = " (counted from 1: are `base` and `runs` of the dialect right?)"
    assert rejected(index(rows)[0]) == {1: problem + told, 2: problem}


def masks_like(order, n_masks, width=60, height=40):
    """Rectangles of 5 x 5 pixels, numbered one way or the other."""
    step = width if order == "row" else height
    runs = " ".join(f"{start} 5" for start in range(1, 5 * step, step))
    size = {"width": str(width), "height": str(height)}
    return [{"runs": runs, **size} for _ in range(n_masks)]


@pytest.mark.parametrize("declared", ["row", "column"])
@pytest.mark.parametrize("numbered", ["row", "column"])
def test_order_of_the_pixels(index, numbered, declared):
    found, _, _ = index(source(*masks_like(numbered, 30)))
    assert found.order_votes == {"a.csv": (30, 0) if numbered == "row" else (0, 30)}
    dialect = DIALECT._replace(order=declared)
    message = wrong_order_message(found.order_votes, Source(["a.csv"], [dialect]))
    if numbered == declared:
        assert message is None
    else:
        assert f"Set `order: {numbered}`" in message
        assert (
            f"30 hang together if they are numbered by {numbered}, 0 if by {declared}"
            in message
        )


def test_a_table_of_the_wrong_order_among_others():
    source = Source(["a.csv", "b.csv", "c.csv", "d.csv"], [DIALECT] * 4)
    votes = {"a.csv": (100, 0), "b.csv": (0, 10), "c.csv": (0, 5), "d.csv": (0, 4)}
    assert wrong_order_message(votes, source).startswith("b.csv: ")
    few = {**votes, "b.csv": (9, 1), "d.csv": (0, 5)}
    assert wrong_order_message(few, source).startswith("c.csv, d.csv: ")
    assert wrong_order_message({**few, "b.csv": (6, 0)}, source) is None


@pytest.mark.parametrize(
    ("votes", "cries"),
    [((0, 9), False), ((0, 10), True), ((5, 10), True), ((6, 11), False)],
)
def test_how_much_proves_the_order_wrong(votes, cries):
    assert bool(order_message(votes, "row")) == cries
    assert bool(order_message(votes[::-1], "column")) == cries


@pytest.mark.parametrize("size", [(40, 40), (42, 40), (40, 42)])
def test_no_votes_on_square_images(index, size):
    found, _, _ = index(source(*masks_like("column", 30, *size)))
    assert found.order_votes == {"a.csv": (0, 0)}


def test_a_table_that_is_none(index, monkeypatch):
    monkeypatch.setattr("cocofolds.dataset.index._MOST_REJECTED", 5)
    assert len(rejected(index(source(*[{"runs": "x"}] * 5))[0])) == 5


def test_a_table_that_is_read_no_further(index, monkeypatch):
    monkeypatch.setattr("cocofolds.dataset.index._MOST_REJECTED", 5)
    with pytest.raises(InputError, match=r"not masks: 6\n(.*\n)*The rest is not read"):
        index(source(*[{"runs": "x"}] * 6))


def test_parts_of_one_source(index):
    rows = source({}, {"path": "b.csv"}, {"path": "b.csv", "width": "9"})
    found, annotations, _ = index(rows, merge_sources=True)
    assert [row["annotation_id"] for row in annotations] == ["1", "2"]
    assert len(found.images) == 1
    assert "differs from what line 2 of a.csv says" in rejected(found)[3]


def test_hygiene_changes_and_leaves_out(index):
    size = {"width": "4", "height": "3"}
    rows = source(
        {"runs": "1 3 5 1 7 1 9 3", **size},
        {"runs": "1 2 12 1", **size},
        {"runs": "1 3 5 3 9 3", **size},
        {"runs": "1 3 5 3 9 3", "image": "other", **size},
        {"runs": "9 3 6 2 1 1 2 2 5 1", "image": "other", **size},
        {"runs": "2 1", "image": "none", **size},
        {"runs": "x", **size},
    )
    found, annotations, tables = index(
        rows,
        images_per_shard=9,
        fill_holes=True,
        keep_largest_part=True,
        min_area=2,
        drop_duplicates=True,
    )
    assert list(rejected(found)) == [7]
    assert [(row.line - 1, row.change) for row in found.changed] == [
        (1, "1 hole filled (1 pixel)"),
        (2, "1 of 2 parts kept (1 of 3 pixels left out)"),
    ]
    assert [(row.line - 1, row.reason) for row in found.left_out] == [
        (3, "it has the mask of annotation 1 again"),
        (5, "it has the mask of annotation 4 again"),
        (6, "its 1 pixels are fewer than `min_area`, 2"),
    ]
    assert [row["annotation_id"] for row in annotations] == ["1", "2", "4"]
    runs = [row["runs"] for row in tables["00001.csv"]]
    assert runs == ["1 3 5 3 9 3", "1 2", "1 3 5 3 9 3"]
    assert list(found.images) == ["img", "other", "none"]


COCO = Dialect(format="coco")


def record(line, image="img", **others):
    """A record of a COCO JSON, by what it is in; see `source`."""
    values = {
        "number": 1,
        "path": "a.json",
        "line": line,
        "problem": "",
        "dialect": COCO,
    }
    if line.startswith("categories"):
        return FaultyCategory(**values | others)
    values |= {
        "image": image,
        "width": "4",
        "height": "3",
        "group": "",
        "record": f'{{"file_name":"{image}","width":4,"height":3}}',
    }
    if line.startswith("images"):
        return ImageRecord(**values | others)
    return AnnotationRecord(**values | {"category": "cell"} | others)


def test_a_record_takes_along_what_refers_to_it(index):
    rows = [
        record("categories[1]", problem="it has no name"),
        record("images[0]", "", problem="it is faulty"),
        record("images[1]", "one", width="0"),
        record("images[2]", "two"),
        *(
            record(f"annotations[{n}]", image, refers_to=(image_line, category_line))
            for n, (image, image_line, category_line) in enumerate(
                [
                    ("", "images[0]", "categories[0]"),
                    ("one", "images[1]", "categories[0]"),
                    ("", "images[0]", "categories[1]"),
                    ("two", "images[2]", "categories[1]"),
                    ("two", "images[2]", "categories[0]"),
                ]
            )
        ),
        record("annotations[5]", "", refers_to=(), problem="it has no id"),
        # Another file.
        record("images[0]", "three", path="b.json"),
        record("annotations[0]", "three", path="b.json", refers_to=("images[0]",)),
    ]
    found, annotations, _ = index(rows)
    assert [*found.images] == ["two", "three"]
    assert len(annotations) == 2
    assert rejection_message(found.rejected).splitlines() == [
        "Faulty records: 4",
        "  a.json, categories[1], image '': it has no name (and its 1 annotation)",
        "  a.json, images[0], image '': it is faulty (and its 2 annotations)",
        "  a.json, images[1], image 'one': the width '0' is not a number of pixels (and"
        " its 1 annotation)",
        "  a.json, annotations[5], image '': it has no id",
    ]
    assert [(row.line, row.because_of) for row in found.rejected if row.because_of] == [
        ("annotations[0]", "images[0]"),
        ("annotations[1]", "images[1]"),
        ("annotations[2]", "images[0]"),
        ("annotations[3]", "categories[1]"),
    ]


def test_many_faulty_images_are_counted(index):
    rows = []
    for n in range(8000):
        rows.append(record(f"images[{n}]", "", problem="it is faulty"))
        rows.append(record(f"annotations[{n}]", "", refers_to=(f"images[{n}]",)))
    lines = rejection_message(index(rows)[0].rejected).splitlines()
    assert lines[0] == "Faulty records: 8000"
    assert lines[10:] == [
        "  a.json, images[9], image '': it is faulty (and its 1 annotation)",
        "  and 7990 more",
    ]


def test_heading_of_rows_and_records(index):
    rows = [*source({"runs": "x"}), record("images[0]", "", problem="it is faulty")]
    message = rejection_message(index(rows)[0].rejected)
    assert message.startswith("Rows that are not masks, and faulty records: 2\n")


@pytest.mark.parametrize(
    ("others", "merge_sources", "said", "not_said"),
    [
        ({}, False, ["`merge_sources: true`", "`file_prefix`"], []),
        ({"width": "8"}, False, ["as well: the size 8x3", "`file_prefix`"], ["merge_"]),
        ({"width": "8"}, True, ["the size 8x3", "`file_prefix`"], ["merge_"]),
        ({"group": "g"}, False, ["the group 'g'", "`file_prefix`"], ["merge_"]),
        (
            {"record": '{"file_name":"img","width":4,"height":3,"x":1}'},
            False,
            ["its 'x' differs", "`file_prefix`"],
            ["merge_"],
        ),
    ],
)
def test_advice_about_one_image_in_two_files(
    index, others, merge_sources, said, not_said
):
    rows = [record("images[0]"), record("images[0]", path="b.json", **others)]
    found, _, _ = index(rows, merge_sources=merge_sources)
    [row] = found.rejected
    assert all(words in row.reason for words in said)
    assert not any(words in row.reason for words in not_said)


def test_what_is_written_of_an_image(index):
    prefixed = COCO._replace(file_prefix="v/")
    rows = [record("images[0]", record='{"coco_url":"u/1.jpg"}', dialect=prefixed)]
    found = index(rows)[0]
    [row] = image_rows(found, [], str, RENUMBERED, {"a.json": {}})
    row = dict(zip(IMAGE_COLUMNS, row, strict=True))
    assert row["file_name"] == "v/1.jpg"
    assert row["record"] == (
        '{"coco_url":"u/1.jpg","file_name":"v/1.jpg","width":4,"height":3,"id":1}'
    )
