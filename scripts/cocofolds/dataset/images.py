"""What is known of an image of the source."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from cocofolds.sources.records import Dialect


@dataclass
class SourceImage:
    """An image of the source, as its first accepted row has it.

    Attributes
    ----------
    image_id : int
        Counted from 1 in the order of first appearance.
    width, height : int
        In pixels.
    group : str
    path : str
        The file of the source that it is in.
    line : int or str
        Where that row is in it.
    dialect : Dialect
        That of the file.
    record : str
        The record of the image in a COCO JSON, or empty.
    record_path : str
        The file that the record is in.
    shard : str
        The shard that it is in.
    values : sequence of str
        What the source says of it in its `image_columns`.
    categories : Counter of str
        Accepted annotations of each category.
    """

    image_id: int
    width: int
    height: int
    group: str
    path: str
    line: int | str
    dialect: Dialect
    record: str
    record_path: str
    shard: str
    values: Sequence[str] = ()
    categories: Counter[str] = field(default_factory=Counter)
