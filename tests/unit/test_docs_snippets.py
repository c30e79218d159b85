"""The torchvision snippet of docs/train.md, on records without what many leave out."""

import re
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from tables import REPO

TEXT = (REPO / "docs" / "train.md").read_text(encoding="utf-8")
RECORDS = [
    {"id": 1, "category_id": 1, "bbox": [2, 3, 5, 4]},
    {"id": 2, "category_id": 2, "bbox": [2, 3, 5, 4], "iscrowd": 0},
    {"id": 3, "category_id": 2, "bbox": [2, 3, 5, 4], "iscrowd": 1},
]


@pytest.fixture
def sample(monkeypatch):
    """The function of the snippet, with NumPy in the place of torch."""
    torch = ModuleType("torch")
    torch.tensor, torch.zeros, torch.from_numpy = np.array, np.zeros, np.asarray
    torch.float32, torch.uint8, torch.int64 = np.float32, np.uint8, np.int64
    image = Image.new("L", (40, 30))
    masks = SimpleNamespace(annToMask=lambda record: np.ones((30, 40), np.uint8))

    class Records(list):
        coco = masks

    data_sets = ModuleType("torchvision.datasets")
    data_sets.CocoDetection = lambda *_: Records([(image, RECORDS)])
    functional = ModuleType("torchvision.transforms.v2.functional")
    functional.pil_to_tensor = np.asarray
    for name, module in {
        "torch": torch,
        "torchvision": ModuleType("torchvision"),
        "torchvision.datasets": data_sets,
        "torchvision.transforms": ModuleType("torchvision.transforms"),
        "torchvision.transforms.v2": ModuleType("torchvision.transforms.v2"),
        "torchvision.transforms.v2.functional": functional,
    }.items():
        monkeypatch.setitem(sys.modules, name, module)
    code = re.search(r"^## torchvision\n.*?```python\n(.*?)```", TEXT, re.M | re.S)[1]
    names = {}
    exec(code, names)
    return names["sample"]


def test_records_without_iscrowd_and_area(sample):
    _, target = sample(0)
    assert target["labels"].tolist() == [1, 2]
    assert target["boxes"].tolist() == [[2, 3, 7, 7]] * 2
    assert target["masks"].shape == (2, 30, 40)
