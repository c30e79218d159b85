import json
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from test_json_text import LAYOUTS, VALUES

from cocofolds.errors import InputError
from cocofolds.sources.json_stream import read_values

LISTS = ("images", "annotations")
RECORDS = st.lists(VALUES) | st.dictionaries(st.text(), VALUES)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "images": RECORDS,
        "annotations": RECORDS,
        "info": VALUES,
        'k"\\': VALUES,
    },
)


def pieces_of(text, size):
    return [text[place : place + size] for place in range(0, len(text), size)]


def read(text, size=7):
    return list(read_values("a.json", pieces_of(text, size), LISTS))


@given(DOCUMENTS, LAYOUTS, st.integers(1, 40))
def test_values(document, layout, size):
    text = json.dumps(document, **layout)
    expected = []
    for key, value in document.items():
        if key not in LISTS:
            expected.append((key, 0, key, value, None))
        elif isinstance(value, list):
            expected += [
                (key, place, f"{key}[{place}]", item, None)
                for place, item in enumerate(value)
            ]
        else:
            expected += [
                (key, place, f"{key}[{json.dumps(name)}]", item, name)
                for place, (name, item) in enumerate(value.items())
            ]
    found = read(f" \n{text}\r\n", size)
    assert [(v.key, v.position, v.where, v.value, v.name) for v in found] == expected
    assert [json.loads(v.text) for v in found] == [value.value for value in found]


def test_texts_are_as_they_stand():
    text = '{"images": [ {"id" : 1.50} ,2e0, "\\u0061"], "info" :{ "a":[ 1 ]} }'
    assert [value.text for value in read(text)] == [
        '{"id" : 1.50}',
        "2e0",
        '"\\u0061"',
        '{ "a":[ 1 ]}',
    ]


def test_numbers_that_lie_in_two_pieces():
    text = '{"info":10.25e2,"images":[-1.5,20e+3,0.0, 7 ]}'
    for size in range(1, len(text)):
        assert [value.text for value in read(text, size)] == [
            "10.25e2",
            "-1.5",
            "20e+3",
            "0.0",
            "7",
        ]


@given(DOCUMENTS, st.data())
def test_cut_short(document, data):
    text = json.dumps(document)
    end = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(InputError, match=r"^a\.json, .*not readable as JSON, or cut"):
        read(text[:end])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "its beginning: .*character 1: the text ends"),
        ("[1]", "the file is no JSON object"),
        ("id,annotation\n", "the file is no JSON object"),
        ('{"images": 5}', "images: .*it is neither a list nor an object"),
        ('{"images": {"1": 1,}}', r'images\["1"\]: .*Expecting value'),
        ('{"images": {"1": 1, "2": ?}}', r'images\["2"\]: .*Expecting value'),
        ('{"images": {"1": 1}', "the text ends"),
        ('{"info": 1,}', "Expecting value"),
        ('{"info"x: 1}', "no colon behind"),
        ('{"info": {}x}', "info: .*character 12: no comma behind it"),
        ('{"info": {}x, "images": []}', "info: .*character 12: no comma behind it"),
        ('{"images": [{}x, 1]}', r"images\[1\]: .*character 15: no comma in front"),
        ('{"images": [1 2]}', r"images\[1\]: .*no comma in front of it"),
        ('{"images": [1,]}', r"images\[1\]: .*Expecting value"),
        (
            '{"images": [{"id": 1}, {"id" 2}]}',
            r"images\[1\]: .*character 30: Expecting",
        ),
        ('{"info": 1 "images": []}', "info: .*no comma behind it"),
        ('{"info" 1}', "no colon behind"),
        ("{1: 2}", "1 is no key"),
        ('{"info": 1}, 2', "there is more behind the end of the object"),
        ('{"info": tru}', "info: .*Expecting value"),
        ('{"info": ' + "[" * 100_000, "nested too deeply"),
        ('{"images": [1, ' + "[" * 100_000, "nested too deeply"),
        ('{"info": ' + "1" * 5_000 + "}", "Exceeds the limit"),
        ('{"images": [1], "info": 1, "images": [2]}', "images: .*duplicate list"),
    ],
)
def test_what_is_no_json(text, message):
    for size in (7, len(text) + 1):
        with pytest.raises(InputError, match=message):
            read(text, size)


@pytest.mark.parametrize("size", [1, 3, 1000])
@given(DOCUMENTS, LAYOUTS, st.data())
def test_damaged(size, document, layout, data):
    """What json does not read is an error; what it reads comes out the same."""
    text = json.dumps(document, **layout)
    # Mostly behind a value, where a reader that goes by windows is at its wits' end.
    ends = [found.end() for found in re.finditer(r'["\]}\d]', text)]
    place = data.draw(st.sampled_from(ends or [0]) | st.integers(0, len(text)))
    extra = data.draw(st.sampled_from(["x", "7", ",", ":", '"', "}", "]", "{}", "\\"]))
    text = text[:place] + extra + text[place + data.draw(st.integers(0, 2)) :]
    try:
        expected = json.loads(text)
    except json.JSONDecodeError:
        with pytest.raises(InputError, match=r"not readable as JSON, or cut short"):
            read(text, size)
        return
    assume(isinstance(expected, dict) and all(expected.get(k, []) for k in LISTS))
    assume(all(isinstance(expected.get(k, []), (list, dict)) for k in LISTS))
    found = {}
    for value in read(text, size):
        assert json.loads(value.text) == value.value
        if value.key not in LISTS:
            found[value.key] = value.value
        elif value.name is None:
            found.setdefault(value.key, []).append(value.value)
        else:
            found.setdefault(value.key, {})[value.name] = value.value
    assert found == expected


def test_an_error_is_said_before_the_text_is_read_to_its_end():
    def pieces():
        yield '{"images": [{"id":2,,"file_name": "a very long one"}, '
        raise AssertionError("read on")

    with pytest.raises(InputError, match=r"images\[0\]: .*Expecting property name"):
        list(read_values("a.json", pieces(), LISTS))


def test_a_value_that_never_ends(monkeypatch):
    monkeypatch.setattr("cocofolds.sources.json_stream._LONGEST_VALUE", 100)
    assert len(read('{"images": ["' + "x" * 90 + '"]}')) == 1
    with pytest.raises(InputError, match=r"images\[0\]: .*a value of this length"):
        read('{"images": ["' + "x" * 300 + '"]}')


def test_values_come_before_the_text_is_read_to_its_end():
    def pieces():
        yield '{"images": [1, 2, '
        raise AssertionError("read on")

    values = read_values("a.json", pieces(), LISTS)
    assert next(values).value == 1
    assert next(values).value == 2
