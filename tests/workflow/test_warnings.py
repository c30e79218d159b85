"""What a run warns of once it has come out so: folds, and names that look alike."""

from tables import rectangle


def row(number, category, mask):
    image = f"image-{number}"
    return {
        "id": image if number else "IMAGE-1",
        "annotation": rectangle(6 * mask, 3 * mask, 4, 5),
        "width": "30",
        "height": "20",
        "cell_type": category,
        "sample_id": f"plate-{number % 6}",
    }


def rows():
    """12 images; three of them, of three groups, have one mask of a rare category."""
    for number in range(12):
        for mask in range(3):
            is_rare = mask == 2 and number < 3
            yield row(number, "rare" if is_rare else "common", mask)
    yield row(11, "once", 3)


def test_categories_that_folds_lack(new_tiny_project):
    settings = {"seed": 2, "n_previews": 0, "images_dir": None}
    project = new_tiny_project([*rows()], stratify="most_frequent", **settings)
    said = project.run("results/image-k3-seed2/folds.csv")
    folds = {
        row["source_id"]: row["fold"]
        for row in project.table("image-k3-seed2/folds.csv")
    }
    with_it = {folds[image] for image in ("IMAGE-1", "image-1", "image-2")}
    without = ", ".join(sorted({"1", "2", "3"} - with_it))
    assert without, "or else there is nothing to warn of"
    assert "Categories that could be in more folds than they are: 1." in said
    assert f"'rare': 3 images, none in fold {without}\n" in said
    assert "Categories with fewer images than there are folds (3): 1." in said
    assert "'once': 1\n" in said
    assert "1 image ids differ from another in blanks, case or Unicode form" in said
    assert "'image-1' (beside 'IMAGE-1')" in said


def test_by_what_is_assigned(new_tiny_project):
    project = new_tiny_project(
        [*rows()], seed=2, n_previews=0, images_dir=None, group_column="sample_id"
    )
    kinds = ("group", "annotation")
    said = project.run(*(f"results/{kind}-k3-seed2/folds.csv" for kind in kinds))
    assert "Categories with fewer groups than there are folds (3): 1." in said
    assert "Categories with fewer annotations than there are folds (3): 1." in said
    fold_of = {
        row["group"]: row["fold"] for row in project.table("group-k3-seed2/folds.csv")
    }
    without = {"1", "2", "3"} - {fold_of[f"plate-{number}"] for number in range(3)}
    names = ", ".join(sorted(without))
    assert (f"'rare': 3 groups, none in fold {names}\n" in said) == bool(without)
    # Annotations are assigned by their own category.
    assert "annotations, none in fold" not in said
