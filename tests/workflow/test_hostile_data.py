"""Ids, categories, groups and names in the config are data, never code."""

import pytest

from tables import rectangle, tiny_rows, write_table

TEXTS = [
    '"double"',
    "'single'",
    "back\\slash",
    "\\u0041\\n",
    "a,b",
    "line\nfeed",
    "carriage\rreturn",
    "both\r\n",
    "\ttab",
    "nul\0",
    "\x1bescape",
    "next\x85line",
    "line\u2028separator",
    "  blanks ",
    "\u00fcml\u00e4ut",
    "u\u0308mla\u0308ut",
    "\u202eright to left",
    "\U0001f52c\U0001f9eb",
    "../up",
    "../../../up",
    "/tmp/absolute",
    "~",
    "*",
    "{x}",
    "{id}",
    "{wildcards.fold}",
    "%s %(x)s",
    "$(touch x)",
    "`touch x`",
    "; touch x",
    "--help",
    "=1+1",
    "#",
    "007",
    "-1",
    "1e3",
    "NaN",
    "null",
    "x" * 300,
]


@pytest.fixture(scope="module")
def project(new_tiny_project):
    """One mask on each of many images, its category and its group named alike."""
    rows = [
        {
            **tiny_rows()[0],
            "id": text,
            "annotation": rectangle(number % 20, number % 9, 3, 4),
            "cell_type": text,
            "sample_id": text,
        }
        for number, text in enumerate(TEXTS)
    ]
    return new_tiny_project(rows, n_folds=2, group_column="sample_id")


def files_around(project):
    """What lies in the project's folder and in the one above."""
    folders = [project.folder, project.folder.parent]
    return {path.name for folder in folders for path in folder.iterdir()}


def test_texts_come_out_as_they_went_in(project):
    before = files_around(project)
    project.run(image_ids="source", split_by="group")
    assert files_around(project) - before == {".snakemake", "config.yaml", "results"}

    whole = project.json("annotations_all.json")
    assert [image["id"] for image in whole["images"]] == TEXTS
    assert [image["file_name"] for image in whole["images"]] == [
        f"train/{text}.png" for text in TEXTS
    ]
    names = {category["id"]: category["name"] for category in whole["categories"]}
    assert list(names.values()) == sorted(TEXTS)
    assert [record["image_id"] for record in whole["annotations"]] == TEXTS
    assert [names[record["category_id"]] for record in whole["annotations"]] == TEXTS

    held_out = []
    for fold in (1, 2):
        val = project.json(f"group-k2-seed221/annotations_val_fold_{fold}.json")
        assert val["categories"] == whole["categories"]
        assert [record["image_id"] for record in val["annotations"]] == [
            image["id"] for image in val["images"]
        ]
        held_out += [image["id"] for image in val["images"]]
    assert sorted(held_out) == sorted(TEXTS)

    table = project.table("group-k2-seed221/folds.csv")
    for column in ("source_id", "category", "group"):
        assert [row[column] for row in table] == TEXTS
    table = project.table("group-k2-seed221/fold_table.csv")
    assert [row["category"] for row in table] == 2 * sorted(TEXTS)


def test_settings_come_out_as_they_went_in(project):
    project.run(categories=TEXTS, file_name="{x}$(touch x)/{id}/{wildcards.fold}")
    whole = project.json("annotations_all.json")
    assert [category["name"] for category in whole["categories"]] == TEXTS
    assert [record["category_id"] for record in whole["annotations"]] == [
        *range(1, len(TEXTS) + 1)
    ]
    assert [image["file_name"] for image in whole["images"]] == [
        f"{{x}}$(touch x)/{text}/{{wildcards.fold}}" for text in TEXTS
    ]


def test_names_of_file_and_columns(new_project):
    source = "train 'a' \"b\" $(touch x) \u00fc \U0001f52c.csv"
    columns = {
        "id": "{id}",
        "annotation": "$(touch x)",
        "width": "a,b",
        "height": "line\nfeed",
        "cell_type": '"\u00fc"',
        "sample_id": "{wildcards.fold}",
    }
    dialect = {
        "image_column": columns["id"],
        "runs_column": columns["annotation"],
        "category_column": columns["cell_type"],
        "width_column": columns["width"],
        "height_column": columns["height"],
        "order": "row",
    }
    project = new_project(
        annotations=source,
        dialect=dialect,
        split_by="group",
        group_column=columns["sample_id"],
        n_folds=2,
    )
    rows = [{columns[key]: value for key, value in row.items()} for row in tiny_rows()]
    write_table(project.folder / source, rows)
    project.run()
    info = project.json("annotations_all.json")["info"]
    assert [file["name"] for file in info["sources"]] == [source]
    assert len(project.json("annotations_all.json")["annotations"]) == len(rows)
