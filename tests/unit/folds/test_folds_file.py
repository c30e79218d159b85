"""Folds that a file lists."""

import json

import pytest

from cocofolds.errors import InputError
from cocofolds.folds.folds_file import given_folds, read_folds_file

IMAGES = [
    {"source_id": "1", "file_name": "site a/one.png"},
    {"source_id": "2", "file_name": "site a/two.png"},
    {"source_id": "3", "file_name": "site b/two.png"},
    {"source_id": "4", "file_name": "site b/four.png"},
]


@pytest.fixture
def file(tmp_path):
    def write(text, name="folds.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    "text",
    [
        "image,fold\na,1\nb,2\nc,test\n",
        "fold;name;other\n1;a;x\n2;b;x\n0;c;x\n",
        "\ufefffile_name\tfold\tid\na\t1\tx\nb\t2\ty\nc\tTest\tz\n",
        # As pandas writes them if some are missing, and with an index.
        ",image,fold\n0,a,1.0\n1,b,2.0\n2,c,0.0\n",
        '"image_id","source_id","category","group","fold"\n1,a,x,"",1\n2,b,x,"",2\n3,c,"","",0\n',
    ],
)
def test_a_table(file, text):
    assert read_folds_file(file(text)) == {"a": 1, "b": 2, "c": 0}


def test_splits_of_nnunet(file):
    """The form of https://github.com/MIC-DKFZ/nnUNet, manual_data_splits.md."""
    splits = [
        {"train": ["case_2", "case_3"], "val": ["case_1"]},
        {"train": ["case_1"], "val": ["case_2", "case_3"]},
    ]
    path = file(json.dumps(splits), "splits_final.json")
    assert read_folds_file(path) == {"case_1": 1, "case_2": 2, "case_3": 2}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("image,fold\na,1\nb,x\n", "line 3: the fold 'x' is no number from 1"),
        ("image,fold\na,-1\n", "line 2: the fold '-1' is no number"),
        ("image,fold\na,1.5\n", "line 2: the fold '1.5' is no number"),
        ("image,fold\n,1\n", "line 2: no image is named"),
        ("image,fold\na,1\na,2\n", "line 3: 'a' is in fold 2, but it was in fold 1"),
        ("image,part\na,1\n", "its columns are 'image', 'part'. It needs a column"),
        ("x,y,fold\na,b,1\n", "It needs a column 'fold', and one with the id"),
        ("annotation_id,image_id,fold\n1,1,1\n", "annotations have no folds of their"),
        ("image,fold\n", "it lists no image"),
        ("", "It needs a column"),
        ("[1]", "it is no list of splits"),
        ("{}", "it is no list of splits"),
        ('[{"train": ["a"], "val": "b"}]', "it is no list of splits"),
        ('[{"train": [1], "val": ["b"]}]', "it is no list of splits"),
        ("[", "not JSON"),
        ('[{"train": ["a", "c"], "val": ["b"]}]', "2 names are in no 'val', such as"),
        (
            '[{"train": [], "val": ["b"]}, {"train": [], "val": ["b"]}]',
            "split 2: 'b' is in fold 2, but it was in fold 1",
        ),
    ],
)
def test_what_is_no_file_of_folds(file, text, message):
    with pytest.raises(InputError) as error:
        read_folds_file(file(text))
    assert message in str(error.value)


def test_a_file_that_cannot_be_read(tmp_path, file):
    with pytest.raises(InputError, match="there is no file"):
        read_folds_file(tmp_path / "gone.csv")
    with pytest.raises(InputError, match="it cannot be read as text"):
        read_folds_file(tmp_path)
    path = file("")
    path.write_bytes(b"image,fold\n\xff,1\n")
    with pytest.raises(InputError, match="it cannot be read as text"):
        read_folds_file(path)


@pytest.mark.parametrize("name", ["1", "site a/one.png", "one.png", "one"])
def test_names_of_an_image(name):
    assert given_folds({name: 2}, IMAGES) == ({"1": 2}, [])


def test_names_of_no_image():
    assert given_folds({"one": 1, "five": 2}, IMAGES) == ({"1": 1}, ["five"])
    assert given_folds({}, IMAGES) == ({}, [])
    with pytest.raises(InputError, match="none of the names in it is an image here"):
        given_folds({"five": 2}, IMAGES)


def test_a_name_of_two_images():
    with pytest.raises(InputError, match="'two' may be any of '2', '3'"):
        given_folds({"two": 1}, IMAGES)


def test_two_names_of_an_image():
    assert given_folds({"one": 1, "1": 1}, IMAGES) == ({"1": 1}, [])
    with pytest.raises(InputError, match="'one' and '1' are the same image, but in"):
        given_folds({"one": 1, "1": 2}, IMAGES)
