import shutil

import pytest
from slurm import PROGRAMS, running_cluster

# Short waits, on a cluster without accounts.
OPTIONS = [
    "--slurm-no-account",
    *("--slurm-init-seconds-before-status-checks", "1"),
    *("--seconds-between-status-checks", "2", "--latency-wait", "5"),
]


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        pytest.skip(f"no SLURM here: {', '.join(missing)} not found")
    folder = tmp_path_factory.mktemp("slurm")
    with running_cluster(folder) as cluster:
        yield cluster


@pytest.fixture
def submit(cluster):
    """Run a project on the cluster; the result has the submissions that it took."""

    def submit(project, *arguments):
        before = len(cluster.submissions())
        said = project.run(*arguments, *OPTIONS, env=cluster.environment, cores=None)
        cluster.wait_until_idle()
        return said, cluster.submissions()[before:]

    return submit
