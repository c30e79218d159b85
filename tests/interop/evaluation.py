"""COCO's evaluation as each package has it."""

import json

import numpy as np


def detections_of(path):
    """Give the annotations of a JSON out for detections that are sure."""
    keys = ("image_id", "category_id", "bbox", "segmentation")
    return [
        {key: annotation[key] for key in keys} | {"score": 1.0}
        for annotation in json.loads(path.read_bytes())["annotations"]
    ]


def precision(reader, path, detections, kind):
    """Mean average precision of detections; `kind` is bbox or segm."""
    coco_class, evaluation_class = reader.evaluation
    truth = coco_class(str(path))
    part = {"bbox": "segmentation", "segm": "bbox"}[kind]
    detections = [without(detection, part) for detection in detections]
    evaluation = evaluation_class(truth, truth.loadRes(detections), kind)
    # Images of cells have more instances than the 100 that are counted otherwise.
    evaluation.params.maxDets = [1, 10, 1000]
    evaluation.evaluate()
    evaluation.accumulate()
    # Thresholds of overlap, recalls, categories; of all areas, with 1000 detections.
    precisions = np.asarray(evaluation.eval["precision"])[:, :, :, 0, -1]
    # -1 stands for a category without annotations.
    return float(precisions[precisions > -1].mean())


def without(record, key):
    return {name: value for name, value in record.items() if name != key}
