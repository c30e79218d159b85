"""`cocofolds show`, and what it says of results."""

import json
import os
import subprocess
import sys
import webbrowser
from pathlib import Path

import pytest
from results_tree import make_data_set, make_split, write

from cocofolds.cli.show import notes, show
from cocofolds.errors import InputError
from cocofolds.report.overview import changed_sources, overview

RESULTS = Path("results")
EVEN = ["even", (2, 5), (2, 5)]
# A third and two thirds of the images; all annotations in one fold.
UNEVEN = ["uneven", (2, 9), (4, 0)]
HOLE = ["hole", (3, 4), (0, 0)]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder with a config.yaml that names two splits."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "train.csv", "id\n")
    write(
        tmp_path / "config.yaml", "annotations: train.csv\nn_folds: 2\nseed: [1, 2]\n"
    )
    return tmp_path


@pytest.fixture
def results(folder):
    make_data_set(RESULTS, Path("train.csv"))
    make_split(RESULTS, "image-k2-seed1", [EVEN])
    make_split(
        RESULTS, "image-k2-seed2", [EVEN, UNEVEN, HOLE, ["none", (0, 0), (0, 0)]]
    )
    return folder / "results"


def state_of(name):
    [state] = [of.state for of in overview(RESULTS) if of.split.name == name]
    return state


def said(capsys):
    """What the command says, and the words of each line."""
    show()
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    return text, [line.split() for line in text.splitlines()]


def test_numbers(results):
    even, uneven = overview(RESULTS)
    assert (even.split.name, even.state) == ("image-k2-seed1", "ready")
    assert (even.n_images, even.n_annotations, even.n_empty) == (10, 10, 0)
    assert (even.image_deviation, even.annotation_deviation) == (0, 0)
    # Of images 0, 1/3 and 1; of annotations 0, 1 and 1.
    assert uneven.image_deviation == pytest.approx(4 / 9)
    assert uneven.annotation_deviation == pytest.approx(2 / 3)
    assert uneven.n_empty == 1


def test_images_without_annotations_are_no_category(results):
    make_split(RESULTS, "image-k2-seed1", [EVEN, ["", (3, 0), (0, 0)]])
    assert overview(RESULTS)[0].n_empty == 0
    assert overview(RESULTS)[0].image_deviation == 0


def test_no_categories(results):
    make_split(RESULTS, "image-k2-seed1", [["", (3, 0), (3, 0)]])
    assert overview(RESULTS)[0].image_deviation == 0


def test_table(results, capsys):
    text, lines = said(capsys)
    assert lines[1] == [
        "image-k2-seed1",
        "2",
        "10",
        "10",
        ".00",
        "+",
        ".00",
        "0",
        "ready",
    ]
    assert lines[2] == [
        "image-k2-seed2",
        "2",
        "10",
        "23",
        ".44",
        "+",
        ".67",
        "1",
        "ready",
    ]
    assert "Whole data set: results/annotations_all.json, 13 bytes" in text
    assert "config.yaml does not name" not in text
    assert "\x1b" not in text
    assert "report.html" not in text
    write(RESULTS / "report.html")
    assert (
        "Report: results/report.html; `cocofolds show --open` opens it"
        in said(capsys)[0]
    )


def test_split_by_annotation_and_long_names(results, capsys):
    """There is room for millions, and a name may go on in the next line."""
    name = "annotation-k2-seed4294967295"
    make_split(RESULTS, name, [["a", (5, 23_000_000), (5, 23_000_000)]])
    path = RESULTS / name / "checks.json"
    write(path, json.dumps({"annotations_held_out_once": 46_000_000}))
    text, _ = said(capsys)
    assert "46,000,000" in text
    assert "config.yaml does not name it" in text
    assert "unfinished" not in text


def test_splits_that_are_not_named_come_last(results, capsys):
    make_split(RESULTS, "group-k2-seed1", [EVEN])
    text, lines = said(capsys)
    assert lines[3][:2] == ["group-k2-seed1", "*"]
    assert "`cocofolds clean` removes it" in text


def test_missing_files(results, capsys):
    names = [
        f"annotations_{part}_fold_{fold}.json"
        for part in ("train", "val")
        for fold in (1, 2)
    ]
    for name in [
        *names,
        "folds.csv",
        "checks.json",
        "fold_table.csv",
        ".complete.json",
    ]:
        path = RESULTS / "image-k2-seed1" / name
        path.rename("kept")
        assert state_of("image-k2-seed1") == "unfinished"
        Path("kept").rename(path)
    assert state_of("image-k2-seed1") == "ready"
    path.unlink()
    text, lines = said(capsys)
    assert lines[1] == ["image-k2-seed1", "2", "unfinished"]
    assert "`cocofolds run` goes on" in text


def test_split_of_another_whole_set(results):
    whole = RESULTS / "annotations_all.json"
    later = whole.stat().st_mtime + 10
    os.utime(whole, (later, later))
    assert state_of("image-k2-seed1") == "ready"
    whole.write_text("another")
    os.utime(whole, (later, later))
    assert state_of("image-k2-seed1") == "stale"
    whole.unlink()
    assert state_of("image-k2-seed1") == "stale"


def test_annotations_that_changed(results, capsys):
    assert changed_sources(RESULTS, ["train.csv"]) == []
    Path("train.csv").write_text("id,x\n")
    assert changed_sources(RESULTS, ["train.csv"]) == ["train.csv"]
    text, lines = said(capsys)
    assert lines[1][-1] == lines[2][-1] == "stale"
    assert "have changed since, or are new in config.yaml: train.csv" in text
    assert "`cocofolds run` makes those in config.yaml" in text


def test_annotations_that_are_gone_or_new(results):
    assert changed_sources(RESULTS, ["gone.csv"]) == []
    assert changed_sources(RESULTS, ["train.csv", "b.csv"]) == ["train.csv", "b.csv"]
    (RESULTS / "index" / "source.json").unlink()
    assert changed_sources(RESULTS, ["train.csv"]) == ["train.csv"]


def test_digest_that_the_workflow_took(results):
    """A huge file is not read again."""
    state = Path("train.csv").stat()
    as_is = [state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino]
    known = Path(".snakemake", "cocofolds_digests.json")
    write(known, json.dumps({"train.csv": [as_is, "another"]}))
    assert changed_sources(RESULTS, ["train.csv"]) == ["train.csv"]
    write(known, json.dumps({"train.csv": [[1, 2, 3, 4], "another"]}))
    assert changed_sources(RESULTS, ["train.csv"]) == []


def test_nothing_yet(capsys):
    text, _ = said(capsys)
    assert "There are no results here yet: " in text
    assert text.endswith("`cocofolds run` makes folds.\n")
    Path("config.yaml").unlink()
    assert "`cocofolds init FILE` first" in said(capsys)[0]
    RESULTS.mkdir()
    (RESULTS / "logs").mkdir()
    assert "There are no results here yet: " in said(capsys)[0]


def test_no_config(results, capsys):
    Path("config.yaml").unlink()
    text, lines = said(capsys)
    assert lines[1][-1] == "ready"
    assert "*" not in text


def test_splits_that_are_not_made_yet(results, capsys):
    Path("config.yaml").write_text("annotations: train.csv\nn_folds: [2, 3]\nseed: 1\n")
    text, _ = said(capsys)
    assert "Not made yet: image-k3-seed1; `cocofolds run` makes it" in text
    many = {f"image-k2-seed{n}" for n in range(300)}
    assert len(notes([], many, [])[0]) < 300


@pytest.mark.parametrize(
    "text", ["n_folds: many", "n_folds: [2, x]", "a: [", "- 1", "seed: {a: 1}"]
)
def test_config_that_is_none(results, text):
    Path("config.yaml").write_text(text)
    with pytest.raises(InputError, match=r"^config(.yaml)?[,:] "):
        show()


def test_hostile_names(results, capsys):
    name = "\x1b[31m[bold]:smile:.csv"
    Path(name).write_text("x")
    Path("config.yaml").write_text(f"annotations: {json.dumps(name)}\n")
    text, _ = said(capsys)
    assert "\x1b" not in text
    assert r"\x1b[31m[bold]:smile:.csv" in text


def test_open(monkeypatch, capsys):
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda url: not opened.append(url))
    with pytest.raises(InputError, match="no report yet"):
        show(open_report=True)
    assert not opened
    report = write(RESULTS / "report.html")
    show(open_report=True)
    assert opened == [report.resolve().as_uri()]
    assert capsys.readouterr().out == "results/report.html is open in the browser.\n"


def test_no_browser(monkeypatch):
    monkeypatch.setattr(webbrowser, "open", lambda url: False)
    report = write(RESULTS / "report.html")
    with pytest.raises(InputError, match="no browser could be started") as error:
        show(open_report=True)
    assert report.resolve().as_uri() in str(error.value)


def test_command(results):
    """In a process of its own, without what takes long to import."""
    code = (
        "import sys; from cocofolds.cli.show import show; show();"
        " print({*sys.modules} & {'snakemake', 'matplotlib', 'pandas', 'sklearn',"
        " 'scipy', 'cv2', 'PIL'})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert "image-k2-seed1" in done.stdout
    assert done.stdout.endswith("set()\n")


def test_settings_that_are_not_the_defaults(results, capsys):
    assert "config.yaml: n_folds: 2, seed: [1, 2]" in said(capsys)[0]


def test_copies_are_counted(results, capsys, folder):
    write(results / "duplicates.csv", '"first"\n"a"\n"b"\n')
    assert "Copies" not in said(capsys)[0]
    config = (folder / "config.yaml").read_text() + "images_dir: images\n"
    write(folder / "config.yaml", config)
    assert "Copies of images: 2, in results/duplicates.csv" in said(capsys)[0]
    write(results / "duplicates.csv", '"first"\n')
    assert "Copies" not in said(capsys)[0]
    write(results / "duplicates.csv", '"first"\n"a"\n')
    write(folder / "config.yaml", config + "duplicates: off\n")
    assert "Copies" not in said(capsys)[0]
