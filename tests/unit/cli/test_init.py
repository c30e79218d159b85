"""What `cocofolds init` prints, asks, writes, and leaves alone."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import typer
from indexed import read_config
from PIL import Image

from cocofolds.cli.asking import asking
from layouts import write_layout
from tables import SAMPLE, tiny_rows, write_table

PROGRAM = Path(sys.executable).with_name("cocofolds")


def init(folder, *arguments, fails=False):
    """Run it outside a terminal; return what it prints, and what it says of errors."""
    done = subprocess.run(
        [PROGRAM, "init", *arguments],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "COLUMNS": "80"},
    )
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr if fails else done.stdout


def init_in_a_terminal(folder, *arguments, answers):
    """Run it in a terminal in which a person gives some answers."""
    main, end = pty.openpty()
    with subprocess.Popen(
        [PROGRAM, "init", *arguments],
        cwd=folder,
        stdin=end,
        stdout=end,
        stderr=end,
        env={**os.environ, "COLUMNS": "80", "TERM": "xterm", "NO_COLOR": "1"},
    ) as process:
        os.close(end)
        os.write(main, answers.encode())
        shown = b""
        try:
            while data := os.read(main, 4096):
                shown += data
        except OSError:
            # So a terminal says that nobody writes to it any more.
            pass
    os.close(main)
    assert process.returncode == 0, shown.decode()
    return shown.decode()


def test_the_sample_is_known(tmp_path):
    said = init(tmp_path, SAMPLE)
    assert "preset      sartorius-2021" in said
    assert "In doubt" not in said
    assert read_config(tmp_path)["annotations"] == str(SAMPLE)


def test_lines_fit_a_terminal_and_have_no_blanks_at_the_end(tmp_path):
    write_layout(tmp_path, "uw-madison-2022")
    lines = init(tmp_path, "train.csv").splitlines()
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if line != line.rstrip()] == []


def test_a_config_says_what_each_key_is(tmp_path):
    write_layout(tmp_path, "tgs-salt-2018", n_images=6)
    init(tmp_path, "train.csv", "--yes")
    assert (tmp_path / "config.yaml").read_text() == (
        """\
# Made by `cocofolds init train.csv`. All other keys have their defaults.
# docs/settings.md of cocofolds lists them: test_fraction for a hold-out, folds_file for
# folds that exist, exclude_images for what to leave out, and more.

# The annotations.
annotations: train.csv

# How to read them.
# preset: tgs-salt-2018, by its columns
# columns: image id, runs rle_mask
# sizes: 101x101 by the preset; the last pixel of a mask is 10,201 of 10,201
# base: 1: a run ends at the last pixel, if pixels are counted from 1
# no_mask: '' means no mask, in 1 row
dialect: tgs-salt-2018

# How many folds: as many as suit so few images.
n_folds: 5

# In doubt, and taken without asking:
# order: column (on square images, masks hang together either way; the preset has
# column). Otherwise: row.
# category: salt (no column has it; the preset has salt).
"""
    )


def test_a_config_is_overwritten_by_force_alone(tmp_path):
    write_layout(tmp_path, "severstal-2019")
    config = tmp_path / "config.yaml"
    config.write_text("n_folds: 3\n")
    assert "config.yaml: it is there already" in init(tmp_path, "train.csv", fails=True)
    assert config.read_text() == "n_folds: 3\n"
    assert not (tmp_path / "cocofolds_init.png").exists()
    init(tmp_path, "train.csv", "--force")
    assert read_config(tmp_path)["dialect"] == "severstal-2019"


def test_a_picture_of_somebody_is_left_alone(tmp_path):
    write_layout(tmp_path, "severstal-2019")
    picture = tmp_path / "cocofolds_init.png"
    picture.write_bytes(b"mine")
    assert "there is a file that is not of" in init(tmp_path, "train.csv")
    assert picture.read_bytes() == b"mine"
    picture.unlink()
    init(tmp_path, "train.csv", "--force")
    first = picture.read_bytes()
    picture.touch()
    assert "Look at cocofolds_init.png" in init(tmp_path, "train.csv", "--force")
    assert picture.read_bytes() == first


def test_the_picture_has_masks_on_their_image(tmp_path):
    rows = tiny_rows()
    write_table(tmp_path / "train.csv", rows)
    (tmp_path / "images").mkdir()
    for row in rows:
        path = tmp_path / "images" / f"{row['id']}.png"
        Image.new("L", (30, 20), 200).save(path)
    said = init(tmp_path, "train.csv")
    assert "Look at cocofolds_init.png: image image-6 with 3 annotations" in said
    with Image.open(tmp_path / "cocofolds_init.png") as image:
        # Small images are enlarged by a whole number.
        scale = image.width // 30
        pixels = np.asarray(image.convert("RGB"))[::scale, ::scale].astype(int)
    # The background is the image, and the first mask is not.
    assert (pixels[19, 29] == 200).all()
    assert (pixels[2, 1] != 200).any()


def test_the_picture_is_not_among_the_images(tmp_path):
    rows = tiny_rows()
    write_table(tmp_path / "train.csv", rows)
    for row in rows:
        Image.new("L", (30, 20)).save(tmp_path / f"{row['id']}.png")
    assert "Look at results/cocofolds_init.png" in init(tmp_path, "train.csv")
    assert read_config(tmp_path)["images_dir"] == "."
    said = init(tmp_path, "train.csv", "--force")
    assert "unlisted_images" not in said


def test_paths_are_written_from_the_folder_of_the_config(tmp_path):
    (tmp_path / "data" / "pictures").mkdir(parents=True)
    write_table(tmp_path / "data" / "t.csv", tiny_rows())
    for row in tiny_rows():
        path = tmp_path / "data" / "pictures" / f"{row['id']}.png"
        Image.new("L", (30, 20)).save(path)
    init(tmp_path, tmp_path / "data" / "t.csv", "--images", tmp_path / "data/pictures")
    config = read_config(tmp_path)
    assert (config["annotations"], config["images_dir"]) == (
        "data/t.csv",
        "data/pictures",
    )
    below = tmp_path / "below"
    below.mkdir()
    init(below, "../data/t.csv")
    config = read_config(below)
    assert (config["annotations"], config["images_dir"]) == (
        "../data/t.csv",
        "../data/pictures",
    )


def test_questions_are_asked_in_a_terminal(tmp_path):
    write_layout(tmp_path, "tgs-salt-2018")
    said = init_in_a_terminal(tmp_path, "train.csv", answers="diagonal\nrow\n\n")
    assert "Are the pixels numbered along the rows or down the columns?" in said
    assert "Answer one of: row, column" in said
    assert "category: no column has it; the preset has salt.\r\nWhat is the" in said
    text = (tmp_path / "config.yaml").read_text()
    assert "In doubt" not in text
    assert read_config(tmp_path)["dialect"] == {
        "preset": "tgs-salt-2018",
        "order": "row",
    }


def test_nothing_is_asked_with_yes(tmp_path):
    write_layout(tmp_path, "tgs-salt-2018")
    said = init_in_a_terminal(tmp_path, "train.csv", "--yes", answers="")
    assert "?" not in said
    assert "In doubt, and taken without asking" in said


def test_hostile_text_is_shown_as_it_is(tmp_path):
    name = "[red]x[/red]\n# n_folds: 2\x1b[31m"
    write_table(
        tmp_path / "train.csv", [{**row, "cell_type": name} for row in tiny_rows()]
    )
    said = init(tmp_path, "train.csv")
    assert "[red]x[/red] # n_folds: 2 [31m" in said
    assert "\x1b" not in said
    assert {*read_config(tmp_path)} == {"annotations", "n_folds"}


def test_the_last_words_of_a_fault_are_its_message(tmp_path):
    (tmp_path / "train.csv").write_text("image,rle\na,[1 2]\n")
    said = init(tmp_path, "train.csv", fails=True)
    assert said.startswith("Error: train.csv: column 'rle' has no runs")
    assert not (tmp_path / "config.yaml").exists()


def test_coco_is_drawn_with_its_own_categories(tmp_path):
    box = {"bbox": [1, 2, 9, 9], "segmentation": [[1, 2, 10, 2, 10, 11, 1, 11]]}
    document = {
        "images": [
            {"id": n, "file_name": f"{n}.png", "width": 30, "height": 20}
            for n in (1, 2)
        ],
        "annotations": [
            {"id": n, "image_id": 2, "category_id": 7, **box} for n in (1, 2)
        ],
        "categories": [{"id": 7, "name": "a"}],
    }
    (tmp_path / "c.json").write_text(json.dumps(document))
    assert "image 2.png with 2 annotations, without its file" in init(
        tmp_path, "c.json"
    )
    assert read_config(tmp_path)["n_folds"] == 2


@pytest.mark.parametrize(
    ("images", "said"),
    [("nowhere", "there is no such folder"), ("a.txt", "this is no folder")],
)
def test_a_wrong_folder_of_images_is_named_by_its_option(tmp_path, images, said):
    (tmp_path / "a.txt").write_text("a")
    error = init(tmp_path, SAMPLE, "--images", images, fails=True)
    assert error == f"Error: --images {images}: {said}.\n"
    assert not (tmp_path / "config.yaml").exists()


def test_a_file_that_is_not_there(tmp_path):
    error = init(tmp_path, SAMPLE, "nowhere.csv", fails=True)
    assert error == "Error: nowhere.csv: there is no such file.\n"


@pytest.mark.parametrize("arguments", [(), ("--images", "x")])
def test_wrong_usage(tmp_path, arguments):
    assert "Usage" in init(tmp_path, *arguments, fails=True)


def test_the_folder_of_the_sample_is_named_for_other_annotations(tmp_path):
    # Without it, a config that names annotations has no images.
    folder = tmp_path / "data" / "sample"
    folder.mkdir(parents=True)
    write_table(folder / "mine.csv", tiny_rows())
    for row in tiny_rows():
        Image.new("L", (30, 20)).save(folder / f"{row['id']}.png")
    init(tmp_path, "data/sample/mine.csv", "--images", "data/sample")
    assert read_config(tmp_path)["images_dir"] == "data/sample"
    below = folder / "below"
    below.mkdir()
    said = init(below, "../mine.csv", "--images", "..")
    assert "Look at results/cocofolds_init.png" in said


def test_images_that_are_left_out_are_not_counted(tmp_path):
    rows = ["image,rle,class,width,height", "a,1 2,x,6,4", "b,2 2,x,6,4"]
    rows += ["b,2 3,x,6,4", "c,500 2,x,6,4"]
    (tmp_path / "train.csv").write_text("\n".join(rows))
    said = init(tmp_path, "train.csv")
    assert "2, since there are 2 images" in said
    assert read_config(tmp_path)["on_invalid"] == "skip"
    image = {"width": 6, "height": 4}
    names = [(1, "a.png"), ("1", "b.png"), (2, "c.png")]
    images = [{"id": i, "file_name": name, **image} for i, name in names]
    annotation = {"id": 1, "image_id": 2, "category_id": 1, "bbox": [0, 0, 2, 2]}
    annotation |= {"area": 4, "iscrowd": 0, "segmentation": []}
    document = {
        "images": images,
        "categories": [{"id": 1, "name": "x"}],
        "annotations": [annotation],
    }
    (tmp_path / "a.json").write_text(json.dumps(document))
    said = init(tmp_path, "a.json", "--force", fails=True)
    assert "Folds need two images or more" in said


def test_a_name_that_is_not_in_utf_8_is_refused(tmp_path):
    name = os.fsdecode(b"train\xff.csv")
    write_table(tmp_path / name, tiny_rows())
    assert "not in UTF-8" in init(tmp_path, name, fails=True)


def test_a_question_that_is_interrupted(capsys):
    with pytest.raises(typer.Exit) as end, asking():
        raise typer.Abort
    assert end.value.exit_code == 130
    assert capsys.readouterr().err == "Interrupted.\n"
