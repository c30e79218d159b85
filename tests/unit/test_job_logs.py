import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocofolds import job
from cocofolds.errors import CheckError, InputError
from cocofolds.job import followed, reported_to
from cocofolds.job_logs import (
    Progress,
    is_in_vain,
    last_error,
    last_progress,
    progress_text,
)

counts = st.integers(0, 10**12)


@given(counts, st.integers(1, 10**12) | st.none(), st.floats(0, 1) | st.none())
def test_progress_is_read_as_it_was_said(done, total, share):
    text = f"INFO: 7 rows\nPROGRESS: {progress_text(done, total, 'rows', share)}\n"
    found = last_progress(text)
    assert (found.done, found.total, found.unit) == (done, total, "rows")
    if total:
        assert found.share == min(done / total, 1)
    elif share is not None:
        assert found.share == pytest.approx(share, abs=0.006)
    else:
        assert found.share is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("INFO: PROGRESS: 3 of 4 rows\n", None),
        ("PROGRESS: 3 of 4 rows\nPROGRESS: 4 of 4 rows\n", Progress(4, 4, "rows", 1)),
        # A line that is being written.
        ("PROGRESS: 3 of 4 rows\nPROGR", Progress(3, 4, "rows", 0.75)),
        ("20 masks\nPROGRESS: 30 masks\n", Progress(30, None, "masks", None)),
        ("PROGRESS: 9 rows, 25 % read\n", Progress(9, None, "rows", 0.25)),
    ],
)
def test_last_progress(text, expected):
    assert last_progress(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("INFO: 3\nWARNING: no ERROR: here\n", None),
        ("ERROR: wrong\n", "wrong"),
        ("INFO: 3\nERROR: wrong:\n  line 2\nMend it.\n", "wrong:\n  line 2\nMend it."),
        ("ERROR: one\nERROR: two\n", "two"),
    ],
)
def test_last_error(text, expected):
    assert last_error(text) == expected


def test_job_that_takes_long(tmp_path, monkeypatch):
    seconds = iter(range(1000))
    monkeypatch.setattr(job, "monotonic", lambda: next(seconds) / 4)
    log = tmp_path / "job.log"
    with reported_to(str(log)) as logger:
        passed = list(followed("abcdefgh", logger, "rows", 8))
    assert passed == [*"abcdefgh"]
    # The clock goes on by a quarter of a second at each look at it.
    lines = [f"PROGRESS: {n} of 8 rows" for n in (3, 7)]
    assert log.read_text().splitlines() == lines


def test_short_job_says_nothing(tmp_path, capsys):
    log = tmp_path / "job.log"
    with reported_to(str(log)) as logger:
        assert list(followed(range(1000), logger, "rows")) == [*range(1000)]
    assert log.read_text() == ""
    assert capsys.readouterr() == ("", "")


def test_progress_is_not_for_the_terminal(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(job, "_INTERVAL", 0)
    with reported_to(str(tmp_path / "job.log")) as logger:
        assert list(followed([1], logger, "rows", share=lambda: 0.5)) == [1]
    assert last_progress((tmp_path / "job.log").read_text()).share == 0.5
    assert capsys.readouterr() == ("", "")
    assert logging.getLevelName("PROGRESS") < logging.WARNING


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (InputError("a.csv, line 2: 'x' is not a whole number"), True),
        (CheckError("fold 2: image 3 is missing"), True),
        # These may be gone by the next try.
        (OSError(28, "No space left on device"), False),
        (MemoryError(), False),
        (KeyboardInterrupt(), False),
    ],
)
def test_what_is_not_tried_again(tmp_path, error, expected):
    log = tmp_path / "job.log"
    with pytest.raises(SystemExit), reported_to(str(log)):
        raise error
    assert is_in_vain(log.read_text("utf-8")) == expected


def test_a_job_that_was_killed_is_tried_again():
    assert not is_in_vain("")
    assert not is_in_vain("INFO: 7 rows\nPROGRESS: 7 rows\n")
