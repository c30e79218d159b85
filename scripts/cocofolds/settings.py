"""The words that settings may take."""

from typing import Literal

#: Whether pixels are numbered along the rows or down the columns.
Order = Literal["row", "column"]

#: What goes to a fold as a whole.
SplitBy = Literal["image", "group", "annotation"]

#: How many images a shard holds; "auto" decides by the number of rows.
ImagesPerShard = int | Literal["auto"]

#: Which ids images have in the JSON: numbers from 1, or the ids of the source.
ImageIds = Literal["integer", "source"]

#: What is between the fields of a table.
Separator = Literal[",", ";", "\t"]
