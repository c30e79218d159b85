"""Run Snakemake in processes that need not import it first.

Half the time of a short run goes to imports. A process that has done them forks for
each run; the fork calls the entry of Snakemake, in the folder, with the arguments and
the output of that run.
"""

import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path


def run_snakemake(arguments, folder, seconds):
    """Run Snakemake in a folder; return its exit status and what it writes."""
    with tempfile.NamedTemporaryFile(prefix="snakemake-") as output:
        server = _server()
        request = {
            "arguments": [*map(str, arguments)],
            "folder": str(folder),
            "environment": {**os.environ},
            "output": output.name,
            "seconds": seconds,
        }
        server.stdin.write(f"{json.dumps(request)}\n")
        server.stdin.flush()
        status = int(server.stdout.readline())
        return status, Path(output.name).read_text(encoding="utf-8")


@functools.cache
def _server():
    """Start the process that forks; it ends when this process does."""
    return subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )


def _serve():
    # The fork calls it: importing is what takes the time.
    from snakemake.cli import main

    for line in sys.stdin:
        request = json.loads(line)
        if process := os.fork():
            _, status = os.waitpid(process, 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
        else:
            _become(request)
            sys.exit(main())


def _become(request):
    """Make of a fork what a new process of `python -m snakemake` would be."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(request["output"], os.O_WRONLY | os.O_APPEND)
    for ours, theirs in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(ours, theirs)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.path[0] = request["folder"]
    sys.argv[1:] = request["arguments"]
    # Its default action ends a run that hangs.
    signal.alarm(request["seconds"])


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _serve()
