"""A COCO JSON with all that may be in one, as text whose spelling shows."""

import json

# Ids with gaps, 0, text and numbers past 32 bits; records of an image lie scattered;
# categories are behind the annotations; numbers and text are spelled in unusual ways.
DOCUMENT = """\
{
  "info": {"description": "caf\\u00e9", "version": 1.50, "year": 2014},
  "licenses": [{"id": 4, "name": "CC BY", "url": "http:\\/\\/x"}],
  "images": [
    {"id": 900, "file_name": "a b/\\u00e9.png", "width": 8, "height": 6, "license": 4,
     "plate": "p1", "date_captured": "2013-11-14 11:18:45"},
    {"file_name": "神経.png", "width": 5, "height": 7, "id": 7, "plate": "p1"},
    {"id": 30, "file_name": "empty.png", "width": 4, "height": 4, "plate": 2},
    {"id": 8, "file_name": "d.png", "width": 8, "height": 6, "plate": 2},
    {"id": 9, "file_name": "e.png", "width": 8, "height": 6, "plate": "p3"},
    {"id": 10, "file_name": "f.png", "width": 8, "height": 6, "plate": "p3"}
  ],
  "annotations": [
    {"id": 908800474295, "image_id": 900, "category_id": 0, "iscrowd": 0,
     "segmentation": [[1.0, 1.50, 6, 1e0, 6.25, 4.0, 1, 4]], "area": 14.50,
     "bbox": [1.0, 1.0, 5.250, 3.0], "attributes": {"a , b": [true, null, "x : y"]}},
    {"id": 3, "image_id": 8, "category_id": 18, "iscrowd": 1,
     "segmentation": {"size": [6, 8], "counts": [7, 4, 37]}, "area": 4,
     "bbox": [1, 1, 1, 4]},
    {"id": 4, "image_id": 900, "category_id": 18, "bbox": [0, 0, 2, 2],
     "keypoints": [1, 2, 2, 0, 0, 0], "num_keypoints": 1},
    {"id": 5, "image_id": 7, "category_id": 0, "segmentation": [], "score": -0.0},
    {"id": "six", "image_id": 9, "category_id": 18, "iscrowd": 0, "area": 4,
     "segmentation": {"size": [6, 8], "counts": "7240m0"}, "bbox": [1, 1, 2, 2]},
    {"id": 1, "image_id": 10, "category_id": 0, "note": "a \\"quoted\\" word \\\\"},
    {"id": 2, "image_id": 8, "category_id": 0, "segmentation": [[0,0,4,0,4,4],
     [5,5,7,5,7,6]]}
  ],
  "categories": [
    {"id": 0, "name": "person"},
    {"supercategory": "animal", "id": 18, "name": "dog", "keypoints": ["nose"]},
    {"id": 90, "name": "unused"}
  ],
  "videos": [{"id": 1}]
}
"""


def spelled(text):
    """Read a JSON text; a number with a point or an exponent stays as it is spelled."""
    return json.loads(text, parse_float=lambda number: ("number", number))


def document(**changes):
    """Read the document, and give its members other values."""
    return {**json.loads(DOCUMENT), **changes}
