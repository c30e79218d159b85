"""What all tests share."""

import shutil
import signal
from dataclasses import replace

import pytest
from hypothesis import settings

from project import Project
from tables import REPO

# A busy machine is no reason to fail.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# Started in the background by a shell, the tests ignore Ctrl-C, and so would what they
# start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def real_data():
    """Folder of the real annotations, which lie beside the repository or nowhere."""
    folder = REPO.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real annotations, ../shared/data, are not there")
    return folder


@pytest.fixture(scope="session")
def new_project(tmp_path_factory):
    """Make a project; without settings, it is the one that is shipped."""

    def make(**settings):
        folder = tmp_path_factory.mktemp("project")
        (folder / "data").symlink_to(REPO / "data", target_is_directory=True)
        return Project(folder, settings)

    return make


@pytest.fixture(scope="session")
def new_project_with_code(new_project):
    """Make a project with a copy of the workflow, to edit."""

    def make(**settings):
        project = new_project(**settings)
        for name in ("workflow", "scripts", "profiles", "envs"):
            shutil.copytree(REPO / name, project.folder / name)
        for name in ("Snakefile", "README.md"):
            shutil.copy2(REPO / name, project.folder)
        return replace(project, code=project.folder)

    return make


@pytest.fixture(scope="session")
def new_tiny_project(new_project):
    """Make a project with a source of rows, such as `tables.tiny_rows` makes."""

    def make(rows, **settings):
        project = new_project(**{"annotations": "train.csv", "n_folds": 3} | settings)
        project.write_source(rows)
        return project

    return make
