import numpy as np
import pytest
from oracles import as_in_pycocotools
from PIL import Image, ImageDraw, ImageFont

from cocofolds.errors import InputError
from cocofolds.preview import draw_preview

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


def preview(*annotations, background=None):
    """Pixels of the image and of the legend below it."""
    picture = draw_preview(background, (WIDTH, HEIGHT), annotations, NAMES)
    assert (picture.mode, picture.width) == ("RGB", WIDTH)
    pixels = np.asarray(picture, int)
    return pixels[:HEIGHT], pixels[HEIGHT:]


def legend(text, height):
    picture = Image.new("RGB", (WIDTH, height), "white")
    ImageDraw.Draw(picture).text((8, 4), text, "black", ImageFont.load_default(14))
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


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P"])
def test_background(mode):
    background = Image.linear_gradient("L").resize((WIDTH, HEIGHT)).convert(mode)
    found, _ = preview(annotation(1, (0, 9, 0, 9)), background=background)
    assert (found[:, 9:] == np.asarray(background.convert("RGB"))[:, 9:]).all()
    assert (found[0, 0] != np.asarray(background.convert("RGB"))[0, 0]).any()


def test_background_of_another_size():
    with pytest.raises(InputError, match=r"is 40x300 .* say 300x40"):
        preview(background=Image.new("L", (HEIGHT, WIDTH)))


@pytest.mark.parametrize(
    ("category_ids", "text"),
    [([], "no annotations"), ([2], "1 cort"), ([2, 1, 2], "1 astro, 2 cort")],
)
def test_legend(category_ids, text):
    _, found = preview(*(annotation(number, (0, 9, 0, 9)) for number in category_ids))
    assert (found == legend(text, len(found))).all()
