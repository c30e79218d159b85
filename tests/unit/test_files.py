import errno
import os
import subprocess
import sys
from pathlib import Path
from socket import gethostname

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cocofolds
from cocofolds.files import (
    folder_written_whole,
    open_table,
    read_table,
    table_writer,
    write_sha256,
    write_table,
    written_whole,
)

AWKWARD_TEXTS = [
    "",
    " ",
    " a ",
    "a,b",
    'a"b',
    '"',
    '""',
    "a\rb",
    "\r",
    "a\nb",
    "\n",
    "a\r\nb",
    "\ufeffa",
    "神経",
    "1",
    "a;b\t'c'",
    "#",
    "\u2028",
]


class SomeError(Exception):
    pass


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("as_text", [False, True], ids=["Path", "str"])
def test_file_is_there_when_it_is_whole(tmp_path, as_text):
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    with written_whole(str(path) if as_text else path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert names_in(tmp_path) == ["a.json"]


@pytest.mark.parametrize("old", [None, b"old"])
def test_file_stays_as_it_was_after_an_error(tmp_path, old):
    path = tmp_path / "a.json"
    if old:
        path.write_bytes(old)
    with pytest.raises(SomeError), written_whole(path) as file:
        file.write(b"new")
        raise SomeError
    assert names_in(tmp_path) == (["a.json"] if old else [])
    assert not old or path.read_bytes() == old


def test_folder_is_there_when_it_is_whole(tmp_path):
    path = tmp_path / "above" / "rows"
    for name in ("old", "new"):
        with folder_written_whole(path) as folder:
            (folder / name).write_text(name)
            assert not (path / name).exists()
        assert names_in(path) == [name]
    assert names_in(path.parent) == ["rows"]


@pytest.mark.parametrize("old", [False, True])
def test_folder_stays_as_it_was_after_an_error(tmp_path, old):
    path = tmp_path / "rows"
    if old:
        path.mkdir()
        (path / "old").touch()
    with pytest.raises(SomeError), folder_written_whole(path) as folder:
        (folder / "new").touch()
        raise SomeError
    assert names_in(tmp_path) == (["rows"] if old else [])
    assert not old or names_in(path) == ["old"]


@pytest.fixture
def ended_process():
    process = subprocess.Popen(["true"])
    process.wait()
    return str(process.pid)


@pytest.mark.parametrize("name", ["rows", "a[1]*.csv"])
def test_what_an_ended_job_left_is_cleared(tmp_path, ended_process, name):
    path = tmp_path / name
    with folder_written_whole(path) as folder:
        left = tmp_path / folder.name.replace(str(os.getpid()), ended_process)
    left.mkdir()
    (left / "old").touch()
    with folder_written_whole(path) as folder:
        (folder / "new").touch()
        assert not left.exists()
    assert names_in(path) == ["new"]
    assert names_in(tmp_path) == [name]


def test_what_a_job_of_this_number_left_is_cleared(tmp_path):
    path = tmp_path / "rows"
    with folder_written_whole(path) as folder:
        name = folder.name
    (tmp_path / name).mkdir()
    (tmp_path / name / "old").touch()
    with folder_written_whole(path) as folder:
        assert folder.name == name
    assert names_in(path) == []


def test_what_another_machine_left_stays(tmp_path):
    path = tmp_path / "rows"
    other = f".rows.{gethostname()}.local.5.part"
    (tmp_path / other).touch()
    with folder_written_whole(path):
        pass
    assert names_in(tmp_path) == [other, "rows"]


def test_two_jobs_that_write_the_same_file(tmp_path):
    path = tmp_path / "a.json"
    code = (
        "import sys\n"
        "from cocofolds.files import written_whole\n"
        "with written_whole(sys.argv[1]) as file:\n"
        "    file.write(b'early ')\n"
        "    file.flush()\n"
        "    print('begun', flush=True)\n"
        "    sys.stdin.read()\n"
        "    file.write(b'and late')\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, path],
        env={"PYTHONPATH": str(Path(cocofolds.__file__).parent.parent)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert other.stdout.readline() == b"begun\n"
    with written_whole(path) as file:
        file.write(b"mine")
        assert len(names_in(tmp_path)) == 2
    assert path.read_bytes() == b"mine"
    other.communicate(b"")
    assert other.returncode == 0
    assert path.read_bytes() == b"early and late"
    assert names_in(tmp_path) == ["a.json"]


def test_table(tmp_path):
    path = tmp_path / "a.csv"
    rows = [(1, "img"), (np.int64(2), ""), (3.5, "a b")]
    write_table(path, ("number", "text"), iter(rows))
    assert path.read_bytes() == b'"number","text"\n1,"img"\n2,""\n3.5,"a b"\n'
    assert list(read_table(path)) == [
        {"number": "1", "text": "img"},
        {"number": "2", "text": ""},
        {"number": "3.5", "text": "a b"},
    ]
    assert names_in(tmp_path) == ["a.csv"]


def test_table_stays_as_it_was_after_an_error(tmp_path):
    def rows():
        yield (1,)
        raise SomeError

    path = tmp_path / "a.csv"
    write_table(path, ("number",), [(7,)])
    with pytest.raises(SomeError):
        write_table(path, ("number",), rows())
    assert list(read_table(path)) == [{"number": "7"}]
    assert names_in(tmp_path) == ["a.csv"]


def test_awkward_texts_come_back(tmp_path):
    path = tmp_path / "a.csv"
    write_table(path, ("text",), [(text,) for text in AWKWARD_TEXTS])
    assert [row["text"] for row in read_table(path)] == AWKWARD_TEXTS


@given(
    st.lists(
        st.tuples(*[st.text(st.characters(exclude_categories=["Cs"]))] * 2), min_size=1
    )
)
def test_any_text_comes_back(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("table") / "a.csv"
    write_table(path, ("a", "b"), rows)
    assert [(row["a"], row["b"]) for row in read_table(path)] == rows


def test_text_longer_than_the_csv_module_reads_by_itself(tmp_path, csv_as_it_starts):
    path = tmp_path / "a.csv"
    text = "1 " * 100_000
    write_table(path, ("runs",), [(text,)])
    assert [row["runs"] for row in read_table(path)] == [text]


def test_tables_are_utf8_whatever_the_locale(tmp_path):
    path = tmp_path / "a.csv"
    write_table(path, ("text",), [("神経",)])
    program = (
        "import sys; from cocofolds.files import read_table, write_table;"
        "write_table(sys.argv[2], ['text'],"
        " [row.values() for row in read_table(sys.argv[1])])"
    )
    environment = {
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONPATH": str(Path(cocofolds.__file__).parents[1]),
    }
    copy = tmp_path / "b.csv"
    subprocess.run(
        [sys.executable, "-c", program, path, copy], env=environment, check=True
    )
    assert copy.read_bytes() == path.read_bytes()
    assert "神経".encode() in copy.read_bytes()


@pytest.mark.parametrize("opened", [written_whole, folder_written_whole])
def test_a_full_disk_is_named_by_what_was_to_be_written(tmp_path, opened):
    path = tmp_path / "a"
    with pytest.raises(OSError, match="No space left") as error, opened(path):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert error.value.filename == str(path)


def test_another_error_keeps_its_file_name(tmp_path):
    with pytest.raises(FileNotFoundError) as error, written_whole(tmp_path / "a"):
        (tmp_path / "b").read_bytes()
    assert error.value.filename == str(tmp_path / "b")


def test_rows_can_be_appended(tmp_path):
    path = tmp_path / "a.csv"
    write_table(path, ("text",), [("é",)])
    with open_table(path, "a") as file:
        table_writer(file).writerow(("a\r",))
    assert [row["text"] for row in read_table(path)] == ["é", "a\r"]


def test_sha256(tmp_path):
    """As the program that everybody has checks it."""
    for name in ("a.csv", "b b.npy"):
        (tmp_path / name).write_text(name)
    write_sha256(tmp_path / "sums", [tmp_path / "a.csv", str(tmp_path / "b b.npy")])
    check = ["sha256sum", "--check", "--strict", "sums"]
    said = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True)
    assert said.stdout == "a.csv: OK\nb b.npy: OK\n"
