"""Write the files of settings and the tables of their pages from the schema.

These are config.yaml, config/config.yaml, docs/settings.md and config/README.md.

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
# What snakedeploy copies for a user to edit.
CONFIG_TO_COPY = REPO / "config" / "config.yaml"
PAGES = [REPO / "docs" / "settings.md", REPO / "config" / "README.md"]

# The properties of the schema: what it says of each key.
Properties = dict[str, dict[str, Any]]

HEAD = """\
# The settings of cocofolds, each with its default. As shipped they run the embedded
# sample. `cocofolds init` writes the few that your own data need.
# Each key can also be given on the command line:
#   snakemake --cores 8 --config n_folds=5 seed=7
"""

HEAD_TO_COPY = """\
# The settings of cocofolds that one edits for new data. Write the path of your own
# annotations. All other keys have their defaults; config/README.md lists them.
"""

# The keys of the file to copy, with a value where the default names the sample.
SAMPLE_AWAY = {"annotations": "train.csv", "images_dir": None}
KEYS_TO_COPY = (
    *("annotations", "dialect", "images_dir"),
    *("n_folds", "seed", "split_by", "group_column", "test_fraction"),
    "categories",
)


def written(value: Any) -> str:
    """Write a default as it is in config.yaml."""
    return value if isinstance(value, str) else json.dumps(value)


def config_text(properties: Properties, head: str = HEAD) -> str:
    """Write config.yaml: each key with its default, and its meaning as a comment."""
    lines = [head]
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


def properties_to_copy(properties: Properties) -> Properties:
    """Choose the keys that one edits; none names a file of the sample."""
    chosen = {key: {**properties[key]} for key in KEYS_TO_COPY}
    for key, value in SAMPLE_AWAY.items():
        chosen[key]["default"] = value
    return chosen


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
    """Write all of them."""
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    properties: Properties = schema["properties"]
    CONFIG.write_text(config_text(properties), encoding="utf-8")
    to_copy = config_text(properties_to_copy(properties), HEAD_TO_COPY)
    CONFIG_TO_COPY.write_text(to_copy, encoding="utf-8")
    for path in PAGES:
        page = page_text(path.read_text(encoding="utf-8"), properties)
        path.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
