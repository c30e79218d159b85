"""A run that was cut off goes on, and no file is ever there in part."""

import os
import random
import shutil
import signal
import subprocess
import threading
import time

import pytest

from tables import SAMPLE

KILLS = int(os.environ.get("COCOFOLDS_KILLS", "30"))
SETTINGS = {"annotations": "train.csv", "n_folds": 3, "images_per_shard": 6}


def start(project):
    """Start a run that a signal can reach with all that it has started."""
    return subprocess.Popen(
        project.command(),
        cwd=project.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    )


def new(new_project):
    project = new_project(**SETTINGS)
    shutil.copyfile(SAMPLE, project.source)
    project.write_config()
    return project


@pytest.fixture(scope="module")
def uninterrupted(new_project):
    """Bytes of each file below results, by path, and how long it took to make them."""
    project = new(new_project)
    begin = time.monotonic()
    run = start(project)
    said, _ = run.communicate()
    assert run.returncode == 0, said
    return files_of(project), time.monotonic() - begin


def files_of(project):
    return dict(read_finished(project, {}))


def read_finished(project, seen):
    """Read the files under a final name that have changed since they were seen."""
    for path in project.results.rglob("*"):
        name = path.relative_to(project.results)
        if name.parts[0] in ("logs", "benchmarks") or any(
            part.startswith(".") for part in name.parts
        ):
            continue
        try:
            status = path.stat()
            if path.is_file() and seen.get(name) != (status.st_ino, status.st_mtime_ns):
                yield str(name), path.read_bytes()
                seen[name] = (status.st_ino, status.st_mtime_ns)
        except FileNotFoundError:
            continue


def watch(project, expected, stop, partial):
    """Note each file that has, at any moment, other bytes than it should have."""
    seen = {}
    while not stop.is_set():
        try:
            for name, found in read_finished(project, seen):
                if found != expected[name]:
                    partial.append(name)
        except FileNotFoundError:
            continue


@pytest.mark.parametrize("number", range(KILLS))
def test_killed(new_project, uninterrupted, number):
    expected, duration = uninterrupted
    project = new(new_project)
    stop, partial = threading.Event(), []
    watcher = threading.Thread(target=watch, args=(project, expected, stop, partial))
    watcher.start()
    try:
        run = start(project)
        time.sleep(random.Random(number).uniform(0, duration))
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
        # What Snakemake asks for after a kill.
        project.run_as_is("--unlock")
        project.run_as_is()
    finally:
        stop.set()
        watcher.join()
    assert not partial
    assert files_of(project) == expected


def test_stale_lock(new_project):
    project = new(new_project)
    run = start(project)
    locks = project.folder / ".snakemake/locks"
    # One of the inputs and one of the outputs, each as soon as it is written.
    while sum(path.stat().st_size > 0 for path in locks.glob("*.lock")) < 2:
        assert run.poll() is None
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    said = project.run_as_is(fails=True)
    assert "--unlock" in said


def test_interrupted_by_the_user(new_project, uninterrupted):
    expected, duration = uninterrupted
    project = new(new_project)
    run = start(project)
    time.sleep(duration / 2)
    os.killpg(run.pid, signal.SIGINT)
    said, _ = run.communicate(timeout=10)
    assert run.returncode != 0
    assert "Traceback" not in said
    assert "the same command" in said, said
    project.run_as_is()
    assert files_of(project) == expected
