"""The check of the whole set, as its rule calls it."""

import json
import logging

import numpy as np
import pytest
from data_sets import build, read

from cocofolds.checks.source_check import Expected, Indexed, check_against_source
from cocofolds.errors import CheckError
from cocofolds.files import read_table, sha256_of
from cocofolds.settings import Numbering


@pytest.fixture
def check(tmp_path):
    """Check a small data set, of which a test may have changed something."""
    data = build(tmp_path)

    def check(changed=frozenset(), **expected):
        [path] = data.source.paths
        n_rows = len([*read_table(path)])
        groups = {row["id"]: row["plate"] for row in read_table(path)}
        indexed = Indexed(
            {"numbers": [[1, n_rows + 1]], "digests": [sha256_of(path)]},
            data.rejected,
            changed,
            [
                {"group": groups[image["file_name"].removesuffix(".png")]}
                for image in read(data.whole)["images"]
            ],
        )
        defaults = Expected("integer", Numbering(), None, None, "{id}.png", False)
        return check_against_source(
            data.whole,
            data.columns,
            data.source,
            indexed,
            defaults._replace(**expected),
            logging.getLogger("cocofolds.test"),
        )

    check.data = data
    return check


def test_what_was_checked(check):
    whole, checks = check()
    n_annotations = len(read(check.data.whole)["annotations"])
    assert checks == {
        "images_in_their_group": len(whole.images),
        "annotations_with_area_and_box_of_their_mask": n_annotations,
        "annotations_as_in_their_row": n_annotations,
        "masks_equal_in_every_pixel": n_annotations,
    }
    assert len(whole.numbers) == n_annotations
    assert whole.groups.max() > 0


def test_masks_that_the_settings_changed(check):
    [path] = check.data.source.paths
    _, checks = check(changed={(path, "2")})
    assert checks["masks_changed_as_the_settings_say"] == 1


def test_damage_says_what_to_delete(check):
    whole = check.data.whole
    with open(whole) as file:
        text = file.read()
    first = json.dumps(read(whole)["annotations"][0]["area"])
    with open(whole, "w") as file:
        file.write(text.replace(f'"area":{first},', f'"area":{int(first) + 1},', 1))
    with pytest.raises(CheckError, match=r"Delete .*index, .*shards and .*all.json, "):
        check()


@pytest.mark.parametrize(
    "name", ["numbers", "category_positions", "image_positions", "areas", "groups"]
)
def test_columns_of_another_data_set(check, name):
    path = check.data.columns
    with np.load(path) as columns:
        changed = {key: columns[key] for key in columns}
    changed[name][-1] += 1
    np.savez(path, **changed)
    with pytest.raises(CheckError, match=rf"all\.npz: {name} are not .*\n.*Delete "):
        check()


def test_other_categories(check):
    with pytest.raises(CheckError, match="categor"):
        check(categories=["c", "b", "a", "d"])


def test_other_file_names(check):
    with pytest.raises(CheckError, match="file"):
        check(file_name="images/{id}.png")
