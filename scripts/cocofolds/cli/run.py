"""`cocofolds run`."""

import subprocess
import sys
from collections.abc import Sequence

from cocofolds.cli.pipeline import pipeline_folder


def run() -> None:
    """Make the folds that config.yaml asks for."""
    raise NotImplementedError


def run_snakemake(targets: Sequence[str]) -> int:
    """Let Snakemake make files, and return its exit code."""
    folder = pipeline_folder()
    command = [sys.executable, "-m", "snakemake", *targets, "--cores", "all"]
    command += ["--snakefile", str(folder / "Snakefile")]
    command += ["--workflow-profile", str(folder / "profiles" / "default")]
    return subprocess.run(command).returncode
