"""Environments and commands of a machine that has nothing of ours."""

import os
import subprocess
import sys

import pytest

# A cache, an environment or options of the caller: what a fresh machine does not have.
NOT_FRESH = ("COV", "MAKE", "MFLAGS", "PYTEST", "PYTHON", "VIRTUAL_ENV", "XDG")


@pytest.fixture
def run(tmp_path):
    """Run a command with a home that is empty at first, and return what it says."""
    home = tmp_path / "home"
    home.mkdir()
    fresh = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(NOT_FRESH) and not name.endswith("_CACHE_DIR")
    }

    def run(*command, cwd=tmp_path, fails=False, **environment):
        done = subprocess.run(
            command,
            cwd=cwd,
            env={**fresh, "HOME": str(home), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=600,
        )
        assert (done.returncode != 0) == fails, done.stdout
        return done.stdout

    return run


@pytest.fixture
def new_environment(run):
    """Make a virtual environment and return the path of its Python."""

    def make(folder):
        run(sys.executable, "-m", "venv", folder)
        return folder / "bin" / "python"

    return make
