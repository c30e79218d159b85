"""The report page, opened from disk in a real browser."""

from itertools import pairwise
from pathlib import Path

import axe_core_python
import browser
import pytest
from PIL import Image

from tables import tiny_rows

MARKUP = "<img src=x onerror=hacked()>"
THIN, ROUND = f"thin {MARKUP}", "round"
NO_FILE = "image-3"
SPLITS = ["image-k2-seed221", "image-k3-seed221"]
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def project(new_tiny_project):
    """Six images of two categories, of which one has no file, in two splits."""
    rows = tiny_rows()
    for row in rows:
        row["cell_type"] = THIN if row["cell_type"] == "thin" else ROUND
        row["id"] = row["id"].replace("image-1", MARKUP)
    # One image has both.
    rows[-1]["cell_type"] = THIN
    rows[0]["annotation"] = "1 0"
    project = new_tiny_project(
        rows, n_folds=[2, 3], images_dir="images", on_invalid="skip"
    )
    folder = project.folder / "images" / "train"
    folder.mkdir(parents=True)
    for name in {row["id"] for row in rows} - {NO_FILE}:
        Image.new("L", (30, 20), 99).save(folder / f"{name}.png")
    project.run()
    return project


@pytest.fixture(scope="module")
def opened(project):
    if not browser.is_there():
        pytest.skip("chromium and chromedriver are not there")
    with browser.opened(project.results / "report.html") as opened:
        yield opened


@pytest.fixture
def page(opened, project):
    """The page, loaded again; it must leave nothing in the console."""
    opened.look_like(1280)
    opened.open(project.results / "report.html")
    opened.messages()
    yield opened
    assert opened.messages() == []


def choose(page, selector, text):
    """Choose an option as a user does: by its text."""
    page.run(
        f"const select = document.querySelector({selector!r});"
        f"select.value = [...select.options].find(o => o.text === {text!r}).value;"
        "select.dispatchEvent(new Event('change'))"
    )


def click(page, selector):
    page.run(f"document.querySelector({selector!r}).click()")


def shown(page):
    """List the titles of the images that the gallery shows."""
    return page.run(
        "return [...document.querySelectorAll('.gallery figure')]"
        ".filter(figure => figure.getClientRects().length)"
        ".map(figure => figure.querySelector('h3').innerText)"
    )


def text(page, selector):
    return page.run(f"return document.querySelector({selector!r}).innerText")


def images_with(project, category):
    whole = project.json("annotations_all.json")
    [number] = [c["id"] for c in whole["categories"] if c["name"] == category]
    has = {a["image_id"] for a in whole["annotations"] if a["category_id"] == number}
    names = {i["id"]: Path(i["file_name"]).stem for i in whole["images"]}
    return {names[image_id] for image_id in has}


def all_images(project):
    return {row["source_id"] for row in project.table(f"{SPLITS[0]}/folds.csv")}


def test_the_page_is_one_file_that_asks_for_nothing(page, project):
    page.wait_until_done("Promise.all([...document.images].map(i => i.decode()))")
    asked = page.run(
        "return performance.getEntriesByType('resource').map(entry => entry.name)"
    )
    assert [address for address in asked if not address.startswith("data:")] == []
    assert page.run("return [...document.images].every(i => i.naturalWidth > 0)")
    assert (project.results / "report.html").stat().st_size < 200_000


def test_the_verdict_comes_first(page):
    assert text(page, "h1") == "Folds of train.csv"
    assert page.run(
        "return [...document.querySelectorAll('h2')].map(h => h.innerText)"
    ) == [
        "Folds",
        "Gallery",
        # All images are of one grey.
        "Copies",
        "Data set",
        "Warnings",
        "Rows left out, and masks changed",
        "What was checked",
        "Settings",
        "What made it",
    ]
    findings = page.run(
        "return [...document.querySelectorAll('.findings li')].map(li =>"
        " [li.querySelector('svg').getAttribute('aria-label'),"
        "  li.querySelector('strong').innerText])"
    )
    assert ["Good", "No image is in two folds"] in findings
    assert ["Worth a look", "1 row left out"] in findings


def test_headings_are_in_order(page):
    levels = page.run(
        "return [...document.querySelectorAll('main :is(h1, h2, h3)')]"
        ".map(h => Number(h.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_each_finding_leads_to_its_part(page):
    n = page.run("return document.querySelectorAll('.findings a').length")
    assert n >= 6
    for number in range(n):
        page.run(f"document.querySelectorAll('.findings a')[{number}].click()")
        assert page.run("return !!document.querySelector(location.hash)")


def test_a_link_to_a_split_opens_it(page):
    page.run("document.querySelectorAll('details').forEach(d => { d.open = false })")
    click(page, f"a[href='#{SPLITS[1]}']")
    page.wait_for(f"return document.getElementById('{SPLITS[1]}').open")
    assert not page.run(f"return document.getElementById('{SPLITS[0]}').open")


@pytest.mark.parametrize("split", SPLITS)
def test_the_heat_map_is_the_fold_table(page, project, split):
    rows = page.run(
        f"return [...document.getElementById('{split}')"
        ".querySelectorAll('.heats table tbody:last-child tr')]"
        ".map(row => [...row.cells].map(cell => cell.textContent))"
    )
    table = project.table(f"{split}/fold_table.csv")
    n_folds = int(split[7])
    for kind, some in (("images", rows[:2]), ("annotations", rows[2:])):
        for name, *cells in some:
            of_category = [row[kind] for row in table if row["category"] == name]
            assert cells[:n_folds] == of_category
            assert cells[n_folds] == str(sum(map(int, of_category)))


def test_the_gallery_is_filtered_by_category(page, project):
    assert {*shown(page)} == all_images(project)
    for category in (THIN, ROUND):
        expected = images_with(project, category)
        assert 0 < len(expected) < 6
        choose(page, "#category", f"{category} ({len(expected)})")
        assert {*shown(page)} == expected
        assert text(page, "#shown") == f"{len(expected)} of 6 images"
    choose(page, "#category", "All")
    assert {*shown(page)} == all_images(project)


@pytest.mark.parametrize("split", SPLITS)
def test_the_gallery_is_filtered_by_fold(page, project, split):
    choose(page, "#split", split)
    for fold in range(1, int(split[7]) + 1):
        choose(page, "#fold", str(fold))
        table = project.table(f"{split}/folds.csv")
        of_fold = {row["source_id"] for row in table if row["fold"] == str(fold)}
        assert {*shown(page)} == of_fold
        assert f"fold {fold}" in text(page, ".gallery figure:not([hidden]) .fold")
    # Another split has other folds, so its filter begins anew.
    choose(page, "#split", SPLITS[0])
    assert {*shown(page)} == all_images(project)


def test_the_gallery_is_filtered_by_warnings(page):
    click(page, "#warned")
    assert NO_FILE in shown(page)
    assert len(shown(page)) < 6
    click(page, "#warned")
    assert len(shown(page)) == 6


def test_where_no_image_is_left_all_can_be_shown_again(page, project):
    click(page, "#warned")
    for fold in ("1", "2"):
        choose(page, "#fold", fold)
        if not shown(page):
            break
    assert "No image of the gallery is like that." in text(page, ".nothing")
    click(page, "#reset")
    assert {*shown(page)} == all_images(project)
    assert not page.run("return document.querySelector('#warned').checked")


def has_masks(page, within=".gallery"):
    return page.run(
        f"return getComputedStyle(document.querySelector('{within} .mask-layer'))"
        ".visibility"
    )


def test_masks_can_be_switched_off(page):
    assert has_masks(page) == "visible"
    click(page, "#masks")
    assert has_masks(page) == "hidden"
    click(page, ".picture")
    assert has_masks(page, "dialog") == "hidden"
    click(page, "#large-masks")
    assert has_masks(page, "dialog") == has_masks(page) == "visible"
    assert page.run("return document.querySelector('#masks').checked")


def test_masks_lie_on_their_image(page):
    boxes = page.run(
        "return [...document.querySelectorAll('.gallery figure')].map(figure =>"
        " [...figure.querySelectorAll('img')].map(i => {"
        "  const {x, y, width, height} = i.getBoundingClientRect();"
        "  return [x, y, width, height] }))"
    )
    assert len(boxes) == 6
    assert all(picture == masks for picture, masks in boxes)


def large(page):
    """The title of the enlarged image; None if there is none."""
    is_open = page.run("return document.querySelector('dialog').open")
    return text(page, "#large-title") if is_open else None


def test_an_image_is_enlarged_and_left_by_keys(page):
    titles = shown(page)
    click(page, ".picture")
    assert large(page) == titles[0]
    sizes = page.run(
        "return ['.gallery', 'dialog'].map(place => document"
        ".querySelector(`${place} img`).getBoundingClientRect().width)"
    )
    assert sizes[1] > 2 * sizes[0]
    assert page.run("return document.activeElement.id") == "next"
    for expected in (*titles[1:], titles[0]):
        page.press("ArrowRight")
        assert large(page) == expected
    page.press("ArrowLeft")
    assert large(page) == titles[-1]
    assert titles[-1] in page.run("return document.querySelector('dialog img').alt")
    page.press("Escape")
    # The focus goes back to where it came from.
    focused = page.wait_for(
        "return document.activeElement.closest('figure')?.querySelector('h3').innerText"
    )
    assert focused == titles[-1]
    assert large(page) is None


def test_arrows_lead_to_images_that_the_filter_shows(page):
    choose(page, "#fold", "2")
    titles = shown(page)
    click(page, "figure:not([hidden]) .picture")
    for expected in (*titles[1:], titles[0]):
        click(page, "#next")
        assert large(page) == expected
    click(page, "#previous")
    assert large(page) == titles[-1]
    click(page, "#close")
    assert large(page) is None


def test_hostile_names_are_text(page):
    assert page.run("return typeof hacked") == "undefined"
    assert page.run("return document.querySelectorAll('[onerror]').length") == 0
    assert MARKUP in shown(page)
    assert THIN in text(page, "#folds")
    assert MARKUP in text(page, "#warnings") + text(page, "#rows") + text(page, "body")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_axe_finds_nothing(page, scheme, width):
    page.look_like(width, scheme=scheme)
    page.run(AXE)
    for prepare in ("", "document.querySelector('.picture').click()"):
        page.run(prepare)
        violations = page.wait_until_done(
            "axe.run().then(found => found.violations"
            ".map(violation => [violation.id, violation.nodes.map(n => n.html)]))"
        )
        assert violations == []


@pytest.mark.parametrize("width", [320, 400, 1280])
def test_nothing_reaches_over_the_side(page, width):
    page.look_like(width)
    assert page.run("return document.documentElement.scrollWidth") == width


def test_there_is_a_dark_page(page):
    colours = {}
    for scheme in ("light", "dark"):
        page.look_like(1280, scheme=scheme)
        colours[scheme] = page.run(
            "const style = getComputedStyle(document.body);"
            "return [style.color, style.backgroundColor].map(rgb =>"
            " rgb.match(/\\d+/g).map(Number).reduce((a, b) => a + b))"
        )
    ink, ground = colours["light"]
    assert ink < 200 < 600 < ground
    ink, ground = colours["dark"]
    assert ground < 200 < 600 < ink


def test_on_paper_all_is_open_and_nothing_can_be_pressed(page):
    page.run("document.querySelectorAll('details').forEach(d => { d.open = false })")
    page.look_like(794, 1123, media="print", scheme="dark")
    page.run("dispatchEvent(new Event('beforeprint'))")
    assert page.run(
        "return [...document.querySelectorAll('details')].every(d => d.open)"
    )
    assert page.run(
        "return [...document.querySelectorAll('select, nav')]"
        ".every(element => !element.getClientRects().length)"
    )
    ground = page.run("return getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    page.run("dispatchEvent(new Event('afterprint'))")
    assert page.run("return !document.querySelector('details').open")


def test_without_previews_there_is_a_page(project):
    project.run("results/report.html", n_previews=0)
    page = (project.results / "report.html").read_text(encoding="utf-8")
    assert "There are no pictures" in page
    assert "<dialog" not in page
    project.run()
