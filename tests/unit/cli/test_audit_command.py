"""`cocofolds audit` as a person gives it: what it says, and how it ends."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cocofolds.cli.app import app

SPLIT = ["train.json", "val.json"]


def document(numbers, **more):
    return {
        "images": [{"id": n, "file_name": f"{n}.png"} for n in numbers],
        "annotations": [{"id": n, "image_id": n, "category_id": 1} for n in numbers],
        "categories": [{"id": 1, "name": "cell"}],
        **more,
    }


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder with a split that is clean."""
    monkeypatch.chdir(tmp_path)
    for path, numbers in zip(SPLIT, ((1, 2), (3, 4)), strict=True):
        Path(path).write_text(json.dumps(document(numbers)))
    return tmp_path


@pytest.fixture
def audit(capsys, monkeypatch):
    """Give the command in this process: what it says, and what it says of errors."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments, status):
        with pytest.raises(SystemExit) as end:
            app(["audit", *arguments])
        assert end.value.code == status
        return capsys.readouterr()

    return run


@pytest.mark.parametrize(("numbers", "status"), [((3, 4), 0), ((2, 3), 1), ((), 2)])
def test_command_line(audit, numbers, status):
    Path("val.json").write_text(json.dumps(document(numbers)))
    done = subprocess.run(
        [Path(sys.executable).with_name("cocofolds"), "audit", *SPLIT, "--json"],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == status
    if status == 2:
        assert done.stderr.startswith("Error: val.json: it has no images.")
        assert not done.stdout
    else:
        assert json.loads(done.stdout)["leaks"] == (status == 1)
        assert not done.stderr


def test_clean(audit):
    said, error = audit(*SPLIT, status=0)
    assert said.endswith("Nothing leaks.\n")
    assert not error


def test_leak_and_page(audit):
    Path("val.json").write_text(json.dumps(document((2, 3))))
    said, _ = audit(*SPLIT, "--page", "page.html", status=1)
    assert "It leaks: 1 image is in more than one part" in said
    assert said.endswith("Page: page.html\n")
    assert Path("page.html").read_text("utf-8").startswith("<!doctype html>")


def test_problems_that_are_no_leaks(audit):
    other = [{"id": 1, "name": "nucleus"}]
    Path("val.json").write_text(json.dumps({**document((3,)), "categories": other}))
    said, _ = audit(*SPLIT, status=0)
    assert "Nothing leaks. Besides: " in said


def test_json_and_nothing_else(audit):
    Path("val.json").write_text(json.dumps(document((2, 3))))
    said, error = audit(*SPLIT, "--json", "--page", "page.html", status=1)
    document_ = json.loads(said)
    assert document_["leaks"] is True
    assert document_["findings"][0]["examples"] == ["2.png"]
    assert not error


def test_groups(audit):
    said, _ = audit(*SPLIT, "--group-pattern", "[12]|(?<=3).png|4", status=0)
    assert "None of 4 groups is in two parts" in said
    audit(*SPLIT, "--group-pattern", "png", status=1)
    _, error = audit(*SPLIT, "--group-pattern", "zzz", status=2)
    assert error.startswith("Error: No image is of a group")
    _, error = audit(*SPLIT, "--group-column", "plate", status=2)
    assert "no image has the key 'plate'" in error


def test_copies(audit, folder):
    (folder / "images").mkdir()
    # The pictures of 1 and 4 are one, in files that differ.
    for number, seed in ((1, 1), (2, 2), (3, 3), (4, 1)):
        noise = np.random.default_rng(seed).integers(0, 255, (16, 16), np.uint8)
        picture = Image.fromarray(noise).resize((128, 128))
        picture.save(f"images/{number}.png", compress_level=number)
    said, _ = audit(*SPLIT, "--images", "images", status=1)
    assert "1 pair of copies in more than one part" in said
    assert "- 1.png in train.json, 4.png in val.json: same" in " ".join(said.split())
    Path("images/4.png").unlink()
    Path("images/3.png").write_text("no image")
    said, _ = audit(*SPLIT, "--images", "images", status=0)
    assert "2 images could not be compared with others" in said
    _, error = audit(*SPLIT, "--images", "gone", status=2)
    assert error == "Error: --images gone: there is no such folder.\n"
    (folder / "empty").mkdir()
    _, error = audit(*SPLIT, "--images", "empty", status=2)
    assert error.startswith("Error: No image has a file: there is no file '1.png'")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the text ends"),
        ("{bad", "not readable as JSON"),
        ("[]", "the file is no JSON object"),
        ('[{"image_id": 1, "category_id": 1, "score": 1}]', "a file of results"),
        ("{}", "it has no images"),
        ('{"images": [], "annotations": [], "categories": []}', "it has no images"),
        ('{"images": [{"id": 1}], "annotations": [', "cut short"),
        ("\x1b[31m", "not readable"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_file_that_is_no_coco_json(audit, text, message):
    Path("val.json").write_text(text)
    said, error = audit(*SPLIT, status=2)
    assert not said
    assert error.startswith("Error: val.json")
    assert error.count("\n") == 1
    assert message in error


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train.json"], "Give at least two files, such as train.json and val.json."),
        (["train.json", "./train.json"], "train.json is given twice."),
        (["train.json", "link.json"], "train.json and link.json are one file."),
        (["train.json", "gone.json"], "gone.json: there is no such file."),
        (["train.json", "."], ".: this is no file."),
        ([*SPLIT, "--group-pattern", "("], "'(' is no regular expression"),
        ([*SPLIT, "--group-pattern", "a", "--group-column", "b"], "give one of them"),
        (
            [*SPLIT, "--page", "gone/page.html"],
            "--page gone/page.html: there is no folder gone.",
        ),
        ([*SPLIT, "--page", "."], "--page .: this is a folder."),
    ],
)
def test_wrong_usage(audit, arguments, message):
    Path("link.json").symlink_to("train.json")
    said, error = audit(*arguments, status=2)
    assert not said
    assert error.startswith("Error: ")
    assert message in error
    assert error.count("\n") == 1


def test_hostile_names(audit):
    name = "\x1b[31m\n.png"
    record = {"images": [{"id": 1, "file_name": name}]}
    for path in SPLIT:
        Path(path).write_text(json.dumps(document((1,), **record)))
    said, _ = audit(*SPLIT, status=1)
    assert "\x1b" not in said
    assert r"- \x1b[31m .png" in said


def test_compressed_parts_of_one_name(audit, folder):
    for part, numbers in (("train", (1, 2)), ("valid", (3, 4))):
        (folder / part).mkdir()
        packed = gzip.compress(json.dumps(document(numbers)).encode())
        (folder / part / "coco.json.gz").write_bytes(packed)
    said, _ = audit("train/coco.json.gz", "valid/coco.json.gz", status=0)
    assert "valid/coco.json.gz" in said
