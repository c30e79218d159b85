"""Each package opens a COCO JSON in its own way; what it says is put in one shape."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import datumaro
import faster_coco_eval
import hotcoco
import sahi.utils.coco
import supervision
from datumaro import AnnotationType
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from sahi.utils.cv import get_bool_mask_from_coco_segmentation

from plain_reading import Image, Instance


class Reader(NamedTuple):
    """A package, and how it opens the JSON in `path` of the images in a folder."""

    package: str
    open: Callable[[Path, Path], Iterator[Image]]
    # The package's own COCO and COCOeval.
    evaluation: tuple[Any, Any] | None = None
    has_run_lengths: bool = True
    # What it says to ids that are text; empty: it takes them.
    refusal: str = ""


def refusal_of(images):
    """Say why not even the first image can be read; nothing if it can."""
    try:
        next(images)
    except Exception as error:
        # What a package says itself may be that it failed, and no more.
        while error.__cause__:
            error = error.__cause__
        return str(error)
    return ""


def as_coco(coco_class):
    """Open with a class that has the methods of pycocotools."""

    def open_coco(path, images_dir):
        coco = coco_class(str(path))
        for image in coco.loadImgs(coco.getImgIds()):
            instances = []
            for annotation in coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]])):
                [category] = coco.loadCats([annotation["category_id"]])
                mask = coco.annToMask(annotation)
                instances.append(Instance(category["name"], annotation["bbox"], mask))
            yield Image(image["file_name"], instances)

    return open_coco


def open_with_supervision(path, images_dir):
    data = supervision.DetectionDataset.from_coco(
        str(images_dir), str(path), force_masks=True
    )
    for image_path, pixels, found in data:
        instances = []
        for place, (left, top, right, bottom) in enumerate(found.xyxy):
            mask = found.mask[place]
            assert mask.shape == pixels.shape[:2]
            box = [left, top, right - left, bottom - top]
            instances.append(Instance(data.classes[found.class_id[place]], box, mask))
        file_name = Path(image_path).relative_to(images_dir.resolve())
        yield Image(file_name.as_posix(), instances)


def open_with_datumaro(path, images_dir):
    with TemporaryDirectory() as folder:
        annotations = Path(folder, "annotations")
        annotations.mkdir()
        (annotations / "instances_part.json").symlink_to(path)
        images = Path(folder, "images")
        images.symlink_to(images_dir, target_is_directory=True)
        data = datumaro.Dataset.import_from(
            folder, "coco_instances", merge_instance_polygons=True
        )
        data.init_cache()
        names = [label.name for label in data.categories()[AnnotationType.label]]
        # It takes images and annotations from the end.
        for item in reversed([*data]):
            assert item.media.data.shape[:2] == item.media.size
            by_type = defaultdict(dict)
            for annotation in reversed(item.annotations):
                by_type[annotation.type][annotation.id] = annotation
            masks = by_type[AnnotationType.mask]
            instances = [
                Instance(names[box.label], box.get_bbox(), masks[number].image)
                for number, box in by_type[AnnotationType.bbox].items()
            ]
            yield Image(str(Path(item.media.path).relative_to(images)), instances)


def open_with_sahi(path, images_dir):
    coco = sahi.utils.coco.Coco.from_coco_dict_or_path(str(path), str(images_dir))
    for image in coco.images:
        instances = []
        for annotation in image.annotations:
            mask = None
            if annotation.segmentation:
                mask = get_bool_mask_from_coco_segmentation(
                    annotation.segmentation, image.width, image.height
                )
            name = annotation.category_name
            instances.append(Instance(name, annotation.bbox, mask))
        yield Image(image.file_name, instances)


READERS = [
    Reader("pycocotools", as_coco(COCO), (COCO, COCOeval)),
    Reader(
        "faster-coco-eval",
        as_coco(faster_coco_eval.COCO),
        (faster_coco_eval.COCO, faster_coco_eval.COCOeval_faster),
        refusal="invalid literal for int",
    ),
    Reader(
        "hotcoco",
        as_coco(hotcoco.COCO),
        (hotcoco.COCO, hotcoco.COCOeval),
        refusal="expected a non-negative integer",
    ),
    Reader("supervision", open_with_supervision),
    Reader(
        "datumaro",
        open_with_datumaro,
        refusal="Invalid annotation field 'id' type '<class 'str'>'",
    ),
    Reader(
        "sahi",
        open_with_sahi,
        has_run_lengths=False,
        refusal="invalid literal for int",
    ),
]
