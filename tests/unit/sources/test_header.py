"""What is between the fields of a table is found out from its header."""

import pytest

from cocofolds.errors import InputError
from cocofolds.sources.header import fields_named, whole_header
from cocofolds.sources.reading import read_source
from cocofolds.sources.records import Dialect, Source

DIALECT = Dialect(
    image_column="id", runs_column="rle", category="cell", width=4, height=3
)


def read(folder, text, dialect=DIALECT, **others):
    path = folder / "a.csv"
    path.write_bytes(text.encode())
    files = []
    rows = [*read_source(Source([str(path)], [dialect], **others), files)]
    return [(row.image, row.runs) for row in rows], files[0].separator


@pytest.mark.parametrize(
    ("header", "separator"),
    [
        ("id,rle", ","),
        ("id;rle", ";"),
        ("id\trle", "\t"),
        ('"id","rle","a;b;c;d"', ","),
        ('"id";"rle";"a,b,c,d"', ";"),
        ('"id"\t"rle"\t"a,b,c;d"', "\t"),
        ("id;rle;a,b,c,d", ";"),
        ("\ufeffid;rle", ";"),
        ('\ufeff"id";"rle"', ";"),
        (" id ; rle", ";"),
        ('id;rle;"two\nlines"', ";"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_separator(tmp_path, header, separator, end):
    n_more = header.count(separator) - 1
    more = separator * n_more if n_more < 3 else separator
    if '"a;b;c;d"' in header or '"a,b,c,d"' in header:
        more = separator
    row = f'"i;m,1"{separator}1 2{more}'
    assert read(tmp_path, f"{header}{end}{row}{end}") == (
        [("i;m,1", "1 2")],
        separator,
    )


def test_ids_with_other_separators_need_no_quotes(tmp_path):
    rows, separator = read(tmp_path, "id;rle\na,b;1 2\nc\td;3 4\n")
    assert rows == [("a,b", "1 2"), ("c\td", "3 4")]
    assert separator == ";"


def test_separator_that_is_said(tmp_path):
    dialect = DIALECT._replace(separator="\t")
    assert read(tmp_path, "id\trle\na\t1 2\n", dialect) == ([("a", "1 2")], "\t")
    with pytest.raises(InputError, match=r"no column 'id', 'rle'.*are 'id,rle'\."):
        read(tmp_path, "id,rle\na,1 2\n", dialect)


def test_names_but_for_blanks(tmp_path):
    assert read(tmp_path, " id, rle ,x\na, 1 2,\n")[0] == [("a", " 1 2")]
    # The name as it is comes first.
    assert read(tmp_path, "id ,id,rle\na,b,1 2\n")[0] == [("b", "1 2")]
    with pytest.raises(InputError, match="duplicate column 'id'"):
        read(tmp_path, "id , id,rle\na,b,1 2\n")


@pytest.mark.parametrize("text", ["id\na\n", "id;x\na;b\n", "x\n1\n"])
def test_missing_columns_are_named_with_those_that_are_there(tmp_path, text):
    there = ", ".join(repr(name) for name in text.split("\n")[0].split(";"))
    with pytest.raises(InputError, match=rf"no column .*'rle'\. .*are {there}\."):
        read(tmp_path, text)


def test_advice_on_missing_columns(tmp_path):
    sized = DIALECT._replace(
        width=None, height=None, width_column="w", height_column="h"
    )
    with pytest.raises(InputError, match="width_column: null, height_column: null"):
        read(tmp_path, "id,rle\na,1 2\n", sized)
    with pytest.raises(InputError, match=r"\{preset: NAME, image_column: \.\.\.\}"):
        read(tmp_path, "image,rle\na,1 2\n")
    with pytest.raises(InputError, match=r"`group_column`\.$"):
        read(tmp_path, "id,rle\na,1 2\n", group_column="plate")


def test_quote_that_is_never_closed(tmp_path):
    text = 'id,"rle\n' + ("x" * 1000 + "\n") * 2000
    with pytest.raises(InputError, match="not readable as CSV") as raised:
        read(tmp_path, text)
    assert len(str(raised.value)) < 300
    assert len(whole_header(iter(text.splitlines(keepends=True)))) < 1100


def test_fields_named():
    assert fields_named(["a", " b", "b ", "c"], "b") == [1, 2]
    assert fields_named(["a", " b", "b", "c"], "b") == [2]
    assert fields_named(["a"], "b") == []
