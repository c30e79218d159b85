"""The two commands of the README, on a machine that has nothing but Python."""

import time

import pytest

from tables import REPO

SPLIT = "results/image-k10-seed221"
# What `make test` has installed before it runs the tests.
TEST_SETUP = (".venv/yolo.installed", ".venv/test.installed")


def megabytes(folder):
    return sum(path.lstat().st_size for path in folder.rglob("*")) / 1e6


# Python 3.11.0 has the first one.
@pytest.mark.parametrize("pip", ["pip==22.3", "pip"])
def test_clone(run, new_environment, tmp_path, pip):
    clone = tmp_path / "cocofolds"
    run("git", "clone", "--quiet", REPO, clone)
    python = new_environment(clone / ".venv")
    run(python, "-m", "pip", "install", "--upgrade", pip)
    # Version 0.1.0 left this in its environment.
    (clone / ".venv" / "installed").touch()

    start = time.monotonic()
    run("make", cwd=clone)
    seconds = time.monotonic() - start
    size = megabytes(clone / ".venv")
    print(f"`make` took {seconds:.0f} s with {pip}; .venv has {size:.0f} MB.")
    assert size <= 650
    for fold in range(1, 11):
        for part in ("train", "val"):
            assert (clone / SPLIT / f"annotations_{part}_fold_{fold}.json").is_file()
    assert (clone / SPLIT / "checks.json").is_file()
    assert not [*(clone / ".venv").glob("lib/*/site-packages/cv2")]

    start = time.monotonic()
    run("make", *TEST_SETUP, cwd=clone)
    print(f"The set-up of `make test` took {time.monotonic() - start:.0f} s more.")
    pytest_command = (python, "-m", "pytest", "--collect-only", "--quiet", "--no-cov")
    said = run(*pytest_command, "tests/unit", "tests/workflow", cwd=clone)
    assert "test_most_frequent.py" in said
    run(python, "-m", "uv", "pip", "check", "--python", python)


def test_all_that_goes_into_one_environment_fits_together(
    run, new_environment, tmp_path
):
    python = new_environment(tmp_path / "environment")
    names = ("yolo", "test", "lint", "benchmark", "cluster", "deploy")
    locks = [REPO / "requirements" / f"{name}.lock" for name in names]
    run(python, "-I", REPO / "scripts" / "install.py", *locks)
    run(python, "-m", "uv", "pip", "check", "--python", python)


def test_labels_say_how_to_get_opencv(run, tmp_path):
    clone = tmp_path / "cocofolds"
    run("git", "clone", "--quiet", REPO, clone)
    run("make", ".venv/run.installed", cwd=clone)
    snakemake = clone / ".venv" / "bin" / "snakemake"
    said = run(snakemake, "yolo", "--cores", "2", cwd=clone, fails=True)
    assert said.count("Labels for Ultralytics need OpenCV") == 1
    assert "`make yolo` adds it" in said
    assert "Traceback" not in said
    run("make", "yolo", cwd=clone)
    assert len([*(clone / SPLIT / "yolo").glob("fold_*/data.yaml")]) == 10


def test_python_without_what_a_virtual_environment_takes(run, tmp_path):
    clone = tmp_path / "cocofolds"
    run("git", "clone", "--quiet", REPO, clone)
    # As on Debian, where a package of its own has the module.
    python = tmp_path / "python3"
    python.write_text("#!/bin/sh\necho No module named ensurepip >&2\nexit 1\n")
    python.chmod(0o755)
    said = run("make", f"PYTHON={python}", cwd=clone, fails=True)
    assert "apt install python3-venv" in said
    assert not (clone / ".venv").exists()


def test_environment_of_version_0_1_0_whose_python_is_gone(run, tmp_path):
    clone = tmp_path / "cocofolds"
    run("git", "clone", "--quiet", REPO, clone)
    folder = clone / ".venv" / "bin"
    folder.mkdir(parents=True)
    (folder / "python").symlink_to(tmp_path / "python-of-last-year")
    (clone / ".venv" / "installed").touch()
    # Of the locks, the one that is quickest to install.
    run("make", ".venv/build.installed", cwd=clone)
    run(folder / "python", "-m", "uv", "--version")
