"""Pictures of images with their masks."""

import re
from collections.abc import Iterable


def preview_names(source_ids: Iterable[str]) -> dict[str, str]:
    """Name the preview of each image, so that any file system takes the name.

    Parameters
    ----------
    source_ids : iterable of str

    Returns
    -------
    dict of str to str
        Names without their ending, by source id.
    """
    return {source_id: re.sub(r"[^\w.-]", "_", source_id) for source_id in source_ids}
