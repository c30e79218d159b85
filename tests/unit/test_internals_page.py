"""What docs/internals.md names is there."""

import re

import pytest

from tables import REPO

TEXT = " ".join((REPO / "docs" / "internals.md").read_text(encoding="utf-8").split())
PATHS = sorted({*re.findall(r"`([\w./]+\.(?:py|smk|yaml|md)|[\w/]+/)`", TEXT)})
FUNCTIONS = sorted({*re.findall(r"`(\w+)` in `([\w/]+\.py)`", TEXT)})
LIBRARY = REPO / "scripts" / "cocofolds"


def test_there_are_some():
    assert len(PATHS) > 30
    assert len(FUNCTIONS) > 10


@pytest.mark.parametrize("path", PATHS)
def test_path(path):
    assert (REPO / path).exists() or (LIBRARY / path).exists()


@pytest.mark.parametrize(("name", "path"), FUNCTIONS)
def test_function(name, path):
    code = (LIBRARY / path).read_text(encoding="utf-8")
    assert re.search(rf"^(def|class) {name}\b", code, re.MULTILINE)
