"""Snakemake as a child process: its events, what it writes, and signals to it."""

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from threading import Thread
from typing import IO, NamedTuple

from cocofolds.output.results import RESULTS
from cocofolds.workflow_files import pipeline_folder

#: What Snakemake and its jobs write goes here, not to the terminal.
RUN_LOG = RESULTS / "logs/run.log"

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
    # Not the modules that happen to be in the working directory.
    command = [sys.executable, "-P", "-m", "snakemake"]
    command += ["--snakefile", str(folder / "Snakefile")]
    command += ["--workflow-profile", str(folder / "profiles" / "default")]
    # Of an option that is there twice, Snakemake takes the last.
    command += ["--cores", "all"]
    command += ["--logger", "cocofolds", "--logger-cocofolds-descriptor", str(writer)]
    with _passed_on() as signals:
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
        child = Child(process, SimpleQueue(), deque(maxlen=_MOST_LINES), signals)
        signals.begin(process.pid)
        assert process.stdout is not None
        threads = [
            Thread(target=_queue_lines, args=(reader, child.events), daemon=True),
            Thread(target=_keep_lines, args=(process.stdout, child.said), daemon=True),
        ]
        for thread in threads:
            thread.start()
        try:
            yield child
            process.wait()
        finally:
            # No job is left behind, whatever has happened here or there.
            _send(process.pid, signal.SIGTERM)
            for thread in threads:
                thread.join(timeout=5)


class _Signals(list[int]):
    """The signals that have come, passed on to a group of processes."""

    group: int | None = None

    def begin(self, group: int) -> None:
        """Pass them on to a group, also the one that came before there was one."""
        self.group = group
        self._pass_on()

    def come(self, number: int, _: object) -> None:
        """Take one."""
        self.append(number)
        self._pass_on()

    def _pass_on(self) -> None:
        if self and self.group is not None:
            # Who is not patient gets no end in order.
            _send(self.group, signal.SIGINT if len(self) == 1 else signal.SIGTERM)


@contextmanager
def _passed_on() -> Iterator[_Signals]:
    """Take the signals that are to end this process; ignored ones are still ignored."""
    signals = _Signals()
    before = {}
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, signals.come)
        elif number == signal.SIGINT:
            # In the background of a script. Snakemake would ignore it as well, and is
            # told by it to end in order.
            before[number] = signal.signal(number, lambda *_: None)
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _send(group: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, number)


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
