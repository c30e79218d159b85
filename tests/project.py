"""A folder in which a test runs the workflow as a user does."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from tables import REPO, read_table, write_table
from warm_snakemake import run_snakemake


@dataclass
class Project:
    """A folder with a config.yaml, a source and results.

    `settings` are the keys of config.yaml that differ from the shipped one; `code` is
    the folder of the Snakefile; `profile` the name of one in its `profiles`.
    """

    folder: Path
    settings: dict = field(default_factory=dict)
    code: Path = REPO
    profile: str = "default"

    @property
    def source(self):
        return self.folder / "train.csv"

    @property
    def results(self):
        return self.folder / "results"

    def moved_to(self, folder):
        """Take the project for one in another folder, and so the code in it."""
        code = folder if self.code == self.folder else self.code
        return replace(self, folder=folder, code=code)

    def write_source(self, rows):
        write_table(self.source, rows)

    def write_config(self, **settings):
        shipped = yaml.safe_load((REPO / "config.yaml").read_text(encoding="utf-8"))
        config = yaml.safe_dump({**shipped, **self.settings, **settings})
        (self.folder / "config.yaml").write_text(config, encoding="utf-8")

    def command(self, *arguments, cores=2):
        command = [sys.executable, "-m", "snakemake", *arguments]
        command += ["--snakefile", self.code / "Snakefile"]
        command += ["--workflow-profile", self.code / "profiles" / self.profile]
        # A profile for a cluster says itself how many cores.
        return [*command, "--cores", str(cores)] if cores else command

    def run(self, *arguments, fails=False, cores=2, env=None, **settings):
        """Run Snakemake and return what it says on the terminal.

        A run has to succeed; with `fails`, it has to fail without a traceback.
        """
        self.write_config(**settings)
        return self.run_as_is(*arguments, fails=fails, cores=cores, env=env)

    def run_as_is(self, *arguments, fails=False, cores=2, env=None):
        """Run Snakemake on the config.yaml that is in the folder."""
        # Beside other tests, those on SLURM take minutes.
        seconds = 1200
        command = self.command(*arguments, cores=cores)
        if env:
            # Some variables count when Python starts.
            done = subprocess.run(
                command,
                cwd=self.folder,
                env={**os.environ, **env},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                timeout=seconds,
            )
            status, said = done.returncode, done.stdout
        else:
            status, said = run_snakemake(command[3:], self.folder, seconds)
        assert (status != 0) == fails, said
        if fails:
            assert "Traceback (most recent call last)" not in said, said
        return said

    def json(self, name):
        return json.loads((self.results / name).read_bytes())

    def warnings(self, folder="index"):
        """What the job that made a folder of the results warned of, as one text."""
        return "\n".join(self.json(f"{folder}/warnings.json"))

    def table(self, name):
        return read_table(self.results / name)

    def json_files(self):
        """The bytes of all COCO JSON files, by their path below results."""
        return {
            str(path.relative_to(self.results)): path.read_bytes()
            for path in sorted(self.results.rglob("annotations_*.json"))
        }
