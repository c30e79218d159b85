import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from cocofolds.folds.balance import FoldTable, Spread
from cocofolds.report.data_set import describe
from cocofolds.report.page import (
    MOST_BYTES,
    Copies,
    Made,
    first_rows,
    number,
    render_page,
    shortened,
    show_gallery,
)
from cocofolds.report.splits import Split

MARKUP = "</script><img src=x onerror=hacked()>\"'&{{ 7 * 191 }}\u202e"
PIXEL = "data:image/webp;base64,UklGRg=="


def split(names, n_folds=3, seed=0, folds_of=()):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 9, (len(names), n_folds))
    return Split(
        f"image-k{n_folds}-seed{seed}",
        "image",
        n_folds,
        FoldTable([*names], images, 3 * images, np.ones(n_folds, int)),
        Spread(images.sum(axis=0), 0),
        None,
        images.sum(axis=1),
        {source_id: [1] for source_id in folds_of},
        {"images_held_out_once": 9},
    )


def picture(source_id="image 1", categories=("a",), picture=PIXEL, warnings=()):
    return {
        "name": "1",
        "source_id": source_id,
        "file_name": f"{source_id}.png",
        "width": 704,
        "height": 520,
        "shown_width": 704,
        "shown_height": 520,
        "picture": picture,
        "masks": PIXEL,
        "categories": dict.fromkeys(categories, 2),
        "legend": dict.fromkeys(categories, "#ff0000"),
        "warnings": [*warnings],
    }


def rows(n, text="text", **more):
    for line in range(n):
        yield {"of": "index", "file": text, "line": str(line), "text": text, **more}


def made(n_warnings=0, n_rejected=0, n_changed=0, text="a text", settings=None):
    return Made(
        first_rows(rows(n_warnings, text)),
        first_rows(rows(n_rejected, text, image=text, reason=text)),
        first_rows(rows(n_changed, text, image=text, change=text)),
        {"masks_equal_in_every_pixel": 1234},
        settings or {"n_folds": 3},
        [{"name": text, "sha256": "ab12"}],
        "cd34",
        {"cocofolds": "1.2.3"},
    )


def data_set(names=("a", "b"), n_images=20):
    rng = np.random.default_rng(0)
    n = 10 * n_images
    return describe(
        names,
        np.tile([704, 520], (n_images, 1)),
        {
            "category_positions": rng.integers(0, len(names), n).astype(np.int32),
            "image_positions": rng.integers(0, n_images, n).astype(np.int32),
            "areas": rng.uniform(0, 1000, n),
        },
    )


class Page(HTMLParser):
    """The elements of a page with their attributes, and the text in it."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.words, self.ids = [], [], []
        self.feed(page.decode())

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.ids += [value for key, value in attrs if key == "id"]

    def handle_data(self, data):
        if self.elements[-1:] and self.elements[-1][0] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def attributes(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def page_of(**changed):
    given = {
        "data_set": data_set(),
        "splits": [split(["a", "b"], folds_of=["image 1"])],
        "gallery": [picture()],
        "made": made(),
        "copies": Copies([], 0),
    }
    return render_page(**{**given, **changed})


@pytest.fixture(scope="module")
def page():
    return Page(page_of())


def test_the_page_says_what_there_is(page):
    assert "Images 20 Annotations 200 Categories 2 Split 1" in page.text
    assert "image-k3-seed0" in page.text
    assert "Masks equal in every pixel 1,234" in page.text
    assert "n_folds 3" in page.text
    assert "cocofolds run" in page.text
    assert "SHA-256 ab12" in page.text
    assert "SHA-256 cd34" in page.text
    assert "cocofolds 1.2.3" in page.text


def test_the_page_is_the_same_each_time():
    assert page_of() == page_of()


def test_ids_are_unique_and_links_lead_to_them(page):
    assert len(page.ids) == len({*page.ids})
    links = [attributes["href"] for attributes in page.attributes("a")]
    assert links
    assert {link.removeprefix("#") for link in links} <= {*page.ids}


def test_the_policy_allows_what_is_in_the_page_and_no_more():
    text = page_of().decode()
    policy = re.search(r'Policy" content="([^"]+)"', text)[1].replace("&#39;", "'")
    assert policy.startswith("default-src 'none'; img-src data:;")
    for tag in ("style", "script"):
        [content] = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = hashlib.sha256(content.encode()).digest()
        assert f"{tag}-src 'sha256-{base64.b64encode(digest).decode()}'" in policy
    assert " style=" not in text
    assert not re.search(r" on\w+=", text.split("<script>")[0])


def test_nothing_is_fetched(page):
    for _, attributes in page.elements:
        for key in ("src", "href", "srcset", "action", "data"):
            value = attributes.get(key) or "#"
            assert value.startswith(("#", "data:image/"))


def test_markup_is_text():
    page = Page(
        page_of(
            data_set=data_set([MARKUP, "b"]),
            splits=[split([MARKUP, "b"], folds_of=[MARKUP])],
            gallery=[picture(MARKUP, [MARKUP], warnings=[MARKUP])],
            made=made(3, 3, 3, MARKUP, {"categories": [MARKUP]}),
        )
    )
    plain = Page(page_of(made=made(3, 3, 3), gallery=[picture(warnings=["odd"])]))
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in plain.elements]
    assert page.text.count("onerror=hacked()") >= 12
    assert "1337" not in page.text
    assert "\u202e" not in page.text


@pytest.mark.parametrize(("n", "said"), [(200, False), (201, True)])
def test_the_first_200_rows_are_listed(n, said):
    page = Page(page_of(made=made(n, n, n)))
    for file in ("results/logs", "results/rejected.csv", "results/changed.csv"):
        assert (f"The first 200 of {n}; all are in {file}" in page.text) == said
    # A table has three of the texts in a row, and the list of warnings one.
    assert page.text.count("a text") == 200 * (3 + 3 + 1) + 3


def test_rows_are_counted_and_not_kept():
    kept = first_rows({"text": "x" * 9000} for _ in range(100_000))
    assert kept.total == 100_000
    assert len(kept.rows) == 200
    assert {len(row["text"]) for row in kept.rows} == {500}


def test_without_a_gallery():
    page = Page(page_of(gallery=[]))
    assert "n_previews is 0" in page.text
    assert not page.attributes("img")
    assert not page.attributes("select")


def test_the_gallery_knows_categories_folds_and_warnings():
    splits = [
        split(["a", "b"], folds_of=["1", "2"]),
        split(["a", "b"], seed=7, folds_of=["1", "2"]),
    ]
    splits[1].folds_of["1"] = [2, 3]
    images = [picture("1", ["b", "a"]), picture("2", ["b"], warnings=["odd"])]
    page = Page(page_of(splits=splits, gallery=images))
    first, second = (f for f in page.attributes("figure") if "data-folds" in f)
    assert (first["data-choices"], second["data-choices"]) == ("1 0", "1")
    assert json.loads(first["data-folds"]) == [[1], [2, 3]]
    assert json.loads(second["data-folds"]) == [[1], [1]]
    assert ("data-warned" in first, "data-warned" in second) == (False, True)
    assert "a (1)" in page.text
    assert "b (2)" in page.text


def test_an_image_of_many_categories_names_some():
    names = [f"c{n}" for n in range(1000)]
    choices, [figure] = show_gallery([picture(categories=names)], [])
    assert len(choices) == 500
    assert len(figure["labels"]) == 12
    assert figure["n_other_labels"] == 988
    assert figure["n_annotations"] == 2000
    assert len(figure["choices"]) == 500


def test_the_worst_data_fit():
    """Long names of what takes the most bytes, and more of all than can be shown."""
    names = [f"{n:05d}" + '"' * 10_000 for n in range(8000)]
    ids = [f"{n}" + "\U0001f52c" * 10_000 for n in range(60)]
    splits = [split(names, 1000, 0, ids)]
    splits += [split(names[:40], 200, seed, ids) for seed in range(1, 210)]
    long = PIXEL + "A" * 110_000
    gallery = [picture(i, names[:500], long, ['"' * 10_000] * 20) for i in ids]
    many = {f"key {n}": ['"' * 10_000] for n in range(50)}
    page = page_of(
        data_set=data_set(names, 2000),
        splits=splits,
        gallery=gallery,
        made=made(100_000, 1000, 1000, '"' * 10_000, many),
    )
    assert len(page) <= MOST_BYTES == 8_000_000
    assert b"had no room on this page" in page


def test_a_gallery_of_seven_megabytes_fits_as_a_whole():
    ids = [str(n) for n in range(60)]
    gallery = [picture(i, picture=PIXEL + "A" * 116_000) for i in ids]
    names = [f"a category named {n}" for n in range(8000)]
    text = page_of(
        data_set=data_set(names, 2000),
        splits=[split(names, 10, seed, ids) for seed in range(6)],
        gallery=gallery,
        made=made(100_000, 1000, 1000, "A message of a usual length. " * 4),
    )
    assert 7_000_000 < len(text) <= MOST_BYTES
    assert text.count(b'<figure class="card" data-choices') == 60


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1, "1"),
        (0.5, "0.5"),
        (2.345, "2.3"),
        (1234.5, "1,234"),
        (1e7, "10,000,000"),
    ],
)
def test_numbers(value, text):
    assert number(value) == text


def test_texts_are_shortened():
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abcde…"
    assert shortened("a\nb\x00\u202e", 9) == "a\nb\ufffd\ufffd"


def test_a_data_set_is_described():
    found = describe(
        ["a", "b", "unused"],
        np.array([[10, 20], [30, 20], [10, 20]]),
        {
            "category_positions": np.array([0, 1, 1, 1], np.int32),
            "image_positions": np.array([0, 0, 0, 1], np.int32),
            "areas": np.array([7.0, 1, 100, 0]),
        },
    )
    assert (found.n_images, found.n_annotations, found.n_categories) == (3, 4, 3)
    assert (found.n_without_area, found.n_unannotated) == (1, 1)
    assert found.areas[1:] == (7, 1, 100)
    assert found.masks[1:] == (1, 0, 3)
    assert found.lengths[1:] == (20, 20, 30)
    assert found.sizes == [(10, 20, 2), (30, 20, 1)]
    names, n_images, n_annotations, medians, ranges = zip(
        *found.categories, strict=True
    )
    assert names == ("b", "a", "unused")
    assert n_images == (2, 1, 0)
    assert n_annotations == (3, 1, 0)
    assert medians == (50.5, 7, 0)
    assert [len(some) for some in ranges] == [5, 5, 0]
    assert min(ranges[0]) == 0
    assert max(ranges[0]) == 100


def test_an_empty_data_set_is_described():
    empty = np.zeros(0, np.int32)
    found = describe(
        [],
        np.zeros((0, 2), np.int64),
        {"category_positions": empty, "image_positions": empty, "areas": np.zeros(0)},
    )
    assert found.n_images == found.n_annotations == 0
    assert b"Folds of" in page_of(data_set=found)


def copies_of(text, n_pairs=1, total=1):
    image = {
        **{key: picture()[key] for key in ("width", "height", "picture")},
        "source_id": "image 1",
        "file_name": text,
        "shown_width": 2,
        "shown_height": 1,
    }
    pair = {"kind": "same picture", "correlation": "0.9912", "images": [image] * 2}
    return Copies([pair] * n_pairs, total)


def test_copies():
    assert "copies" not in Page(page_of()).ids
    page = Page(page_of(copies=copies_of(MARKUP, 2, 3)))
    assert "copies" in page.ids
    assert "3 images are copies of another." in page.text
    assert page.text.count("Same picture, correlation 0.9912") == 2
    assert "The first 2 of 3; all are in results/duplicates.csv" in page.text
    assert not any(attributes.get("onerror") for _, attributes in page.elements)
    one = Page(page_of(copies=copies_of("a.png")))
    assert "1 image is a copy of another." in one.text
    assert "The first" not in one.text


def test_copies_that_share_a_fold():
    shared = made(settings={"duplicates": "group"})
    page = Page(page_of(copies=copies_of("a.png"), made=shared))
    assert "Copies are in one fold." in page.text
    assert "keeps copies in one fold" not in page.text
