import json
import logging
import signal
from pathlib import Path

import pytest

from cocofolds.errors import CheckError, InputError
from cocofolds.job import named_as_in_settings, reported_to
from cocofolds.job_logs import ERRORS_ARE_SAID_LAST


def report(path, level=None, error=None):
    with reported_to(str(path)) as logger:
        if level:
            logger.log(level, "é %d", 7)
        if error:
            raise error


@pytest.mark.parametrize(
    ("level", "on_terminal"),
    [(logging.INFO, False), (logging.WARNING, True), (logging.ERROR, True)],
)
def test_message(tmp_path, capsys, level, on_terminal):
    log = tmp_path / "a.log"
    report(log, level)
    line = f"{logging.getLevelName(level)}: é 7\n"
    assert log.read_bytes() == line.encode()
    assert capsys.readouterr() == ("", line if on_terminal else "")


@pytest.mark.parametrize("error", [InputError, CheckError, OSError])
def test_error_that_the_user_can_mend(tmp_path, capsys, error):
    log = tmp_path / "a.log"
    with pytest.raises(SystemExit) as stop:
        report(log, error=error("a.csv: 100 % wrong"))
    assert stop.value.code == 1
    assert log.read_text() == "ERROR: a.csv: 100 % wrong\n"
    assert capsys.readouterr().err == "ERROR: a.csv: 100 % wrong\n"


def test_defect(tmp_path, capsys):
    log = tmp_path / "a.log"
    with pytest.raises(SystemExit) as stop:
        report(log, error=KeyError("vesicle"))
    assert stop.value.code == 1
    for text in (log.read_text(), capsys.readouterr().err):
        assert text.startswith("ERROR: This is a defect in cocofolds, please report it")
        assert "Traceback" in text
        assert "KeyError: 'vesicle'" in text


def test_interruption_that_compiled_code_turned_into_an_error(tmp_path, capsys):
    with pytest.raises(SystemExit), reported_to(str(tmp_path / "a.log")):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise SystemError from None
    assert capsys.readouterr().err == "ERROR: Interrupted.\n"


def test_interruption(tmp_path, capsys):
    log = tmp_path / "a.log"
    with pytest.raises(SystemExit) as stop:
        report(log, error=KeyboardInterrupt)
    assert stop.value.code == 1
    assert log.read_text() == capsys.readouterr().err == "ERROR: Interrupted.\n"


def test_interruption_where_the_parent_ignores_it(tmp_path):
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(SystemExit), reported_to(str(tmp_path / "a.log")):
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, handler)


@pytest.fixture
def no_handlers_left():
    yield
    logging.getLogger("cocofolds").handlers.clear()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_full_disk(capsys, no_handlers_left):
    report("/dev/full", logging.WARNING)
    assert capsys.readouterr().err == "WARNING: é 7\n"


@pytest.mark.parametrize("error", [None, InputError("wrong")])
def test_each_job_has_its_own_log(tmp_path, capsys, error):
    first, second = tmp_path / "a.log", tmp_path / "b.log"
    for log in (first, second):
        log.write_text("of an earlier run")
        try:
            report(log, logging.WARNING, error)
        except SystemExit:
            assert error
    text = first.read_text("utf-8")
    assert second.read_text("utf-8") == text
    assert text.count("é 7") == 1
    assert "earlier" not in text
    assert capsys.readouterr().err.count("é 7") == 2


def test_warnings_go_into_a_file(tmp_path):
    path = tmp_path / "warnings.json"
    with reported_to(str(tmp_path / "a.log"), str(path)) as logger:
        logger.info("no warning")
        logger.warning("%d rows\n  of 'é'", 7)
        logger.warning("again")
    assert json.loads(path.read_text()) == ["7 rows\n  of 'é'", "again"]


def test_no_warnings_of_a_job_that_failed(tmp_path):
    path = tmp_path / "warnings.json"
    with pytest.raises(SystemExit), reported_to(str(tmp_path / "a.log"), str(path)):
        raise InputError("wrong")
    assert not path.exists()


def test_errors_that_the_run_says_last(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv(ERRORS_ARE_SAID_LAST, "1")
    with pytest.raises(SystemExit):
        report(tmp_path / "a.log", logging.WARNING, InputError("wrong"))
    assert capsys.readouterr().err == "WARNING: é 7\n"
    assert "ERROR: wrong" in (tmp_path / "a.log").read_text("utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_error_whose_log_is_on_a_full_disk(capsys, monkeypatch, no_handlers_left):
    monkeypatch.setenv(ERRORS_ARE_SAID_LAST, "1")
    with pytest.raises(SystemExit):
        report("/dev/full", error=OSError("No space left"))
    assert capsys.readouterr().err == "ERROR: No space left\n"


def test_copies_have_the_names_of_the_settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    copy = Path("storage/s3/bucket/tables/a.csv")
    copy.parent.mkdir(parents=True)
    copy.write_text("é")
    with named_as_in_settings([str(copy)], ["./tables/a.csv"]) as from_there:
        assert Path("tables/a.csv").read_text() == "é"
        Path(from_there("log")).write_text("here")
    assert Path("log").read_text() == "here"
    assert Path.cwd() == tmp_path


@pytest.mark.parametrize("path", ["a.csv", "ds1/a.csv", "/data/a.csv"])
def test_files_that_are_no_copies(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    with named_as_in_settings([path], [path]) as from_there:
        assert Path.cwd() == tmp_path
        assert from_there("log") == "log"
