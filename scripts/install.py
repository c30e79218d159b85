"""Install locks and projects: `python scripts/install.py requirements/run.lock .`.

They go into the environment of the Python
that runs this. pip installs uv, and uv the rest: each package in the version and with
one of the hashes that its lock names, so that there is nothing to resolve. uv does not
read pip's settings; those that say where packages are come to it as variables; those
that are set already win.
"""

import os
import subprocess
import sys
from ast import literal_eval
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

LOCKS = Path(__file__).resolve().parents[1] / "requirements"
# No module from PYTHONPATH or from the user's own packages.
PYTHON = (sys.executable, "-I", "-m")

VARIABLES = {
    "index-url": "UV_INDEX_URL",
    "extra-index-url": "UV_EXTRA_INDEX_URL",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}


def variables_of_uv(listing: str) -> dict[str, str]:
    """Say to uv where pip finds packages.

    Parameters
    ----------
    listing : str
        What `pip config list` prints: lines of the form `global.index-url='URL'`.

    Returns
    -------
    dict of str to str
        The value of each variable.
    """
    settings = {}
    # Sections in the order in which pip lets the later one win.
    for section in ("global", "install", ":env:"):
        for line in listing.splitlines():
            name, _, value = line.partition("=")
            if name.startswith(f"{section}."):
                settings[name.removeprefix(f"{section}.")] = literal_eval(value).split()
    return {
        variable: ("," if name == "find-links" else " ").join(settings[name])
        for name, variable in VARIABLES.items()
        if settings.get(name)
    }


def install(locks: Sequence[str], projects: Sequence[str]) -> None:
    """Install packages; others are left as they are.

    Parameters
    ----------
    locks : sequence of str
        Their packages are installed in the versions that they name.
    projects : sequence of str
        Folders that are installed as they are, so that an edit in them counts.
    """
    if not find_spec("pip"):
        subprocess.run([*PYTHON, "ensurepip"], check=True)
    pip_install = ["pip", "install", "--quiet", "--disable-pip-version-check"]
    # In a virtual environment, pip refuses a `user = true` of its settings.
    pip_install += ["--no-user"]
    # A wheel, since building uv takes a compiler and half an hour.
    pip_install += ["--no-deps", "--require-hashes", "--only-binary", ":all:"]
    pip_install += ["--requirement", str(LOCKS / "installer.lock")]
    subprocess.run([*PYTHON, *pip_install], check=True)

    listing = subprocess.run(
        [*PYTHON, "pip", "config", "list"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    uv_install = ["uv", "pip", "install", "--quiet", "--python", sys.executable]
    uv_install += ["--no-deps"]
    if os.environ.get("PYTHONDONTWRITEBYTECODE"):
        # Else each start of Snakemake would compile what it imports.
        uv_install += ["--compile-bytecode"]
    # For the one package that has no wheel, and for projects.
    uv_install += ["--build-constraints", str(LOCKS / "build.lock")]
    uv_install += ["--require-build-hashes"]
    # Whatever the index, the hash says that it is the right file.
    uv_install += ["--index-strategy", "unsafe-best-match"]
    of_locks = ["--require-hashes"]
    for lock in locks:
        of_locks += ["--requirement", lock]
    of_projects = [["--editable", project] for project in projects]
    for what in (of_locks, *of_projects):
        subprocess.run(
            [*PYTHON, *uv_install, *what],
            check=True,
            env={**variables_of_uv(listing), **os.environ},
        )


if __name__ == "__main__":
    try:
        arguments = sys.argv[1:]
        locks = [name for name in arguments if name.endswith(".lock")]
        install(locks, [name for name in arguments if name not in locks])
    except subprocess.CalledProcessError as error:
        # pip or uv has said why.
        sys.exit(error.returncode)
