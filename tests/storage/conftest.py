"""A storage server of S3's kind on this machine, and runs with their files in it."""

import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
import yaml
from clouds import running_cloud

from tables import REPO

EXECUTOR = Path(__file__).parent / "executor"
SAMPLE = REPO / "data" / "sample"
BUCKET = "folds"


@dataclass
class Server:
    """A storage server, and the environment in which programs find it."""

    url: str

    @property
    def environment(self):
        keys = {"ACCESS_KEY": "testing", "SECRET_KEY": "testing"}
        return {
            **{f"SNAKEMAKE_STORAGE_S3_{key}": value for key, value in keys.items()},
            "SNAKEMAKE_STORAGE_S3_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def client(self):
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [Path(sys.executable).parent / "moto_server", "-H", "127.0.0.1"]
    with (tmp_path_factory.mktemp("server") / "log").open("w") as log:
        process = subprocess.Popen([*command, "-p", str(port)], stdout=log, stderr=log)
    try:
        for _ in range(300):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        server = Server(f"http://127.0.0.1:{port}")
        server.client().create_bucket(Bucket=BUCKET)
        yield server
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def cloud(tmp_path):
    with running_cloud(tmp_path) as cloud:
        yield cloud


@dataclass
class StoredProject:
    """A clone of the repository in a working folder, and files in the bucket.

    `folder` has no data and no results; `prefix` is where both are in the bucket.
    """

    folder: Path
    prefix: str
    server: Server

    def put(self, name, path):
        self.server.client().upload_file(str(path), BUCKET, f"{self.prefix}/{name}")

    def get(self, name):
        """Read an object of the bucket."""
        key = f"{self.prefix}/{name}"
        return self.server.client().get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def names(self):
        """Name all objects below results."""
        pages = self.server.client().get_paginator("list_objects_v2")
        start = f"{self.prefix}/results/"
        return {
            item["Key"].removeprefix(start)
            for page in pages.paginate(Bucket=BUCKET, Prefix=start)
            for item in page.get("Contents", [])
        }

    def run(self, *arguments, fails=False):
        """Run Snakemake, each job in an empty folder, and return what it says."""
        return self.run_with(
            "kubernetes",
            *("--executor", "empty-folder", *arguments),
            env={"PYTHONPATH": str(EXECUTOR)},
            fails=fails,
        )

    def run_with(self, profile, *arguments, env=(), fails=False):
        """Run Snakemake with a profile and variables, and return what it says."""
        done = subprocess.run(
            [
                *(sys.executable, "-m", "snakemake", *arguments),
                *("--workflow-profile", profile),
                *("--default-storage-prefix", f"s3://{BUCKET}/{self.prefix}"),
                *("--seconds-between-status-checks", "1"),
            ],
            cwd=self.folder,
            env={**os.environ, **self.server.environment, **dict(env)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=1200,
        )
        assert (done.returncode != 0) == fails, done.stdout
        return done.stdout


@pytest.fixture(scope="session")
def new_stored_project(server, tmp_path_factory):
    """Make a working folder for files in the bucket; those of `prefix` may be there."""

    def make(prefix, **settings):
        folder = tmp_path_factory.mktemp("clone")
        listed = subprocess.check_output(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=REPO,
            encoding="utf-8",
        )
        for name in listed.splitlines():
            is_code = not name.startswith(("tests/", "data/", "docs/", "."))
            if is_code and (REPO / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(REPO / name, folder / name)
        shipped = yaml.safe_load((REPO / "config.yaml").read_text("utf-8"))
        config = yaml.safe_dump({**shipped, **settings})
        (folder / "config.yaml").write_text(config, "utf-8")
        git = ["git", "-c", "user.name=Test", "-c", "user.email=test@localhost"]
        for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "All"]):
            subprocess.run([*git, *arguments], cwd=folder, check=True)
        return StoredProject(folder, prefix, server)

    return make
