"""Write config.yaml and the tables of docs/settings.md from the schema of the settings.

Run it with `make settings` after an edit of workflow/schemas/config.schema.yaml. A test
finds a file that was not written again.
"""

import json
import textwrap
from pathlib import Path
from typing import Any

import yaml

REPO = Path(__file__).resolve().parent.parent
SCHEMA = REPO / "workflow" / "schemas" / "config.schema.yaml"
CONFIG = REPO / "config.yaml"
PAGE = REPO / "docs" / "settings.md"

# The properties of the schema: what it says of each key.
Properties = dict[str, dict[str, Any]]

HEAD = """\
# The settings of cocofolds, each with its default. As shipped they run the embedded
# sample. `cocofolds init` writes the few that your own data need.
# Each key can also be given on the command line:
#   snakemake --cores 8 --config n_folds=5 seed=7
"""


def written(value: Any) -> str:
    """Write a default as it is in config.yaml."""
    return value if isinstance(value, str) else json.dumps(value)


def config_text(properties: Properties) -> str:
    """Write config.yaml: each key with its default, and its meaning as a comment."""
    lines = [HEAD]
    for key, of_key in properties.items():
        if "section" in of_key:
            lines.append(f"\n# {of_key['section']}\n# {'-' * len(of_key['section'])}\n")
        meaning = of_key["description"].replace("`", "")
        comment = textwrap.wrap(
            meaning,
            88,
            initial_indent="# ",
            subsequent_indent="# ",
            break_on_hyphens=False,
            break_long_words=False,
        )
        lines.append(
            "\n".join(["", *comment, f"{key}: {written(of_key['default'])}\n"])
        )
    return "".join(lines)


def tables(properties: Properties) -> str:
    """Write a heading and a table of keys for each section, in Markdown."""
    lines = []
    for key, of_key in properties.items():
        if "section" in of_key:
            lines += ["", f"## {of_key['section']}", ""]
            lines += ["| key | default | meaning |", "| --- | --- | --- |"]
        default = written(of_key["default"])
        lines.append(f"| `{key}` | `{default}` | {of_key['description']} |")
    return "\n".join([*lines, ""])


def page_text(page: str, properties: Properties) -> str:
    """Replace the tables of the page; what is above the first heading is kept."""
    introduction, _, _ = page.partition("\n## ")
    return introduction + tables(properties)


def main() -> None:
    """Write both files."""
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    properties: Properties = schema["properties"]
    page = page_text(PAGE.read_text(encoding="utf-8"), properties)
    CONFIG.write_text(config_text(properties), encoding="utf-8")
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
