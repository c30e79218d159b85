"""Where nothing can be written or read, the user is told why, and can go on."""

import gzip
import resource
import shutil
import subprocess

import pytest

from tables import SAMPLE

SETTINGS = {"annotations": "train.csv", "n_folds": 3, "images_per_shard": 6}


@pytest.fixture
def project(new_project):
    project = new_project(**SETTINGS)
    shutil.copyfile(SAMPLE, project.source)
    return project


@pytest.fixture(scope="module")
def expected(new_project):
    project = new_project(**SETTINGS)
    shutil.copyfile(SAMPLE, project.source)
    project.run()
    return project.json_files()


def parts_of_files(project):
    return [path for path in project.results.rglob("*.part*") if path.exists()]


@pytest.fixture
def mount(project):
    """Mount a file system of a given size on the results folder."""
    project.results.mkdir()
    mounted = []

    def mount(options):
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(project.results)]
        if mounted:
            command = ["mount", "-o", f"remount,{options}", str(project.results)]
        done = subprocess.run(command, stderr=subprocess.PIPE, encoding="utf-8")
        if done.returncode and not mounted:
            pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
        mounted.append(options)

    yield mount
    if mounted:
        subprocess.run(["umount", str(project.results)], check=True)


@pytest.mark.parametrize("size", ["300k", "1200k", "2000k"])
def test_full_disk(project, mount, expected, size):
    mount(f"size={size}")
    said = project.run(fails=True)
    assert "[Errno 28] No space left on device: 'results/" in said
    assert parts_of_files(project) == []
    mount("size=100m")
    project.run()
    assert project.json_files() == expected


def test_read_only_results(project, mount, expected):
    mount("size=100m")
    project.run()
    mount("ro")
    said = project.run(fails=True, seed=7)
    # Snakemake looks at the page, which is there already, before it starts a job.
    assert "Write-protected output files" in said
    assert "results/report.html" in said
    mount("rw")
    assert project.json_files() == expected
    project.run(seed=7)
    assert len(project.json_files()) == len(expected) + 6


def test_limit_of_file_size(project, expected):
    def limit_file_size():
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, resource.RLIM_INFINITY))

    project.write_config()
    done = subprocess.run(
        project.command(),
        cwd=project.folder,
        preexec_fn=limit_file_size,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode != 0
    assert "[Errno 27] File too large: 'results/" in done.stderr
    assert "Traceback" not in done.stderr
    assert parts_of_files(project) == []
    project.run()
    assert project.json_files() == expected


@pytest.mark.parametrize("part", [0.001, 0.5, 0.999])
def test_source_cut_short(project, expected, part):
    whole = gzip.compress(SAMPLE.read_bytes())
    source = project.folder / "train.csv.gz"
    source.write_bytes(whole[: int(part * len(whole))])
    said = project.run(fails=True, annotations="train.csv.gz")
    assert "Error: train.csv.gz: the compressed file is damaged or cut short" in said
    assert parts_of_files(project) == []
    source.write_bytes(whole)
    project.run(annotations="train.csv.gz")
    assert project.json_files() == expected
