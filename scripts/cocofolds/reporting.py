"""What a job says: everything to its log, warnings and errors to the terminal too."""

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from cocofolds.errors import CheckError, InputError


@contextmanager
def reported_to(log_path: str) -> Iterator[logging.Logger]:
    """Give a job its logger, and end it without a traceback where the user can help.

    Parameters
    ----------
    log_path : str
        The job's log; written over.

    Raises
    ------
    SystemExit
        After the error has been reported: in plain words where the user can do
        something about it, with its traceback where the defect is ours.
    """
    logger = logging.getLogger("cocofolds")
    logger.setLevel(logging.INFO)
    terminal = logging.StreamHandler()
    terminal.setLevel(logging.WARNING)
    handlers: list[logging.Handler] = [terminal]
    with suppress(OSError):
        handlers.append(logging.FileHandler(log_path, mode="w", encoding="utf-8"))
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
        # A log that cannot be written, on a full disk, is no reason for a traceback.
        handler.handleError = lambda record: None  # type: ignore[method-assign]
        logger.addHandler(handler)
    interrupted = False

    def interrupt(*_: object) -> None:
        nonlocal interrupted
        interrupted = True
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield logger
    except KeyboardInterrupt:
        logger.error("Interrupted.")
        raise SystemExit(1) from None
    except (InputError, CheckError, OSError) as error:
        logger.error("%s", error)
        raise SystemExit(1) from None
    except Exception:
        # Compiled code may turn an interruption into an exception of its own.
        if interrupted:
            logger.error("Interrupted.")
        else:
            logger.exception("This is a defect in cocofolds, please report it.")
        raise SystemExit(1) from None
    finally:
        for handler in handlers:
            logger.removeHandler(handler)
            with suppress(OSError):
                handler.close()
