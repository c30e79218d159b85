"""Names of pictures that any file system takes."""

import unicodedata
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocofolds.errors import InputError
from cocofolds.files import write_table
from cocofolds.report.picture_names import picture_names, position_of

# Long ids, ids that differ in little, and any text at all, halves of characters too.
IDS = st.lists(
    st.text(max_size=9)
    | st.text("aAäÄß./_-é\u0301 ", max_size=4)
    | st.characters().map(lambda character: 150 * character),
    unique=True,
    max_size=12,
)


@given(IDS)
def test_names_are_safe(ids):
    names = picture_names(ids)
    assert len(names) == len(ids)
    # As APFS, HFS+ and NTFS compare them.
    folded = {unicodedata.normalize("NFD", name).casefold() for name in names}
    assert len(folded) == len({name.upper() for name in names}) == len(ids)
    for name in names:
        assert name
        assert name[0] != "."
        assert not {*name} & {*'/\\:*?"<>|{} \0\n'}
        assert name.isprintable()
        # Room for what stands around the name while a file is written.
        assert len(name.encode()) <= 120


@given(IDS, st.randoms())
def test_names_do_not_follow_from_the_order(ids, chance):
    expected = dict(zip(ids, picture_names(ids), strict=True))
    chance.shuffle(ids)
    assert dict(zip(ids, picture_names(ids), strict=True)) == expected


@pytest.mark.parametrize(
    ("source_id", "name"),
    [
        ("0ddd8deaf169", "0ddd8deaf169"),
        ("case1_day0.5-b", "case1_day0.5-b"),
        ("397133", "397133"),
        ("train/img 1.png", "train_img_1.png"),
        ("..", "_."),
        (".hidden", "_hidden"),
        ("", "_"),
        ("nul", "_nul"),
        ("COM1.png", "_COM1.png"),
        ("神経細胞-é", "神経細胞-é"),
        ("e\u0301", "é"),
        ("न्यूरॉन", "न्यूरॉन"),
        ("a\u202eb\ud800{c}", "a_b__c_"),
    ],
)
def test_name_of_one_image(source_id, name):
    assert picture_names([source_id]) == [name]


def test_long_ids_are_cut():
    ids = ["a" * 300, "a" * 299 + "b", "神" * 200, "神" * 100]
    names = picture_names(ids)
    assert names[0].startswith("aaa")
    assert names[2].startswith("神神神")
    for source_id, name in zip(ids, names, strict=True):
        assert name.endswith("-" + sha256(source_id.encode()).hexdigest()[:8])
        assert 117 <= len(name.encode()) <= 120


def test_only_names_that_are_alike_have_a_digest():
    names = picture_names(["a/b", "a_b", "c", "C", "straße", "STRASSE", "d"])
    assert names[-1] == "d"
    for source_id, name in zip(["a/b", "a_b", "c", "C"], names, strict=False):
        digest = sha256(source_id.encode()).hexdigest()[:8]
        assert name == f"{source_id.replace('/', '_')}-{digest}"
    assert len({name.casefold() for name in names}) == 7


def test_an_id_that_looks_like_a_name_with_a_digest():
    hashed = sha256(b"a/b").hexdigest()
    ids = ["a/b", "a_b", *(f"a_b-{hashed[:length]}" for length in (8, 16, 32, 64))]
    assert len({*picture_names(ids)}) == 6


@pytest.fixture
def images(tmp_path):
    path = str(tmp_path / "images.csv")
    rows = [(1, "x7", "train/x7.png"), (2, "y 8", "b.tif"), (3, "abcdef", "c.png")]
    write_table(path, ["image_id", "source_id", "file_name"], rows)
    return path


@pytest.mark.parametrize(
    ("asked", "similar"),
    [
        ("X7", "Is it 'x7'?"),
        ("2", "Is it 'y_8'?"),
        ("y 8", "Is it 'y_8'?"),
        ("b", "Is it 'y_8'?"),
        ("c.png", "Is it 'abcdef'?"),
        ("abcdeg", "Is it 'abcdef'?"),
        ("nothing like it", "named 'nothing like it'. A preview"),
    ],
)
def test_a_name_that_there_is_not(asked, similar, images):
    with pytest.raises(InputError) as raised:
        position_of(asked, ["x7", "y_8", "abcdef"], images)
    assert similar in str(raised.value)
    assert images in str(raised.value)


def test_a_name_that_there_is(images):
    assert position_of("y_8", ["x7", "y_8", "abcdef"], images) == 1
