from time import process_time

import pytest

from cocofolds.dataset.duplicates import look_alike_messages, look_alikes

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("im1", "im1 "),
        ("im1", " im1"),
        ("im1", "im1\u00a0"),
        ("im1", "im1\t"),
        ("T cell", "T  cell"),
        ("c0", "C0"),
        ("stra\u00dfe", "STRASSE"),
        (COMPOSED, DECOMPOSED),
        (COMPOSED, DECOMPOSED.upper() + " "),
    ],
)
def test_names_that_look_alike(first, second):
    assert look_alikes([first, "other", second]) == [(second, first)]


@pytest.mark.parametrize(
    "names", [["a", "b"], ["a b", "ab"], ["1 11", "11 1"], ["a", "a"], ["", "a"], []]
)
def test_names_that_do_not(names):
    assert look_alikes(names) == []


def test_message_names_the_first_and_counts_the_rest():
    names = [text for n in range(12) for text in (f"c{n}", f"C{n}")]
    [message] = look_alike_messages({"image ids": ["a", "b"], "categories": names})
    assert message.startswith("12 categories differ from another in blanks, case or")
    assert "'C0' (beside 'c0'), 'C1' (beside 'c1')" in message
    assert "'C9' (beside 'c9'), and 2 more" in message


def test_forms_of_unicode_are_told_apart():
    [message] = look_alike_messages({"groups": [COMPOSED, DECOMPOSED]})
    assert r"'cafe\u0301' (beside 'caf\xe9')" in message


def test_time_is_linear():
    names = [f"image {n}" for n in range(200_000)]
    start = process_time()
    assert look_alikes(names) == []
    assert process_time() - start < 5
