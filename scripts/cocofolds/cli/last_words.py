"""What a run says last that has failed, was interrupted, or was only planned."""

import re
from collections.abc import Callable, Mapping, Sequence

from cocofolds.cli.stages import NO_JOBS, Failure, Run
from cocofolds.job_logs import INTERRUPTED, last_error
from cocofolds.wording import counted

# What is above the message of one of Snakemake's errors: its class, and where.
_CLASS = re.compile(r"^(?:Error: |\w*(?:Error|Exception)(?: in [^\n]*)?:\n)+")
_MOST_LOGS = 5
# What Snakemake says of a job that Ctrl-C has ended before it could say anything.
_DIED_OF_INTERRUPTION = "died with <Signals.SIGINT"


def failure_words(run: Run, read_log: Callable[[str], str], said: Sequence[str]) -> str:
    """Say why a run has failed: each message once, and nothing else behind it.

    Parameters
    ----------
    run : Run
    read_log : callable
        Reads a log by its path; the text is empty if there is none.
    said : sequence of str
        The last lines that Snakemake and its jobs have written, if they are known.
    """
    messages = [
        message
        for failure in run.failures.values()
        for message in map(last_error, map(read_log, failure.logs))
        if message and message != INTERRUPTED
    ]
    if not messages:
        messages = [_without_a_word(failure) for failure in run.failures.values()][:1]
        messages += [_CLASS.sub("", error, count=1).strip() for error in run.errors]
        if run.failures or not run.errors:
            messages += ["\n".join(said)]
    logs = [log for failure in run.failures.values() for log in failure.logs[:1]]
    where = [f"Log: {', '.join(logs[:_MOST_LOGS])}\n\n"] if logs else []
    errors = (f"Error: {message}" for message in dict.fromkeys(filter(None, messages)))
    return "".join(where) + "\n\n".join(errors)


def is_interrupted(run: Run, read_log: Callable[[str], str]) -> bool:
    """Tell whether a run that has not ended well was ended by its user."""
    logs = [log for failure in run.failures.values() for log in failure.logs]
    return (
        not (run.failures or run.errors)
        or any(_DIED_OF_INTERRUPTION in error for error in run.errors)
        or any(last_error(read_log(log)) == INTERRUPTED for log in logs)
    )


def interrupted_words(run: Run, command: str) -> str:
    """Say what is kept of a run that was interrupted, and how to go on."""
    n_jobs = sum(n for rule, n in run.n_jobs.items() if rule not in NO_JOBS)
    n_done = sum(n for rule, n in run.n_done.items() if rule not in NO_JOBS)
    done = f" {n_done} of {n_jobs} jobs are done." if n_jobs else ""
    return (
        f"Interrupted.{done} All finished files are kept, and none is left in part. To"
        f" go on, give the same command again:\n\n    {command}"
    )


def plan_words(
    n_jobs: Mapping[str, int], n_splits: int, n_to_make: int, whole_bytes: float
) -> str:
    """Say what a dry run has found to do.

    Parameters
    ----------
    n_jobs : mapping of str to int
        How many jobs of each rule there are to do.
    n_splits, n_to_make : int
        Splits that were asked for, and those of them with something to do.
    whole_bytes : float
        The size of a file with all annotations, or a guess at it.
    """
    jobs = {rule: n for rule, n in n_jobs.items() if rule not in NO_JOBS}
    if not jobs:
        return "Nothing to do: all files are there, and as the data and settings say."
    n_folds, n_shards = jobs.get("assemble_fold", 0), jobs.get("encode_shard", 0)
    parts = []
    if "index" in jobs:
        parts.append("the index")
    if n_folds:
        parts.append(counted(2 * n_folds, "fold file"))
    if "index" in jobs:
        # It will say how many there are.
        parts.append("the shards")
    elif n_shards:
        parts.append(counted(n_shards, "shard"))
    others = sum(jobs.values()) - jobs.get("index", 0) - n_folds - n_shards
    if others:
        parts.append(counted(others, "other job"))
    # A fold's train and val hold all annotations together.
    n_whole = n_folds + jobs.get("assemble_all", 0)
    n_whole += "index" in jobs or n_shards > 0
    size = (
        f"; about {size_text(n_whole * whole_bytes)}" if n_whole * whole_bytes else ""
    )
    return (
        f"{counted(n_splits, 'split')}, {n_to_make} to make: {', '.join(parts)}{size}"
    )


def size_text(n_bytes: float) -> str:
    """Write a size as a person says it: 40 MB."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if n_bytes < 999.5:
            return f"{n_bytes:.0f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.0f} TB"


def _without_a_word(failure: Failure) -> str:
    details = "".join(f", {key} {value}" for key, value in failure.details.items())
    return (
        f"The job {failure.rule} has failed, and its log has no error: it was killed,"
        " or could not begin, or there is no room on the disk. Its logs:"
        f" {', '.join(failure.logs) or 'none'}{details}."
    )
