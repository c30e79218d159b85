"""The command from a wheel, on a machine that has no clone."""

import subprocess
import sys

import pytest
import yaml

from tables import REPO, tiny_rows, write_table

UV = (sys.executable, "-m", "uv")
SPLIT = "image-k2-seed1"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build a source distribution, and of that alone a wheel."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([*UV, "build", "--quiet", "--out-dir", folder, REPO], check=True)
    [wheel] = folder.glob("*.whl")
    return wheel


@pytest.fixture
def project(tmp_path):
    """A folder with a table and settings, and nothing else."""
    folder = tmp_path / "my data"
    folder.mkdir()
    write_table(folder / "train.csv", tiny_rows())
    settings = {"annotations": "train.csv", "dialect": {"preset": "sartorius-2021"}}
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))
    return folder


def files_in(folder):
    """What is there, but for what Python compiles."""
    return {
        path: path.stat().st_mtime_ns
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def check_run(run, command, project):
    said = run(command, "run", "-k", "2", "--seed", "1", "--cores", "2", cwd=project)
    assert f"Folds are in results/{SPLIT}." in said
    assert (project / "results" / SPLIT / "checks.json").exists()
    assert "Nothing to do" in run(command, "run", "-k", "2", "--seed", "1", cwd=project)
    return said


def test_wheel(run, new_environment, wheel, project, tmp_path):
    python = new_environment(tmp_path / "environment")
    run(python, "-m", "pip", "install", "--quiet", wheel)
    packages = next((tmp_path / "environment").glob("lib/*/site-packages"))
    before = files_in(packages)
    command = python.with_name("cocofolds")
    # As in any folder, the names of files there are no modules of Snakemake's.
    (project / "json.py").write_text("raise SystemExit('the wrong one')\n")
    check_run(run, command, project)
    assert files_in(packages) == before, "a read-only installation would do"
    said = run(
        command, "run", "--", "--config", "dialect=kaggle", cwd=project, fails=True
    )
    assert "file for each preset: airbus-2018, " in said
    (project / "config.yaml").unlink()
    said = run(command, "run", cwd=project, fails=True)
    assert said.splitlines()[-1].count("`cocofolds init FILE`") == 1


def test_tool_of_uv(run, wheel, project, tmp_path):
    folders = {"UV_TOOL_DIR": f"{tmp_path}/tools", "UV_TOOL_BIN_DIR": f"{tmp_path}/bin"}
    install = ("tool", "install", "--quiet", "--python", sys.executable)
    run(*UV, *install, wheel, **folders)
    check_run(run, tmp_path / "bin" / "cocofolds", project)
