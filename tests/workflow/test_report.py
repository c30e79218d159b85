"""The report of Snakemake, opened in a real browser."""

import base64
from urllib.request import urlopen

import browser
import pytest

from tables import tiny_rows

PLOTS = [
    "annotations by category and fold",
    "areas by category",
    "images by category and fold",
    "masks per image",
]


@pytest.fixture(scope="module")
def project(new_project):
    project = new_project(n_folds=3, n_previews=2)
    project.run()
    project.run("--report", "report.html")
    return project


@pytest.fixture
def report(project):
    if not browser.is_there():
        pytest.skip("chromium and chromedriver are not there")
    with browser.opened(project.folder / "report.html") as page:
        yield page
        assert page.errors() == []


def open_category(page, name):
    links = "[...document.querySelectorAll('a')]"
    link = f"{links}.find(link => link.innerText.trim() === '{name}')"
    page.wait_for(f"return !!{link}")
    page.run(f"{link}.click()")
    page.wait_for("return document.querySelector('table tbody tr') !== null")


def rows(page):
    return page.run(
        "return [...document.querySelectorAll('table tbody tr')]"
        ".map(row => row.cells[0].innerText.trim()).filter(text => text)"
    )


def click(page, row, icon):
    page.run(
        "[...document.querySelectorAll('table tbody tr')]"
        f".find(row => row.cells[0].innerText.trim() === '{row}')"
        f".querySelector('a[iconname={icon}]').click()"
    )


def shown_picture(page, path):
    """Wait until the picture of a file is shown, and return its width."""
    data = base64.b64encode(path.read_bytes()).decode()
    return page.wait_for(
        "const shown = [...document.querySelectorAll('img')]"
        f".find(image => image.src.endsWith(',{data}'));"
        "return shown && shown.complete && shown.getBoundingClientRect().width > 200"
        " && shown.naturalWidth"
    )


MARKUP = """x``

.. include:: secret.txt

.. raw:: html

   </script><script>window.hacked = 1</script>

``y {{ 7 + 1330 }} {% for %} <img src=x onerror=hacked()>"""


@pytest.fixture(scope="module")
def page_with_markup(new_tiny_project):
    """The text of a report whose settings and categories have markup in them."""
    project = new_tiny_project(
        [{**row, "cell_type": row["cell_type"] + MARKUP} for row in tiny_rows()],
        images_dir=MARKUP,
        rename_categories={"thin" + MARKUP: "thin " + MARKUP},
        categories=["round" + MARKUP, "thin " + MARKUP],
        group_column=None,
        file_name="{id}" + MARKUP,
        n_previews=0,
    )
    (project.folder / "secret.txt").write_text("words that are in no report")
    project.run()
    project.run("--report", "report.html")
    return (project.folder / "report.html").read_text(encoding="utf-8")


def test_markup_in_a_setting_is_text(page_with_markup):
    assert "window.hacked" in page_with_markup
    assert "<script>window.hacked" not in page_with_markup
    assert "<img src=x" not in page_with_markup
    assert "words that are in no report" not in page_with_markup
    assert "1337" not in page_with_markup.split("var workflow_desc")[1].split("\n")[0]
    assert ".. raw:: html" in page_with_markup


def test_markup_in_a_setting_ends_no_script(page_with_markup, project):
    plain = (project.folder / "report.html").read_text(encoding="utf-8")
    assert page_with_markup.count("</script") == plain.count("</script")


def test_settings_are_shown(report):
    open_category(report, "All in one page")
    click(report, "report", "information-circle")
    text = report.wait_for(
        f"{browser.TEXT.rstrip(';')}.match(/[^]*The settings[^]*/)?.[0]"
    )
    assert '"n_folds": 3' in text
    assert '"annotations": "data/sample/train.csv"' in text


def test_the_page_is_the_first_result(report, project):
    categories = report.wait_for(
        "const headings = [...document.querySelectorAll('li')];"
        "const first = headings.findIndex(li => li.textContent === 'Results');"
        "return first >= 0 && headings.slice(first + 1).map(li => li.textContent)"
    )
    assert categories[:2] == ["All in one page", "Checks"]
    open_category(report, "All in one page")
    assert rows(report) == ["report"]
    click(report, "report", "eye")
    page = (project.results / "report.html").read_bytes()
    address = report.wait_for(
        "const frame = document.querySelector('iframe'); return frame && frame.src"
    )
    assert base64.b64decode(address.partition(",")[2]) == page
    n = len(project.json("report/gallery.json")["images"])
    assert report.text_in_frame("iframe", "#shown") == f"{n} of {n} images"


def test_plots_are_shown(report, project):
    open_category(report, "Plots")
    assert rows(report) == PLOTS
    for plot in PLOTS:
        click(report, plot, "eye")
        path = project.results / f"image-k3-seed221/plots/{plot.replace(' ', '_')}.svg"
        assert shown_picture(report, path) > 400


def test_checks_can_be_saved(report, project):
    open_category(report, "Checks")
    links = "[...document.querySelectorAll('table a[download]')]"
    saved = []
    for address in report.run(f"return {links}.map(link => link.href)"):
        assert address.startswith("data:")
        with urlopen(address) as file:
            saved.append(file.read())
    split = project.results / "image-k3-seed221"
    files = [project.results / "checks.json", split / "checks.json"]
    files += [split / "fold_table.csv", split / "quality.json"]
    assert sorted(saved) == sorted(path.read_bytes() for path in files)


def test_captions_say_what_to_look_for(report):
    open_category(report, "Plots")
    click(report, PLOTS[0], "information-circle")
    report.wait_for("return document.body.innerText.includes('of one shade')")
