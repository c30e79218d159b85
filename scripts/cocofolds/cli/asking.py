"""Ask a person in a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer


@contextmanager
def asking() -> Iterator[None]:
    """End the program where a question is interrupted, as where anything else is."""
    try:
        yield
    except typer.Abort:
        print("Interrupted.", file=sys.stderr)
        raise typer.Exit(130) from None
