"""Draw the masks of some images of each category over them.

Input
-----
whole : `annotations_all.json`
arrays : what `check_annotations` has read of it
images : `images.csv` of the index
rejected : `rejected.csv` of the index

Output
------
table : CSV
    category, name, image_id, source_id, file_name: one row for each picture and each
    category that it was chosen for. The picture is `preview/{name}.png`, as the script
    `preview` draws it. What a picture cannot show is no reason to stop: it is said in a
    warning.
gallery : JSON
    The pictures of the report page.
complete : empty file
    In the folder of the pictures, where files of the user may be.
"""

import json
from collections import Counter
from functools import partial
from pathlib import Path, PurePosixPath

from cocofolds.errors import InputError, first_named
from cocofolds.files import read_table, write_table, written_whole
from cocofolds.image_files import look_for_images
from cocofolds.output.folders import write_among, write_record
from cocofolds.report.gallery import gallery_entry, gallery_text, share_of_gallery
from cocofolds.report.picture_names import picture_names
from cocofolds.report.previews import background_or_grey, draw_preview, save_png
from cocofolds.report.selection import (
    choose_for_gallery,
    choose_images,
    read_annotations,
)
from cocofolds.reporting import reported_to
from cocofolds.whole_set import load_whole_set

given, params, output = snakemake.input, snakemake.params, snakemake.output
with reported_to(snakemake.log[0]) as logger:
    whole = load_whole_set(given.whole, given.arrays)
    names = picture_names(row["source_id"] for row in read_table(given.images))
    chosen = choose_images(whole, params.n_previews, params.seed)
    gallery = choose_for_gallery(whole, chosen, params.seed)
    to_draw = {position for some in chosen.values() for position in some}
    images = {n: row for n, row in enumerate(read_table(given.images)) if n in to_draw}
    annotations = read_annotations(whole, images)
    category_names = {category["id"]: category["name"] for category in whole.categories}
    n_rejected = Counter(row["image"] for row in read_table(given.rejected))

    found, not_found, problems = {}, {}, []
    images_dir = json.loads(params.images_dir)
    if images_dir is not None:
        try:
            found, not_found = look_for_images(
                images_dir, "{id}", [row["file_name"] for row in images.values()]
            )
        except InputError as error:
            problems.append(str(error))

    entries, drawn = {}, set()

    def pictures():
        """Draw image by image, so that one picture is in memory at a time."""
        for position, image in images.items():
            size = int(image["width"]), int(image["height"])
            file_name = image["file_name"]
            background, warnings = background_or_grey(found.get(file_name), size)
            if file_name in not_found:
                warnings.append(f"image {file_name!r}: {not_found[file_name]}")
            problems.extend(warnings)
            if n_left_out := n_rejected[image["source_id"]]:
                warnings.append(
                    f"rows left out: {n_left_out}, see results/rejected.csv"
                )
            of_image = background, size, annotations[position], category_names
            try:
                picture = draw_preview(*of_image)
            except InputError as error:
                problems.append(f"{error} Its image has no preview.")
                continue
            if position in gallery:
                said = {**image, "name": names[position]}
                entries[position] = gallery_entry(said, *of_image, warnings, most_bytes)
            drawn.add(position)
            yield PurePosixPath(f"{names[position]}.png"), partial(save_png, picture)

    folder = Path(output.complete).parent
    # What was asked for is kept, and drawn again if it is one of these.
    asked = {record.stem.removeprefix("."): record for record in folder.glob(".*.json")}
    most_bytes = share_of_gallery(len(gallery))
    taken = write_among(
        folder,
        [PurePosixPath(f"{names[position]}.png") for position in images],
        pictures(),
        also_made=[PurePosixPath(f"{name}.png") for name in asked],
    )
    for name in asked.keys() & {names[position] for position in drawn}:
        write_record(asked[name], [given.whole])
    write_table(
        output.table,
        ["category", "name", "image_id", "source_id", "file_name"],
        [
            (
                category,
                names[position],
                int(images[position]["image_id"]),
                images[position]["source_id"],
                images[position]["file_name"],
            )
            for category, some in chosen.items()
            for position in some
            if position in drawn
        ],
    )
    with written_whole(output.gallery) as file:
        file.write(gallery_text(entries.get(position) for position in gallery).encode())
    with written_whole(output.complete):
        pass
    if taken:
        logger.warning(
            "These pictures are not of this workflow, and are kept as they are:\n  %s",
            "\n  ".join(first_named(taken, str)),
        )
    if problems:
        logger.warning(
            "Some previews are on grey, or missing:\n  %s\nOnce the images are there,"
            " add `--forcerun draw_previews` to the command.",
            "\n  ".join(first_named(problems, str)),
        )
    logger.info("%d previews", len(drawn))
