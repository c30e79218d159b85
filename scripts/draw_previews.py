"""Draw the masks of some images of each category over them.

Input
-----
whole : `annotations_all.json`
columns : `annotations_all.npz`
checked : the SHA-256 of the whole data set, by `check_annotations`
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
warnings : JSON
    What pictures do not show: a list of messages.
complete : empty file
    In the folder of the pictures, where files of the user may be.
"""

import json
from collections import Counter
from functools import partial
from pathlib import Path, PurePosixPath

from cocofolds.checks.whole_set import load_whole_set
from cocofolds.errors import first_named
from cocofolds.files import read_table, write_table, written_whole
from cocofolds.job import followed, reported_to
from cocofolds.output.folders import write_among, write_record
from cocofolds.report.drawing import draw_image, find_files
from cocofolds.report.gallery import gallery_text, share_of_gallery
from cocofolds.report.picture_names import picture_names
from cocofolds.report.previews import save_png
from cocofolds.report.selection import (
    choose_for_gallery,
    choose_images,
    read_annotations,
)

given, params, output = snakemake.input, snakemake.params, snakemake.output
with reported_to(snakemake.log[0], output.warnings) as logger:
    whole = load_whole_set(given.whole, given.columns, given.checked)
    chosen = choose_images(whole, params.n_previews, params.seed)
    gallery = choose_for_gallery(whole, chosen, params.seed)
    to_draw = {position for some in chosen.values() for position in some}
    names = picture_names(row["source_id"] for row in read_table(given.images))
    images = {
        position: {**row, "name": names[position]}
        for position, row in enumerate(read_table(given.images))
        if position in to_draw
    }
    files, not_found = find_files(
        json.loads(params.images_dir), [row["file_name"] for row in images.values()]
    )
    annotations = read_annotations(whole, images)
    category_names = {category["id"]: category["name"] for category in whole.categories}
    n_rejected = Counter(row["image"] for row in read_table(given.rejected))
    problems = [*dict.fromkeys(not_found.values())]
    entries = {}

    def pictures():
        """Draw image by image, so that one picture is in memory at a time."""
        for position, image in followed(images.items(), logger, "images", len(images)):
            warnings = []
            if image["file_name"] in not_found:
                warnings.append(not_found[image["file_name"]])
            if n := n_rejected[image["source_id"]]:
                warnings.append(f"rows left out: {n}, see results/rejected.csv")
            drawn = draw_image(
                image,
                files.get(image["file_name"]),
                annotations[position],
                category_names,
                warnings,
                share_of_gallery(len(gallery)) if position in gallery else 0,
            )
            problems.extend(drawn.problems)
            if drawn.picture:
                entries[position] = drawn.entry
                path = PurePosixPath(f"{image['name']}.png")
                yield path, partial(save_png, drawn.picture)

    folder = Path(output.complete).parent
    # What was asked for is kept, and drawn again if it is one of these.
    asked = {record.stem.removeprefix("."): record for record in folder.glob(".*.json")}
    taken = write_among(
        folder,
        [PurePosixPath(f"{image['name']}.png") for image in images.values()],
        pictures(),
        also_made=[PurePosixPath(f"{name}.png") for name in asked],
    )
    for name in asked.keys() & {names[position] for position in entries}:
        write_record(asked[name], [given.whole])
    columns = ["name", "image_id", "source_id", "file_name"]
    write_table(
        output.table,
        ["category", *columns],
        [
            [category, *(images[position][column] for column in columns)]
            for category, some in chosen.items()
            for position in some
            if position in entries
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
    logger.info("%d previews", len(entries))
