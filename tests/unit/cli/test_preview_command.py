"""`cocofolds preview`: which image is meant, and what Snakemake is asked for."""

from pathlib import Path

import pytest
from results_tree import write_csv
from typer.testing import CliRunner

from cocofolds.cli import preview as module
from cocofolds.cli.app import app
from cocofolds.cli.preview import find_images
from cocofolds.errors import InputError
from cocofolds.report.picture_names import picture_names

IDS = {
    "0ddd8deaf169": "train/0ddd8deaf169.png",
    "0ddd8deaf16a": "train/0ddd8deaf16a.png",
    "7": "a/frame.png",
    "8": "b/frame.png",
    "b/frame.png": "c/other.png",
    "with space": "d/with space.tif",
}
ROWS = [{"source_id": i, "file_name": name} for i, name in IDS.items()]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("0ddd8deaf169", "0ddd8deaf169"),
        ("train/0ddd8deaf169.png", "0ddd8deaf169"),
        ("0ddd8deaf169.png", "0ddd8deaf169"),
        ("/data/images/train/0ddd8deaf169.png", "0ddd8deaf169"),
        ("./train/0ddd8deaf169.png", "0ddd8deaf169"),
        ("images/0ddd8deaf169.tif", "0ddd8deaf169"),
        ("7", "7"),
        ("a/frame.png", "7"),
        # An id counts before a file name.
        ("b/frame.png", "b/frame.png"),
        ("/x/b/frame.png", "8"),
        ("with space", "with space"),
        ("other", "b/frame.png"),
    ],
)
def test_names_of_an_image(asked, found):
    assert find_images(ROWS, [asked]) == [found]


def test_several_images():
    asked = ["8", "0ddd8deaf169", "b/frame.png", "train/0ddd8deaf169.png"]
    assert find_images(ROWS, asked) == ["8", "0ddd8deaf169", "b/frame.png"]


@pytest.mark.parametrize("asked", ["frame.png", "frame", "elsewhere/frame.jpg"])
def test_name_of_several_images(asked):
    with pytest.raises(InputError, match=r"may be any of 2 images.*: '7', '8'$"):
        find_images(ROWS, [asked])


def test_many_images_of_one_name():
    rows = [{"source_id": str(n), "file_name": f"{n}/a.png"} for n in range(300)]
    with pytest.raises(InputError, match=r"any of 300 images.*'9', and 290 more$"):
        find_images(rows, ["a.png"])


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("0ddd8deaf16b", "Is it '0ddd8deaf16a' or '0ddd8deaf169'"),
        ("trian/0ddd8deaf169.pgn.jpg", "Is it 'train/0ddd8deaf169.png'"),
        ("rame.png", "Is it "),
        ("zzz", "There is no image 'zzz'. results/index/images.csv lists all images."),
        ("\x1b[31m", r"There is no image '\x1b[31m'."),
        ("", "There is no image ''."),
    ],
)
def test_unknown_image(asked, hint):
    with pytest.raises(InputError) as error:
        find_images(ROWS, [asked])
    assert hint in str(error.value)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the command, with something in the place of Snakemake."""
    monkeypatch.chdir(tmp_path)
    asked = []

    def run(*arguments, status=0):
        monkeypatch.setattr(
            module, "run_snakemake", lambda targets: asked.append(targets) or status
        )
        done = CliRunner().invoke(app, ["preview", *arguments])
        if isinstance(done.exception, InputError):
            raise done.exception
        return done, asked

    return run


def test_command(run):
    write_csv(Path("results", "index", "images.csv"), ROWS)
    done, asked = run("with space", "7")
    names = dict(zip(IDS, picture_names(IDS), strict=True))
    paths = [f"results/preview/{names[i]}.png" for i in ("with space", "7")]
    assert asked == [paths]
    assert done.exit_code == 0
    assert done.output.splitlines() == paths


def test_failure_of_snakemake(run):
    write_csv(Path("results", "index", "images.csv"), ROWS)
    done, _ = run("7", status=130)
    assert done.exit_code == 130
    assert done.output == ""


def test_no_index(run):
    with pytest.raises(
        InputError, match=r"images.csv is not there yet. `cocofolds run`"
    ):
        run("7")


def test_no_image(run):
    done, asked = run()
    assert done.exit_code == 2
    assert not asked
