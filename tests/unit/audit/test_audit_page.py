"""An audit in a terminal, and as a page."""

import base64
import hashlib
import re

from parts_of import annotation, document, image, read_parts
from rich.console import Console

from cocofolds.audit.page import audit_page
from cocofolds.audit.table import audit_table
from cocofolds.audit.verdict import audit

HOSTILE = "\x1b[31m</style><script>hacked()</script>[bold]\u202e.png"
LEAK = document([image(1, HOSTILE)], [annotation(1, 1)], {"<b>cat": 1})
CLEAN = document([image(1), image(2)]), document([image(3)])


def page_of(folder, *documents):
    return audit_page(audit(read_parts(folder, *documents))).decode()


def shown(folder, *documents, width=80):
    console = Console(width=width, markup=False, highlight=False, color_system=None)
    with console.capture() as said:
        console.print(audit_table(audit(read_parts(folder, *documents)), width))
    return said.get()


def test_terminal(tmp_path):
    text = shown(tmp_path, LEAK, LEAK)
    lines = [line.split() for line in text.splitlines()]
    assert lines[0] == [
        "part",
        "images",
        "share",
        "annotations",
        "categories",
        "faulty",
    ]
    assert lines[1] == ["a.json", "1", "50%", "1", "1", "0"]
    assert lines[4][:2] == ["leak", "images"]
    assert "Not looked for: groups (--group-pattern, --group-column); copies" in text
    assert text.replace("\n", " ").endswith(
        "It leaks: 1 image is in more than one part; 1 annotation is in more than one"
        " part. Besides: 1 thing to look at. "
    )
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert r"\x1b[31m</style>" in text


def test_narrow_terminal_and_many_examples(tmp_path):
    many = document([image(n) for n in range(2000)])
    text = shown(tmp_path, many, many, width=40)
    assert "- 2.png\n" in text
    assert "- 3.png" not in text
    assert "- and 1,997 more" in text


def test_terminal_when_all_is_well(tmp_path):
    text = shown(tmp_path, *CLEAN)
    assert text.endswith("Nothing leaks.\n")
    assert "67%" in text
    levels = {line.split()[0] for line in text.splitlines() if line.startswith("ok")}
    assert levels == {"ok"}


def test_page(tmp_path):
    page = page_of(tmp_path, LEAK, LEAK)
    assert page.startswith("<!doctype html>")
    assert page == page_of(tmp_path, LEAK, LEAK)
    assert '<div class="hero bad">' in page
    assert "It leaks: 1 image is in more than one part" in page
    assert "<script" not in page
    assert "&lt;script&gt;hacked()" in page
    assert "&lt;b&gt;cat" in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert page.count("</style>") == 1


def test_page_when_all_is_well(tmp_path):
    page = page_of(tmp_path, *CLEAN)
    assert '<div class="hero good">' in page
    assert "All is as it should be." in page


def test_links_lead_to_parts_of_the_page(tmp_path):
    groups = document([image(1, "x_1.png"), image(2, "y.png"), image(3, HOSTILE)])
    parts = read_parts(tmp_path, LEAK, groups, group_pattern="^(.)_")
    page = audit_page(audit(parts, has_groups=True)).decode()
    links = re.findall(r'href="#([^"]*)"', page)
    ids = re.findall(r'id="([^"]*)"', page)
    assert len(ids) == len({*ids})
    assert {*links} <= {*ids}


def test_style_is_the_one_that_is_let(tmp_path):
    page = page_of(tmp_path, *CLEAN)
    style = re.search("<style>(.*?)</style>", page, re.S)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page


def test_page_of_many_categories(tmp_path):
    categories = {f"c{n}": n for n in range(60)}
    a, b = (
        document(
            [image(100 * part)],
            [annotation(n, 100 * part, n) for n in range(60)],
            categories,
        )
        for part in (1, 2)
    )
    page = page_of(tmp_path, a, b)
    assert "The 25 least even of 60 categories" in page
