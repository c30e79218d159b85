"""What a job says: everything to its log, warnings and errors to the terminal too."""

import logging
import math
import os
import posixpath
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import chdir, contextmanager, suppress
from logging.handlers import BufferingHandler
from pathlib import Path
from time import monotonic
from typing import TypeVar

from cocofolds.errors import CheckError, InputError
from cocofolds.files import write_json
from cocofolds.job_logs import (
    DEFECT,
    ERRORS_ARE_SAID_LAST,
    INTERRUPTED,
    progress_text,
)

Item = TypeVar("Item")

# Between INFO and WARNING: for the log alone.
_PROGRESS = 25
logging.addLevelName(_PROGRESS, "PROGRESS")

# Seconds between two lines of progress.
_INTERVAL = 1


@contextmanager
def reported_to(
    log_path: str, warnings_path: str | None = None
) -> Iterator[logging.Logger]:
    """Give a job its logger, and end it without a traceback where the user can help.

    Parameters
    ----------
    log_path : str
        The job's log; written over.
    warnings_path : str, optional
        A JSON file that gets the list of the job's warnings once it has ended well.

    Raises
    ------
    SystemExit
        After the error has been reported: in plain words where the user can do
        something about it, with its traceback where the defect is ours.
    """
    logger = logging.getLogger("cocofolds")
    logger.setLevel(logging.INFO)
    records = BufferingHandler(math.inf)  # type: ignore[arg-type]
    handlers: list[logging.Handler] = [records]
    is_logged = False
    with suppress(OSError):
        handlers.append(logging.FileHandler(log_path, mode="w", encoding="utf-8"))
        is_logged = True

    def could_not_write(record: logging.LogRecord) -> None:
        # A log that cannot be written, on a full disk, is no reason for a traceback.
        nonlocal is_logged
        is_logged = False

    def is_for_terminal(record: logging.LogRecord) -> bool:
        is_said_last = is_logged and ERRORS_ARE_SAID_LAST in os.environ
        return record.levelno < logging.ERROR or not is_said_last

    # Behind the log, which may fail.
    terminal = logging.StreamHandler()
    terminal.setLevel(logging.WARNING)
    terminal.addFilter(is_for_terminal)
    handlers.append(terminal)
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
        handler.handleError = could_not_write  # type: ignore[method-assign]
        logger.addHandler(handler)
    interrupted = False

    def interrupt(*_: object) -> None:
        nonlocal interrupted
        interrupted = True
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield logger
        if warnings_path is not None:
            write_json(
                warnings_path,
                [
                    record.getMessage()
                    for record in records.buffer
                    if record.levelno == logging.WARNING
                ],
            )
    except KeyboardInterrupt:
        logger.error("%s", INTERRUPTED)
        raise SystemExit(1) from None
    except (InputError, CheckError, OSError) as error:
        logger.error("%s", error)
        raise SystemExit(1) from None
    except Exception:
        # Compiled code may turn an interruption into an exception of its own.
        if interrupted:
            logger.error("%s", INTERRUPTED)
        else:
            logger.exception("%s", DEFECT)
        raise SystemExit(1) from None
    finally:
        for handler in handlers:
            logger.removeHandler(handler)
            with suppress(OSError):
                handler.close()


@contextmanager
def named_as_in_settings(
    paths: Sequence[str], names: Sequence[str]
) -> Iterator[Callable[[str], str]]:
    """Work where files have the names that the settings give them.

    Copies of files from a storage are in a folder for it; messages and tables name them
    as the settings do.

    Parameters
    ----------
    paths : sequence of str
        Where the files are.
    names : sequence of str
        Their names in the settings.

    Yields
    ------
    callable
        Tells the path at which another file is, from there.
    """
    folder = paths[0].removesuffix(posixpath.normpath(names[0]))
    if folder in ("", paths[0]):
        yield lambda path: path
        return
    before = Path.cwd()
    with chdir(folder):
        yield lambda path: str(before / path)


def followed(
    items: Iterable[Item],
    logger: logging.Logger,
    unit: str,
    total: int | None = None,
    share: Callable[[], float] | None = None,
) -> Iterator[Item]:
    """Pass items on, and write to the log each second how many there have been.

    Parameters
    ----------
    items : iterable
    logger : Logger
    unit : str
        What the items are, such as rows.
    total : int, optional
        How many there will be, if it is known.
    share : callable, optional
        Tells how much has been read, from 0 to 1, where no total is known.
    """
    due = monotonic() + _INTERVAL
    for count, item in enumerate(items):
        if monotonic() >= due:
            read = share() if share else None
            logger.log(_PROGRESS, "%s", progress_text(count, total, unit, read))
            due = monotonic() + _INTERVAL
        yield item
