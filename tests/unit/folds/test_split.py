"""What is assigned to folds, and what a user is told of it."""

from collections import Counter

import pytest

from cocofolds.errors import InputError
from cocofolds.folds.split import (
    SplitSettings,
    fold_rows,
    make_split,
    split_messages,
)

# Image, group, and the categories of its annotations.
IMAGES = [
    ("a", "p", "xx"),
    ("b", "p", "x"),
    ("c", "q", "xy"),
    ("d", "q", ""),
    ("e", "r", "yx"),
    ("f", "s", "x"),
]


def split(
    split_by,
    n_folds=2,
    seed=0,
    images=IMAGES,
    stratify="balanced",
    given=None,
    copies=(),
    **settings,
):
    rows = [
        {
            "image_id": str(number),
            "source_id": name,
            "category": max(categories, default="", key=categories.count),
            "group": group,
        }
        for number, (name, group, categories) in enumerate(images, 1)
    ]
    annotations = [
        {"image_id": row["image_id"], "category": category}
        for row, (_, _, categories) in zip(rows, images, strict=True)
        for category in categories
    ]
    for number, row in enumerate(annotations, 1):
        row["annotation_id"] = str(number)
    settings = SplitSettings(split_by, n_folds, seed, stratify, **settings)
    return make_split(rows, annotations, settings, given, copies=copies)


def table(made):
    columns, rows = fold_rows(made)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def test_each_image_has_a_row():
    rows = table(split("image"))
    assert [row["source_id"] for row in rows] == [*"abcdef"]
    assert {row["fold"] for row in rows} == {1, 2}
    assert [*rows[0]] == ["image_id", "source_id", "category", "group", "fold"]


def test_groups_are_whole():
    rows = table(split("group"))
    assert len({(row["group"], row["fold"]) for row in rows}) == len("pqrs")


def test_each_annotation_has_a_row_and_so_has_an_image_without_any():
    rows = table(split("annotation"))
    assert [row["annotation_id"] for row in rows] == [*range(1, 9), ""]
    assert "".join(row["category"] for row in rows) == "xxxxyyxx"
    assert rows[-1]["source_id"] == "d"


def test_nothing_to_say():
    images = [(name, "", "x") for name in "abcd"]
    assert [*split_messages(split("image", images=images))] == []


@pytest.mark.parametrize(
    ("split_by", "message"),
    [
        ("image", "Categories with fewer images than there are folds (3): 1. Some"),
        ("group", "Categories with fewer groups than there are folds (3): 1. Some"),
        ("annotation", "Categories with fewer annotations than there are folds (3): 1"),
    ],
)
def test_a_rare_category(split_by, message):
    first, *_ = split_messages(split(split_by, n_folds=3))
    assert first.startswith(message)
    assert first.endswith("\n  'y': 2")


def test_groups_in_several_folds():
    images = [(name, "one", "x") for name in "abcdef"]
    [message] = split_messages(split("image", images=images))
    assert message.startswith("`split_by: image` puts 1 of 1 groups into several folds")


def test_a_category_that_could_be_in_more_folds():
    """By their most frequent category, two images with y may be in one fold."""
    images = [(n, "", "xx") for n in "abcd"] + [(n, "", "xxy") for n in "ef"]
    messages = {
        message
        for seed in range(9)
        for message in split_messages(split("image", 2, seed, images, "most_frequent"))
    }
    assert messages
    for message in messages:
        assert message.startswith("Categories that could be in more folds than they")
        assert "\n  'y': 2 images, none in fold " in message


def test_balanced_folds_have_both():
    images = [(n, "", "xx") for n in "abcd"] + [(n, "", "xxy") for n in "ef"]
    for seed in range(9):
        assert [*split_messages(split("image", seed=seed, images=images))] == []


@pytest.mark.parametrize("split_by", ["image", "group"])
def test_balanced_folds_do_not_follow_the_order_of_rows(split_by):
    def fold_of(images):
        return {
            row["source_id"]: row["fold"]
            for row in table(split(split_by, images=images))
        }

    assert fold_of(IMAGES[::-1]) == fold_of(IMAGES)


@pytest.mark.parametrize("stratify", ["balanced", "most_frequent"])
def test_annotations_are_by_category(stratify):
    one = table(split("annotation", stratify=stratify))
    assert one == table(split("annotation"))


@pytest.mark.parametrize("stratify", ["balanced", "most_frequent"])
def test_an_image_without_a_group(stratify):
    images = [*IMAGES, ("g", "", "x")]
    with pytest.raises(InputError, match="1 images have no group, such as 'g': set"):
        split("group", images=images, stratify=stratify)


def test_one_group():
    images = [(name, "one", "x") for name in "abc"]
    with pytest.raises(InputError, match="All images are of the group 'one'"):
        split("group", images=images)


def test_a_group_larger_than_a_fold():
    images = [(str(n), "large" if n < 6 else str(n), "x") for n in range(9)]
    messages = [*split_messages(split("group", 3, images=images))]
    assert messages[0].startswith(
        "The group 'large' has 6 of 9 images, more than a fold"
    )
    images = [(str(n), str(n // 3), "x") for n in range(9)]
    assert [*split_messages(split("group", 3, images=images))] == []


def test_a_fold_that_one_image_fills():
    images = [("crowded", "", "x" * 100), *((str(n), "", "x") for n in range(19))]
    [message] = split_messages(split("image", 2, images=images))
    fold = next(row["fold"] for row in table(split("image", 2, images=images)))
    assert message.startswith(f"Most annotations of fold {fold} are in few images")


def test_images_without_a_group_go_by_themselves():
    images = [*IMAGES, *((name, "", "x") for name in "ghijkl")]
    made = split("group", images=images, groups_missing="alone")
    assert {row["fold"] for row in table(made) if not row["group"]} == {1, 2}
    assert len({(r["group"], r["fold"]) for r in table(made) if r["group"]}) == 4
    assert made.n_units == len("pqrs") + len("ghijkl")


MANY = [(f"i{n}", f"g{n // 3}", "x" * (n % 3) + "y" * (n % 4 == 0)) for n in range(60)]


@pytest.mark.parametrize("split_by", ["image", "group"])
def test_a_hold_out_is_in_no_fold_and_the_same_for_all_folds(split_by):
    made = [
        split(split_by, n_folds, seed, MANY, test_fraction=0.2)
        for n_folds, seed in ((2, 0), (4, 0), (4, 7))
    ]
    held_out = [
        {row["source_id"] for row in table(one) if row["fold"] == 0} for one in made
    ]
    assert held_out[0] == held_out[1] == held_out[2]
    assert len(held_out[0]) == 12
    assert table(made[1]) != table(made[2])
    for one in made:
        sizes = Counter(row["fold"] for row in table(one) if row["fold"])
        assert len(sizes) == one.settings.n_folds
        if split_by == "image":
            assert max(sizes.values()) - min(sizes.values()) <= 1
        else:
            groups = {(row["group"], row["fold"] == 0) for row in table(one)}
            assert len(groups) == 20


def test_a_hold_out_without_a_category():
    images = [*((str(n), "", "x") for n in range(19)), ("rare", "", "z")]
    messages = [*split_messages(split("image", 2, 0, images, test_fraction=0.1))]
    assert "Categories that the hold-out has nothing of: 1." in messages[1]
    assert messages[1].endswith("'z'")


def test_too_small_a_hold_out():
    with pytest.raises(InputError, match=r"`test_fraction: 0\.01` of 4 groups is none"):
        split("group", 2, test_fraction=0.01)


def test_folds_that_are_given_stay_as_they_are():
    given = {f"i{n}": n % 3 for n in range(0, 40, 2)}
    made = table(split("image", 2, 0, MANY, given=given, test_fraction=0.3))
    fold_of = {row["source_id"]: row["fold"] for row in made}
    assert {image: fold_of[image] for image in given} == given
    assert sorted(Counter(fold_of.values()).values()) == [18, 21, 21]


@pytest.mark.parametrize("split_by", ["image", "group"])
def test_a_data_set_grows_and_no_image_changes_its_fold(split_by):
    given = {}
    for n_images in range(12, 61, 12):
        made = split(
            split_by, 3, n_images, MANY[:n_images], given=given, test_fraction=0.2
        )
        fold_of = {row["source_id"]: row["fold"] for row in table(made)}
        assert given.items() <= fold_of.items()
        given = fold_of
    sizes = Counter(given.values())
    if split_by == "image":
        assert sizes == {0: 12, 1: 16, 2: 16, 3: 16}
    else:
        groups = {(row["group"], row["fold"]) for row in table(made)}
        assert len(groups) == 20
        assert max(sizes[n] for n in (1, 2, 3)) - min(sizes[n] for n in (1, 2, 3)) <= 3


@pytest.mark.parametrize(
    ("split_by", "given", "message"),
    [
        ("image", {"i0": 3}, "'i0' is given to fold 3, but there are 2 folds"),
        ("image", {"i0": 0}, "'i0' is given to fold 0, the hold-out, but there is n"),
        (
            "group",
            {"i0": 1, "i1": 2},
            "the images 'i0' and 'i1' have to share a fold, but are given the folds 1",
        ),
        ("image", {f"i{n}": 1 for n in range(60)}, "Fold 2 of 2 would be empty"),
    ],
)
def test_given_folds_that_cannot_be(split_by, given, message):
    with pytest.raises(InputError, match=message):
        split(split_by, 2, 0, MANY, given=given)


@pytest.mark.parametrize("stratify", ["balanced", "most_frequent"])
@pytest.mark.parametrize("split_by", ["image", "group"])
def test_copies_share_a_fold(split_by, stratify):
    images = [(f"{n:02}", f"g{n // 2}", "xy"[n % 2]) for n in range(20)]
    copies = [("1", "20"), ("20", "7"), ("4", "12")]
    made = split(split_by, images=images, stratify=stratify, copies=copies)
    fold_of = {row["image_id"]: row["fold"] for row in table(made)}
    assert fold_of[1] == fold_of[20] == fold_of[7]
    assert fold_of[4] == fold_of[12]
    assert [row["group"] for row in table(made)] == [group for _, group, _ in images]
    if split_by == "group":
        assert all(fold_of[n] == fold_of[n + 1] for n in range(1, 20, 2))


def test_no_copies_are_no_reason_for_other_folds():
    assert table(split("image", copies=[])) == table(split("image"))


def test_folds_with_copies_do_not_depend_on_the_order_of_rows():
    images = [(f"{n:02}", "", "xy"[n % 2]) for n in range(20)]
    one = table(split("image", images=images, copies=[("1", "20"), ("5", "3")]))
    other = table(
        split("image", images=images[::-1], copies=[("20", "1"), ("18", "16")])
    )
    assert {row["source_id"]: row["fold"] for row in one} == {
        row["source_id"]: row["fold"] for row in other
    }


@pytest.mark.parametrize(
    ("split_by", "stratify"), [("annotation", "balanced"), ("image", "most_frequent")]
)
@pytest.mark.parametrize("wish", [{"given": {"a": 1}}, {"test_fraction": 0.5}], ids=str)
def test_only_balanced_folds_have_a_hold_out(split_by, stratify, wish):
    """They may be asked for by the path of a split, whatever the settings."""
    with pytest.raises(InputError, match=r"A hold-out .* need `split_by: image`"):
        split(split_by, stratify=stratify, **wish)


def test_copies_of_an_image_that_is_given_go_to_its_fold():
    made = split(
        "image",
        2,
        0,
        MANY,
        given={"i0": 2, "i1": 0},
        copies=[("1", "31"), ("2", "32")],
        test_fraction=0.2,
    )
    fold_of = {row["image_id"]: row["fold"] for row in table(made)}
    assert (fold_of[1], fold_of[31], fold_of[2], fold_of[32]) == (2, 2, 0, 0)
    with pytest.raises(InputError, match="'i0' and 'i1' have to share a fold"):
        split("image", 2, 0, MANY, given={"i0": 1, "i1": 2}, copies=[("1", "2")])


def test_a_fold_that_is_given_more_than_its_share():
    given = {f"i{n}": 1 for n in range(40)}
    fold_of = {
        row["source_id"]: row["fold"]
        for row in table(split("image", 3, 0, MANY, given=given))
    }
    assert given.items() <= fold_of.items()
    assert Counter(fold_of.values()) == {1: 40, 2: 10, 3: 10}
