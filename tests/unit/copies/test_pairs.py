"""Copies are found without comparing all with all, and each is confirmed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cocofolds.copies import pairs as module
from cocofolds.copies.fingerprints import (
    SIDE,
    Fingerprint,
    fingerprint,
    fingerprint_and_picture,
    perceptual_hash,
    small_picture,
)
from cocofolds.copies.pairs import (
    CopyPair,
    copies_among,
    correlation,
    correlation_of_copies,
    find_copies,
    near_before,
)
from tables import SAMPLE

IMAGES = sorted((SAMPLE.parent / "train").glob("*.png"))
RANDOM = np.random.default_rng(0)


def random_picture():
    blocks = RANDOM.integers(0, 65536, (SIDE // 2, SIDE // 2))
    return blocks.repeat(2, 0).repeat(2, 1).astype(np.uint16)


def found_in(folder):
    paths = {path.name: path for path in folder.iterdir()}
    return find_copies(paths, {name: fingerprint(p) for name, p in paths.items()})


@st.composite
def hashes(draw):
    """Some that differ in few bits, among some that differ in many."""
    some = draw(st.lists(st.integers(0, 2**64 - 1), max_size=8))
    for code in some[:]:
        flips = draw(st.lists(st.integers(0, 63), max_size=9))
        for bit in flips:
            code ^= 1 << bit
        some.append(code)
    return draw(st.permutations(some + draw(st.sampled_from([[], some[:3]]))))


@given(hashes(), st.integers(0, 8))
def test_near_hashes_are_those_of_comparing_all(codes, most_bits):
    found = [near.tolist() for near in near_before(codes, most_bits)]
    for position, near in enumerate(found):
        off = [(codes[position] ^ code).bit_count() for code in codes[:position]]
        near_ones = [n for n, bits in enumerate(off) if bits <= most_bits]
        assert near == sorted(near_ones, key=lambda n: (off[n], n))


def test_few_hashes_are_compared(monkeypatch):
    n_compared = 0
    count = np.bitwise_count

    def counted(codes):
        nonlocal n_compared
        n_compared += len(codes)
        return count(codes)

    monkeypatch.setattr(module.np, "bitwise_count", counted)
    codes = RANDOM.integers(0, 2**63, 5000).tolist()
    assert sum(len(near) for near in near_before(codes, module.MOST_BITS)) == 0
    assert n_compared < 5000 * 5000 / 2 / 50


def test_copies_and_nothing_else(tmp_path):
    for path in IMAGES[:6]:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "same.png").write_bytes(IMAGES[0].read_bytes())
    Image.open(IMAGES[1]).save(tmp_path / "again.jpg", quality=60)
    same, again = sorted(
        [
            (*sorted([IMAGES[0].name, "same.png"]), "same file"),
            (*sorted([IMAGES[1].name, "again.jpg"]), "same picture"),
        ]
    )
    found = found_in(tmp_path)
    assert [pair[:3] for pair in found] == [same, again]
    assert all(0.99 < pair.correlation <= 1 for pair in found)


def test_order_of_names_does_not_matter():
    paths = {path.name: path for path in [*IMAGES[:4], IMAGES[0]]}
    paths["z"] = IMAGES[0]
    marks = {name: fingerprint(path) for name, path in paths.items()}
    backwards = dict(reversed(marks.items()))
    assert find_copies(paths, marks) == find_copies(paths, backwards)


def copies_of(pictures, codes=None, digests=None):
    """Find the copies among pictures, by numbers for names."""
    codes = codes or [perceptual_hash(picture) for picture in pictures]
    marks = {
        f"{n:05}": Fingerprint(digests[n] if digests else str(n), code)
        for n, code in enumerate(codes)
    }
    return copies_among(marks, lambda name: pictures[int(name)])


def test_several_copies_are_linked():
    picture = random_picture()
    found = copies_of([picture] * 5)
    assert [pair.second for pair in found] == ["00001", "00002", "00003", "00004"]
    assert all(pair.first < pair.second for pair in found)


def test_two_chains_are_joined():
    """The third picture links two that are not copies of each other."""

    def like(first, second):
        return 1.0 if "third" in (first, second) or second == "fourth" else None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "correlation_of_copies", like)
        found = copies_of(["first", "second", "third", "fourth"], codes=[5] * 4)
    assert [(pair.first[-1], pair.second[-1]) for pair in found] == [
        ("0", "2"),
        ("0", "3"),
        ("1", "2"),
    ]


def test_same_hash_is_not_enough():
    assert copies_of([random_picture(), random_picture()], codes=[7, 7]) == []


def test_light_is_not_enough():
    """Two fields under the same lamp correlate, and have nothing else in common."""
    light = 40000 * np.exp(-(np.linspace(-1, 1, SIDE) ** 2 * 2))
    light = np.minimum.outer(light, light)
    pictures = [
        (light + RANDOM.normal(0, 500, light.shape)).clip(0, 65535).astype(np.uint16)
        for _ in range(2)
    ]
    whole = correlation(*(picture.astype(np.int64) for picture in pictures))
    assert whole > module.LEAST_CORRELATION
    assert correlation_of_copies(*pictures) is None
    assert copies_of(pictures, codes=[7, 7]) == []


def test_detail_is_not_enough():
    """The same in another light, as a camera has it from one place."""
    field = RANDOM.normal(20000, 1500, (SIDE, SIDE))
    slope = np.linspace(0, 10000, SIDE)
    pictures = [some.astype(np.uint16) for some in (field, field + slope)]
    assert 0.3 < correlation(*(picture.astype(np.int64) for picture in pictures)) < 0.6
    assert correlation_of_copies(*pictures) is None


@pytest.mark.parametrize("files_are_equal", [True, False])
def test_one_grey(files_are_equal):
    """Blank frames are copies if their files are the same, and else just blank."""
    digests = ["same" if files_are_equal else str(n) for n in range(3000)]
    # No picture is looked at.
    found = copies_of(None, codes=[0] * 3000, digests=digests)
    if not files_are_equal:
        assert found == []
        return
    assert len(found) == 2999
    assert found[-1] == CopyPair("00000", "02999", "same file", 1.0)


def test_comparisons_are_bounded(monkeypatch):
    """However many hashes are the same, without a copy."""
    compared = []
    monkeypatch.setattr(
        module, "correlation_of_copies", lambda *some: compared.append(some)
    )
    assert copies_of([None] * 1000, codes=[7] * 1000) == []
    assert len(compared) <= 1000 * 100


def test_many_frames_of_a_still_camera_take_one_comparison_each(monkeypatch):
    compared = []

    def like(*some):
        compared.append(some)
        return 1.0

    monkeypatch.setattr(module, "correlation_of_copies", like)
    assert len(copies_of([None] * 1000, codes=[7] * 1000)) == 999
    assert len(compared) == 999


@given(st.integers(0, 2**32 - 1))
def test_correlation_is_that_of_numpy(seed):
    random = np.random.default_rng(seed)
    first, second = random.integers(-65535, 65536, (2, SIDE, SIDE))
    expected = np.corrcoef(first.ravel(), second.ravel())[0, 1]
    assert correlation(first, second) == pytest.approx(expected, abs=1e-12)
    assert correlation(first, first) == pytest.approx(1)


def test_correlation_with_one_grey_is_0():
    grey = np.full((SIDE, SIDE), 9)
    assert correlation(grey, RANDOM.integers(0, 9, (SIDE, SIDE))) == 0
    assert correlation(grey, grey) == 0


def test_views_that_are_shifted_are_no_copies():
    image = Image.open(IMAGES[0])
    width, height = image.size
    shift = width // 20
    views = [
        image.crop((0, 0, width - shift, height)),
        image.crop((shift, 0, width, height)),
    ]
    assert correlation_of_copies(*map(small_picture, views)) is None


def test_real_images(real_data):
    """Nuclei look alike, and none of these is a copy."""
    assert found_in(real_data / "dsb2018" / "images") == []


def test_real_tiles(real_data):
    """Nor is a part of an image one of another part."""
    tiles = []
    for path in sorted((real_data / "dsb2018" / "images").iterdir()):
        image = Image.open(path).convert("L")
        corners = [
            (x, y)
            for x in range(0, image.width - 63, 64)
            for y in range(0, image.height - 63, 64)
        ]
        tiles += [small_picture(image.crop((x, y, x + 64, y + 64))) for x, y in corners]
    codes = [perceptual_hash(tile) for tile in tiles]
    assert sum(len(near) for near in near_before(codes, module.MOST_BITS)) > 0
    assert copies_of(tiles, codes) == []


def test_pictures_are_those_of_the_files():
    mark, picture = fingerprint_and_picture(IMAGES[0])
    assert mark == fingerprint(IMAGES[0])
    assert perceptual_hash(picture) == mark.bits
