"""What a user sees while the workflow runs, and when it has ended."""

import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tables import REPO, tiny_rows
from warm_snakemake import warm_jobs

COCOFOLDS = Path(sys.executable).with_name("cocofolds")


# Two jobs, where it is not of interest how a run ends.
FOLDS = "results/image-k2-seed1/folds.csv"


@pytest.fixture(scope="module")
def tiny_project(new_project):
    """Make a project of one split, as small as can be."""

    def make(**settings):
        smallest = {"n_folds": 2, "seed": 1, "n_previews": 0, "images_dir": None}
        project = new_project(annotations="train.csv", **smallest | settings)
        project.write_source(tiny_rows())
        project.write_config()
        return project

    return make


@pytest.fixture
def project(tiny_project):
    return tiny_project()


@pytest.fixture(scope="module")
def finished(tiny_project):
    """A project of two splits whose folds are made, and the lines that were said."""
    project = tiny_project(seed=[1, 2], n_previews=3)
    return project, run(project)


@pytest.fixture
def faulty(project):
    project.source.write_text(project.source.read_text().replace("30", "thirty"))
    return project


def run(project, *arguments, status=0, environment=None, **options):
    """Run `cocofolds run` outside a terminal; return what it says, in lines."""
    done = subprocess.run(
        [COCOFOLDS, "run", "--cores", "2", *arguments],
        cwd=project.folder,
        env={**os.environ, **(warm_jobs() if environment is None else environment)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=900,
        **options,
    )
    assert done.returncode == status, done.stdout
    assert "Traceback (most recent call last)" not in done.stdout
    assert "\x1b" not in done.stdout
    return done.stdout.splitlines()


def in_terminal(project, command, **environment):
    """Run a command in a pseudo terminal; return its status and all that it writes."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command,
        cwd=project.folder,
        env={**os.environ, **warm_jobs(), "TERM": "xterm", "COLUMNS": "80"}
        | environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    written = b""
    try:
        while block := os.read(ours, 65536):
            written += block
    except OSError:
        # Linux says so when the last writer has gone.
        pass
    os.close(ours)
    return process.wait(), written.decode()


def drawn_lines(written):
    """All lines that were drawn, also those that were drawn over."""
    return re.split(r"[\r\n]+", re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", written))


def test_make_runs_the_command():
    said = subprocess.check_output(
        ["make", "--no-print-directory", "--dry-run", "run", "CORES=2"],
        cwd=REPO,
        encoding="utf-8",
    )
    assert said.splitlines()[-1] == ".venv/bin/cocofolds run --cores 2"


def test_a_line_a_stage(finished):
    _, lines = finished
    # In the order in which they are complete.
    assert {line.split()[0]: line.split()[1] for line in lines[:6]} == {
        "read": "1",
        "encode": "1",
        "assign": "2",
        "assemble": "5",
        "check": "3",
        "draw": "4",
    }
    assert "Folds are in results/image-k2-seed1, results/image-k2-seed2." in lines
    assert lines[-1].startswith("Next: cocofolds show")


@pytest.mark.parametrize(("n_seeds", "most"), [(1, 25), (6, 40)])
def test_number_of_lines(tiny_project, n_seeds, most):
    project = tiny_project(seed=[*range(n_seeds)])
    # A warning of each split.
    project.write_source([*tiny_rows(), {**tiny_rows()[0], "cell_type": "rare"}])
    assert len(run(project)) <= most
    shutil.rmtree(project.results)
    lines = project.run().splitlines()
    assert len(lines) <= most
    assert not any("Reason" in line or "input:" in line for line in lines)


def test_options_are_settings_and_the_file_is_kept(project):
    before = (project.folder / "config.yaml").read_text()
    lines = run(project, "-k", "3", "--folds", "2", "--seed", "7", "--dry-run")
    assert lines[-1].startswith("2 splits, 2 to make: the index, 10 fold files")
    run(project, "-k", "3", "--seed", "7", "--split-by", "annotation")
    assert (project.results / "annotation-k3-seed7" / "checks.json").exists()
    assert not [*project.results.glob("image-*")]
    assert (project.folder / "config.yaml").read_text() == before


def test_split_asked_for_by_its_path(project):
    lines = run(project, "--", "results/image-k3-seed9/checks.json")
    assert "Folds are in results/image-k3-seed9." in lines
    lines = run(project, "--", "results/image-k3-seed9/checks.json")
    assert lines[0].startswith("Nothing to do")
    assert "Folds are in results/image-k3-seed9." in lines
    said = project.run("results/image-k3-seed8/checks.json")
    assert "Folds are in results/image-k3-seed8." in said.splitlines()


def test_no_last_words_without_a_split(project):
    assert "Folds are in" not in project.run("results/annotations_all.json")


def test_plan(project, finished):
    project.write_config(seed=[1, 2])
    lines = run(project, "--dry-run")
    assert len(lines) == 1
    assert lines[0].startswith(
        "2 splits, 2 to make: the index, 8 fold files, the shards"
    )
    assert re.search("; about [0-9]+ kB$", lines[0])
    said = project.run_as_is("--dry-run").splitlines()
    assert said[-1] == lines[0]
    assert any(line.split() == ["assemble_fold", "4"] for line in said)
    project, _ = finished
    lines = run(project, "-n", "--seed", "1", "--seed", "7")
    assert lines[0].startswith("2 splits, 1 to make: 4 fold files, ")
    for options in (["-n"], ["--", "-np"]):
        assert run(project, *options) == [
            "Nothing to do: all files are there, and as the data and settings say."
        ]


MESSAGE = "train.csv, line 2, image 'image-6': the width 'thirty' is not a number"


def test_message_is_the_last_of_a_run_that_failed(faulty):
    lines = run(faulty, status=1)
    [first] = [n for n, line in enumerate(lines) if "Error: Rows that are not" in line]
    assert MESSAGE in lines[first + 1]
    assert lines[-1].startswith("Fix them, or set `on_invalid: skip`")
    assert lines[first - 1] == ""
    assert "results/logs/index.log" in lines[first - 2]


def test_message_of_a_run_that_failed_with_snakemake(faulty):
    said = faulty.run(fails=True)
    assert said.count(MESSAGE) == 1
    lines = said.rstrip().splitlines()
    [last] = [n for n, line in enumerate(lines) if line.startswith("Fix them, or set")]
    assert len(lines) - 1 - last <= 3
    assert len(lines) <= 25


@pytest.mark.parametrize("cocofolds", [True, False])
def test_message_about_a_setting_is_the_last(project, cocofolds):
    project.write_config(n_fold=3)
    if cocofolds:
        lines = run(project, status=1)
        assert len(lines) == 1
    else:
        lines = project.run_as_is(fails=True).splitlines()
    expected = "config: there is no key 'n_fold'. Is it 'n_folds'?"
    assert lines[-1].removeprefix("Error: ") == expected


def test_several_jobs_that_fail_with_one_message(new_project_with_code):
    project = new_project_with_code(annotations="train.csv", n_folds=2, n_previews=0)
    project.write_source(tiny_rows())
    script = project.folder / "scripts" / "assemble_fold.py"
    failing = "    raise OSError('no room for this fold')\n"
    code = script.read_text(encoding="utf-8")
    script.write_text(code.replace("    held_out =", f"{failing}    held_out ="))
    said = project.run("--keep-going", fails=True)
    assert said.count("no room for this fold") == 1


def test_job_that_is_killed(new_project_with_code):
    project = new_project_with_code(annotations="train.csv", n_folds=2)
    project.write_source(tiny_rows())
    script = project.folder / "scripts" / "encode_shard.py"
    killed = "import os\n\nos.kill(os.getpid(), 9)\n"
    script.write_text(killed + script.read_text(encoding="utf-8"))
    said = project.run(fails=True)
    assert "The job encode_shard has failed, and its log has no error" in said
    assert "results/logs/encode_shard/00001.log" in said
    assert "SIGKILL" in said


def test_wrong_usage(project):
    assert "No such option: --nonsense" in "\n".join(
        run(project, "--nonsense", status=2)
    )
    assert "--folds" in "\n".join(run(project, "--folds", "1", status=2))
    assert run(project, "--", "--nonsense", status=2) == [
        "Error: Snakemake says: unrecognized arguments: --nonsense"
    ]


def test_folder_without_settings(tmp_path, project):
    project = project.moved_to(tmp_path)
    [line] = run(project, status=1)
    assert line.startswith("Error: there is no config.yaml in ")
    assert "`cocofolds init FILE`" in line


def test_what_snakemake_lists(project):
    assert "encode_shard" in run(project, "--", "--list-rules")


def test_one_live_display(project):
    status, written = in_terminal(project, [COCOFOLDS, "run", "--cores", "2"])
    assert status == 0
    lines = drawn_lines(written)
    final = [line.split()[-3:] for line in lines if line.startswith("assemble ")][-1]
    assert final[0] == "3/3"
    drawn = [line for line in lines if line.startswith(("read ", "draw "))]
    assert drawn
    assert max(map(len, drawn)) < 80
    assert "Execute" not in written
    assert "rule index" not in written


def test_no_colour(project):
    command = [COCOFOLDS, "run", "--", FOLDS]
    _, written = in_terminal(project, command, NO_COLOR="1")
    assert not re.search(r"\x1b\[[\d;]*3[0-7]", written)


def test_terminal_that_cannot_draw(project):
    status, written = in_terminal(project, [COCOFOLDS, "run"], TERM="dumb")
    assert status == 0
    assert "\x1b" not in written
    assert written.startswith("read ")
    assert "Next: cocofolds show" in written


def test_errors_in_a_terminal_are_whole(faulty):
    status, written = in_terminal(faulty, [COCOFOLDS, "run", "--cores", "2"])
    assert status == 1
    assert "thirty" in written
    assert written.rstrip().endswith("such as 'image-6'.")


def wait_for(condition):
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.1)
    raise TimeoutError


def slow(new_project_with_code):
    """A project whose index takes a while, and says how far it is."""
    project = new_project_with_code(annotations="train.csv", n_folds=2)
    project.write_source(tiny_rows())
    project.write_config()
    script = project.folder / "scripts" / "index.py"
    wait = (
        "    import time\n"
        "    from cocofolds.job import followed\n"
        "    for _ in followed(range(60), logger, 'rows', 60):\n"
        "        time.sleep(0.1)\n"
    )
    code = script.read_text(encoding="utf-8")
    assert "    source = source_of" in code
    script.write_text(
        code.replace("    source = source_of", f"{wait}    source = source_of")
    )
    return project


SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def listen():
    """Listen to the signals that whoever started the tests may have ignored."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def start(project, **options):
    return subprocess.Popen(
        [sys.executable, "-c", "from cocofolds.cli.app import main; main()", "run"],
        cwd=project.folder,
        # The code in the folder, which this test has changed.
        env={**os.environ, "PYTHONPATH": str(project.folder / "scripts")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        preexec_fn=listen,
        **options,
    )


def jobs_of(project):
    """Processes that run a script in the folder."""
    found = subprocess.run(
        ["pgrep", "-f", f"{project.folder}/.snakemake/scripts"],
        stdout=subprocess.DEVNULL,
    )
    return found.returncode == 0


@pytest.mark.parametrize("number", SIGNALS)
def test_interrupted(new_project_with_code, number):
    project = slow(new_project_with_code)
    process = start(project)
    wait_for((project.results / "logs" / "index.log").exists)
    process.send_signal(number)
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 130
    lines = said.splitlines()
    assert lines[-3].startswith("Interrupted. 0 of ")
    assert lines[-1] == "    cocofolds run"
    assert "Traceback" not in said
    assert not jobs_of(project)


def test_interrupted_snakemake(new_project_with_code):
    project = slow(new_project_with_code)
    process = subprocess.Popen(
        project.command(),
        cwd=project.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    )
    wait_for((project.results / "logs" / "index.log").exists)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "Interrupted. 0 of " in said
    assert "give the same command again" in said
    assert not jobs_of(project)


def test_closed_pipe(project):
    process = subprocess.Popen(
        [COCOFOLDS, "run", "--", FOLDS],
        cwd=project.folder,
        env={**os.environ, **warm_jobs()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    process.stdout.close()
    assert process.wait(300) == 0
    assert (project.folder / FOLDS).exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_output_on_a_full_disk(project):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [COCOFOLDS, "run", "--", FOLDS],
            cwd=project.folder,
            env={**os.environ, **warm_jobs()},
            stdout=full,
            stderr=full,
        )
    assert done.returncode == 0
    assert (project.folder / FOLDS).exists()


def test_names_that_look_like_markup(project):
    rows = [{**row, "cell_type": f"[red]{row['cell_type']}[/x]"} for row in tiny_rows()]
    rows.append({**rows[0], "cell_type": "rare\x1b[31m"})
    project.write_source(rows)
    lines = run(project)
    assert any("rare\\x1b[31m" in line for line in lines)


def test_log_of_what_snakemake_and_its_jobs_write(project):
    rows = [*tiny_rows(), {**tiny_rows()[0], "cell_type": "rare"}]
    project.write_source(rows)
    project.write_config(seed=[1, 2])
    lines = run(project, environment={})
    log = (project.results / "logs" / "run.log").read_text(encoding="utf-8")
    assert "WARNING: Categories with fewer images than there are folds" in log
    # Said once by each split, and shortened to one line.
    assert sum("Categories with fewer images" in line for line in lines) == 1
    assert any("(2 times)" in line for line in lines)


def test_warnings_are_kept_for_the_report(project):
    project.write_source([*tiny_rows(), {**tiny_rows()[0], "cell_type": "rare"}])
    project.run(n_previews=1, images_dir="data/sample")
    [warning] = project.json("image-k2-seed1/warnings.json")
    assert warning.endswith("\n  'rare': 1")
    assert project.json("index/warnings.json")
    assert project.json("preview/warnings.json") is not None


def test_snakemake_with_its_own_lines(project):
    said = project.run("--verbose")
    assert "Finished jobid: " in said
    assert "Folds are in results/image-k2-seed1" in said


def test_killed(new_project_with_code):
    """No job is left where the command was killed, which cannot pass that on."""
    project = slow(new_project_with_code)
    process = start(project)
    wait_for((project.results / "logs" / "index.log").exists)
    process.kill()
    process.communicate()
    # Snakemake learns of it once the next event is to be written.
    wait_for(lambda: not jobs_of(project))
    assert not (project.results / "annotations_all.json").exists()
