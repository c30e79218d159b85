import json

import pytest
from PIL import Image

from cocofolds.errors import InputError
from cocofolds.sources.image_records import written_image
from cocofolds.sources.image_sizes import measure

SOUND = '{"id": 1, "file_name": "a\\u00e9.png", "width": 40, "height": 3e1}'


@pytest.mark.parametrize(
    ("text", "prefix", "written"),
    [
        (
            '{"id": 1, "file_name": "a\\u00e9.png", "width": 40, "height": 30}',
            "",
            '{"id":1,"file_name":"a\\u00e9.png","width":40,"height":30}',
        ),
        (
            '{"id": 1, "file_name": "a.png", "width": 40.0, "height": 3e1, "x": 1.50}',
            "",
            '{"id":1,"file_name":"a.png","width":40,"height":30,"x":1.50}',
        ),
        (
            '{"coco_url":"http:\\/\\/x\\/train\\/1.jpg","width":40,"height":30}',
            "",
            '{"coco_url":"http:\\/\\/x\\/train\\/1.jpg","width":40,"height":30,'
            '"file_name":"1.jpg"}',
        ),
        (
            '{"width":null,"file_name":"","flickr_url":"y/2.jpg","id":"7"}',
            "v/",
            '{"width":40,"file_name":"v/2.jpg","flickr_url":"y/2.jpg","id":"7",'
            '"height":30}',
        ),
        # The last one counts, as for all readers.
        (
            '{"file_name":"a","width":4,"width":0,"height":30,"file_name":"b"}',
            "v/",
            '{"file_name":"v/b","width":40,"height":30}',
        ),
    ],
)
def test_written_image(text, prefix, written):
    assert written_image(text, prefix, 40, 30) == written


def test_what_is_written_says_what_it_has_to():
    record = json.loads(written_image(SOUND, "p/", 40, 30))
    assert record == {"id": 1, "file_name": "p/aé.png", "width": 40, "height": 30}
    assert {type(record[key]) for key in ("width", "height")} == {int}


def test_measure(tmp_path):
    (tmp_path / "a").mkdir()
    Image.new("L", (40, 30)).save(tmp_path / "a" / "1.png")
    (tmp_path / "2.png").write_bytes(b"x")
    sizes, problems = measure(str(tmp_path), "a.json", ["a/1.png", "2.png", "3.png"])
    assert sizes == {"a/1.png": (40, 30)}
    assert "not an image" in problems["2.png"]
    assert "there is no file '3.png'" in problems["3.png"]


def test_measure_without_a_folder():
    with pytest.raises(
        InputError, match=r"a\.json: 2 images have no width .* 'x'\. Set"
    ):
        measure(None, "a.json", ["x", "y"])
