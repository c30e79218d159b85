"""The workflow on a real SLURM, with the profile that is shipped."""

import re
import shlex
import signal
import subprocess
import time
from dataclasses import replace

import pytest
from conftest import OPTIONS
from slurm import wait_until

from tables import REPO

SETTINGS = {"n_folds": 3, "images_per_shard": 8}
WHOLE_SET = "results/annotations_all.json"


def whole_set(project):
    return (project.folder / WHOLE_SET).read_bytes()


@pytest.fixture
def project(new_project):
    return replace(new_project(**SETTINGS), profile="slurm")


@pytest.fixture(scope="module")
def local(new_project):
    """The bytes of all files, made without a cluster."""
    project = new_project(**SETTINGS)
    project.run()
    return project.json_files()


class Submission:
    """A run that goes on while the test does something to it."""

    def __init__(self, project, cluster, *arguments):
        project.write_config()
        self.project = project
        self.output = project.folder / "snakemake.out"
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                project.command(*arguments, *OPTIONS, cores=None),
                cwd=project.folder,
                env=cluster.environment,
                stdout=output,
                stderr=output,
            )

    def said(self):
        return self.output.read_text()

    def wait_for(self, text):
        wait_until(lambda: text in self.said() or self.ended(), text)
        assert text in self.said(), self.said()

    def ended(self):
        return self.process.poll() is not None

    def succeeds(self):
        assert self.process.wait(1200) == 0, self.said()


@pytest.fixture
def start(cluster):
    """Start a run; it is ended with the test."""
    runs = []

    def start(project, *arguments):
        runs.append(Submission(project, cluster, *arguments))
        return runs[-1]

    yield start
    for run in runs:
        run.process.kill()
        run.process.wait()
    for job in cluster.queued():
        cluster.ask("scancel", job)
    wait_until(lambda: not cluster.queued(), "the jobs' end")


def test_same_bytes_in_as_many_submissions_as_there_are_groups(project, submit, local):
    said, jobs = submit(project)
    assert project.json_files() == local
    assert said.count("has been submitted with SLURM jobid") == 6
    assert [job["State"] for job in jobs] == ["COMPLETED"] * 6
    assert jobs[0]["ReqCPUS"] == "1"
    # 4 shards; annotations_all.json and its check; 3 folds and their check; the images
    # of 4 shards, which are compared beside these; the copies among them.
    assert sorted(job["ReqCPUS"] for job in jobs[1:]) == ["1", "1", "3", "4", "4"]
    assert submit(project)[1] == []


def test_shards_share_submissions(project, submit):
    project.settings["images_per_shard"] = 1
    said, jobs = submit(project, WHOLE_SET, "--group-components", "encode=10")
    n_shards = len(list(project.results.glob("shards/*.records")))
    assert n_shards == 30
    # index, 30 shards by 10, annotations_all.json.
    assert len(jobs) == 1 + 3 + 1, said
    assert all(int(job["ReqCPUS"]) <= 4 for job in jobs)


def test_cancelled_job_is_tried_again(project, start, cluster, local):
    run = start(project, WHOLE_SET)
    run.wait_for("has been submitted with SLURM jobid")
    wait_until(cluster.queued, "a job in the queue")
    [job] = cluster.queued()
    cluster.ask("scancel", job)
    run.succeeds()
    cluster.wait_until_idle()
    states = {record["JobIDRaw"]: record["State"] for record in cluster.submissions()}
    assert states[job].startswith("CANCELLED")
    assert "Trying to restart" in run.said()
    assert whole_set(project) == local["annotations_all.json"]


def test_controller_away_for_15_seconds(project, start, cluster, local):
    run = start(project, WHOLE_SET)
    run.wait_for("Group job encode")
    cluster.stop_controller()
    time.sleep(15)
    cluster.start_controller()
    run.succeeds()
    assert whole_set(project) == local["annotations_all.json"]


def test_killed_and_started_again(project, start, cluster, local):
    run = start(project, WHOLE_SET)
    run.wait_for("Finished jobid: 1 (Rule: index)")
    wait_until(cluster.queued, "the submission of the shards")
    run.process.send_signal(signal.SIGKILL)
    run.process.wait()
    # The jobs of the killed run go on: they are over before it is started again.
    cluster.wait_until_idle()
    n_before = len(cluster.submissions())
    made = [
        project.results / "index" / "images.csv",
        *project.results.rglob("*.records"),
    ]
    assert len(made) == 5
    times = [path.stat().st_mtime_ns for path in made]
    project.run_as_is("--unlock")
    start(project, WHOLE_SET).succeeds()
    assert whole_set(project) == local["annotations_all.json"]
    assert [path.stat().st_mtime_ns for path in made] == times
    # annotations_all.json alone.
    cluster.wait_until_idle()
    assert len(cluster.submissions()) - n_before == 1


def test_too_little_memory_at_first(new_project_with_code, submit):
    project = replace(new_project_with_code(**SETTINGS), profile="slurm")
    rule = project.folder / "workflow" / "rules" / "index.smk"
    said = re.compile(r"mem_mb=memory_by_size\(.*?\),\n", re.DOTALL)
    text, n_edits = said.subn("mem_mb=by_size(90),\n", rule.read_text())
    assert n_edits == 1
    rule.write_text(text)
    _, jobs = submit(project, "results/index/images.csv")
    assert [job["ReqMem"] for job in jobs] == ["90M", "180M", "270M"][: len(jobs)]
    assert jobs[0]["State"] in ("FAILED", "OUT_OF_MEMORY")
    assert jobs[-1]["State"] == "COMPLETED"
    log = next(project.folder.glob(".snakemake/slurm_logs/rule_index/*.log"))
    assert "memory limit" in log.read_text()


def test_other_schedulers(project, cluster, local):
    """What docs/scaling-out.md says of them."""
    [block] = [
        block
        for block in (REPO / "docs/scaling-out.md").read_text().split("```")
        if "cluster-generic" in block
    ]
    arguments = shlex.split(block.replace("\\\n", " "))[1:]
    project = replace(project, profile="default")
    project.run(*arguments, env=cluster.environment, cores=None)
    assert project.json_files() == local
    assert len(list((project.results / "shards").glob("*.records"))) == 4
