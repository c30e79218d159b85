"""A logger plugin of Snakemake that tells `cocofolds run` what happens.

Each event is a line of JSON, written to a pipe.
"""

import json
import os
import signal
from dataclasses import dataclass, field
from logging import LogRecord

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.settings import (
    LogHandlerSettingsBase,
)


@dataclass
class LogHandlerSettings(LogHandlerSettingsBase):
    """What the plugin is given: `--logger-cocofolds-descriptor`."""

    descriptor: int | None = field(
        default=None,
        metadata={"help": "The file descriptor that gets the events.", "type": int},
    )


class LogHandler(LogHandlerBase):
    """Write the events to the pipe, and nothing to the terminal."""

    def __post_init__(self) -> None:
        """Import the library here: Snakemake imports each plugin that it finds."""
        from cocofolds.cli.events import event_of

        self.event_of = event_of

    def emit(self, record: LogRecord) -> None:
        """Write an event; where nobody reads it any more, end as with Ctrl-C."""
        event = self.event_of(record)
        if event is None or self.settings.descriptor is None:
            return
        line = json.dumps(event).encode() + b"\n"
        try:
            # A signal may end a long one before all is written.
            while line:
                line = line[os.write(self.settings.descriptor, line) :]
        except BrokenPipeError:
            # `cocofolds run` was killed. This is the first process of its group.
            self.settings.descriptor = None
            os.killpg(os.getpid(), signal.SIGINT)

    @property
    def writes_to_stream(self) -> bool:
        """Whether it takes the place of Snakemake's own lines on the terminal."""
        return True

    @property
    def writes_to_file(self) -> bool:
        """Whether it writes a log file."""
        return False

    @property
    def has_filter(self) -> bool:
        """Whether it needs no filter of Snakemake's."""
        return True

    @property
    def has_formatter(self) -> bool:
        """Whether it needs no formatter of Snakemake's."""
        return True

    @property
    def needs_rulegraph(self) -> bool:
        """Whether it wants the graph of the rules."""
        return False
