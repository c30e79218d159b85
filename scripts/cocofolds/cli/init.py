"""`cocofolds init`."""

from pathlib import Path
from typing import Annotated

import typer
import yaml


def init(
    files: list[Path],
    images: Path | None = None,
    yes: Annotated[bool, typer.Option("--yes", "-y")] = False,
) -> None:
    """Look at a file of annotations and write the config.yaml for it."""
    config = {
        "annotations": str(files[0]),
        "dialect": "sartorius-2021",
        "images_dir": str(images) if images else None,
    }
    Path("config.yaml").write_text(yaml.safe_dump(config))
