"""What Snakemake's log records say of a run, as plain data."""

import logging
import re
from collections.abc import Mapping
from textwrap import dedent
from typing import Any

#: What Snakemake says of a run, and what the workflow adds: the plan.
Event = Mapping[str, Any]

# Of each kind of event, the attributes of its record that are of use here.
_FIELDS = {
    "workflow_started": (),
    "plan": ("splits", "whole_bytes", "extras", "is_dry_run"),
    "run_info": ("stats",),
    "job_info": ("jobid", "rule_name", "wildcards", "log"),
    "job_finished": ("job_id",),
    "job_error": ("jobid", "rule_name", "log", "aux"),
    "group_error": ("job_error_info", "aux_logs"),
    "progress": ("done", "total"),
    "error": ("exception",),
}


# What a function of a rule finds wrong; behind it are wildcards and a traceback.
_OF_A_FUNCTION = re.compile(
    r"InputFunctionException[^\n]*\nError:\n  SettingsError:\n(.*)\nWildcards:\n",
    re.DOTALL,
)


def event_of(record: logging.LogRecord) -> Event | None:
    """Take what is of use from a record; None if there is nothing.

    Parameters
    ----------
    record : LogRecord
        One of Snakemake's.

    Returns
    -------
    dict or None
        "event" is the kind, one of those above; or "message" for any other record of a
        warning or an error. "text" is what it says, of a mistake in the settings no
        more than that. The values are those of JSON.
    """
    kind = str(getattr(record, "event", None) or "")
    if kind not in _FIELDS:
        if record.levelno < logging.WARNING:
            return None
        return {"event": "message", "text": str(record.msg)}
    fields = {name: _plain(getattr(record, name, None)) for name in _FIELDS[kind]}
    text = str(record.msg)
    return {"event": kind, "text": _mistake_in(text) or text, **fields}


def _mistake_in(text: str) -> str | None:
    """Take what is wrong with the settings from what a function of a rule says."""
    found = _OF_A_FUNCTION.match(text)
    return f"SettingsError:\n{dedent(found[1])}" if found else None


def _plain(value: Any) -> Any:
    """Take named lists, and strings that know more than their text, for plain ones."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, int | float | None) else str(value)
