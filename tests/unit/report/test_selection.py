"""Which images are drawn."""

import json

import numpy as np

from cocofolds.checks.whole_set import WholeSet
from cocofolds.report.selection import (
    LARGEST_PREFERRED,
    MOST_CHOSEN,
    choose_for_gallery,
    choose_images,
    files_to_draw,
    read_annotations,
)


def whole_set(ids, categories_of, sizes=None, path=""):
    """Make a whole set whose images have one annotation of each of some categories."""
    sizes = sizes or [(9, 9)] * len(ids)
    images = [
        {"id": image_id, "width": width, "height": height}
        for image_id, (width, height) in zip(ids, sizes, strict=True)
    ]
    names = sorted({*"".join(categories_of)})
    pairs = [(n, names.index(c)) for n, some in enumerate(categories_of) for c in some]
    image_positions, category_positions = np.array(pairs, np.int32).reshape(-1, 2).T
    return WholeSet(
        path,
        {"images": images, "categories": [{"name": name} for name in names]},
        np.arange(len(pairs)),
        category_positions,
        image_positions,
        np.ones(len(pairs)),
        np.zeros(len(images), np.int32),
        "",
    )


def test_images_are_chosen_for_each_category():
    whole = whole_set(range(40), ["ab" if n % 2 else "a" for n in range(40)])
    chosen = choose_images(whole, 6, seed=1)
    assert [len({*some}) for some in chosen.values()] == [6, 6]
    assert all(position % 2 for position in chosen["b"])
    assert chosen == choose_images(whole, 6, seed=1)
    assert chosen != choose_images(whole, 6, seed=2)


def test_a_new_image_replaces_one_other_at_most():
    for n_images in range(10, 30):
        before, after = (
            choose_images(whole_set(range(n), ["a"] * n), 6, seed=1)["a"]
            for n in (n_images, n_images + 1)
        )
        assert len({*before} - {*after}) <= 1


def test_the_index_tells_which_files_are_drawn():
    categories_of = ["ab" if n % 3 else "a" for n in range(40)]
    whole = whole_set(range(1, 41), categories_of)
    header = json.dumps(whole.head)[:-1].encode() + b', "annotations": ['
    images = [{"image_id": str(9 * n), "file_name": f"{n}.png"} for n in range(40)]
    annotations = [
        {"image_id": str(9 * n), "category": category}
        for n, some in enumerate(categories_of)
        for category in some
    ]
    chosen = {n for some in choose_images(whole, 3, seed=1).values() for n in some}
    assert files_to_draw(header, images, annotations, 3, seed=1) == [
        f"{n}.png" for n in sorted(chosen)
    ]


def test_no_annotations_no_files():
    header = b'{"images": [], "categories": [{"name": "a"}], "annotations": ['
    assert files_to_draw(header, [], [], 3, seed=1) == []


def of_letters(n_categories):
    """Name categories by one letter each, as `whole_set` wants it."""
    return [chr(0x4E00 + number) for number in range(n_categories)]


def chosen_of(chosen):
    return {position for some in chosen.values() for position in some}


def test_pictures_of_many_categories_are_bounded():
    names = of_letters(1000)
    # Each image has an annotation of three categories, each category of three images.
    whole = whole_set(
        range(1000), [names[n] + names[n - 1] + names[n - 7] for n in range(1000)]
    )
    chosen = choose_images(whole, 6, seed=1)
    assert [*chosen] == names
    assert len(chosen_of(chosen)) == MOST_CHOSEN
    seen = [name for name, some in chosen.items() if some]
    assert len(seen) == 3 * MOST_CHOSEN, "no image shows a category that another shows"
    for name, some in chosen.items():
        assert all(name in {names[n], names[n - 1], names[n - 7]} for n in some)
    assert chosen == choose_images(whole, 6, seed=1)


def test_all_of_many_categories_are_seen_if_they_can_be():
    names = of_letters(90)
    images = [names[0] + names[n % 90] + names[(n * 7) % 90] for n in range(2000)]
    chosen = choose_images(whole_set(range(2000), images), 6, seed=1)
    assert all(chosen.values())
    assert len(chosen_of(chosen)) <= MOST_CHOSEN
    assert max(map(len, chosen.values())) == 6


def test_many_pictures_of_few_categories_are_as_asked_for():
    whole = whole_set(range(300), ["abc"[n % 3] for n in range(300)])
    chosen = choose_images(whole, 50, seed=1)
    assert [len(some) for some in chosen.values()] == [50, 50, 50]


def test_few_pictures_of_many_categories_are_those_of_each():
    """Up to so many, they are the same as of one category by itself."""
    names = of_letters(20)
    whole = whole_set(range(100), [names[n % 20] for n in range(100)])
    chosen = choose_images(whole, 3, seed=1)
    alone = whole_set(range(100), ["" if n % 20 else names[0] for n in range(100)])
    assert chosen[names[0]] == choose_images(alone, 3, seed=1)[names[0]]
    assert [len(some) for some in chosen.values()] == [3] * 20


def test_fewer_images_than_wanted():
    whole = whole_set(range(3), ["a", "", "ab"])
    chosen = choose_images(whole, 6, seed=1)
    assert {name: {*positions} for name, positions in chosen.items()} == {
        "a": {0, 2},
        "b": {2},
    }


def test_large_images_come_last():
    side = int(LARGEST_PREFERRED**0.5)
    sizes = [(side, side), *[(side + 1, side)] * 9, (9, 9)]
    whole = whole_set(range(11), ["a"] * 11, sizes)
    assert {*choose_images(whole, 2, seed=1)["a"]} == {0, 10}
    assert {*choose_images(whole, 11, seed=1)["a"]} == {*range(11)}


def test_gallery_of_few_pictures_has_them_all():
    whole = whole_set(range(6), ["a", "a", "a", "ab", "c", "abd"])
    gallery = choose_for_gallery(whole, choose_images(whole, 6, seed=1), seed=1)
    assert sorted(gallery) == [*range(6)]
    assert gallery[:2] == [5, 4], "most categories, then the one not seen yet"


def test_gallery_is_bounded_and_shows_rare_categories_first():
    # Common categories on all images, and a rare one on the last.
    whole = whole_set(range(200), ["a" if n % 2 else "b" for n in range(199)] + ["c"])
    chosen = choose_images(whole, 90, seed=1)
    assert len(chosen_of(chosen)) == 181
    gallery = choose_for_gallery(whole, chosen, seed=1)
    assert len({*gallery}) == len(gallery) == MOST_CHOSEN
    assert gallery[0] == 199
    assert {n % 2 for n in gallery[1:3]} == {0, 1}
    assert {*gallery} < chosen_of(chosen)


def test_no_pictures_no_gallery():
    whole = whole_set(range(3), ["a"] * 3)
    assert choose_for_gallery(whole, choose_images(whole, 0, seed=1), seed=1) == []


def test_annotations_are_read_by_the_position_of_their_image(tmp_path):
    path = tmp_path / "all.json"
    lines = [json.dumps({"id": number, "area": 1.5}) for number in range(5)]
    path.write_text('{"images":[],\n"annotations":[\n' + ",\n".join(lines) + "\n]}\n")
    whole = whole_set("xyz", ["ab", "a", "ab"], path=str(path))
    found = read_annotations(whole, [2, 0])
    ids = {
        position: [record["id"] for record in some] for position, some in found.items()
    }
    assert ids == {0: [0, 1], 2: [3, 4]}
    assert found[0][0]["area"] == 1.5
