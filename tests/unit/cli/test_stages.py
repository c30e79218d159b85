"""From the events of Snakemake to the stages of a run, without Snakemake."""

import logging

import pytest

from cocofolds.cli.display import draw
from cocofolds.cli.events import event_of
from cocofolds.cli.stages import (
    Run,
    advance,
    duration,
    newly_complete,
    stage_line,
    stages_of,
    time_left,
)
from cocofolds.job_logs import Progress

PLAN = {
    "index": 1,
    "assign_folds": 1,
    "assemble_all": 1,
    "assemble_fold": 2,
    "check_annotations": 1,
    "check_split": 1,
    "plot_split": 1,
    "all": 1,
    "total": 9,
}
SPLIT = {"split_by": "image", "n_folds": "2", "seed": "1", "test": ""}


def begin(jobid, rule, wildcards=None, log=None):
    log = log or [f"results/logs/{rule}.log"]
    return {
        "event": "job_info",
        "jobid": jobid,
        "rule_name": rule,
        "wildcards": wildcards or {},
        "log": log,
    }


def end(jobid):
    return {"event": "job_finished", "job_id": jobid}


def fail(jobid, rule, log=(), **aux):
    return {
        "event": "job_error",
        "jobid": jobid,
        "rule_name": rule,
        "log": [*log],
        "aux": aux,
    }


def progress(total):
    return {"event": "progress", "done": 0, "total": total}


def after(*events, run=None):
    """Run through events, one a second."""
    run = run or Run()
    for now, event in enumerate(events):
        run = advance(run, event, float(now))
    return run


START = ({"event": "workflow_started"}, {"event": "run_info", "stats": PLAN})


def stage(run, name):
    [found] = [stage for stage in stages_of(run) if stage.name == name]
    return found


def test_before_anything_is_known():
    assert stages_of(Run()) == []
    assert not Run().has_started


def test_stages_of_a_plan_are_in_order():
    run = after(*START)
    assert run.has_started
    assert {s.name: (s.done, s.total) for s in stages_of(run)} == {
        "read": (0, 1),
        "encode": (0, 0),
        "assign": (0, 1),
        "assemble": (0, 3),
        "check": (0, 2),
        "draw": (0, 1),
    }
    names = ["read", "encode", "assign", "assemble", "check", "draw"]
    assert [stage.name for stage in stages_of(run)] == names


def test_shards_that_the_index_has_found():
    run = after(*START, begin(1, "index"), end(1), progress(9))
    assert [s.name for s in newly_complete(run, set())] == ["read"]
    run = after(begin(2, "encode_shard"), end(2), run=run)
    # One is done of one that is known of; then Snakemake says that there are four.
    run = after(progress(13), run=run)
    assert stage(run, "encode")[:3] == ("encode", 1, 4)
    assert newly_complete(run, {"read"}) == []
    run = after(*(begin(n, "encode_shard") for n in (3, 4, 5)), run=run)
    run = after(end(3), end(4), end(5), progress(13), run=run)
    assert [s.name for s in newly_complete(run, {"read"})] == ["encode"]


def test_shards_that_are_encoded_and_compared():
    """Which of both the new jobs are, nobody says: they are one stage."""
    run = after(*START, begin(1, "index"), end(1), progress(9))
    run = after(begin(2, "encode_shard"), end(2), progress(11), run=run)
    run = after(begin(3, "fingerprint"), run=run)
    assert stage(run, "encode")[:3] == ("encode", 1, 2)
    run = after(end(3), progress(11), run=run)
    assert [s.name for s in newly_complete(run, {"read"})] == ["encode"]


def test_rule_of_another_workflow_is_a_stage_of_its_own():
    stats = {"fetch": 2, "index": 1, "total": 3}
    run = after({"event": "run_info", "stats": stats}, begin(1, "fetch"), end(1))
    assert stage(run, "fetch")[:3] == ("fetch", 1, 2)


def test_splits_to_make():
    run = after(begin(1, "assign_folds", SPLIT), begin(2, "index"))
    assert run.splits_to_make == {"image-k2-seed1"}


def test_failures():
    run = after(begin(1, "index"), fail(1, "index", ["a.log"]))
    assert [failure.logs for failure in run.failures.values()] == [["a.log"]]
    assert run.running == {}


def test_job_that_succeeds_at_the_second_try():
    run = after(begin(1, "index"), fail(1, "index"), begin(1, "index"), end(1))
    assert run.failures == {}
    assert run.n_done == {"index": 1}


def test_group_of_jobs_on_a_cluster():
    of_job = {"jobid": 7, "rule_name": "encode_shard", "log": ["a.log"], "aux": None}
    group = {
        "event": "group_error",
        "job_error_info": [of_job],
        "aux_logs": ["slurm.log"],
    }
    run = after(
        begin(7, "encode_shard"), group, fail(7, "encode_shard", ["a.log"], external=3)
    )
    assert run.failures[7].logs == ["a.log", "slurm.log"]
    assert run.failures[7].details == {"external": 3}


def test_errors_of_snakemake_itself():
    run = after({"event": "error", "text": "WorkflowError:\nno", "exception": "W"})
    assert run.errors == ("WorkflowError:\nno",)
    # What is of no use here.
    assert after({"event": "message", "text": "hm"}, {}, run=run) == run


@pytest.mark.parametrize(
    ("events", "shares", "now", "expected"),
    [
        ([], {}, 9, None),
        ([begin(1, "encode_shard")], {}, 9, None),
        # A quarter in 2 seconds.
        ([begin(1, "encode_shard")], {1: 0.25}, 2, 6),
        # Five jobs, the first one in a second; the second has begun.
        ([begin(1, "encode_shard"), end(1), begin(2, "encode_shard")], {}, 2, 4),
        # It takes longer than the first one did: who knows?
        (
            [
                *(x for n in (1, 3, 4, 5) for x in (begin(n, "encode_shard"), end(n))),
                begin(2, "encode_shard"),
            ],
            {},
            20,
            None,
        ),
    ],
)
def test_time_left(events, shares, now, expected):
    stats = {"encode_shard": 5, "total": 5} if len(events) != 1 else {"encode_shard": 1}
    run = after(*events, run=Run(n_jobs=stats))
    assert time_left(stage(run, "encode"), shares, now) == expected


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (125, "2 min 5 s"),
        (12000, "3 h 20 min"),
    ],
)
def test_duration(seconds, text):
    assert duration(seconds) == text


def test_line_of_a_stage():
    run = after(*START, begin(1, "index"), end(1))
    assert stage_line(stage(run, "read")).split() == ["read", "1", "job", "1", "s"]


def lines_of(renderable, width):
    from rich.console import Console

    console = Console(width=width, force_terminal=True, color_system=None)
    with console.capture() as capture:
        console.print(renderable)
    return capture.get().splitlines()


@pytest.mark.parametrize("width", [200, 80, 72, 71, 40, 20])
def test_display_has_a_line_a_stage(width):
    log = ["results/logs/[red]x[/red]\x1b[2J.log"]
    run = after(*START, begin(1, "index", log=log))
    done = {1: Progress(1_200_000, 7_358_500, "rows", 0.16)}
    lines = lines_of(draw(run, done, 40.0, width), width)
    assert len(lines) == len(stages_of(run))
    # Room for the ^C that a terminal writes.
    assert all(len(line.rstrip()) <= width - 2 for line in lines)
    if width >= 80:
        assert "0/1  1,200,000 of 7,358,500 rows, 3 min 20 s left" in lines[0]
        assert "0/?" in lines[1]


def test_display_before_the_plan():
    assert lines_of(draw(Run(), {}, 0.0, 80), 80) == ["Looking for what there is to do"]
    run = after(*START)
    assert lines_of(draw(run, {}, 0.0, 80, "Ending"), 80)[-1] == "Ending"


def record(level=logging.INFO, msg="text", **fields):
    record = logging.LogRecord("snakemake", level, "", 0, msg, None, None)
    record.__dict__.update(fields)
    return record


def test_records():
    class Named(list):
        """As Snakemake's lists, which know names too."""

    event = event_of(
        record(
            event="job_info",
            jobid=3,
            rule_name="index",
            wildcards={"fold": 1},
            log=Named(["a.log"]),
            input=object(),
        )
    )
    assert event == {
        "event": "job_info",
        "text": "text",
        "jobid": 3,
        "rule_name": "index",
        "wildcards": {"fold": 1},
        "log": ["a.log"],
    }
    assert event_of(record(msg="Select jobs")) is None
    # Of a mistake that a function of a rule finds, that alone is of use.
    text = (
        'InputFunctionException in rule index in file "index.smk", line 2:\n'
        "Error:\n  SettingsError:\n    config: a\n    b\nWildcards:\n\n"
        "Traceback:\n  (rule index)"
    )
    said = event_of(record(event="error", msg=text, exception="X"))
    assert said["text"] == "SettingsError:\nconfig: a\nb"
    assert event_of(record(event="shellcmd")) is None
    said = event_of(record(logging.ERROR, msg="bad"))
    assert said == {"event": "message", "text": "bad"}
