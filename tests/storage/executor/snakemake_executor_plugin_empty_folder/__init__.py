"""An executor of Snakemake that runs each job as a machine of its own would.

A job gets an empty folder as its working and home folder, and of the environment what
storage needs. As on Kubernetes, it fetches the workflow from storage.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
from snakemake_interface_executor_plugins.settings import CommonSettings

common_settings = CommonSettings(
    non_local_exec=True,
    implies_no_shared_fs=True,
    job_deploy_sources=True,
    pass_envvar_declarations_to_cmd=False,
    auto_deploy_default_storage_provider=False,
)


class Executor(RemoteExecutor):
    def __post_init__(self):
        self.machines = Path(tempfile.mkdtemp(prefix="machines-"))

    def run_job(self, job):
        folder = Path(tempfile.mkdtemp(dir=self.machines))
        environment = {
            name: value
            for name, value in os.environ.items()
            if name.startswith(("AWS_", "SNAKEMAKE_STORAGE_"))
        }
        # The job starts `python`, as in an image.
        environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        with (self.machines / f"{folder.name}.out").open("w") as output:
            process = subprocess.Popen(
                ["bash", "-c", self.format_job_exec(job)],
                cwd=folder,
                env={**environment, "HOME": str(folder)},
                stdout=output,
                stderr=output,
            )
        info = SubmittedJobInfo(
            job,
            external_jobid=folder.name,
            aux={"process": process, "output": output.name},
        )
        self.report_job_submission(info)

    async def check_active_jobs(self, active_jobs):
        for info in active_jobs:
            status = info.aux["process"].poll()
            if status is None:
                yield info
            elif status == 0:
                self.report_job_success(info)
            else:
                said = Path(info.aux["output"]).read_text(encoding="utf-8")
                self.report_job_error(info, msg=said, aux_logs=[info.aux["output"]])

    def cancel_jobs(self, active_jobs):
        for info in active_jobs:
            info.aux["process"].kill()
