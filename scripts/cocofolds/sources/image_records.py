"""What the record of an image in a COCO JSON says, and what is written for it."""

import json
from collections.abc import Mapping
from typing import Any

from cocofolds.json_text import compact, with_values

#: Where a file name is taken from if there is no `file_name`, as in LVIS v1.
URLS = ("coco_url", "flickr_url")


def file_name_in(record: Mapping[str, Any]) -> object:
    """Look for the file name of an image: its own, or the end of its url.

    Returns
    -------
    object
        Text, if the record is valid; None if there is none.
    """
    name = record.get("file_name")
    if name is not None and name != "":
        return name
    for key in URLS:
        url = record.get(key)
        if isinstance(url, str):
            end = url.split("?")[0].split("#")[0].rpartition("/")[2]
            if end:
                return end
    return name


def size_in(record: Mapping[str, Any]) -> tuple[str, str]:
    """Read width and height of an image in pixels; "" where it says none, or 0."""
    width, height = (record.get(key) for key in ("width", "height"))
    return str(int(width or 0) or ""), str(int(height or 0) or "")


def written_image(text: str, file_prefix: str, width: int, height: int) -> str:
    """Write the record of an image, with what it has to say and does not.

    Parameters
    ----------
    text : str
        The record, which is valid.
    file_prefix : str
        As in the dialect: it is in front of the file name.
    width, height : int
        Of the image in pixels.

    Returns
    -------
    str
        Without blanks. `file_name`, `width` and `height` have another value where they
        have to, and are at the end where they were not there.
    """
    record = json.loads(text)
    values = {
        "file_name": f"{file_prefix}{file_name_in(record)}",
        "width": width,
        "height": height,
    }
    missing = {
        key: json.dumps(value)
        for key, value in values.items()
        # 640.0 is equal to 640, but no number of pixels.
        if (type(record.get(key)), record.get(key)) != (type(value), value)
    }
    return with_values(compact(text), missing)
