"""The words that settings may take."""

from typing import Literal, NamedTuple

#: Whether pixels are numbered along the rows or down the columns.
Order = Literal["row", "column"]

#: What goes to a fold as a whole.
SplitBy = Literal["image", "group", "annotation"]

#: The number of what is in no fold, as folds have theirs.
HOLD_OUT = 0

#: What folds may have equal shares of, besides the values of columns.
MEASURES = ("images", "annotations", "area")

#: What is even in all folds: all categories of images, or the most frequent of each.
Stratify = Literal["balanced", "most_frequent"]

#: What becomes of images without a group where groups are whole.
GroupsMissing = Literal["error", "alone"]

#: How many images a shard holds; "auto" decides by the number of rows.
ImagesPerShard = int | Literal["auto"]

#: Which ids images have in the JSON: numbers from 1, or the ids of the source.
ImageIds = Literal["integer", "source"]

#: What is between the fields of a table.
Separator = Literal[",", ";", "\t"]

#: Whether ids are those of the source, or numbers from 1.
Ids = Literal["keep", "renumber"]


class Numbering(NamedTuple):
    """Which ids of a COCO JSON are kept; a table has none that could be.

    Attributes
    ----------
    annotations : {"keep", "renumber"}
    images : {"keep", "renumber"}
        And their licenses.
    categories : {"keep", "renumber"}
    """

    annotations: Ids = "renumber"
    images: Ids = "renumber"
    categories: Ids = "renumber"

    @property
    def new_keys(self) -> tuple[str, ...]:
        """The keys of an annotation whose values are not those of its record."""
        keys = ("id", "image_id", "category_id")
        return tuple(
            key for key, ids in zip(keys, self, strict=True) if ids == "renumber"
        )
