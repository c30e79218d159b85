"""Plain, slow ways to the same masks, to hold the library against."""

from itertools import pairwise

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco_mask


def drawn(text, height, width, order):
    """Decode a run-length text to an array of 0 and 1."""
    pixels = np.zeros(height * width, np.uint8)
    numbers = [int(number) for number in text.split()]
    for start, length in zip(numbers[0::2], numbers[1::2], strict=True):
        pixels[start - 1 : start - 1 + length] = 1
    return pixels.reshape((height, width), order="C" if order == "row" else "F")


def runs_of(picture, order):
    """List (start, length) of the runs of a picture, each as long as it can be."""
    pixels = np.ravel(picture, order="C" if order == "row" else "F").astype(int)
    changes = np.flatnonzero(np.diff(pixels, prepend=0, append=0)).tolist()
    return [
        (start + 1, end - start)
        for start, end in zip(changes[0::2], changes[1::2], strict=True)
    ]


def written(runs):
    """Write (start, length) of runs as a run-length text."""
    return " ".join(f"{start} {length}" for start, length in runs)


def as_in_pycocotools(picture):
    """Counts, area and box that pycocotools finds for a picture."""
    mask = coco_mask.encode(np.asfortranarray(picture, np.uint8))
    return (
        mask["counts"].decode(),
        int(coco_mask.area(mask)),
        coco_mask.toBbox(mask).tolist(),
    )


def as_tuples(masks):
    """Counts, area and box of each mask that the library has encoded."""
    return list(
        zip(masks.counts, masks.areas.tolist(), masks.boxes.tolist(), strict=True)
    )


def compressed(counts):
    """Write COCO's compressed counts."""
    text = ""
    for place, count in enumerate(counts):
        number = count - counts[place - 2] if place > 2 else count
        more = True
        while more:
            group = number & 31
            number >>= 5
            more = number != (-1 if group & 16 else 0)
            text += chr(ord("0") + group + 32 * more)
    return text


def decompressed(text):
    """Read COCO's compressed counts."""
    counts = []
    number = shift = 0
    for character in text:
        group = ord(character) - ord("0")
        number |= (group & 31) << shift
        shift += 5
        if not group & 32:
            if group & 16:
                number -= 1 << shift
            if len(counts) > 2:
                number += counts[-2]
            counts.append(number)
            number = shift = 0
    return counts


def counts_of(stretches, n_pixels):
    """COCO's counts of (start, end) in column order; those that touch are joined."""
    changes = []
    for start, end in sorted(stretches):
        if changes and changes[-1] == start:
            changes[-1] = end
        else:
            changes += [start, end]
    counts = [end - start for start, end in pairwise([0, *changes, n_pixels])]
    return counts if counts[-1] else counts[:-1]


@st.composite
def pictures(draw):
    """Random pixels, some inverted by rectangles: holes, parts, touched borders."""
    side, long_side = st.integers(1, 12), st.integers(1, 100)
    flat = st.tuples(st.just(1), long_side) | st.tuples(long_side, st.just(1))
    height, width = draw(st.tuples(side, side) | flat)
    picture = draw(arrays(bool, (height, width)))
    for _ in range(draw(st.integers(0, 3))):
        top, bottom = sorted(draw(st.tuples(*[st.integers(0, height)] * 2)))
        left, right = sorted(draw(st.tuples(*[st.integers(0, width)] * 2)))
        picture[top:bottom, left:right] ^= True
    if not picture.any():
        picture[draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))] = (
            True
        )
    return picture


@st.composite
def texts_of(draw, picture, order):
    """The runs of a picture, some of them cut in two, in any order."""
    runs = []
    for start, length in runs_of(picture, order):
        head = draw(st.integers(1, length))
        runs += [(start, head), (start + head, length - head)][: 1 + (head < length)]
    return written(draw(st.permutations(runs)))
