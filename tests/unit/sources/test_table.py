import gzip
import hashlib
import json
import os

import pytest

from cocofolds.errors import InputError
from cocofolds.sources.reading import read_source
from cocofolds.sources.records import Dialect, Source, SourceFile, TableRow
from tables import SARTORIUS

DIALECT = Dialect(**SARTORIUS)
HEADER = "id,annotation,width,height,cell_type,plate"
# Columns in another order, and more of them.
OTHER_HEADER = "plate,height,note,width,cell_type,id,annotation"


def write(path, *lines, end="\n"):
    path.write_bytes("".join(line + end for line in lines).encode())
    return str(path)


def source(*paths, dialect=DIALECT, **others):
    return Source(paths, [dialect] * len(paths), **others)


def read(*paths, group_column=None):
    return list(read_source(source(*paths, group_column=group_column)))


def test_row(tmp_path):
    path = write(tmp_path / "a.csv", HEADER, "img1,1 2 5 3,704,520,astro,p7")
    expected = TableRow(
        1, path, 2, "img1", "1 2 5 3", "astro", "704", "520", "", "", True, "", DIALECT
    )
    assert read(path) == [expected]
    assert read(path, group_column="plate") == [expected._replace(group="p7")]


def test_other_columns(tmp_path):
    path = write(tmp_path / "a.csv", OTHER_HEADER, "p7,520,x,704,astro,img1,1 2")
    expected = TableRow(
        1, path, 2, "img1", "1 2", "astro", "704", "520", "p7", "", True, "", DIALECT
    )
    assert read(path, group_column="plate") == [expected]


def test_fields_keep_their_blanks(tmp_path):
    path = write(tmp_path / "a.csv", HEADER, " img1 , 1 2, 4,3 ,a b,p")
    assert read(path)[0][3:8] == (" img1 ", " 1 2", "a b", " 4", "3 ")


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_lines(tmp_path, end):
    path = write(
        tmp_path / "a.csv",
        HEADER,
        "img1,1 2,4,3,astro,p",
        "",
        f'"img{end}2","1 ""2""",4,3,"a,{end}{end}b",p',
        "",
        "",
        "img3,1 2,4,3,astro,p",
        end=end,
    )
    rows = read(path)
    assert [(row.number, row.line) for row in rows] == [(1, 2), (2, 4), (3, 10)]
    assert rows[1][3:6] == (f"img{end}2", '1 "2"', f"a,{end}{end}b")
    assert [row.image for row in rows] == ["img1", f"img{end}2", "img3"]


def test_last_line_without_an_end(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(f"{HEADER}\nimg1,1 2,4,3,astro,p")
    assert [row.category for row in read(str(path))] == ["astro"]


def test_byte_order_mark(tmp_path):
    path = write(tmp_path / "a.csv", f"\ufeff{HEADER}", "img1,1 2,4,3,astro,p")
    assert read(path)[0].image == "img1"


def test_unicode(tmp_path):
    path = write(tmp_path / "a.csv", HEADER, "imagé,1 2,4,3,神経,p")
    assert (read(path)[0].image, read(path)[0].category) == ("imagé", "神経")


def test_field_longer_than_the_csv_module_reads_by_itself(tmp_path, csv_as_it_starts):
    runs = "1 " * 100_000 + "1"
    path = write(tmp_path / "a.csv", HEADER, f"img1,{runs},4,3,astro,p")
    assert read(path)[0].runs == runs


def test_wrong_number_of_fields(tmp_path):
    path = write(
        tmp_path / "a.csv",
        HEADER,
        "img1,1 2,4,3,astro",
        "img2,1 2,4,3,astro,p",
        "img3,1 2,4,3,astro,p,",
    )
    few, good, many = read(path)
    blank = TableRow(
        1, path, 2, *[""] * 7, True, "5 fields, but the header has 6", DIALECT
    )
    assert few == blank
    assert (good.number, good.line, good.image, good.problem) == (2, 3, "img2", "")
    assert many == blank._replace(
        number=3, line=4, problem="7 fields, but the header has 6"
    )


def test_files_one_after_the_other(tmp_path):
    lines = ["img1,1 2,4,3,astro,p", "img2,1 2,4,3,cort,p"]
    first = write(tmp_path / "a.csv", HEADER, *lines)
    second = str(tmp_path / "b.csv.gz")
    with gzip.open(second, "wt") as file:
        file.write(f"{OTHER_HEADER}\np,3,x,4,astro,img3,5 6\n")
    third = write(tmp_path / "c.csv", HEADER)
    fourth = write(tmp_path / "d.csv", HEADER, *lines)
    rows = read(first, second, third, fourth)
    assert [row.number for row in rows] == [1, 2, 3, 4, 5]
    assert [row.path for row in rows] == [first, first, second, fourth, fourth]
    assert [row.line for row in rows] == [2, 3, 2, 2, 3]
    assert [row.image for row in rows] == ["img1", "img2", "img3", "img1", "img2"]
    assert rows[2].runs == "5 6"


def test_checksums_are_of_the_plain_text(tmp_path):
    plain = write(tmp_path / "a.csv", HEADER, "img1,1 2,4,3,astro,p", end="\r\n")
    content = (tmp_path / "a.csv").read_bytes()
    packed = tmp_path / "b.csv.gz"
    packed.write_bytes(gzip.compress(content))
    files = []
    rows = read_source(source(plain, str(packed)), files)
    next(rows)
    assert files == []
    next(rows)
    checksum = hashlib.sha256(content).hexdigest()
    first = SourceFile(plain, checksum, range(1, 2))
    assert files == [first]
    assert not list(rows)
    assert files == [first, SourceFile(str(packed), checksum, range(2, 3))]
    assert [file.name for file in files] == ["a.csv", "b.csv"]


@pytest.mark.parametrize(
    ("header", "group_column", "message"),
    [
        (
            "id,annotation,width",
            None,
            "no column 'cell_type', 'height'. The columns are"
            " 'id', 'annotation', 'width'. Check `dialect`",
        ),
        (HEADER, "batch", "no column 'batch'. The columns are 'id',"),
        (f"{HEADER},id", None, "duplicate column 'id'"),
        (f"{HEADER},plate", "plate", "duplicate column 'plate'"),
        ("", None, "the file is empty"),
    ],
    ids=["two missing", "no group", "twice", "group twice", "blank"],
)
def test_bad_header(tmp_path, header, group_column, message):
    path = write(tmp_path / "a.csv", header, "img1,1 2,4,3,astro,p")
    with pytest.raises(InputError) as error:
        read(path, group_column=group_column)
    assert f"{path}: {message}" in str(error.value)


def test_a_column_that_is_not_used_may_stand_there_twice(tmp_path):
    path = write(tmp_path / "a.csv", f"{HEADER},plate", "img1,1 2,4,3,astro,p,q")
    assert read(path)[0].image == "img1"


@pytest.mark.parametrize("content", [b"", "\ufeff".encode()], ids=["no bytes", "BOM"])
def test_empty_file(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.csv: the file is empty"):
        read(str(path))


def test_no_rows(tmp_path):
    paths = [write(tmp_path / name, HEADER) for name in ("a.csv", "b.csv")]
    with pytest.raises(InputError, match=r"a\.csv, .*b\.csv: no rows below the header"):
        read(*paths)


def test_not_utf8(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(HEADER.encode() + b"\nimg1,1 2,4,3,astro,p\nab\xe9c,1 2\n")
    with pytest.raises(InputError, match=r"a\.csv, line 3: not UTF-8 .*byte 3 of the"):
        read(str(path))


@pytest.mark.parametrize(
    "line",
    ['img1,"1 2,4,3,astro,p', 'img1,"1" 2,4,3,astro,p', "img1,1\r2,4,3,astro,p"],
    ids=["quote not closed", "text behind a quote", "lone carriage return"],
)
def test_not_csv(tmp_path, line):
    path = write(tmp_path / "a.csv", HEADER, line)
    with pytest.raises(InputError, match=r"a\.csv, line 2: not readable as CSV"):
        read(path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda packed: packed[:-20],
        lambda packed: packed[:5],
        lambda packed: b"id,annotation\n",
        lambda packed: packed[:-8] + bytes(4) + packed[-4:],
        lambda packed: packed[:12] + bytes(8) + packed[20:],
    ],
    ids=["cut short", "cut to 5 bytes", "not gzip", "wrong checksum", "damaged"],
)
def test_damaged_gzip(tmp_path, damage):
    path = tmp_path / "a.csv.gz"
    text = "\n".join([HEADER, *(f"img{n},1 2,4,3,astro,p" for n in range(999))])
    path.write_bytes(damage(gzip.compress(text.encode())))
    with pytest.raises(InputError, match=r"a\.csv\.gz: .* damaged or cut short"):
        read(str(path))


def test_no_such_file(tmp_path):
    with pytest.raises(InputError, match=r"b\.csv: there is no such file.*annotations"):
        read(write(tmp_path / "a.csv", HEADER), str(tmp_path / "b.csv"))


def test_rows_come_before_the_file_is_read_to_its_end(tmp_path):
    path = write(tmp_path / "a.csv", HEADER, "img1,1 2,4,3,astro,p", '"')
    assert next(read_source(source(path))).image == "img1"


def test_header_without_an_end(tmp_path):
    path = write(tmp_path / "a.csv", "," * 2**20)
    with pytest.raises(InputError, match=r"line 1: more than 1048576 bytes"):
        read(path)


def test_line_without_an_end(tmp_path, monkeypatch):
    monkeypatch.setattr("cocofolds.sources.table._LONGEST_LINE", 100)
    good = write(tmp_path / "a.csv", HEADER, f"img1,{'1' * 77},4,3,astro,p")
    assert len(read(good)) == 1
    path = write(tmp_path / "a.csv", HEADER, f"img1,{'1' * 99},4,3,astro,p")
    with pytest.raises(InputError, match=r"line 2: more than 100 bytes"):
        read(path)


def test_field_of_100_megabytes(tmp_path):
    runs = "1 " * 50_000_000
    path = write(tmp_path / "a.csv", HEADER, f"img1,{runs},4,3,astro,p")
    assert read(path)[0].runs == runs


@pytest.mark.parametrize("ratio", [200, 2000])
def test_bomb(tmp_path, ratio):
    path = tmp_path / "a.csv.gz"
    line = b"img1," + b"1 " * 500_000 + b",4,3,astro,p\n"
    with gzip.open(path, "wb") as file:
        file.write(f"{HEADER}\n".encode())
        for _ in range(120):
            file.write(line)
    rows = read_source(source(str(path), max_gz_ratio=ratio))
    if ratio == 2000:
        assert sum(1 for _ in rows) == 120
    else:
        with pytest.raises(InputError, match=r"more than 200 times.*`max_gz_ratio`"):
            sum(1 for _ in rows)


def test_nul_bytes(tmp_path):
    path = write(tmp_path / "a.csv", HEADER, "img\0,1 2\0,4,3,astro,p")
    assert read(path)[0][3:5] == ("img\0", "1 2\0")


CATEGORY = {"category_column": None, "category": "cell"}


@pytest.mark.parametrize(
    ("changes", "fields", "expected"),
    [
        (CATEGORY, "img1,1 2,4,3,astro", ("img1", "1 2", "cell", "4", "3", True)),
        (
            {"category_column": None, "category_separator": "_"},
            "a_b.jpg_Fish,1 2,4,3,astro",
            ("a_b.jpg", "1 2", "Fish", "4", "3", True),
        ),
        (
            {"category_column": None, "category_separator": "_"},
            "Fish,1 2,4,3,astro",
            ("", "1 2", "Fish", "4", "3", True),
        ),
        (
            {"attributes_separator": "_"},
            'img1,1 2,4,3,"6_1,2"',
            ("img1", "1 2", "6", "4", "3", True, "[1,2]"),
        ),
        (
            {"attributes_separator": "_"},
            "img1,1 2,4,3,6",
            ("img1", "1 2", "6", "4", "3", True, "[]"),
        ),
        (
            {"width_column": None, "height_column": None, "width": 9, "height": 8},
            "img1,1 2,4,3,astro",
            ("img1", "1 2", "astro", "9", "8", True),
        ),
        (
            {"width_column": None, "height_column": None},
            "img1,1 2,4,3,astro",
            ("img1", "1 2", "astro", "", "", True),
        ),
        (
            {"no_mask": ["", "-1"]},
            "img1, -1,4,3,astro",
            ("img1", " -1", "astro", "4", "3", False),
        ),
        (
            {"no_mask": ["", "-1"]},
            "img1, ,4,3,astro",
            ("img1", " ", "astro", "4", "3", False),
        ),
        (
            {"no_mask": ["-1"]},
            "img1,,4,3,astro",
            ("img1", "", "astro", "4", "3", True),
        ),
    ],
)
def test_dialect(tmp_path, changes, fields, expected):
    path = write(tmp_path / "a.csv", "id,annotation,width,height,cell_type", fields)
    [row] = read_source(source(path, dialect=DIALECT._replace(**changes)))
    assert (*row[3:8], row.has_mask, row.attribute_ids) == (*expected, "")[:7]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [("", "[]"), ("115", "[115]"), ('"115,136,143"', "[115,136,143]")],
)
def test_attributes_in_a_column(tmp_path, attributes, expected):
    path = write(
        tmp_path / "a.csv",
        "id,annotation,width,height,cell_type,more",
        f"img1,1 2,4,3,6,{attributes}",
    )
    [row] = read_source(
        source(path, dialect=DIALECT._replace(attributes_column="more"))
    )
    assert (row.category, row.attribute_ids) == ("6", expected)


@pytest.mark.parametrize("runs", ["", "  ", "-1", " -1 ", "nan", "NaN", "None", "1 0"])
@pytest.mark.parametrize("no_mask", [[], ["none at all"]])
def test_empty_mask_that_the_dialect_does_not_know(tmp_path, runs, no_mask):
    path = write(tmp_path / "a.csv", HEADER, f"img1,{runs},4,3,astro,p")
    [row] = read_source(source(path, dialect=DIALECT._replace(no_mask=no_mask)))
    assert row.has_mask
    key = json.dumps([*no_mask, runs.strip()])
    assert f"`no_mask: {key}`" in row.problem
    known = DIALECT._replace(no_mask=[*no_mask, runs.strip()])
    [row] = read_source(source(path, dialect=known))
    assert (row.has_mask, row.problem) == (False, "")


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_what_is_no_file(tmp_path, make, name):
    make(tmp_path / name)
    with pytest.raises(InputError, match=r"a\.csv(\.gz)?: this is no file"):
        read(str(tmp_path / name))
