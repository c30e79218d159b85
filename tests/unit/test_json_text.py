import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocofolds.json_text import compact, with_values

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
RECORDS = st.dictionaries(st.text(), VALUES)
LAYOUTS = st.sampled_from(
    [{}, {"indent": 1}, {"indent": "\t"}, {"separators": (" ,\r\n", " :  ")}]
)


def plain(value, **others):
    return json.dumps(value, separators=(",", ":"), **others)


@given(VALUES, LAYOUTS, st.booleans())
def test_compact(value, layout, ascii_only):
    text = json.dumps(value, ensure_ascii=ascii_only, **layout)
    assert compact(text) == plain(value, ensure_ascii=ascii_only)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1.50e+03}',
        '"\\u00e9\\/ \\"  \\\\"',
        "[1.0,-0.0,1E5,100000000000000000000]",
    ],
)
def test_compact_keeps_the_spelling(text):
    spaced = text.replace(",", " , ").replace(":", " : ") if text[0] != '"' else text
    assert compact(f" {spaced}\n") == text


@given(
    RECORDS, st.dictionaries(st.sampled_from(["id", "a", 'b"\\', ""]), st.integers())
)
def test_with_values(record, others):
    texts = {key: str(value) for key, value in others.items()}
    found = with_values(plain(record), texts)
    assert found == plain(record | others)


def test_with_values_keeps_the_spelling():
    text = '{"\\u0061":1.50,"id":7,"x":{"id":7},"é":"\\/"}'
    assert with_values(text, {"id": "8", "new": "[]"}) == (
        '{"\\u0061":1.50,"id":8,"x":{"id":7},"é":"\\/","new":[]}'
    )
    assert with_values(text, {"a": "2"}).startswith('{"\\u0061":2,')
    assert with_values(text, {}) == text
    assert with_values("{}", {"id": "8"}) == '{"id":8}'
