"""The commands of `cocofolds`, and how the program ends."""

import sys

import typer

from cocofolds.cli.audit import audit
from cocofolds.cli.clean import clean
from cocofolds.cli.init import init
from cocofolds.cli.preview import preview
from cocofolds.cli.run import run
from cocofolds.cli.show import show
from cocofolds.errors import InputError
from cocofolds.terminal_text import printable

app = typer.Typer(
    help="Cross-validation folds in COCO JSON from any file of instance masks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(init)
# What follows `--` goes to Snakemake.
app.command(
    context_settings={"allow_extra_args": True},
    options_metavar="[OPTIONS] [-- SNAKEMAKE...]",
)(run)
app.command()(show)
app.command()(preview)
app.command()(clean)
app.command()(audit)


def main() -> None:
    """Run a command.

    Exits with 0, with 1 for a fault of data or settings, or for a leak that `audit` has
    found, with 2 for wrong usage, with 130 if it is interrupted. The message of a fault
    is the last thing on the screen.
    """
    try:
        app()
    except (InputError, OSError) as error:
        print(printable(f"Error: {error}"), file=sys.stderr)
        sys.exit(1)
