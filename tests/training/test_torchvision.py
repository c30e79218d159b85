"""The snippet for torchvision reads what is in the source, and one trains on it."""

import pytest
import torch
from snippets import FOLD, SPLIT, snippet
from torchvision.models.detection import maskrcnn_resnet50_fpn

from plain_reading import Image, Instance, count_equal, read_plainly
from tables import SAMPLE, read_table

TRAIN = f"{SPLIT}/annotations_train_fold_{FOLD}.json"


def run_snippet(name):
    """Run the snippet on a JSON below results; on `TRAIN`, it runs as it is."""
    code = snippet("torchvision")
    assert f'"results/{TRAIN}"' in code
    names = {}
    exec(code.replace(TRAIN, name), names)
    return names["dataset"], names["sample"]


def file_names(dataset):
    return [image["file_name"] for image in dataset.coco.loadImgs(dataset.ids)]


def read(dataset, sample):
    """Put what the snippet says of each image in the shape of `read_plainly`."""
    for number, file_name in enumerate(file_names(dataset)):
        pixels, target = sample(number)
        assert pixels.shape == (3, *target["masks"].shape[1:])
        assert 0 <= pixels.min() < pixels.max() <= 1
        instances = []
        parts = (target[key] for key in ("boxes", "labels", "masks"))
        for box, label, mask in zip(*parts, strict=True):
            left, top, right, bottom = box.tolist()
            category = dataset.coco.cats[int(label)]["name"]
            box = [left, top, right - left, bottom - top]
            instances.append(Instance(category, box, mask.numpy()))
        yield Image(file_name, instances)


@pytest.mark.parametrize("part", ["train", "val"])
@pytest.mark.parametrize("fold", range(1, 11))
def test_folds_are_as_in_the_table(fold, part, sample, files, monkeypatch):
    monkeypatch.chdir(sample.folder)
    name = f"{SPLIT}/annotations_{part}_fold_{fold}.json"
    n_annotations = len(sample.json(name)["annotations"])
    assert count_equal(read(*run_snippet(name)), read_plainly(files[name])) == {
        "images": len(files[name]),
        "categories": n_annotations,
        "boxes": n_annotations,
        "masks": n_annotations,
    }


def test_a_model_trains(sample_with_an_empty_image, empty_image, monkeypatch):
    """It takes an image with cells, and one without."""
    monkeypatch.chdir(sample_with_an_empty_image.folder)
    dataset, sample = run_snippet("annotations_all.json")
    empty = file_names(dataset).index(empty_image)
    images, targets = zip(sample(empty), sample(empty + 1), strict=True)
    first = read_table(SAMPLE)[0]["id"]
    n_masks = sum(row["id"] == first for row in read_table(SAMPLE))
    assert [len(target["labels"]) for target in targets] == [0, n_masks]
    torch.manual_seed(0)
    # 0 is left for the background.
    n_classes = 1 + len(dataset.coco.cats)
    model = maskrcnn_resnet50_fpn(
        weights=None, weights_backbone=None, num_classes=n_classes, min_size=256
    )
    losses = model(images, targets)
    assert {"loss_box_reg", "loss_classifier", "loss_mask"} <= {*losses}
    assert all(torch.isfinite(loss) and loss > 0 for loss in losses.values())
    sum(losses.values()).backward()
    for weights in model.parameters():
        assert weights.grad is None or torch.isfinite(weights.grad).all()
    assert model.roi_heads.mask_predictor.mask_fcn_logits.weight.grad.any()
