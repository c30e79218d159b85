# What the terminal shows: a line a stage, what is wrong, and the last words. All that
# Snakemake says of a run is in its log file, and with --verbose on the terminal too.
import shlex
import sys
from importlib.util import find_spec
from time import monotonic

from snakemake.common import NOTHING_TO_BE_DONE_MSG
from snakemake.logging import logger


def show_stages(handler, verbose):
    """Let a handler of Snakemake's log show a line a stage in place of a run's records.

    Parameters
    ----------
    handler : logging.Handler
    verbose : bool
        Whether to show the records too.

    Returns
    -------
    function
        Tells what is known of the run.
    """
    run, announced, n_plans = stages.Run(), set(), 0

    def is_shown(record):
        nonlocal run, n_plans
        event = events.event_of(record) or {}
        kind = event.get("event")
        run = stages.advance(run, event, monotonic())
        if kind == "error" and event["text"] != record.msg:
            print(event["text"], file=sys.stderr, flush=True)
            return verbose
        if not run.has_started:
            return kind != "plan"
        if kind == "progress":
            for stage in stages.newly_complete(run, announced):
                announced.add(stage.name)
                print(stages.stage_line(stage), file=sys.stderr, flush=True)
        if kind == "run_info" and workflow.dryrun:
            # It comes before the jobs, and again behind them.
            n_plans += 1
            if n_plans == 2:
                numbers = [len(known_splits()), len(run.splits_to_make)]
                plan = last_words.plan_words(run.n_jobs, *numbers, run.whole_bytes)
                print(f"{record.msg}\n{plan}", file=sys.stderr)
        if verbose:
            return True
        if kind == "error":
            # The error of a job is said by `words_of_failure`.
            return event["exception"] != "RuleException" and not run.failures
        # On a cluster, it is of use which job was submitted as which.
        if not workflow.local_exec:
            return True
        return kind == "message" or record.msg == NOTHING_TO_BE_DONE_MSG

    handler.addFilter(is_shown)
    return lambda: run


def known_splits():
    """Name the splits of the config, as far as the index says what there is."""
    return [split.name for split in splits_of(config, RESULTS / "index/images.csv")]


def size_of_whole():
    """The size of a file with all annotations, in bytes, or a guess at it."""

    def guess(path, dialect):
        if path.endswith(".gz"):
            return 2 * size_of(path)
        # COCO's counts are shorter than the numbers of a table.
        return 0.6 * size_of(path) if dialect.is_table else size_of(path)

    whole = size_of(RESULTS / "annotations_all.json")
    return whole or sum(map(guess, SOURCE.paths, SOURCE.dialects))


def words_of_success():
    """Say what there is, how good it is, and what to look at."""
    # With --sdm conda, the packages of the jobs need not be here.
    if IN_STORAGE:
        return f"Folds are in results, in {STORAGE_PREFIX}."
    if not find_spec("numpy"):
        return f"Folds are in {RESULTS}."
    fetch_library(["report/summary"])
    from cocofolds.report import summary

    splits = summary.splits_asked_for(sys.argv, known_splits())
    return summary.last_words(summary.read_summary(RESULTS, splits, EXTRAS))


def words_of_failure():
    """Say why the run has failed, or what is kept of one that was interrupted."""
    if run_so_far is None:
        # What another plugin than Snakemake's own shows is not known here.
        return "Once the cause is gone, give the same command again."
    run = run_so_far()
    if last_words.is_interrupted(run, read_log):
        command = shlex.join(["snakemake", *sys.argv[1:]])
        return last_words.interrupted_words(run, command)
    return last_words.failure_words(run, read_log, [])


def say(words, file):
    """Say the last words, unless `cocofolds run` does."""
    if "cocofolds" not in workflow.output_settings.log_handler_settings:
        # A module may be asked for its words.
        fetch_library(["terminal_text"])
        from cocofolds.terminal_text import printable

        try:
            text = words()
        except InputError as error:
            text = str(error)
        print(printable(text), file=file, flush=True)


run_so_far = None
if workflow.modifier.is_main_snakefile() and workflow.is_main_process:
    fetch_library(["report/summary", "cli/last_words", "cli/events"])
    from cocofolds.cli import events, last_words, stages
    from cocofolds.job_logs import ERRORS_ARE_SAID_LAST

    for handler in logger.handlers:
        if handler.name == "DefaultStreamHandler":
            run_so_far = show_stages(handler, workflow.output_settings.verbose)
            # Jobs leave it to the last words to say their errors.
            os.environ.update({ERRORS_ARE_SAID_LAST: "1"})
    splits_before = known_splits()
    logger.info(
        f"Splits: {len(splits_before)}",
        extra={
            "event": "plan",
            "splits": splits_before,
            "whole_bytes": size_of_whole(),
            "extras": EXTRAS,
            "is_dry_run": workflow.output_settings.dryrun,
        },
    )
