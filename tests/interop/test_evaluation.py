"""COCO's evaluation finds each annotation of a fold again, in each package."""

import json

import numpy as np
import pytest
from evaluation import detections_of, precision
from pycocotools import mask as coco_mask
from readers import READERS

VAL = [f"image-k3-seed221/annotations_val_fold_{fold}.json" for fold in (1, 2, 3)]
EVALUATORS = [reader for reader in READERS if reader.evaluation]
each_evaluator = pytest.mark.parametrize("reader", EVALUATORS, ids=lambda r: r.package)
each_kind = pytest.mark.parametrize("kind", ["bbox", "segm"])


@each_evaluator
@each_kind
@pytest.mark.parametrize("name", VAL)
def test_the_truth_scores_1(reader, kind, name, sample):
    path = sample.results / name
    assert precision(reader, path, detections_of(path), kind) == 1.0


@each_evaluator
@each_kind
def test_a_flipped_mask_scores_less(reader, kind, sample):
    path = sample.results / VAL[0]
    detections = detections_of(path)
    mask = coco_mask.decode(detections[0]["segmentation"])
    flipped = coco_mask.encode(np.asfortranarray(mask[::-1]))
    counts = flipped["counts"].decode()
    detections[0]["segmentation"] = {"size": flipped["size"], "counts": counts}
    detections[0]["bbox"] = coco_mask.toBbox(flipped).tolist()
    assert precision(reader, path, detections, kind) < 1


@pytest.mark.filterwarnings("ignore:Found annotation id 0:UserWarning")
@each_evaluator
@each_kind
def test_ids_from_0_would_score_less(reader, kind, sample, tmp_path):
    """Ids start at 1 for this; hotcoco alone does not take 0 for no match."""
    document = sample.json(VAL[0])
    for number, annotation in enumerate(document["annotations"]):
        annotation["id"] = number
    path = tmp_path / "from_0.json"
    path.write_text(json.dumps(document))
    found = precision(reader, path, detections_of(path), kind)
    assert (found == 1) == (reader.package == "hotcoco")
