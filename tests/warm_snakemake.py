"""Run Snakemake, and the scripts of its jobs, in processes that need not import first.

Most of the time of a short run goes to imports. A process that has done them forks for
each run and for each script; a fork calls the entry of Snakemake, or runs the file that
Snakemake has written for a job, in the folder and the environment, and with the output,
that a new process would have. Tests of how processes start, or are stopped, start their
own.
"""

import atexit
import functools
import gc
import json
import os
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from importlib import import_module
from pathlib import Path
from select import select

# Those of Snakemake and of the jobs that take long to import.
MODULES = (
    "matplotlib.figure",
    "pycocotools.mask",
    "rlemasklib",
    "sklearn.model_selection",
    "snakemake.cli",
    "snakemake.report",
    "yte",
)
LONGEST_ANSWER = 16


def run_snakemake(arguments, folder, seconds):
    """Run Snakemake in a folder; return its exit status and what it writes."""
    with tempfile.NamedTemporaryFile(prefix="snakemake-") as output:
        address = _started_server()
        status = _ask(address, [*map(str, arguments)], folder, output.name, seconds)
        return status, Path(output.name).read_text(encoding="utf-8")


def warm_jobs():
    """Variables with which a Snakemake of its own process runs its jobs in forks."""
    folder = Path(__file__).parent / "warm_jobs"
    return {"PYTHONPATH": str(folder), "WARM_SNAKEMAKE": _started_server()}


@functools.cache
def _started_server():
    """Start the process that forks, which ends with this one; return its address."""
    folder = tempfile.mkdtemp(prefix="snakemake-")
    address = f"{folder}/socket"
    server = subprocess.Popen(
        [sys.executable, __file__, address],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )

    def stop():
        # It ends with its input.
        server.communicate()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    # It says when it is ready.
    assert server.stdout.readline() == b"ready\n"
    return address


def _ask(address, arguments, folder, output, seconds):
    """Have the server run Snakemake, or a script; return the exit status."""
    request = {
        "arguments": arguments,
        "folder": str(folder),
        "environment": {**os.environ},
        "output": output,
        "seconds": seconds,
    }
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        connection.sendall(json.dumps(request).encode())
        connection.shutdown(socket.SHUT_WR)
        return int(connection.recv(LONGEST_ANSWER))


def _serve(address):
    for name in MODULES:
        import_module(name)
    # Imports the plugins.
    import_module("snakemake.cli").get_argument_parser()
    # The memory of the forks is shared for as long as nothing looks through it.
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        print("ready", flush=True)
        # The end of the input is the end of the process that started this one.
        while sys.stdin not in select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            with connection:
                if os.fork() == 0:
                    _answer(connection, address)


def _answer(connection, address):
    """Run what is asked for in a further fork, and send its exit status."""
    with connection.makefile("rb") as file:
        request = json.loads(file.read())
    # The server leaves the ends of its forks to the system; here they count.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    process = os.fork()
    if process == 0:
        _become(request)
        _end(_run(request, address))
    _, status = os.waitpid(process, 0)
    connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _run(request, address):
    """Run a script, or Snakemake; return the exit status."""
    try:
        if isinstance(request["arguments"], str):
            _run_script(request["arguments"])
        else:
            _run_snakemake(request, address)
    except SystemExit as error:
        return error.code or 0
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _run_script(path):
    sys.path[0] = str(Path(path).parent)
    runpy.run_path(path, run_name="__main__")


def _run_snakemake(request, address):
    from snakemake.cli import main

    run_scripts_in_forks(address, request["output"], request["seconds"])
    sys.path[0] = request["folder"]
    sys.argv[1:] = request["arguments"]
    main()


def run_scripts_in_forks(address, output, seconds):
    """Let the Snakemake of this process have the scripts of its jobs run in forks."""
    from snakemake.script import PythonScript

    def execute_script(self, fname, edit=False):
        start = time.monotonic()
        status = _ask(address, fname, Path.cwd(), output, seconds)
        if self.bench_record is not None:
            self.bench_record.running_time = time.monotonic() - start
            # So short that there is nothing to measure.
            self.bench_record.process_gone = True
        if status:
            raise subprocess.CalledProcessError(status, fname)

    PythonScript.execute_script = execute_script


def _end(status):
    """End as a process does, but for its memory, which is shared with the server's."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _become(request):
    """Make of a fork what a new process would be."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(request["output"], os.O_WRONLY | os.O_APPEND)
    for ours, theirs in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(ours, theirs)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.path[1:1] = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    # What it does by default ends a run that hangs.
    signal.alarm(request["seconds"])


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    _serve(sys.argv[1])
