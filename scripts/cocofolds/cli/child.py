"""Snakemake as a child process: its events, what it writes, and signals to it."""

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, NamedTuple

from cocofolds.cli.pipeline import pipeline_folder

#: What Snakemake and its jobs write goes here, not to the terminal.
RUN_LOG = Path("results/logs/run.log")

# Lines of it that are kept in memory: what `--summary` and the like may write.
_MOST_LINES = 100_000


class Child(NamedTuple):
    """A Snakemake that runs.

    Attributes
    ----------
    process : Popen
        The first of a group of processes.
    events : queue of (bytes or None)
        Each event as a line of JSON; None once there will be no more.
    said : deque of str
        The last lines that it has written.
    signals : list of int
        Those that have been passed on to it.
    """

    process: "subprocess.Popen[bytes]"
    events: "SimpleQueue[bytes | None]"
    said: deque[str]
    signals: list[int]


@contextmanager
def started(arguments: Sequence[str]) -> Iterator[Child]:
    """Start Snakemake, and pass on to it and to its jobs what is to end this process.

    Parameters
    ----------
    arguments : sequence of str
        Files to make, and options of its own.
    """
    reader, writer = os.pipe()
    folder = pipeline_folder()
    # Not the modules that happen to lie in the working directory.
    command = [sys.executable, "-P", "-m", "snakemake"]
    command += ["--snakefile", str(folder / "Snakefile")]
    command += ["--workflow-profile", str(folder / "profiles" / "default")]
    command += ["--logger", "cocofolds", "--logger-cocofolds-descriptor", str(writer)]
    process = subprocess.Popen(
        [*command, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=[writer],
        # A group of its own: Ctrl-C reaches it through this process alone, once.
        process_group=0,
    )
    os.close(writer)
    child = Child(process, SimpleQueue(), deque(maxlen=_MOST_LINES), [])
    assert process.stdout is not None
    threads = [
        Thread(target=_queue_lines, args=(reader, child.events), daemon=True),
        Thread(target=_keep_lines, args=(process.stdout, child.said), daemon=True),
    ]
    for thread in threads:
        thread.start()

    def pass_on(number: int, _: object) -> None:
        child.signals.append(number)
        # Who is not patient gets no end in order.
        gentle = len(child.signals) == 1
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT if gentle else signal.SIGTERM)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, pass_on) for number in numbers}
    try:
        yield child
        process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        # No job is left behind, whatever has happened here or there.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        for thread in threads:
            thread.join(timeout=5)


def _queue_lines(reader: int, lines: "SimpleQueue[bytes | None]") -> None:
    with os.fdopen(reader, "rb") as pipe:
        for line in pipe:
            lines.put(line)
    lines.put(None)


def _keep_lines(stream: IO[bytes], said: deque[str]) -> None:
    """Keep what is written, in memory, and in the log once its folder is there."""
    log: IO[str] | None = None
    for line in stream:
        said.append(line.decode("utf-8", "replace").rstrip("\n"))
        # A disk that is full is no reason to stop the run here.
        with suppress(OSError):
            if log is None:
                log = RUN_LOG.open("w", encoding="utf-8")
                log.writelines(f"{earlier}\n" for earlier in said)
            else:
                log.write(f"{said[-1]}\n")
            log.flush()
    with suppress(OSError):
        if log is not None:
            log.close()
