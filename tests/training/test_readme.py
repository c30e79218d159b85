"""The README names the versions with which these tests are run."""

import re
from importlib.metadata import version

from tables import REPO


def test_versions():
    readme = (REPO / "README.md").read_text(encoding="utf-8")
    section = re.search(r"^## Who can read it\n.*?(?=^## )", readme, re.M | re.S)[0]
    named = dict(re.findall(r"\b(torchvision|Ultralytics)\s+(\d[\d.]*\d)", section))
    assert named == {
        # Without the name of the build, such as +cpu.
        "torchvision": version("torchvision").split("+")[0],
        "Ultralytics": version("ultralytics-opencv-headless"),
    }
