import json
import os
import tracemalloc

import numpy as np
import pytest
from oracles import as_in_pycocotools
from PIL import Image, ImageDraw, ImageFont

from cocofolds.errors import InputError
from cocofolds.preview import (
    LARGEST_CHOSEN,
    MOST_CHOSEN,
    choose_images,
    draw_preview,
    drawn_size,
    number_images,
    read_annotations,
    read_background,
    stretched,
)
from cocofolds.whole_set import WholeSet

HEIGHT, WIDTH = 40, 300
NAMES = {1: "astro", 2: "cort"}


def annotation(category_id, *rectangles):
    """Annotate rectangles: (top, bottom, left, right)."""
    picture = np.zeros((HEIGHT, WIDTH), np.uint8)
    for top, bottom, left, right in rectangles:
        picture[top:bottom, left:right] = 1
    counts, _, box = as_in_pycocotools(picture)
    segmentation = {"size": [HEIGHT, WIDTH], "counts": counts}
    return {"category_id": category_id, "segmentation": segmentation, "bbox": box}


def preview(*annotations, background=None, names=NAMES):
    """Pixels of the image and of the legend below it."""
    picture = draw_preview(background, (WIDTH, HEIGHT), annotations, names)
    assert (picture.mode, picture.width) == ("RGB", WIDTH)
    pixels = np.asarray(picture, int)
    return pixels[:HEIGHT], pixels[HEIGHT:]


def text_in_legend(text, left, line=0):
    """Draw a text as it should stand in the legend."""
    picture = Image.new("RGB", (WIDTH, 26 + 22 * line), "white")
    place = (left, 4 + 22 * line)
    ImageDraw.Draw(picture).text(place, text, "black", ImageFont.load_default(14))
    return np.asarray(picture, int)


def test_mask_and_box():
    # An L: the box has a corner that the mask does not reach.
    found, _ = preview(annotation(1, (5, 30, 10, 20), (20, 30, 10, 40)))
    grey = found[0, 0]
    assert len(set(grey)) == 1
    colour = found[5, 10]
    assert (found[20, 39] == colour).all(), "the outline of the mask"
    assert (found[5, 39] == colour).all(), "the corner of the box"
    assert (found[25, 30] == np.round(grey + 0.3 * (colour - grey))).all(), "the inside"
    assert (found[10, 30] == grey).all(), "in the box, but not in the mask"
    outside = np.ones((HEIGHT, WIDTH), bool)
    outside[5:30, 10:40] = False
    assert (found[outside] == grey).all()


def test_instances_have_colours_of_their_own():
    masks = [annotation(1, (9, 19, left, left + 9)) for left in range(0, 100, 10)]
    found, _ = preview(*masks)
    colours = {tuple(found[9, left]) for left in range(0, 100, 10)}
    assert len(colours) == 10


def test_masks_over_each_other_and_at_the_edge():
    """What is drawn within its box is drawn as on the whole image."""
    below = annotation(1, (0, HEIGHT, 0, WIDTH))
    above = annotation(1, (10, 20, 50, 70))
    del above["bbox"]
    found, _ = preview(below, above)
    below, _ = preview(below)
    colour = found[10, 50]
    assert (
        found[15, 60] == np.round(below[15, 60] + 0.3 * (colour - below[15, 60]))
    ).all()
    changed = (found != below).any(axis=2)
    assert changed[10:20, 50:70].all()
    assert changed.sum() == 10 * 20


def test_background():
    background = Image.linear_gradient("L").resize((WIDTH, HEIGHT)).convert("RGB")
    found, _ = preview(annotation(1, (0, 9, 0, 9)), background=background)
    assert (found[:, 9:] == np.asarray(background)[:, 9:]).all()
    assert (found[0, 0] != np.asarray(background)[0, 0]).any()


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "I;16"])
def test_image_of_any_mode(mode, tmp_path):
    image = Image.linear_gradient("L").convert("I" if mode == "I;16" else mode)
    image.convert(mode).save(tmp_path / "a.png")
    found = read_background(tmp_path / "a.png", (256, 256))
    assert (found.mode, found.size) == ("RGB", (256, 256))


@pytest.mark.parametrize(
    "values",
    [
        np.arange(200, 4296, dtype=np.uint16).reshape(64, 64),
        np.arange(200, 4296, dtype=">u2").reshape(64, 64),
        np.arange(-70_000, 64 * 64 - 70_000, dtype=np.int32).reshape(64, 64),
        np.linspace(-3e38, 3e38, 64 * 64, dtype=np.float32).reshape(64, 64),
        np.linspace(0, 1e-3, 64 * 64, dtype=np.float32).reshape(64, 64),
    ],
    ids=["I;16", "I;16B", "I", "F", "F of small values"],
)
def test_values_of_more_than_eight_bits_are_stretched(values, tmp_path):
    Image.fromarray(values).save(tmp_path / "a.tif")
    found = np.asarray(read_background(tmp_path / "a.tif", (64, 64)), int)[..., 0]
    assert (np.diff(found.ravel()) >= 0).all()
    assert len({*found.ravel()}) == 256
    # A percent at each end.
    assert ((found == 0).sum(), (found == 255).sum()) == pytest.approx((50, 50), abs=8)


def test_values_that_are_no_numbers():
    values = np.array([[np.nan, 1, 2, 3, np.inf, -np.inf]], np.float32)
    assert stretched(values).tolist() == [[0, 0, 128, 255, 255, 0]]
    assert stretched(np.full((2, 2), np.nan)).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("value", [0, 7, 65535])
def test_constant_image(value):
    assert len({*stretched(np.full((3, 3), value, np.uint16)).ravel()}) == 1


def test_a_few_bright_spots():
    values = np.zeros((100, 100), np.uint16)
    values[5, 5] = 300
    found = stretched(values)
    assert (found[5, 5], found.sum()) == (255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr"])
def test_eight_bits_are_shown_as_they_are(mode, tmp_path):
    image = Image.linear_gradient("L").point(lambda v: 100 + v // 8).convert(mode)
    image.save(tmp_path / "a.tif")
    with Image.open(tmp_path / "a.tif") as saved:
        expected = saved.convert("RGB")
    assert read_background(tmp_path / "a.tif", image.size) == expected


@pytest.mark.parametrize(
    ("size", "drawn"),
    [
        ((4096, 4096), (4096, 4096)),
        ((100_000, 160), (100_000, 160)),
        ((65_535, 65_535), (4096, 4096)),
        ((8192, 4096), (5792, 2896)),
    ],
)
def test_size_that_is_drawn(size, drawn):
    assert drawn_size(size) == drawn


def test_large_image_is_shrunk(monkeypatch, tmp_path):
    """The picture shows what it would show at full size."""
    monkeypatch.setattr("cocofolds.preview.LARGEST_CHOSEN", WIDTH * HEIGHT // 4)
    gradient = Image.linear_gradient("L").resize((WIDTH, HEIGHT))
    gradient.save(tmp_path / "a.jpg", quality=95)
    background = read_background(tmp_path / "a.jpg", (WIDTH, HEIGHT))
    assert background.size == (WIDTH // 2, HEIGHT // 2)
    expected = np.asarray(gradient.resize(background.size).convert("RGB"), int)
    assert abs(np.asarray(background, int) - expected).max() < 8
    record = annotation(1, (10, 20, 50, 71))
    picture = draw_preview(None, (WIDTH, HEIGHT), [record], NAMES)
    assert picture.width == WIDTH // 2
    found = np.asarray(picture)[: HEIGHT // 2]
    changed = (found != found[0, 0]).any(axis=2)
    assert changed[5:10, 25:36].all()
    assert changed.sum() == 5 * 11


def test_image_that_is_too_large_to_be_read(monkeypatch, tmp_path):
    Image.new("L", (WIDTH, HEIGHT)).save(tmp_path / "a.png")
    monkeypatch.setattr("cocofolds.preview._LARGEST_READ", WIDTH * HEIGHT - 1)
    with pytest.raises(InputError, match="300x40 pixels are too many to draw"):
        read_background(tmp_path / "a.png", (WIDTH, HEIGHT))


def test_small_mask_on_a_huge_image():
    side = 65_535
    record = {
        "id": 1,
        "category_id": 1,
        "segmentation": [[60_000, 30_000, 60_002, 30_000, 60_002, 30_002]],
        "bbox": [60_000, 30_000, 2, 2],
    }
    tracemalloc.start()
    picture = draw_preview(None, (side, side), [record], NAMES)
    # 4096 x 4096 pixels of three floats, and copies.
    assert tracemalloc.get_traced_memory()[1] < 1e9
    tracemalloc.stop()
    x, y = 60_000 * 4096 // side, 30_000 * 4096 // side
    assert picture.getpixel((x, y)) != picture.getpixel((0, 0))


def test_image_of_another_size(tmp_path):
    Image.new("L", (HEIGHT, WIDTH)).save(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"a\.png: .* is 40x300 .* say 300x40"):
        read_background(tmp_path / "a.png", (WIDTH, HEIGHT))


def test_no_image(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n and more")
    with pytest.raises(InputError, match=r"a\.png: not readable as an image"):
        read_background(tmp_path / "a.png", (WIDTH, HEIGHT))


def test_no_program_is_started_for_an_image(tmp_path, monkeypatch):
    (tmp_path / "gs").write_text("#!/bin/sh\ntouch $(dirname $0)/started\n")
    (tmp_path / "gs").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    size = f"%%BoundingBox: 0 0 {WIDTH} {HEIGHT}"
    (tmp_path / "a.png").write_text(f"%!PS-Adobe-3.0 EPSF-3.0\n{size}\n%%EndComments\n")
    with pytest.raises(InputError, match="not readable as an image"):
        read_background(tmp_path / "a.png", (WIDTH, HEIGHT))
    assert not (tmp_path / "started").exists()


def test_legend_has_the_colours_of_the_instances():
    masks = [annotation(2, (0, 9, left, left + 9)) for left in (0, 20, 40)]
    found, legend = preview(annotation(1, (20, 29, 0, 9)), *masks)
    of_astro, *of_cort = found[20, 0], found[0, 0], found[0, 20], found[0, 40]
    swatches = [[*map(tuple, run)] for run in (legend[10, 8:44], legend[10, 44:])]
    assert {*swatches[0]} == {tuple(of_astro)}
    coloured = [pixel for pixel in swatches[1] if len({*pixel}) > 1]
    assert coloured == [tuple(colour) for colour in of_cort for _ in range(12)]


@pytest.mark.parametrize(
    ("category_ids", "text"), [([2], "1 cort"), ([2, 2], "2 cort")]
)
def test_legend_names_the_category(category_ids, text):
    _, found = preview(*(annotation(number, (0, 9, 0, 9)) for number in category_ids))
    expected = text_in_legend(text, left=50)
    assert found.shape == expected.shape
    assert (found[:, 44:] == expected[:, 44:]).all()


def test_legend_without_annotations():
    _, found = preview()
    assert (found == text_in_legend("no annotations", left=8)).all()


def test_legend_goes_on_in_a_second_line():
    names = {1: "a category of a name", 2: "of a name as long"}
    _, found = preview(
        annotation(2, (0, 9, 0, 9)), annotation(1, (0, 9, 0, 9)), names=names
    )
    expected = text_in_legend("1 of a name as long", left=50, line=1)
    assert found.shape == expected.shape
    assert (found[26:, 44:] == expected[26:, 44:]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"segmentation": {"size": [9, 9], "counts": "0"}}, "of another size"),
        ({"segmentation": {"counts": [1]}}, "cannot read the mask of annotation 7"),
        (
            {"segmentation": {"size": [HEIGHT, WIDTH], "counts": [5, 3]}},
            "does not match h.w",
        ),
        (
            {"segmentation": {"size": [HEIGHT, WIDTH], "counts": "53"}},
            "does not match h.w",
        ),
        ({"segmentation": [[0, 0, 1e9, 0, 1e9, 1e9]]}, "or far outside"),
        ({"segmentation": [[0, 0, 5, 0, float("nan"), 5]]}, "or far outside"),
        ({"segmentation": [[0, 0, 5, 0, 5, "x"]]}, "cannot read the mask"),
        ({"segmentation": [[[0, 0], [5, 0], [5, 5]]]}, "or far outside"),
        ({"bbox": [1, 2]}, "not four numbers"),
        ({"bbox": [1, float("nan"), 2, 2]}, "no box"),
    ],
)
def test_records_that_cannot_be_drawn(change, message):
    with pytest.raises(InputError, match=message):
        preview({**annotation(1, (0, 9, 0, 9)), "id": 7, **change})


@pytest.mark.parametrize("far", [1e5, 1e308])
def test_box_that_goes_far_outside(far):
    plain, _ = preview()
    around, _ = preview({"id": 1, "category_id": 1, "bbox": [-far, -9, 2 * far, 1e9]})
    assert (around == plain).all()
    found, _ = preview({"id": 1, "category_id": 1, "bbox": [20, 10, far, far]})
    changed = (found != plain).any(axis=2)
    assert changed[10, 20:].all()
    assert changed[10:, 20].all()
    assert changed.sum() == WIDTH - 20 + HEIGHT - 10 - 1


def whole_set(ids, categories_of, sizes=None, path=""):
    """Make a whole set whose images have one annotation of each of some categories."""
    sizes = sizes or [(9, 9)] * len(ids)
    images = [
        {"id": image_id, "width": width, "height": height}
        for image_id, (width, height) in zip(ids, sizes, strict=True)
    ]
    names = sorted({*"".join(categories_of)})
    pairs = [(n, names.index(c)) for n, some in enumerate(categories_of) for c in some]
    image_places, category_places = np.array(pairs, np.int32).reshape(-1, 2).T
    return WholeSet(
        path,
        {"images": images, "categories": [{"name": name} for name in names]},
        np.arange(len(pairs)),
        category_places,
        image_places,
        np.ones(len(pairs)),
        np.zeros(len(images), np.int32),
        np.zeros(32, np.uint8),
    )


def test_images_are_chosen_for_each_category():
    whole = whole_set(range(40), ["ab" if n % 2 else "a" for n in range(40)])
    chosen = choose_images(whole, range(40), 6, seed=1)
    assert [len({*some}) for some in chosen.values()] == [6, 6]
    assert all(place % 2 for place in chosen["b"])
    assert chosen == choose_images(whole, range(40), 6, seed=1)
    assert chosen != choose_images(whole, range(40), 6, seed=2)


def test_a_new_image_takes_the_place_of_one_other_at_most():
    for n_images in range(10, 30):
        before, after = (
            choose_images(whole_set(range(n), ["a"] * n), range(n), 6, seed=1)["a"]
            for n in (n_images, n_images + 1)
        )
        assert len({*before} - {*after}) <= 1


def of_letters(n_categories):
    """Name categories by one letter each, as `whole_set` wants it."""
    return [chr(0x4E00 + number) for number in range(n_categories)]


def chosen_of(chosen):
    return {place for some in chosen.values() for place in some}


def test_pictures_of_many_categories_are_bounded():
    names = of_letters(1000)
    # Each image has an annotation of three categories, each category of three images.
    whole = whole_set(
        range(1000), [names[n] + names[n - 1] + names[n - 7] for n in range(1000)]
    )
    chosen = choose_images(whole, range(1000), 6, seed=1)
    assert [*chosen] == names
    assert len(chosen_of(chosen)) == MOST_CHOSEN
    seen = [name for name, some in chosen.items() if some]
    assert len(seen) == 3 * MOST_CHOSEN, "no image shows a category that another shows"
    for name, some in chosen.items():
        assert all(name in {names[n], names[n - 1], names[n - 7]} for n in some)
    assert chosen == choose_images(whole, range(1000), 6, seed=1)


def test_all_of_many_categories_are_seen_if_they_can_be():
    names = of_letters(90)
    images = [names[0] + names[n % 90] + names[(n * 7) % 90] for n in range(2000)]
    chosen = choose_images(whole_set(range(2000), images), range(2000), 6, seed=1)
    assert all(chosen.values())
    assert len(chosen_of(chosen)) <= MOST_CHOSEN
    assert max(map(len, chosen.values())) == 6


def test_many_pictures_of_few_categories_are_as_asked_for():
    whole = whole_set(range(300), ["abc"[n % 3] for n in range(300)])
    chosen = choose_images(whole, range(300), 50, seed=1)
    assert [len(some) for some in chosen.values()] == [50, 50, 50]


def test_few_pictures_of_many_categories_are_those_of_each():
    """Up to so many, they are the same as of one category by itself."""
    names = of_letters(20)
    whole = whole_set(range(100), [names[n % 20] for n in range(100)])
    chosen = choose_images(whole, range(100), 3, seed=1)
    alone = whole_set(range(100), ["" if n % 20 else names[0] for n in range(100)])
    assert chosen[names[0]] == choose_images(alone, range(100), 3, seed=1)[names[0]]
    assert [len(some) for some in chosen.values()] == [3] * 20


def test_fewer_images_than_wanted():
    whole = whole_set(range(3), ["a", "", "ab"])
    chosen = choose_images(whole, range(3), 6, seed=1)
    assert {name: {*places} for name, places in chosen.items()} == {
        "a": {0, 2},
        "b": {2},
    }


def test_large_images_and_those_without_a_number_are_not_chosen():
    side = int(LARGEST_CHOSEN**0.5)
    sizes = [(side, side), (side + 1, side), (9, 9)]
    whole = whole_set(range(3), ["a"] * 3, sizes)
    assert choose_images(whole, [0, 1], 6, seed=1) == {"a": [0]}


def rows(n_images):
    return [{"image_id": str(number)} for number in range(1, n_images + 1)]


@pytest.mark.parametrize(
    ("ids", "places"),
    [
        ([1, 2], {1: 0, 2: 1}),
        ([900, 7], {900: 0, 7: 1}),
        (["x", "y"], {1: 0, 2: 1}),
        # A number is an id before it is a place in the list.
        (["x", 1, -3], {1: 1}),
    ],
)
def test_numbers_of_images(ids, places):
    whole = whole_set(ids, ["a"] * len(ids))
    assert number_images(whole, rows(len(ids))) == places


def test_annotations_are_read_by_the_place_of_their_image(tmp_path):
    path = tmp_path / "all.json"
    lines = [json.dumps({"id": number, "area": 1.5}) for number in range(5)]
    path.write_text('{"images":[],\n"annotations":[\n' + ",\n".join(lines) + "\n]}\n")
    whole = whole_set("xyz", ["ab", "a", "ab"], path=str(path))
    found = read_annotations(whole, [2, 0])
    ids = {place: [record["id"] for record in some] for place, some in found.items()}
    assert ids == {0: [0, 1], 2: [3, 4]}
    assert found[0][0]["area"] == 1.5
