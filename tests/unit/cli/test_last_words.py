"""What a run says last, from what is known of it."""

import json
from pathlib import Path

import pytest
import typer
from test_stages import PLAN, after, begin, end, fail

from cocofolds.cli.last_words import (
    failure_words,
    interrupted_words,
    is_interrupted,
    plan_words,
    size_text,
)
from cocofolds.cli.run import number_of_cores, usage_error, with_settings
from cocofolds.cli.stages import Run
from cocofolds.errors import InputError
from cocofolds.files import write_table
from cocofolds.report.summary import last_words, read_summary, splits_asked_for
from cocofolds.terminal_text import clipped, first_of, printable

LOGS = {
    "a.log": "INFO: 3\nERROR: a.csv, line 5: wrong\nMend it.\n",
    "b.log": "ERROR: a.csv, line 5: wrong\nMend it.\n",
    "c.log": "ERROR: another\n",
    "silent.log": "INFO: 3\n",
    "interrupted.log": "ERROR: Interrupted.\n",
}

DIED = "CalledProcessError:\nCommand 'python index.py' died with <Signals.SIG%s>."


def words(*events, said=(), errors=()):
    run = after(*events)
    for error in errors:
        run = after({"event": "error", "text": error}, run=run)
    return failure_words(run, lambda path: LOGS.get(path, ""), said)


def failed(jobid, log):
    return [begin(jobid, "index"), fail(jobid, "index", [log])]


def test_message_of_a_job_is_the_last():
    said = words(*failed(1, "a.log"), errors=["RuleException:\nCalledProcessError"])
    assert said == "Log: a.log\n\nError: a.csv, line 5: wrong\nMend it."


def test_each_message_once():
    said = words(*failed(1, "a.log"), *failed(2, "b.log"), *failed(3, "c.log"))
    assert said.count("line 5: wrong") == 1
    assert said.endswith("Mend it.\n\nError: another")


def test_jobs_that_were_ended_with_another_say_nothing():
    said = words(*failed(1, "interrupted.log"), *failed(2, "c.log"))
    assert said.endswith("\n\nError: another")
    assert "Interrupted" not in said


def test_job_that_was_killed():
    error = "RuleException:\nCalledProcessError in file x: died with SIGKILL"
    said = words(*failed(1, "silent.log"), errors=[error], said=["Killed"])
    assert "The job index has failed, and its log has no error" in said
    assert "silent.log" in said
    assert "died with SIGKILL" in said
    assert said.endswith("Killed")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("SettingsError:\nconfig: n: 1", "Error: config: n: 1"),
        (
            'SettingsError in file "/a/b.smk", line 3:\nconfig: n: 1',
            "Error: config: n: 1",
        ),
        ("LockException:\nError: No lock", "Error: No lock"),
        ("KeyError: 3", "Error: KeyError: 3"),
    ],
)
def test_error_of_snakemake(error, expected):
    assert words(errors=[error], said=["noise"]) == expected


def test_nothing_is_known_but_what_was_written():
    assert words(said=["Traceback", "ImportError: numpy"]).endswith("numpy")


def test_interruption():
    def read_log(path):
        return LOGS.get(path, "")

    assert is_interrupted(Run(), read_log)
    assert is_interrupted(after(*failed(1, "interrupted.log")), read_log)
    assert not is_interrupted(after(*failed(1, "a.log")), read_log)
    # The job was still being started.
    ended = [*failed(1, "silent.log"), {"event": "error", "text": DIED % "INT: 2"}]
    assert is_interrupted(after(*ended), read_log)
    killed = [*failed(1, "silent.log"), {"event": "error", "text": DIED % "KILL: 9"}]
    assert not is_interrupted(after(*killed), read_log)
    run = after({"event": "run_info", "stats": PLAN}, begin(1, "index"), end(1))
    said = interrupted_words(run, "cocofolds run -k 5")
    assert said.startswith("Interrupted. 1 of 8 jobs are done. All finished files are")
    assert said.endswith("\n\n    cocofolds run -k 5")


def test_plan():
    jobs = {"assemble_fold": 5, "encode_shard": 3, "all": 1, "total": 9}
    assert plan_words(jobs, 2, 1, 6.7e6) == (
        "2 splits, 1 to make: 10 fold files, 3 shards; about 40 MB"
    )
    assert plan_words(PLAN, 1, 1, 1000) == (
        "1 split, 1 to make: the index, 4 fold files, the shards, 5 other jobs;"
        " about 4 kB"
    )
    assert plan_words({"all": 1, "plot_split": 1}, 1, 1, 1000) == (
        "1 split, 1 to make: 1 other job"
    )
    assert plan_words({}, 1, 0, 1000).startswith("Nothing to do")


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [(0, "0 bytes"), (999.6, "1 kB"), (4e7, "40 MB"), (2e16, "20000 TB")],
)
def test_size(n_bytes, text):
    assert size_text(n_bytes) == text


def test_splits_asked_for():
    both = ["image-k2-seed1", "image-k2-seed2"]
    assert splits_asked_for(["--cores", "2"], both) == both
    path = "results/group-k3-seed7/annotations_val_fold_1.json"
    assert splits_asked_for([path, path], both) == ["group-k3-seed7"]
    assert splits_asked_for(["results/group-k3-seed7.zip"], both) == ["group-k3-seed7"]
    assert splits_asked_for(["results/annotations_all.json"], both) == []


FOLDS = ["fold", "category", "images", "annotations"]


def make_split(results, name, table):
    (results / name).mkdir(parents=True)
    write_table(results / name / "fold_table.csv", FOLDS, table)
    n_annotations = sum(row[3] for row in table)
    (results / name / "checks.json").write_text(
        json.dumps({"annotations_held_out_once": n_annotations})
    )


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    results = tmp_path / "results"
    even = [(fold, name, 5, 50) for fold in (1, 2) for name in ("a", "b")]
    make_split(results, "image-k2-seed1", even)
    (results / "checks.json").write_text('{"images_in_their_group": 18}')
    return results


def warn(results, folder, *messages):
    (results / folder).mkdir(exist_ok=True)
    (results / folder / "warnings.json").write_text(json.dumps(messages))


def said(results, *splits):
    """Say of a folder what is said of that of the results."""
    summary = read_summary(results, splits)
    return last_words(summary._replace(results=Path("results")))


def test_summary_of_even_folds(results):
    assert said(results, "image-k2-seed1").splitlines() == [
        "18 images, 200 annotations, 2 categories; 2 folds.",
        "Even folds: every category is in every fold; the largest deviation of a"
        " category's annotations is 0.0 % ('b').",
        "Folds are in results/image-k2-seed1.",
        "Next: cocofolds show",
    ]


def test_summary_of_uneven_folds(results):
    # 'a' in one fold alone: a deviation of 1 of its images; 'b' even.
    table = [(1, "a", 4, 4), (1, "b", 2, 2), (2, "a", 0, 0), (2, "b", 2, 2)]
    make_split(results, "image-k2-seed2", [*table, (1, "", 3, 0), (2, "", 0, 0)])
    words = said(results, "image-k2-seed1", "image-k2-seed2")
    assert "2 splits of 2 folds" in words
    assert "Uneven folds: not in every fold: 'a'; the largest deviation" in words
    assert "annotations is 100.0 % ('a' in image-k2-seed2)." in words
    assert "Folds are in results/image-k2-seed1, results/image-k2-seed2." in words


def test_annotations_are_measured_by_what_whole_images_allow(results):
    # Three images in two folds: a third more of them is the least, as in the report.
    make_split(results, "image-k2-seed2", [(1, "a", 2, 60), (2, "a", 1, 40)])
    as_even = "Folds as even as whole images allow: every category is in every fold;"
    words = said(results, "image-k2-seed2")
    assert as_even in words
    assert "annotations is 20.0 % ('a')." in words
    make_split(results, "image-k2-seed3", [(1, "a", 2, 70), (2, "a", 1, 30)])
    words = said(results, "image-k2-seed3")
    assert as_even in words
    assert "annotations is 40.0 % ('a')." in words


def test_summary_without_previews(results):
    warn(results, "preview", "on grey")
    assert "on grey" in said(results)
    assert last_words(read_summary(results, [], extras=[])) == ""


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / "checks.json").write_text("{")
    with pytest.raises(InputError, match=r"checks.json: the file is damaged"):
        read_summary(tmp_path, [])


def test_annotations_are_measured_by_whole_images(results):
    # 3 images of each category in 2 folds deviate by 1/3; their annotations by 0.8.
    table = [(1, "a", 2, 18), (2, "a", 1, 2), (1, "b", 2, 18), (2, "b", 1, 2)]
    make_split(results, "image-k2-seed2", table)
    words = said(results, "image-k2-seed2")
    assert "Uneven folds: every category is in every fold; the largest" in words
    assert "annotations is 80.0 % ('b')." in words


def test_summary_of_folds_that_cannot_be_more_even(results):
    table = [(1, "a", 1, 9), (1, "b", 0, 0), (2, "a", 0, 0), (2, "b", 1, 9)]
    make_split(results, "image-k2-seed2", table)
    assert (
        "Folds as even as whole images allow: not in every fold: 'a', 'b'; the largest"
        " deviation of a category's annotations is 100.0 % ('b')."
    ) in said(results, "image-k2-seed2")


def test_summary_of_images_without_annotations(results):
    empty = [(1, "a", 0, 0), (2, "a", 0, 0)]
    make_split(results, "image-k2-seed2", [*empty, (1, "", 2, 0), (2, "", 3, 0)])
    assert "Even folds: no image has annotations." in said(results, "image-k2-seed2")


def test_summary_of_what_is_there_alone(results):
    assert said(results, "image-k9-seed1") == ""
    warn(results, "index", "careful")
    assert said(results) == "Warnings:\n  careful"


def test_summary_of_warnings(results):
    long = "w" * 500
    warn(
        results, "index", "Rows: 2\n  one,\n  two", *(f"warning {n}" for n in range(9))
    )
    warn(results, "image-k2-seed1", long, long)
    (results / "rejected.csv").write_text("file,line\na.csv,3\na.csv,4\n")
    (results / "report.html").touch()
    lines = said(results, "image-k2-seed1").splitlines()
    assert lines[2:4] == ["Warnings:", "  Rows: 2; one, two"]
    assert lines[10:] == [
        "  warning 6",
        "  and 3 more, in results/report.html",
        "2 rows are left out; results/rejected.csv lists them.",
        "Folds are in results/image-k2-seed1.",
        "Report: results/report.html",
        "Next: cocofolds show --open",
    ]


def test_same_warning_of_several_splits(results):
    for name in ("image-k2-seed2", "image-k2-seed3"):
        make_split(results, name, [(1, "a", 1, 1), (2, "a", 1, 1)])
        warn(results, name, "w" * 500)
    words = said(results, "image-k2-seed2", "image-k2-seed3")
    assert words.count("www...") == 1
    assert "www... (2 times)" in words


def test_results_of_earlier_data(results):
    source = results / "annotations_all.json"
    source.write_text("new")
    (results / "yolo" / "labels").mkdir(parents=True)
    record = results / "yolo" / "labels" / ".complete.json"
    record.write_text(json.dumps({"results/gone.json": "0"}))
    (results / "yolo" / "summary.json").touch()
    words = said(results)
    assert "of earlier data" in words
    assert words.endswith("yolo/summary.json")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a [red]b[/red]\nc", "a [red]b[/red]\nc"),
        ("\x1b[2J\x07", "\\x1b[2J\\x07"),
        ("é 細胞", "é 細胞"),
        ("\udc80\u202e", "\\udc80\\u202e"),
    ],
)
def test_printable(text, expected):
    assert printable(text) == expected
    expected.encode()


def test_clipped():
    assert clipped("abcdef", 6) == "abcdef"
    assert clipped("abcdefg", 6) == "abc..."
    assert first_of(["a", "b", "c"], 3) == "a, b, c"
    assert first_of(["a", "b", "c"], 2) == "a, b and 1 more"


def test_options_are_settings():
    settings = {"n_folds": [5], "seed": [1, 2], "split_by": None}
    given = ["n_folds=[5]", "seed=[1, 2]"]
    assert with_settings(["all"], settings) == ["all", "--config", *given]
    own = ["--config", "min_area=3"]
    assert with_settings(own, settings) == ["--config", *given, "min_area=3"]
    joint = ["-n", "--config=min_area=3", "seed=4"]
    options = ["-n", "--config", *given, "min_area=3", "seed=4"]
    assert with_settings(joint, settings) == options
    assert with_settings(["all"], {"seed": None}) == ["all"]


def test_usage_error():
    said = ["usage: [-h]", "__main__.py: error: unrecognized arguments: --x"]
    assert usage_error(said) == "Error: Snakemake says: unrecognized arguments: --x"


@pytest.mark.parametrize("given", ["all", "1", "16"])
def test_number_of_cores(given):
    assert number_of_cores(given) == given


@pytest.mark.parametrize("given", ["0", "-1", "many", "", "1.5"])
def test_no_number_of_cores(given):
    with pytest.raises(typer.BadParameter, match="neither 'all' nor a number"):
        number_of_cores(given)
