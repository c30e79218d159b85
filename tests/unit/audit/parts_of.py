"""Parts of a split as small COCO documents, and what an audit finds in them."""

import gzip
import json

from cocofolds.audit.parts import names_of, read_part
from cocofolds.audit.verdict import audit

CATEGORIES = {"cat": 1, "dog": 2}


def image(number, name=None, **more):
    return {"id": number, "file_name": name or f"{number}.png", **more}


def annotation(number, image_id, category_id=1, **more):
    """An annotation, whose triangle is another one than that of other numbers."""
    triangle = [[0, 0, 5, 0, 5, 1 + number / 100]]
    return {
        "id": number,
        "image_id": image_id,
        "category_id": category_id,
        "segmentation": triangle,
        **more,
    }


def document(images, annotations=(), categories=CATEGORIES):
    return {
        "images": [*images],
        "annotations": [*annotations],
        "categories": [{"id": i, "name": name} for name, i in categories.items()],
    }


def write(path, content):
    text = json.dumps(content).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return str(path)


def read_parts(folder, *documents, **groups):
    """Write the documents as a.json, b.json and so on, and read them."""
    paths = [
        write(folder / f"{name}.json", content)
        for name, content in zip("abcdef", documents, strict=False)
    ]
    names = names_of(paths)
    return [read_part(*of, **groups) for of in zip(names, paths, strict=True)]


def found_in(folder, *documents, images=None, **groups):
    """Audit the documents: what is not well, by what it is of."""
    parts = read_parts(folder, *documents, **groups)
    found = audit(parts, bool(groups), images)
    return {f.what: f for f in found.findings if f.level != "ok"}
