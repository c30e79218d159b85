"""docs/readers.md names the versions with which these tests are run."""

import re
from importlib.metadata import version

from pages import page


def test_versions():
    text = page("docs/readers.md")
    named = dict(re.findall(r"\b(torchvision|Ultralytics)\s+(\d[\d.]*\d)", text))
    assert named == {
        # Without the name of the build, such as +cpu.
        "torchvision": version("torchvision").split("+")[0],
        "Ultralytics": version("ultralytics-opencv-headless"),
    }
