import csv
import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from oracles import pictures, texts_of

from cocofolds.masks.pixel_order import order_message, order_votes
from cocofolds.masks.run_lengths import (
    MAX_PIXELS,
    explain,
    find_invalid,
    in_batches,
    numbered_from_1,
    parse_runs,
)

N_PIXELS = 60
TOO_LONG = "9" * 5000

INVALID = {
    "empty": ("", "the run-length text is empty"),
    "blanks only": (" \t\n", "the run-length text is empty"),
    "one number": ("5", "come in pairs, but the numbers are 1"),
    "three numbers": ("5 1 9", "come in pairs, but the numbers are 3"),
    "a word": ("5 1 nine 1", "'nine' is not a whole number"),
    "a decimal": ("5 1.0", "'1.0' is not a whole number"),
    "a plus sign": ("5 +1", "'+1' is not a whole number"),
    "an underscore": ("5 1_0", "'1_0' is not a whole number"),
    "a separating comma": ("5,1", "'5,1' is not a whole number"),
    "unicode digits": ("5 \N{ARABIC-INDIC DIGIT ONE}", "is not a whole number"),
    "a superscript": ("5 1\N{SUPERSCRIPT TWO}", "is not a whole number"),
    "a NUL": ("5 1\0", "is not a whole number"),
    "a lone minus": ("5 -", "'-' is not a whole number"),
    "a negative start": ("-5 1", "'-5' is negative"),
    "a negative length": ("5 -1", "'-1' is negative"),
    "start 0": ("0 1", "run 0 1 starts at 0, but `base: 1` numbers pixels from 1"),
    "start 000": ("000 1", "run 0 1 starts at 0"),
    "zero length": ("5 0", "run 5 0 has no length"),
    "zero length, a run later": ("5 1 9 00", "run 9 0 has no length"),
    "start past the last pixel": ("61 1", "run 61 1 ends past the last pixel, 60"),
    "end past the last pixel": ("60 2", "run 60 2 ends past the last pixel, 60"),
    "a length past the last pixel": ("1 61", "ends past the last pixel, 60"),
    "overlap": ("5 3 7 1", "runs 5 3 and 7 1 overlap"),
    "overlap, unsorted": ("7 1 20 2 5 3", "runs 5 3 and 7 1 overlap"),
    "the same run twice": ("5 3 5 3", "runs 5 3 and 5 3 overlap"),
    "overlap, far from its neighbours": ("1 50 60 1 9 1", "runs 1 50 and 9 1 overlap"),
    "16 digits": ("9999999999999999 9999999999999999", "ends past the last pixel"),
    "17 digits": ("5 10000000000000001", "has more than 16 digits"),
    "17 digits whose last 16 would do": (
        "10000000000000005 1",
        "has more than 16 digits",
    ),
    "17 digits, a zero first": ("5 01000000000000003", "has more than 16 digits"),
    "20 digits": ("5 18446744073709551617", "has more than 16 digits"),
    "5000 digits": (f"5 {TOO_LONG}", "'9999999999999999...' has more"),
    "5000 digits, negative": (f"5 -{TOO_LONG}", "'-999999999999999...' is neg"),
    "a word of 5000 letters": ("x" * 5000, "'xxxxxxxxxxxxxxxx...' is not"),
}
ACCEPTED_AS_THEY_STAND = {
    "one run": "5 3",
    "the first pixel": "1 1",
    "the last pixel": "60 1",
    "all pixels": "1 60",
    "touching": "5 3 8 2",
    "leading zeros": "05 0003",
    "leading zeros, 16 digits": "0000000000000005 0000000000000003",
}
ACCEPTED_IN_CANONICAL_FORM = {
    "tabs": ("5\t3\t9\t1", "5 3 9 1"),
    "a newline": ("5 3\n9 1", "5 3 9 1"),
    "carriage return and newline": ("5 3\r\n9 1", "5 3 9 1"),
    "two blanks": ("5  3", "5 3"),
    "blanks around": (" 5 3 ", "5 3"),
    "no-break space": ("5\N{NO-BREAK SPACE}3", "5 3"),
    "unsorted": ("9 1 5 3", "9 1 5 3"),
    "touching, unsorted": ("8 2 5 3", "8 2 5 3"),
}


def check(texts, n_pixels=N_PIXELS):
    return find_invalid(texts, np.full(len(texts), n_pixels))


def pixels_of(runs):
    """Numbers of the pixels of each mask, from 1; twice if two runs cover it."""
    bounds = np.cumsum([0, *runs.per_mask])
    starts, lengths = (column.tolist() for column in (runs.starts + 1, runs.lengths))
    return [
        sorted(
            pixel
            for start, length in zip(starts[a:b], lengths[a:b], strict=True)
            for pixel in range(start, start + length)
        )
        for a, b in pairwise(bounds)
    ]


def read_slowly(text, n_pixels):
    """Numbers of the pixels of a mask in order, or None if the text is not a mask."""
    words = text.split()
    if not all(re.fullmatch("[0-9]+", word) for word in words):
        return None
    digits = [word.lstrip("0") for word in words]
    if not words or len(words) % 2 or max(map(len, digits)) > 20:
        return None
    numbers = [int(word or 0) for word in digits]
    pixels = []
    for start, length in zip(numbers[0::2], numbers[1::2], strict=True):
        if start < 1 or length < 1 or start + length - 1 > n_pixels:
            return None
        pixels += range(start, start + length)
    return sorted(pixels) if len(set(pixels)) == len(pixels) else None


@pytest.mark.parametrize(("text", "reason"), INVALID.values(), ids=INVALID)
def test_invalid(text, reason):
    assert reason in explain(text, N_PIXELS)
    assert read_slowly(text, N_PIXELS) is None
    invalid, canonical = check([text])
    assert invalid == {0: explain(text, N_PIXELS)}
    assert not canonical


def test_number_that_zeros_make_too_long():
    zeros = "0" * 15
    assert check([f"5 0{zeros}3", "5 3"])[0] == {0: explain(f"5 0{zeros}3", N_PIXELS)}
    assert check([f"5 {zeros}3"]) == ({}, {})


def test_negative_unicode_digits():
    assert "is negative" in explain("5 -\N{ARABIC-INDIC DIGIT ONE}", N_PIXELS)


@pytest.mark.parametrize(
    "text", ACCEPTED_AS_THEY_STAND.values(), ids=ACCEPTED_AS_THEY_STAND
)
def test_accepted(text):
    assert explain(text, N_PIXELS) is None
    assert check([text]) == ({}, {})
    assert pixels_of(parse_runs([text])) == [read_slowly(text, N_PIXELS)]


@pytest.mark.parametrize(
    ("text", "canonical"),
    ACCEPTED_IN_CANONICAL_FORM.values(),
    ids=ACCEPTED_IN_CANONICAL_FORM,
)
def test_canonical_form(text, canonical):
    assert explain(text, N_PIXELS) is None
    assert check([text]) == ({}, {0: canonical})
    assert pixels_of(parse_runs([canonical])) == [read_slowly(text, N_PIXELS)]


def test_no_texts():
    assert check([]) == ({}, {})


def test_each_text_has_its_own_image():
    texts = ["7 1"] * 4
    invalid, canonical = find_invalid(texts, np.array([6, 7, 1, 8]))
    assert {place: reason[-1] for place, reason in invalid.items()} == {0: "6", 2: "1"}
    assert not canonical


@pytest.mark.parametrize("start", [1, MAX_PIXELS])
def test_largest_image(start):
    text = f"{start} {MAX_PIXELS + 1 - start}"
    assert check([text], MAX_PIXELS) == ({}, {})
    assert list(check([text], MAX_PIXELS - 1)[0]) == [0]
    runs = parse_runs([text])
    assert (runs.starts[0], runs.lengths[0]) == (start - 1, MAX_PIXELS + 1 - start)


def test_bad_texts_among_good_ones():
    good, other = "1 2 5 3", "5  3"
    texts = [good]
    bad, canonical = {}, {}
    for text, _ in INVALID.values():
        bad[len(texts)] = text
        canonical[len(texts) + 2] = "5 3"
        texts += [text, good, other, good]
    invalid, canonical_found = check(texts)
    assert invalid == {place: explain(text, N_PIXELS) for place, text in bad.items()}
    assert canonical_found == canonical


@given(
    st.lists(
        st.lists(st.integers(0, 10**16 - 1), min_size=2).map(
            lambda numbers: numbers[: len(numbers) // 2 * 2]
        ),
        min_size=1,
    )
)
def test_numbers_of_up_to_16_digits(batch):
    runs = parse_runs([" ".join(map(str, numbers)) for numbers in batch])
    assert runs.starts.tolist() == [n - 1 for numbers in batch for n in numbers[0::2]]
    assert runs.lengths.tolist() == [n for numbers in batch for n in numbers[1::2]]
    assert runs.per_mask.tolist() == [len(numbers) // 2 for numbers in batch]


SLIPS = [
    *("", " ", "  ", "\t", "\n", "\x1f", "\xa0"),
    *("-", ".", ",", "/", ":", "e", "\0", "\xe9", "\u0663", "\ud800"),
    *("0", "1", " 1", " 1 1", " 0 ", "0" * 8, "9" * 17, "1" + "0" * 19, "7" * 5000),
]


@st.composite
def damaged(draw):
    """A text of a mask, with a few slips in it, or none."""
    text = draw(texts_of(draw(pictures()), "row"))
    for _ in range(draw(st.integers(0, 3))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
        put = draw(st.sampled_from([*SLIPS, text[start:end]]))
        text = text[:start] + put + text[draw(st.sampled_from([start, end])) :]
    return text


@given(st.lists(st.tuples(damaged() | st.text(), st.integers(1, 100)), min_size=1))
@example([("1 1 1", 9), ("1", 9), ("1 1 2 2", 9)])
def test_any_text_is_rejected_or_read_rightly(batch):
    texts = [text for text, _ in batch]
    expected = [read_slowly(*text_and_size) for text_and_size in batch]
    invalid, canonical = find_invalid(texts, np.array([size for _, size in batch]))

    assert list(invalid) == [n for n, pixels in enumerate(expected) if pixels is None]
    for place, reason in invalid.items():
        assert reason == explain(*batch[place])
    accepted = {
        place: canonical.get(place, text)
        for place, text in enumerate(texts)
        if place not in invalid
    }
    assert set(canonical) <= set(accepted)
    assert all(re.fullmatch("[0-9]+( [0-9]+)*", text) for text in accepted.values())
    found = pixels_of(parse_runs(list(accepted.values())))
    assert found == [expected[place] for place in accepted]


@given(st.lists(st.integers(0, 100_000)))
def test_batches_keep_all_rows_in_order(lengths):
    rows = list(enumerate(lengths))
    batches = list(in_batches(iter(rows), lambda row: row[1]))
    assert [row for batch in batches for row in batch] == rows
    assert all(batches)


def test_batches_are_bounded():
    sizes = [len(batch) for batch in in_batches(range(1_000_000), lambda row: 99)]
    assert max(sizes) < 10_000


def test_batches_are_made_as_they_are_asked_for():
    rows = iter(range(1_000_000))
    next(in_batches(rows, lambda row: 99))
    assert next(rows) < 10_000


def test_order_votes_of_real_masks(real_data):
    """Image by image: no wrong order passes, and no right one is cried at."""
    folder = real_data / "dsb2018"
    tables = {}
    for order in ("row", "column"):
        with open(folder / f"train_{order}_major.csv", newline="") as file:
            tables[order] = list(csv.DictReader(file))
    by_image = {}
    for row, other in zip(tables["row"], tables["column"], strict=True):
        texts = (row["annotation"], other["EncodedPixels"])
        size = int(row["height"]), int(row["width"])
        by_image.setdefault((row["id"], *size), []).append(texts)
    told = {"square": 0, "too few": 0, "right": 0}
    for (_, height, width), texts in by_image.items():
        heights, widths = np.full(len(texts), height), np.full(len(texts), width)
        for order, place in (("row", 0), ("column", 1)):
            runs = parse_runs([pair[place] for pair in texts])
            votes = order_votes(runs, heights, widths)
            other = "column" if order == "row" else "row"
            assert order_message(votes, order) is None
            if height == width:
                told["square"] += 1
                assert votes == (0, 0)
            elif order_message(votes, other):
                told["right"] += 1
            else:
                told["too few"] += 1
                assert sum(votes) < 10
    assert told == {"square": 204, "too few": 8, "right": 108}


def specks(height, width, seed):
    """50 squares of 7 pixels a side."""
    random = np.random.default_rng(seed)
    pixels = np.zeros((height, width), bool)
    for y, x in random.integers((height, width), size=(50, 2)):
        pixels[y : y + 7, x : x + 7] = True
    return pixels


def rising_line(height, width, seed):
    """The same, which rises."""
    return falling_line(height, width, seed)[::-1]


def falling_line(height, width, seed):
    """A line of a pixel's width, which falls a pixel in 200."""
    x = np.arange(width)
    pixels = np.zeros((height, width), bool)
    pixels[(10 + seed + x // 200) % height, x] = True
    return pixels


@pytest.mark.parametrize("order", ["row", "column"])
@pytest.mark.parametrize("size", [(256, 1600), (1600, 256), (520, 704), (400, 600)])
@pytest.mark.parametrize("shape", [specks, falling_line, rising_line])
def test_order_votes_of_shapes_that_are_hard_to_tell(shape, size, order):
    """No right order is cried at, and of specks no wrong one passes."""
    masks = [shape(*size, seed) for seed in range(20)]
    texts = []
    for pixels in masks:
        flat = (pixels if order == "row" else pixels.T).ravel().astype(np.int8)
        edges = np.flatnonzero(np.diff(flat, prepend=0, append=0))
        pairs = zip(edges[0::2] + 1, edges[1::2] - edges[0::2], strict=True)
        texts.append(" ".join(f"{start} {length}" for start, length in pairs))
    heights, widths = (np.full(len(masks), length) for length in size)
    votes = order_votes(parse_runs(texts), heights, widths)
    assert order_message(votes, order) is None
    if shape is specks:
        assert order_message(votes, "column" if order == "row" else "row")


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1))
def test_ways_to_count_the_same_runs(gaps_and_lengths):
    """Written in each way, runs come out as starts that are counted from 1."""
    absolute, relative, end = [], [], 0
    for gap, length in gaps_and_lengths:
        absolute.append((end + gap, length))
        relative.append((gap, length))
        end += gap + length

    def text(runs, shift=0):
        return " ".join(f"{start + shift} {length}" for start, length in runs)

    expected = text(absolute, 1)
    assert numbered_from_1(text(absolute), 0, False) == expected
    assert numbered_from_1(text(relative), 0, True) == expected
    assert numbered_from_1(expected, 1, False) == expected


@pytest.mark.parametrize("text", ["", "x", "1", "1 2 3", "-1 2", "1.5 2", TOO_LONG])
def test_what_is_no_mask_is_not_counted(text):
    assert numbered_from_1(text, 0, True) == text
