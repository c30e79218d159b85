"""Draw the annotations of some images of each category over them.

Input
-----
whole : `annotations_all.json`
arrays : what `check_annotations` has read of it
images : `images.csv` of the index

Output
------
previews : folder
    {image_id}.png, as the script `preview` draws it. What a picture cannot show is no
    reason to stop: it is said in a warning. The report takes the pictures from here.
table : CSV
    category and image_id of the pictures.
complete : empty file
    In the folder where users look for the pictures: the same ones, beside those that
    were asked for.
"""

import base64
import colorsys
import io
import json
from collections import Counter
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from cocofolds.errors import InputError, first_named
from cocofolds.files import (
    folder_written_whole,
    read_table,
    write_json,
    write_table,
    written_whole,
)
from cocofolds.image_files import look_for_images
from cocofolds.output.folders import hard_link, write_among, write_record
from cocofolds.preview import (
    choose_images,
    draw_preview,
    number_images,
    read_annotations,
    read_background,
)
from cocofolds.reporting import reported_to
from cocofolds.whole_set import load_whole_set

given, params, output = snakemake.input, snakemake.params, snakemake.output
with reported_to(snakemake.log[0]) as logger:
    whole = load_whole_set(given.whole, given.arrays)
    places = number_images(whole, read_table(given.images))
    chosen = choose_images(whole, places.values(), params.n_previews, params.seed)
    number_of = {place: number for number, place in places.items()}
    to_draw = sorted({place for some in chosen.values() for place in some})

    found, not_found, problems = {}, {}, []
    images_dir = json.loads(params.images_dir)
    if images_dir is not None:
        try:
            found, not_found = look_for_images(
                images_dir,
                "{id}",
                [whole.images[place]["file_name"] for place in to_draw],
            )
        except InputError as error:
            problems.append(str(error))
        else:
            problems += [f"image {name!r}: {not_found[name]}" for name in not_found]
    annotations = read_annotations(whole, to_draw)
    names = {category["id"]: category["name"] for category in whole.categories}
    drawn = set()
    gallery = []

    def as_data(picture):
        """Write a picture as a data URL (stand-in)."""
        file = io.BytesIO()
        picture.save(file, "WEBP", quality=70)
        return "data:image/webp;base64," + base64.b64encode(file.getvalue()).decode()

    def layer(size, annotations, legend):
        """Draw masks as a transparent layer (stand-in)."""
        from cocofolds.masks.decoding import mask_of

        pixels = np.zeros((size[1], size[0], 4), np.uint8)
        for annotation in annotations:
            mask = mask_of(annotation, size[1], size[0], None)
            colour = legend[names[annotation["category_id"]]]
            h, w = mask.pixels.shape
            part = pixels[mask.top : mask.top + h, mask.left : mask.left + w]
            part[mask.pixels] = [*bytes.fromhex(colour[1:]), 150]
        return Image.fromarray(pixels)

    colours = {
        name: "#"
        + bytes(
            round(255 * c) for c in colorsys.hsv_to_rgb(n * 0.618034 % 1, 0.75, 1)
        ).hex()
        for n, name in enumerate(names.values())
    }
    with folder_written_whole(output.previews) as folder:
        for place in to_draw:
            image = whole.images[place]
            size = (int(image["width"]), int(image["height"]))
            background = None
            try:
                if image["file_name"] in found:
                    background = read_background(found[image["file_name"]], size)
            except InputError as error:
                problems.append(str(error))
            try:
                picture = draw_preview(background, size, annotations[place], names)
            except InputError as error:
                problems.append(f"{error} Its image has no preview.")
            else:
                picture.save(folder / f"{number_of[place]}.png")
                drawn.add(place)
                background = background or Image.new("RGB", size, (110, 110, 110))
                if len(gallery) < 60:
                    scale = min(1, 1024 / max(size))
                    shown = [max(1, round(scale * side)) for side in size]
                    masks = layer(size, annotations[place], colours)
                    counted = Counter(
                        names[a["category_id"]] for a in annotations[place]
                    )
                    gallery.append(
                        {
                            "name": str(number_of[place]),
                            "source_id": PurePosixPath(image["file_name"]).stem,
                            "file_name": image["file_name"],
                            "width": size[0],
                            "height": size[1],
                            "shown_width": shown[0],
                            "shown_height": shown[1],
                            "picture": as_data(background.resize(shown)),
                            "masks": as_data(masks.resize(shown)),
                            "categories": counted,
                            "legend": {name: colours[name] for name in counted},
                            "warnings": [
                                not_found[image["file_name"]]
                                for _ in (1,)
                                if image["file_name"] in not_found
                            ],
                        }
                    )
    folder = Path(output.complete).parent
    # What was asked for is kept, and drawn again if it is one of these.
    asked = {record.stem.removeprefix("."): record for record in folder.glob(".*.json")}
    names_of_files = [f"{number_of[place]}.png" for place in sorted(drawn)]
    taken = write_among(
        folder,
        [*map(PurePosixPath, names_of_files)],
        (
            (
                PurePosixPath(name),
                partial(hard_link, target=Path(output.previews, name)),
            )
            for name in names_of_files
        ),
        also_made=[PurePosixPath(f"{number}.png") for number in asked],
    )
    for number in asked.keys() & {str(number_of[place]) for place in drawn}:
        write_record(asked[number], [given.whole])
    if taken:
        logger.warning(
            "These pictures are not of this workflow, and are kept as they are:\n  %s",
            "\n  ".join(first_named(taken, str)),
        )
    write_table(
        output.table,
        ["category", "image_id"],
        [
            (category, number_of[place])
            for category, some in chosen.items()
            for place in some
            if place in drawn
        ],
    )
    write_json(output.gallery, {"images": gallery})
    write_json(output.warnings, problems)
    with written_whole(output.complete):
        pass
    if problems:
        logger.warning(
            "Some previews are on grey, or missing:\n  %s\nOnce the images are there,"
            " add `--forcerun draw_previews` to the command.",
            "\n  ".join(first_named(problems, str)),
        )
    logger.info("%d previews", len(drawn))
