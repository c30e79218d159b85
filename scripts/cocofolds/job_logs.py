"""What the log of a job says: its error, and how far it has come."""

import re
from typing import NamedTuple

#: Set in the environment of jobs whose errors the run says last, from their logs.
ERRORS_ARE_SAID_LAST = "COCOFOLDS_ERRORS_ARE_SAID_LAST"

#: What a job says that was ended by Ctrl-C.
INTERRUPTED = "Interrupted."
#: What a job says of a defect, ahead of the traceback.
DEFECT = "This is a defect in cocofolds, please report it."

_PROGRESS = re.compile(
    r"^PROGRESS: (\d+)(?: of (\d+))? (\w+)(?:, (\d+) % read)?$", re.MULTILINE
)


class Progress(NamedTuple):
    """How far a job has come.

    Attributes
    ----------
    done : int
    total : int or None
        None if it is not known.
    unit : str
        What is counted, such as rows.
    share : float or None
        From 0 to 1; None if it is not known.
    """

    done: int
    total: int | None
    unit: str
    share: float | None


def progress_text(count: int, total: int | None, unit: str, share: float | None) -> str:
    """Say how far a job has come, so that `last_progress` can read it."""
    of_total = f" of {total}" if total is not None else ""
    read = f", {round(100 * share)} % read" if share is not None else ""
    return f"{count}{of_total} {unit}{read}"


def last_progress(text: str) -> Progress | None:
    """Read how far a job has come from its log, or from the end of it."""
    lines = _PROGRESS.findall(text)
    if not lines:
        return None
    count, total, unit, percent = lines[-1]
    share = int(percent) / 100 if percent else None
    if total:
        share = min(int(count) / max(int(total), 1), 1.0)
    return Progress(int(count), int(total) if total else None, unit, share)


def last_error(text: str) -> str | None:
    """Read the error from the log of a job, which is the last thing that it says."""
    _, is_there, message = f"\n{text}".rpartition("\nERROR: ")
    return message.strip() if is_there else None


def is_in_vain(text: str) -> bool:
    """Tell from the log of a job that has failed whether another try would fail too.

    So it is where the data or the settings are at fault. What the system says of a disk
    or of memory may be gone by then, and a job that was killed has no last words.
    """
    error = last_error(text)
    return error is not None and not error.startswith((INTERRUPTED, DEFECT, "[Errno"))
