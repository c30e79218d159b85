"""Tell what a JSON file seems to be that is not COCO's, by the keys in it."""

from collections.abc import Collection, Iterable

# Keys that are together in a kind of file, and what it is called: in the file itself,
# and in the records of its list.
_FILES = (
    ({"features"}, "GeoJSON"),
    ({"shapes", "imagePath"}, "a file of LabelMe, which has one for each image"),
    ({"_via_img_metadata"}, "a project of the VGG Image Annotator"),
    ({"videos"}, "a file of annotated videos, such as YouTube-VIS"),
)
_RECORDS = (
    ({"segments_info"}, "a file of COCO's panoptic segments, not of instances"),
    ({"caption"}, "a file of COCO's captions, which have no categories"),
    ({"video_id"}, "a file of annotated videos, such as YouTube-VIS"),
    ({"regions", "filename"}, "annotations of the VGG Image Annotator"),
)
_LISTS = (
    *_RECORDS,
    (
        {"image_id", "category_id", "score"},
        "a file of results, as detectors write it, without images and categories",
    ),
    (
        {"image_id", "category_id"},
        "the list of annotations alone, without images and categories",
    ),
    ({"data", "annotations"}, "an export of Label Studio in its own form"),
    ({"file_name", "annotations"}, "a list of Detectron2's dictionaries"),
    ({"image", "annotations"}, "a file of Create ML"),
    ({"file_name", "width"}, "the list of images alone"),
)


def kind_of_file(keys: Collection[str], record: object) -> str:
    """Say what an object with these keys seems to be; "" if that is not known.

    Parameters
    ----------
    keys : collection of str
    record : object
        The first of its annotations, or its first value.
    """
    return _kind(_FILES, keys) or kind_of_record(record)


def kind_of_record(record: object) -> str:
    """Say what a file with such an annotation seems to be; "" if that is not known."""
    return _kind(_RECORDS, record) if isinstance(record, dict) else ""


def kind_of_list(record: object) -> str:
    """Say what a list with this first record seems to be; "" if that is not known."""
    return _kind(_LISTS, record) if isinstance(record, dict) else ""


def _kind(kinds: Iterable[tuple[set[str], str]], keys: Collection[str]) -> str:
    return next((kind for known, kind in kinds if known <= {*keys}), "")


def named(keys: Collection[str]) -> str:
    """List some keys of a message."""
    listed = [*keys]
    more = f" and {len(listed) - 10} more" if len(listed) > 10 else ""
    return ", ".join(repr(key[:40]) for key in listed[:10]) + more
