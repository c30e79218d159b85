"""`cocofolds init`."""

import shlex
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from cocofolds.cli.asking import asking
from cocofolds.cli.config_text import config_text, settings_of
from cocofolds.config.settings import CONFIG, default_settings
from cocofolds.errors import InputError
from cocofolds.files import written_whole
from cocofolds.output.results import RESULTS
from cocofolds.sources.detection.findings import (
    Finding,
    Question,
    SourceFindings,
)
from cocofolds.sources.detection.source_findings import find_source
from cocofolds.wording import counted, visible
from cocofolds.workflow_files import workflow_files
from cocofolds.yaml_files import read_keys

PICTURE = Path("cocofolds_init.png")

_LABEL_WIDTH = 12


def init(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Tables of run-length masks (CSV), or COCO JSON; also .gz.",
            show_default=False,
        ),
    ],
    images: Annotated[
        Path | None,
        typer.Option(help="The folder with the image files.", show_default=False),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Take the defaults of all questions.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite config.yaml.")
    ] = False,
) -> None:
    """Look at a file of annotations and write the config.yaml for it."""
    if CONFIG.exists() and not force:
        raise InputError(f"{CONFIG}: it is there already. `--force` overwrites it.")
    # Further on, they would be named by their keys in a config.yaml that is not there.
    for path in files:
        if not path.exists():
            raise InputError(f"{path}: there is no such file.")
    if images is not None and not images.is_dir():
        raise InputError(
            f"--images {images}: "
            + ("this is no folder." if images.exists() else "there is no such folder.")
        )
    console = Console(highlight=False)
    presets = _presets()
    paths = [_as_written(path) for path in files]
    found = find_source(paths, _as_written(images) if images else None, presets)
    _print_findings(console, found)
    if not yes and sys.stdin.isatty() and console.is_terminal:
        answers = [_ask(console, question, found) for question in found.questions]
        doubts = []
    else:
        answers = [question.default for question in found.questions]
        doubts = [*zip(found.questions, answers, strict=True)]
        _print_doubts(console, doubts)
    found = found.answered(answers)
    settings = settings_of(found, presets, default_settings())
    options = ["--images", str(images)] if images else []
    command = shlex.join(["cocofolds", "init", *map(str, files), *options])
    text = config_text(settings, found, doubts, command)
    with written_whole(CONFIG) as file:
        file.write(text.encode())
    console.print(f"\nWritten: {CONFIG}")
    # Among the images, the picture would be taken for one.
    images_dir = found.settings.get("images_dir")
    is_among_images = images_dir is not None and Path.cwd().is_relative_to(
        Path(images_dir).resolve()
    )
    _draw(console, found, RESULTS / PICTURE if is_among_images else PICTURE)
    console.print("Next: [bold]cocofolds run[/bold]")


def _as_written(path: Path) -> str:
    """Name a path from the current folder if it is below it, else as it is given."""
    whole = Path.cwd() / path
    here = Path.cwd()
    return str(whole.relative_to(here) if whole.is_relative_to(here) else path)


def _presets() -> dict[str, Any]:
    files = workflow_files()
    paths = {name: files.path_of(f"dialects/{name}.yaml") for name in files.presets}
    return {name: read_keys(path) for name, path in paths.items()}


def _print_findings(console: Console, found: SourceFindings) -> None:
    for file in found.files:
        console.print(Text(file.path, "bold"))
        _print(console, file.findings)
    groups = (Finding("groups", s.said) for s in found.suggestions)
    _print(console, [*found.findings, *groups])


def _print(console: Console, findings: Iterable[Finding]) -> None:
    """Print what was found, one thing a line; what follows is indented."""
    findings = [*findings]
    label_width = max([_LABEL_WIDTH, *(2 + len(f.what) for f in findings)])
    for finding in findings:
        # Text of the data is shown as it is: no markup, no control characters.
        said = visible(finding.said)
        mark = "! " if finding.is_warning else "  "
        lines = textwrap.wrap(
            said,
            console.width,
            initial_indent=f"{mark}{finding.what:<{label_width}}",
            subsequent_indent=" " * (label_width + 2),
            break_on_hyphens=False,
        )
        style = "yellow" if finding.is_warning else ""
        console.print(Text("\n".join(lines), style))


def _print_doubts(console: Console, doubts: list[tuple[Question, str]]) -> None:
    if doubts:
        console.print("\nIn doubt, and taken without asking:")
        _print(
            console,
            (
                Finding(question.name, f"{answer}: {question.why}", is_warning=True)
                for question, answer in doubts
            ),
        )


def _ask(console: Console, question: Question, found: SourceFindings) -> str:
    of_file = ""
    if question.file is not None and len(found.files) > 1:
        of_file = f"{found.files[question.file].path}: "
    console.print()
    console.print(Text(f"{of_file}{question.name}: {question.why}."))
    choices = [*question.answers]
    while True:
        with asking():
            answer: str = typer.prompt(
                question.text + (f" ({', '.join(choices)})" if choices else ""),
                default=question.default,
            )
        if not choices or answer in choices:
            return answer
        console.print(Text(f"Answer one of: {', '.join(choices)}"))


def _draw(console: Console, found: SourceFindings, path: Path) -> None:
    """Draw an image with its masks, and say what is on it."""
    # Slow to import, and not needed for faults.
    from cocofolds.cli.first_picture import draw, find_drawable

    try:
        drawable = find_drawable(found)
        if drawable is None:
            console.print("No picture: no mask can be drawn yet.")
            return
        draw(drawable, path)
    except InputError as error:
        console.print(Text(f"No picture: {error}", "yellow"))
        return
    masks = counted(len(drawable.annotations), "annotation")
    said = f"Look at {path}: image {drawable.name} with {masks}"
    console.print(Text(said if drawable.path else f"{said}, without its file"))
