"""How far a run is: from the events of Snakemake to a few stages."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

from cocofolds.cli.events import Event
from cocofolds.output.results import Split

Item = TypeVar("Item")

#: The stages of a run, in order, with the rules of each.
STAGES = {
    "read": ("index",),
    "encode": ("encode_shard", "fingerprint"),
    "assign": ("assign_folds",),
    "assemble": ("assemble_all", "assemble_fold"),
    "check": ("check_annotations", "check_split", "find_duplicates"),
    "draw": ("plot_split", "draw_previews", "preview", "report_page"),
    "export": ("archive_split", "yolo_labels", "yolo_fold"),
}
_STAGE_OF = {rule: stage for stage, rules in STAGES.items() for rule in rules}
#: What Snakemake counts among the jobs that makes nothing.
NO_JOBS = {"all", "archive", "yolo", "total"}


class Job(NamedTuple):
    """A job that runs.

    Attributes
    ----------
    rule : str
    wildcards : dict of str to str
    logs : list of str
    begin : float
        In seconds.
    """

    rule: str
    wildcards: Mapping[str, str]
    logs: list[str]
    begin: float


class Failure(NamedTuple):
    """A job that failed.

    Attributes
    ----------
    rule : str
    logs : list of str
        Its own first, then those of a cluster.
    details : dict of str to str
        What else Snakemake knows, such as its id on a cluster.
    """

    rule: str
    logs: list[str]
    details: Mapping[str, str]


class Stage(NamedTuple):
    """How far a stage is.

    Attributes
    ----------
    name : str
    done, total : int
        Jobs.
    begin, end : float or None
        When its first job began, and when its last one so far ended, in seconds.
    work : float
        What the jobs that are done have taken together, in seconds.
    running : dict of int to Job
        By their ids.
    """

    name: str
    done: int
    total: int
    begin: float | None
    end: float | None
    work: float
    running: Mapping[int, Job]

    @property
    def is_complete(self) -> bool:
        """Whether all of its jobs are done, of which there are some."""
        return 0 < self.total == self.done


@dataclass(frozen=True)
class Run:
    """What is known of a run.

    Attributes
    ----------
    has_started : bool
        Whether Snakemake has read the settings, and looks for what there is to do.
    splits : tuple of str
        The names of those that the settings ask for.
    whole_bytes : float
        The size of a file with all annotations, or a guess at it.
    extras : tuple of str
        What the settings ask for of what not all ask for, such as `preview`.
    is_dry_run : bool
        Whether it only says what there is to do.
    n_jobs : dict of str to int
        How many jobs there are to do, by rule.
    n_done : dict of str to int
        How many of them are done, by rule.
    running : dict of int to Job
    failures : dict of int to Failure
        By the ids of the jobs.
    errors : tuple of str
        What Snakemake itself says of errors.
    splits_to_make : frozenset of str
        The splits that jobs have been for.
    begin, end : dict of str to float
        When the first job of a stage began, and the last one ended, in seconds.
    work : dict of str to float
        What the jobs of a stage that are done have taken together, in seconds.
    """

    has_started: bool = False
    splits: tuple[str, ...] = ()
    whole_bytes: float = 0
    extras: tuple[str, ...] = ()
    is_dry_run: bool = False
    n_jobs: Mapping[str, int] = field(default_factory=dict)
    n_done: Mapping[str, int] = field(default_factory=dict)
    running: Mapping[int, Job] = field(default_factory=dict)
    failures: Mapping[int, Failure] = field(default_factory=dict)
    errors: tuple[str, ...] = ()
    splits_to_make: frozenset[str] = frozenset()
    begin: Mapping[str, float] = field(default_factory=dict)
    end: Mapping[str, float] = field(default_factory=dict)
    work: Mapping[str, float] = field(default_factory=dict)


def advance(run: Run, event: Event, now: float) -> Run:
    """Say what is known of a run after one more event.

    Parameters
    ----------
    run : Run
    event : dict
        As `event_of` makes it.
    now : float
        In seconds, of a clock that never goes back.
    """
    match event.get("event"):
        case "workflow_started":
            return replace(run, has_started=True)
        case "plan":
            return replace(
                run,
                splits=tuple(event["splits"]),
                whole_bytes=event["whole_bytes"],
                extras=tuple(event["extras"]),
                is_dry_run=event["is_dry_run"],
            )
        case "run_info":
            return replace(run, n_jobs=event["stats"])
        case "progress":
            return _with_new_shards(run, event["total"])
        case "job_info":
            return _with_begun(run, event, now)
        case "job_finished":
            return _with_finished(run, event["job_id"], now)
        case "job_error":
            failure = Failure(
                event["rule_name"], event["log"] or [], event["aux"] or {}
            )
            return _with_failed(run, event["jobid"], failure)
        case "group_error":
            for job in event["job_error_info"] or ():
                logs = [*(job["log"] or ()), *(event["aux_logs"] or ())]
                failure = Failure(job["rule_name"], logs, job["aux"] or {})
                run = _with_failed(run, job["jobid"], failure)
            return run
        case "error":
            return replace(run, errors=(*run.errors, event["text"]))
    return run


def stages_of(run: Run) -> list[Stage]:
    """Sum a run up by stages, those without a job left out."""
    known = {*run.n_jobs, *run.n_done, *(job.rule for job in run.running.values())}
    rules_of: dict[str, list[str]] = {stage: [] for stage in STAGES}
    for rule in sorted(known - NO_JOBS):
        # A rule of another workflow is a stage of its own.
        rules_of.setdefault(_STAGE_OF.get(rule, rule), []).append(rule)
    if "index" in run.n_jobs:
        # How many shards there are, it will say.
        rules_of["encode"] = [*STAGES["encode"]]
    stages = []
    for name, rules in rules_of.items():
        running = {n: job for n, job in run.running.items() if job.rule in rules}
        done = sum(run.n_done.get(rule, 0) for rule in rules)
        total = sum(run.n_jobs.get(rule, 0) for rule in rules)
        total = max(total, done + len(running))
        if rules:
            times = run.begin.get(name), run.end.get(name), run.work.get(name, 0.0)
            stages.append(Stage(name, done, total, *times, running))
    return stages


def stage_line(stage: Stage) -> str:
    """Say in a line that a stage is complete, and how long it has taken."""
    jobs = "job" if stage.done == 1 else "jobs"
    seconds = (stage.end or 0) - (stage.begin or 0)
    return f"{stage.name:<9} {stage.done:>5} {jobs:<4} {duration(seconds):>11}"


def newly_complete(run: Run, announced: Collection[str]) -> list[Stage]:
    """List the stages that are complete, except those that have been announced.

    Parameters
    ----------
    run : Run
        After an event "progress": only then it is known how many shards there are.
    announced : collection of str
        Names of stages.
    """
    return [
        stage
        for stage in stages_of(run)
        if stage.is_complete and stage.name not in announced
    ]


def time_left(stage: Stage, shares: Mapping[int, float], now: float) -> float | None:
    """Estimate how long a stage will still take; None if that cannot be told.

    Parameters
    ----------
    stage : Stage
    shares : dict of int to float
        How much of running jobs is done, from 0 to 1, by their ids.
    now : float
        In seconds.

    Returns
    -------
    float or None
        In seconds.
    """
    worked = {number: now - job.begin for number, job in stage.running.items()}
    known = [worked[number] / share for number, share in shares.items() if share]
    if not stage.running or not (stage.done or known):
        return None
    typical = stage.work / stage.done if stage.done else sum(known) / len(known)
    left = [
        worked[number] * (1 / shares[number] - 1)
        if shares.get(number)
        else max(typical - worked[number], 0.0)
        for number in stage.running
    ]
    n_waiting = stage.total - stage.done - len(stage.running)
    seconds = (sum(left) + n_waiting * typical) / len(stage.running)
    # A job that takes longer than the others did tells nothing.
    return seconds or None


def duration(seconds: float) -> str:
    """Write a time as a person says it: 8 s, 2 min 5 s, 3 h 20 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, seconds = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s"
    return f"{minutes // 60} h {minutes % 60} min"


def _with_new_shards(run: Run, total: int) -> Run:
    """Take jobs that nobody has announced for shards, which the index has found."""
    n_known = sum(n for rule, n in run.n_jobs.items() if rule != "total")
    if total <= n_known:
        return run
    n_shards = run.n_jobs.get("encode_shard", 0) + total - n_known
    return replace(run, n_jobs={**run.n_jobs, "encode_shard": n_shards})


def _with_begun(run: Run, event: Event, now: float) -> Run:
    wildcards = event["wildcards"] or {}
    job = Job(event["rule_name"], wildcards, event["log"] or [], now)
    stage = _STAGE_OF.get(job.rule, job.rule)
    made = run.splits_to_make
    if {"split_by", "n_folds", "seed"} <= {*wildcards}:
        split = Split(
            wildcards["split_by"], int(wildcards["n_folds"]), int(wildcards["seed"])
        )
        made |= {split.name}
    return replace(
        run,
        running={**run.running, event["jobid"]: job},
        begin={stage: now, **run.begin},
        splits_to_make=made,
    )


def _with_finished(run: Run, number: int, now: float) -> Run:
    if number not in run.running:
        return run
    job = run.running[number]
    stage = _STAGE_OF.get(job.rule, job.rule)
    work = run.work.get(stage, 0.0) + now - job.begin
    return replace(
        run,
        running=_without(run.running, number),
        # On a cluster, it may have failed before.
        failures=_without(run.failures, number),
        n_done={**run.n_done, job.rule: run.n_done.get(job.rule, 0) + 1},
        end={**run.end, stage: now},
        work={**run.work, stage: work},
    )


def _with_failed(run: Run, number: int, failure: Failure) -> Run:
    # Of a job in a group, the error of the group has said something already.
    known = run.failures.get(number, failure)
    logs = [*dict.fromkeys([*failure.logs, *known.logs])]
    details = {**known.details, **failure.details}
    return replace(
        run,
        running=_without(run.running, number),
        failures={**run.failures, number: Failure(failure.rule, logs, details)},
    )


def _without(jobs: Mapping[int, Item], number: int) -> dict[int, Item]:
    return {key: job for key, job in jobs.items() if key != number}
