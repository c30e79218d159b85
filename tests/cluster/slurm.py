"""A SLURM cluster of one machine with accounting, in a folder of its own."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

PROGRAMS = (
    "mariadb-install-db",
    "mariadbd",
    "munged",
    "sacct",
    "sacctmgr",
    "scancel",
    "scontrol",
    "sbatch",
    "sinfo",
    "slurmctld",
    "slurmd",
    "slurmdbd",
    "setpriv",
    "squeue",
    "srun",
)

# More cores and memory than there may be: jobs should start as on a real cluster.
CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=batch_sched_delay=0,sched_interval=1
ReturnToService=2
# Looks at the memory of each job every second, and ends one that takes too much.
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={accounting_port}
AccountingStoragePass={folder}/munge.socket
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs=16 RealMemory=65536 State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""

ACCOUNTING = """\
DbdHost=localhost
DbdPort={accounting_port}
SlurmUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
PidFile={folder}/slurmdbd.pid
LogFile={folder}/slurmdbd.log
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={database_port}
StorageUser=root
StorageLoc=slurm
"""


@dataclass
class Cluster:
    """The daemons, by name, and the folder with all their files."""

    folder: Path
    daemons: dict[str, subprocess.Popen] = field(default_factory=dict)

    @property
    def environment(self):
        """What a program needs to find this cluster."""
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        return {
            **os.environ,
            "PATH": path,
            "SLURM_CONF": str(self.folder / "slurm.conf"),
            # The executor asks for it; not every machine without a login sets it.
            "USER": pwd.getpwuid(os.getuid()).pw_name,
        }

    def start(self, name, *arguments):
        with (self.folder / f"{name}.out").open("ab") as output:
            self.daemons[name] = subprocess.Popen(
                # However the tests end, the daemon ends with them.
                ["setpriv", "--pdeathsig", "TERM", name, *arguments],
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def stop(self, name):
        daemon = self.daemons.pop(name)
        daemon.terminate()
        try:
            daemon.wait(20)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()

    def start_controller(self):
        self.start("slurmctld", "-D")
        wait_until(lambda: "UP" in self.ask("scontrol", "ping"), "slurmctld")

    def stop_controller(self):
        self.stop("slurmctld")

    def ask(self, *command):
        """Run one of SLURM's commands and return what it prints, if it can."""
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=60
        )
        return done.stdout

    def queued(self):
        """The ids of the jobs that are waiting or running."""
        return self.ask("squeue", "--noheader", "--format=%A").split()

    def wait_until_idle(self):
        """Wait until no job is left, and all are on record."""
        wait_until(lambda: not self.queued(), "the jobs' end")
        going_on = {"PENDING", "RUNNING", "COMPLETING"}
        wait_until(
            lambda: not going_on & {job["State"] for job in self.submissions()},
            "the record",
        )

    def submissions(self):
        """The fields of each submission, from SLURM's own record."""
        command = "sacct --allusers --allocations --duplicates --noheader --parsable2"
        fields = ["JobIDRaw", "State", "ReqCPUS", "ReqMem"]
        lines = self.ask(*command.split(), f"--format={','.join(fields)}").splitlines()
        return [dict(zip(fields, line.split("|"), strict=True)) for line in lines]


def wait_until(condition, what, seconds=300):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not after {seconds} s"
        time.sleep(0.2)


def free_ports(number):
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def start_accounting(cluster, settings):
    """Start the database and slurmdbd, and make the cluster known to them."""
    folder, user = cluster.folder, settings["user"]
    database = ["--no-defaults", f"--datadir={folder}/database", f"--user={user}"]
    subprocess.run(
        ["mariadb-install-db", *database, "--auth-root-authentication-method=normal"],
        check=True,
        capture_output=True,
    )
    cluster.start(
        "mariadbd",
        *database,
        *("--bind-address=127.0.0.1", f"--port={settings['database_port']}"),
        *(f"--socket={folder}/database.socket", f"--pid-file={folder}/database.pid"),
    )
    wait_until((folder / "database.socket").exists, "mariadbd")
    cluster.start("slurmdbd", "-D")
    wait_until(
        lambda: "test" in cluster.ask("sacctmgr", "-i", "add", "cluster", "test"),
        "slurmdbd",
    )


@contextmanager
def running_cluster(folder):
    """Start the daemons, and stop them whatever happens."""
    for name in ("bin", "state", "spool"):
        (folder / name).mkdir()
    # In a job, Snakemake calls srun without the variable that names the configuration.
    srun = folder / "bin" / "srun"
    srun.write_text(
        f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {shutil.which("srun")} "$@"\n'
    )
    srun.chmod(0o755)
    key = folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    names = ("controller_port", "node_port", "accounting_port", "database_port")
    settings = {
        "host": socket.gethostname(),
        "user": pwd.getpwuid(os.getuid()).pw_name,
        "folder": folder,
        **dict(zip(names, free_ports(len(names)), strict=True)),
    }
    (folder / "slurm.conf").write_text(CONFIGURATION.format(**settings))
    accounting = folder / "slurmdbd.conf"
    accounting.touch(0o600)
    accounting.write_text(ACCOUNTING.format(**settings))
    cluster = Cluster(folder)
    try:
        cluster.start(
            "munged",
            "--foreground",
            "--force",
            *(f"--key-file={key}", f"--socket={folder}/munge.socket"),
            *(f"--pid-file={folder}/munged.pid", f"--seed-file={folder}/munged.seed"),
            f"--log-file={folder}/munged.log",
        )
        wait_until((folder / "munge.socket").exists, "munged")
        start_accounting(cluster, settings)
        cluster.start_controller()
        cluster.start("slurmd", "-D")
        wait_until(
            lambda: "idle" in cluster.ask("sinfo", "--noheader", "--format=%t"),
            "slurmd",
        )
        yield cluster
    finally:
        for job in cluster.queued():
            cluster.ask("scancel", job)
        _end_steps(folder)
        for name in reversed(list(cluster.daemons)):
            cluster.stop(name)


def _end_steps(folder):
    """End what still runs of jobs: slurmstepd leaves slurmd's process group."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "comm").read_text().strip() != "slurmstepd":
                continue
            environment = (process / "environ").read_bytes()
            if f"SLURM_CONF={folder}/slurm.conf".encode() in environment:
                os.kill(int(process.name), signal.SIGKILL)
