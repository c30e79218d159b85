"""The command `cocofolds clean`: what it lists, asks and removes."""

import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from results_tree import make_data_set, make_split, write
from typer.testing import CliRunner

from cocofolds.cli import clean as module
from cocofolds.cli.app import app
from cocofolds.errors import InputError

RESULTS = Path("results")
OLD = RESULTS / "image-k3-seed7"


@pytest.fixture(autouse=True)
def results(tmp_path, monkeypatch):
    """A split that config.yaml names, and one that it does not."""
    monkeypatch.chdir(tmp_path)
    make_data_set(RESULTS, write(tmp_path / "train.csv"))
    write(tmp_path / "config.yaml", "n_folds: 2\nseed: 1\nannotations: train.csv\n")
    make_split(RESULTS, "image-k2-seed1", [["a", (1, 1), (1, 1)]])
    make_split(RESULTS, OLD.name, [["a", (1, 1), (1, 1), (1, 1)]])


def run(*arguments, answer=""):
    done = CliRunner().invoke(app, ["clean", *arguments], input=answer)
    if isinstance(done.exception, InputError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def test_outside_a_terminal_it_only_lists():
    text = run(answer="y\n")
    assert "results/image-k3-seed7/ " in text
    assert "results/logs/image-k3-seed7/ " in text
    assert "image-k2-seed1" not in text
    assert text.splitlines()[-1].startswith("Nothing is removed: 33 files, ")
    assert text.endswith("`cocofolds clean --yes` removes them.\n")
    assert (OLD / "folds.csv").exists()


def test_yes():
    text = run("--yes")
    assert text.splitlines()[-1].startswith("Removed 33 files, ")
    assert not OLD.exists()
    assert (RESULTS / "image-k2-seed1" / "folds.csv").exists()
    assert run("-y") == "There is nothing to remove.\n"


def answered(answer):
    """Run the command in a terminal, and give an answer."""
    terminal, its_end = pty.openpty()
    code = "from cocofolds.cli.app import main; main()"
    command = [sys.executable, "-c", code, "clean"]
    with subprocess.Popen(command, stdin=its_end, stdout=its_end, stderr=its_end):
        os.close(its_end)
        os.write(terminal, answer.encode())
        said = b""
        # The other end is closed once the command has ended.
        with suppress(OSError):
            while some := os.read(terminal, 4096):
                said += some
    os.close(terminal)
    return said.decode()


@pytest.mark.parametrize("answer", ["\n", "no\n", "\x04"])
def test_no(answer):
    assert "Remove 33 files, 252 bytes? [y/N]" in answered(answer)
    assert (OLD / "folds.csv").exists()


def test_answer_yes():
    assert "Removed 33 files" in answered("y\n")
    assert not OLD.exists()


def test_kept_files_are_named_first():
    write(OLD / "mine\x1b[31m.txt")
    text = run()
    assert text.index("Kept, since") < text.index("The workflow made these")
    assert r"results/image-k3-seed7/mine\x1b[31m.txt" in text
    assert "\x1b" not in text


def test_one_file_is_named():
    write(RESULTS / "shards" / "00002.records")
    assert "  results/shards/00002.records " in run()


def test_many_kept_files_are_counted():
    for n in range(15):
        write(OLD / "mine" / f"{n}.txt")
    assert "  and 5 more\n" in run()


def test_no_config():
    Path("config.yaml").unlink()
    with pytest.raises(InputError, match=r"config.yaml: there is no such file"):
        run("--yes")
    assert (OLD / "folds.csv").exists()


def test_config_that_is_not_readable():
    Path("config.yaml").write_text("n_folds: [")
    with pytest.raises(InputError, match=r"config.yaml, line 2: not readable as YAML"):
        run("--yes")
    assert (OLD / "folds.csv").exists()


def test_defaults_of_the_schema():
    """An empty config.yaml names 10 folds with seed 221."""
    Path("config.yaml").write_text("")
    make_split(RESULTS, "image-k10-seed221", [["a", *[(1, 1)] * 10]])
    run("--yes")
    assert {path.name for path in RESULTS.glob("*-k*")} == {"image-k10-seed221"}


def test_numbers_as_yaml_has_them():
    Path("config.yaml").write_text("n_folds: [3.0, '2']\nseed: [7, 1]\n")
    assert run() == "There is nothing to remove.\n"


def test_snakemake_is_at_work():
    write(Path(".snakemake", "locks", "0.input.lock"))
    with pytest.raises(InputError, match="Snakemake is at work"):
        run("--yes")
    assert (OLD / "folds.csv").exists()


def test_what_could_not_be_removed_is_named(monkeypatch):
    monkeypatch.setattr(module, "remove", lambda *_: {OLD / "a": "Permission denied"})
    with pytest.raises(
        InputError, match=r"^1 file not removed:\n  .*/a: Permission denied$"
    ):
        run("--yes")


def test_previews_are_told_by_their_images():
    record = json.dumps({"results/annotations_all.json": "0"})
    for name in ("cell-1", "1"):
        write(RESULTS / "preview" / f"{name}.png")
        write(RESULTS / "preview" / f".{name}.json", record)
    run("--yes")
    assert {path.name for path in (RESULTS / "preview").iterdir()} == {
        "cell-1.png",
        ".cell-1.json",
    }
