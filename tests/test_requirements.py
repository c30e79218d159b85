"""What the locks, and what else names versions, have in common."""

import os
import re
import subprocess
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from install import variables_of_uv
from tables import REPO

LOCKS = {path.stem: path.read_text() for path in (REPO / "requirements").iterdir()}
PROJECT = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
# What runs: the others may be of any version.
DIRECT = [*PROJECT["project"]["dependencies"], *EXTRAS["yolo"]]


def pins(name):
    return dict(re.findall(r"^([\w.-]+)==([^ ]+)", LOCKS[name], re.MULTILINE))


def test_locks_are_there():
    groups = {*PROJECT["dependency-groups"], *EXTRAS}
    assert {*LOCKS} == {"run", "lowest"} | groups


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_hashes_and_no_host(name):
    assert "://" not in LOCKS[name]
    assert "--index" not in LOCKS[name]
    for entry in re.split(r"\n(?=\S)", LOCKS[name].strip()):
        assert re.match(r"[\w.-]+==[^ ]+ (; [^\\]+ )?\\\n    --hash=sha256:", entry)


def test_locks_of_one_environment_agree():
    found = {}
    for name in ("run", "yolo", "test", "lint", "benchmark", "cluster", "deploy"):
        for package, version in pins(name).items():
            assert found.setdefault(package, version) == version


def test_run_has_no_more_than_running_needs():
    assert not {"opencv-python-headless", "pandas", "pytest", "uv"} & {*pins("run")}
    assert {*pins("yolo")} - {*pins("run")} == {"opencv-python-headless"}


@pytest.mark.parametrize("dependency", DIRECT)
def test_lowest_version_is_locked(dependency):
    requirement = Requirement(dependency)
    (bound,) = requirement.specifier
    assert bound.operator == ">="
    assert Version(pins("lowest")[requirement.name]) == Version(bound.version)


@pytest.mark.parametrize("target", ["run", "yolo", "test", "test-reliability"])
def test_each_target_that_runs_the_command_installs_it(target):
    said = subprocess.run(
        ["make", "--dry-run", "--always-make", target],
        cwd=REPO,
        env={key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    installed = [line for line in said.splitlines() if "scripts/install.py" in line]
    assert any(line.rstrip().endswith(".lock .") for line in installed)


def test_container_has_the_lock():
    lines = (REPO / "Containerfile").read_text(encoding="utf-8")
    assert "scripts/install.py /cocofolds/requirements/cloud.lock" in lines


def test_uv_is_told_what_pip_knows_of_indexes():
    listing = """\
:env:.extra-index-url='https://a.example/simple https://b.example/simple'
:env:.timeout='60'
global.cert='/etc/company.pem'
global.extra-index-url='https://c.example/simple'
global.find-links='/wheels\\n/more'
global.index-url='https://d.example/simple'
install.index-url='https://e.example/simple'
"""
    assert variables_of_uv(listing) == {
        "UV_INDEX_URL": "https://e.example/simple",
        "UV_EXTRA_INDEX_URL": "https://a.example/simple https://b.example/simple",
        "UV_FIND_LINKS": "/wheels,/more",
        "SSL_CERT_FILE": "/etc/company.pem",
    }
