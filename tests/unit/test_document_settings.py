"""The schema, the files of settings and their pages say the same of the settings."""

import re

import pytest
import yaml

import document_settings as documents
from pages import page

PROPERTIES = yaml.safe_load(documents.SCHEMA.read_text(encoding="utf-8"))["properties"]


def test_config():
    made = documents.config_text(PROPERTIES)
    assert page("config.yaml") == made, "run `make settings`"


def test_config_to_copy():
    chosen = documents.properties_to_copy(PROPERTIES)
    made = documents.config_text(chosen, documents.HEAD_TO_COPY)
    assert page("config/config.yaml") == made, "run `make settings`"
    all_keys, keys = map(yaml.safe_load, (page("config.yaml"), made))
    changed = {key for key in keys if keys[key] != all_keys[key]}
    assert changed == {key for key in all_keys if "data/sample" in str(all_keys[key])}


@pytest.mark.parametrize("name", ["docs/settings.md", "config/README.md"])
def test_page(name):
    text = page(name)
    assert text == documents.page_text(text, PROPERTIES), "run `make settings`"
    rows = re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", text, re.MULTILINE)
    config = yaml.safe_load(page("config.yaml"))
    assert [(key, yaml.safe_load(default)) for key, default in rows] == [
        *config.items()
    ]


@pytest.mark.parametrize("key", PROPERTIES)
def test_each_key_has_a_meaning(key):
    assert PROPERTIES[key]["description"].endswith(".")
    # A cell of a table in Markdown.
    assert not {"|", "\n"} & {*PROPERTIES[key]["description"]}


def test_a_longer_page_loses_its_old_tables():
    text = "# Settings\n\nText.\n\n## Old\n\n| key |\n\n## Older\n"
    properties = {"key": {"section": "New", "description": "It is.", "default": None}}
    assert documents.page_text(text, properties) == (
        "# Settings\n\nText.\n\n## New\n\n| key | default | meaning |\n"
        "| --- | --- | --- |\n| `key` | `null` | It is. |\n"
    )
