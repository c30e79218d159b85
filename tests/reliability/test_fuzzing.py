"""A text is rejected with a reason, or is the mask that a plain decoder reads."""

import os
import random
import tracemalloc

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from cocofolds.masks.encoding import encode_masks
from cocofolds.masks.run_lengths import find_invalid

TEXTS = int(os.environ.get("COCOFOLDS_FUZZ_TEXTS", "100000"))
BATCH = 500
HEIGHT, WIDTH = 13, 17
N_PIXELS = HEIGHT * WIDTH
CHARACTERS = "0123456789  -+._e,x\t\n\r\0\x1c\u00a0\u0663\u4e94é\U0001f600"
NUMBERS = ["0", "1", str(N_PIXELS), str(N_PIXELS + 1), "00", "007", str(2**32)]
NUMBERS += [str(2**63), str(2**64 + 1), "1" + "0" * 18, "9" * 5000, "0" * 5000 + "3"]


def valid_text(rng):
    """Cut the image at random places and take every other stretch."""
    n_runs = rng.randint(1, 8)
    cuts = sorted(rng.sample(range(1, N_PIXELS + 2), 2 * n_runs))
    runs = list(zip(cuts[0::2], cuts[1::2], strict=True))
    if rng.random() < 0.2:
        rng.shuffle(runs)
    return " ".join(f"{start} {end - start}" for start, end in runs)


def mutate(text, rng):
    place = rng.randrange(len(text) + 1)
    tokens = text.split(" ")
    token = rng.randrange(len(tokens))
    match rng.randrange(8):
        case 0:
            return text[:place] + rng.choice(CHARACTERS) + text[place:]
        case 1:
            return text[:place] + rng.choice(CHARACTERS) + text[place + 1 :]
        case 2:
            return text[:place] + text[place + 1 :]
        case 3:
            return text[:place]
        case 4:
            tokens[token] = rng.choice(NUMBERS)
        case 5:
            tokens.insert(token, tokens[rng.randrange(len(tokens))])
        case 6:
            del tokens[token]
        case 7:
            tokens[token] = str(rng.randint(0, N_PIXELS + 2))
    return " ".join(tokens)


def decode_plainly(text):
    """List the pixels of a mask, from 0; None if the text is not a mask."""
    numbers = text.split()
    if not numbers or len(numbers) % 2:
        return None
    if not all(set(number) <= set("0123456789") for number in numbers):
        return None
    if max(map(len, numbers)) > 16:
        return None
    pixels = []
    for start, length in zip(numbers[0::2], numbers[1::2], strict=True):
        start, length = start.lstrip("0"), length.lstrip("0")
        if not start or not length or len(start) > 3 or len(length) > 3:
            return None
        first, after = int(start) - 1, int(start) - 1 + int(length)
        if after > N_PIXELS:
            return None
        pixels += range(first, after)
    return pixels if len(set(pixels)) == len(pixels) else None


def decode_encoded(texts):
    """Encode masks as the workflow does; draw what comes out with pycocotools."""
    if not texts:
        return []
    heights, widths = np.full(len(texts), HEIGHT), np.full(len(texts), WIDTH)
    counts = encode_masks(texts, heights, widths, "row").counts
    codes = [{"size": [HEIGHT, WIDTH], "counts": count} for count in counts]
    return [np.flatnonzero(coco_mask.decode(code)).tolist() for code in codes]


@pytest.mark.parametrize("start", range(0, TEXTS, BATCH * 20))
def test_mutated_texts(start):
    rng = random.Random(start)
    n_accepted = 0
    for _ in range(20):
        texts = [valid_text(rng) for _ in range(BATCH)]
        for place in range(BATCH):
            for _ in range(rng.randrange(3)):
                texts[place] = mutate(texts[place], rng)
        invalid, canonical = find_invalid(texts, np.full(BATCH, N_PIXELS))
        assert all(invalid.values())
        accepted = [place for place in range(BATCH) if place not in invalid]
        found = decode_encoded(
            [canonical.get(place, texts[place]) for place in accepted]
        )
        masks = dict(zip(accepted, found, strict=True))
        for place, text in enumerate(texts):
            pixels = decode_plainly(text)
            assert masks.get(place) == (None if pixels is None else sorted(pixels)), (
                text
            )
        n_accepted += len(accepted)
    # Mutation leaves enough of both kinds.
    assert 0.3 < n_accepted / (20 * BATCH) < 0.8


@pytest.mark.parametrize("length", ["9" * 16, "1" + "0" * 18, "9" * 100_000])
def test_a_long_run_is_not_allocated(length):
    tracemalloc.start()
    invalid, _ = find_invalid([f"1 {length}"], np.array([2**32 - 1]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert invalid
    assert peak < 4_000_000
