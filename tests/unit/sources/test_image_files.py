import os
import re
import socket
import struct
from zlib import compress, crc32

import pytest
from PIL import Image

from cocofolds.errors import InputError
from cocofolds.sources.image_files import file_name_of, find_images, look_for_images
from cocofolds.sources.image_sizes import read_sizes

# Pillow would start Ghostscript for it.
POSTSCRIPT = (
    b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 3 2\n%%EndComments\nshowpage\n"
)


def draw(path, width=3, height=2):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (width, height)).save(path)
    return path


@pytest.mark.parametrize(
    ("pattern", "source_id", "name"),
    [
        ("train/{id}.png", "a b", "train/a b.png"),
        ("{id}/{id}", "x", "x/x"),
        ("{x}", "a", "{x}"),
        ("{id}", "{1}_{id}", "{1}_{id}"),
        ("{1}/{1}_{2}/{3}_*", "case1_day2_slice", "case1/case1_day2/slice_*"),
        ("{2}", "a", ""),
        ("{id}", "\\1\\g<0>", "\\1\\g<0>"),
    ],
)
def test_file_name(pattern, source_id, name):
    assert file_name_of(pattern, source_id) == name


def test_file_at_its_path_comes_before_one_with_its_name(tmp_path):
    path = draw(tmp_path / "train" / "a.png")
    draw(tmp_path / "other" / "a.png")
    assert find_images(str(tmp_path), "train/{id}.png", ["a"]) == {"a": path}


@pytest.mark.parametrize("depth", ["a.png", "x/a.png", "x/y/a.png"])
def test_file_by_its_name(tmp_path, depth):
    path = draw(tmp_path / depth)
    assert find_images(str(tmp_path), "train/{id}.png", ["a"]) == {"a": path}


def test_file_with_more_in_its_name(tmp_path):
    path = draw(tmp_path / "case1/case1_day2/scans/slice_0001_266_266_1.50.png")
    draw(tmp_path / "case1/case1_day3/scans/slice_0001_266_266_1.50.png")
    pattern = "{1}/{1}_{2}/scans/{3}_{4}_*.png"
    found = find_images(str(tmp_path), pattern, ["case1_day2_slice_0001"])
    assert found == {"case1_day2_slice_0001": path}


def test_missing_images_are_named(tmp_path):
    draw(tmp_path / "there.png")
    names = ["there", *(f"missing {n}" for n in range(12))]
    with pytest.raises(InputError) as raised:
        find_images(str(tmp_path), "{id}.png", names)
    message = str(raised.value)
    assert (
        f"image 'missing 0': there is no file 'missing 0.png' in {tmp_path}" in message
    )
    assert message.count("there is no file") == 10
    assert "and 2 more" in message
    assert "`images_dir`" in message


def test_name_longer_than_any_file_has(tmp_path):
    with pytest.raises(InputError, match=r"image 'xx+': there is no file"):
        find_images(str(tmp_path), "{id}", ["x" * 300])


def test_several_files(tmp_path):
    draw(tmp_path / "x" / "a.png")
    draw(tmp_path / "y" / "a.png")
    with pytest.raises(InputError, match=r"several files: .*x/a.png and .*y/a.png"):
        find_images(str(tmp_path), "{id}.png", ["a"])


def test_one_file_for_two_images(tmp_path):
    draw(tmp_path / "a" / "1.png")
    draw(tmp_path / "c.png")
    names = ["b/1.png", "a/1.png", "d/c.png", "e/c.png"]
    found, problems = look_for_images(str(tmp_path), "{id}", names)
    assert found == {"a/1.png": tmp_path / "a" / "1.png"}
    several = f"{tmp_path}/c.png is the only file for several: 'd/c.png' and 'e/c.png'"
    assert problems == {
        "b/1.png": f"{tmp_path}/a/1.png is the only file for several: 'a/1.png' and"
        " 'b/1.png'",
        "d/c.png": several,
        "e/c.png": several,
    }


def test_images_that_share_a_file_by_their_pattern(tmp_path):
    path = draw(tmp_path / "x" / "a.png")
    found = find_images(str(tmp_path), "{1}.png", ["a_1", "a_2"])
    assert found == {"a_1": path, "a_2": path}


def test_links_to_folders(tmp_path):
    path = draw(tmp_path / "elsewhere" / "a.png")
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    (folder / "same").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(folder)
    found = find_images(str(folder), "train/{id}.png", ["a"])
    assert found == {"a": folder / "link" / "a.png"}
    assert found["a"].samefile(path)


def test_no_folder(tmp_path):
    with pytest.raises(InputError, match=r"no such folder.*images_dir"):
        find_images(str(tmp_path / "none"), "{id}.png", ["a"])


@pytest.mark.parametrize(
    "source_id", ["../secret", "x/../../secret", "/{folder}/secret", "*", "a\0"]
)
@pytest.mark.parametrize("pattern", ["{id}.png", "{id}*.png"])
def test_ids_that_lead_elsewhere(tmp_path, source_id, pattern):
    draw(tmp_path / "secret.png")
    draw(tmp_path / "images" / "a.png")
    source_id = source_id.replace("{folder}", str(tmp_path))
    with pytest.raises(InputError, match="there is no file"):
        find_images(str(tmp_path / "images"), pattern, [source_id])


def test_sizes(tmp_path):
    paths = {
        f"{width}": draw(tmp_path / f"{width}.png", width, 2 * width)
        for width in range(1, 60)
    }
    assert read_sizes(paths) == ({f"{n}": (n, 2 * n) for n in range(1, 60)}, {})


def test_large_image(tmp_path):
    path = tmp_path / "a.png"
    draw(path)
    content = bytearray(path.read_bytes())
    # Width and height in the header of a PNG file, and their checksum.
    content[16:24] = (40_000).to_bytes(4, "big") + (30_000).to_bytes(4, "big")
    content[29:33] = crc32(content[12:29]).to_bytes(4, "big")
    path.write_bytes(content)
    assert read_sizes({"a": path}) == ({"a": (40_000, 30_000)}, {})
    content[16:24] = b"\x7f" * 8
    content[29:33] = crc32(content[12:29]).to_bytes(4, "big")
    path.write_bytes(content)
    sizes, problems = read_sizes({"a": path})
    assert sizes == {}
    assert re.search(r"a\.png: .*exceeds limit", problems["a"])


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"text" * 99, POSTSCRIPT]
)
def test_not_an_image(tmp_path, content):
    path = tmp_path / "a.png"
    path.write_bytes(content)
    good = draw(tmp_path / "b.png")
    sizes, problems = read_sizes({"b": good, "a": path})
    assert sizes == {"b": (3, 2)}
    assert [*problems] == ["a"]
    assert re.search(r"a\.png: .", problems["a"])


@pytest.mark.parametrize(
    "name", ["train\\a.png", "C:\\x\\a.png", "..\\..\\x\\a.png", "/x/a.png", "../a.png"]
)
def test_backslashes_and_paths_elsewhere_are_found_by_their_last_part(tmp_path, name):
    path = draw(tmp_path / "train" / "a.png")
    assert find_images(str(tmp_path), "{id}", [name]) == {name: path}


def test_backslash_in_the_name_of_a_file(tmp_path):
    path = draw(tmp_path / "x\\a.png")
    draw(tmp_path / "x" / "a.png")
    assert find_images(str(tmp_path), "{id}", ["x\\a.png"]) == {"x\\a.png": path}


@pytest.mark.parametrize("pattern", ["{id}.png", "x/{id}.png", "{id}*.png"])
def test_what_is_no_file_is_not_an_image(tmp_path, pattern):
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "device.png").symlink_to("/dev/zero")
    (tmp_path / "nowhere.png").symlink_to("not-there.png")
    (tmp_path / "circle.png").symlink_to("circle.png")
    with socket.socket(socket.AF_UNIX) as one_end:
        one_end.bind(str(tmp_path / "socket.png"))
    names = ["pipe", "folder", "device", "nowhere", "circle", "socket"]
    found, problems = look_for_images(str(tmp_path), pattern, names)
    assert (found, [*problems]) == ({}, names)


def png(width, height):
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [header, b"IDAT" + compress(b"\0" * 9)]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", crc32(chunk))
        for chunk in chunks
    )


def tiff(n_tags, count):
    tag = struct.pack("<HHII", 256, 4, count, 8)
    return b"II*\0" + struct.pack("<IH", 8, n_tags) + tag + b"\0" * 40


# A box of a JPEG 2000 file that says that it is 2 ** 62 bytes long.
JPEG_2000 = (
    b"\0\0\0\x0cjP  \r\n\x87\n"
    b"\0\0\0\x14ftypjp2 \0\0\0\0jp2 "
    b"\0\0\0\x01jp2h" + struct.pack(">Q", 2**62) + b"\0" * 40
)


@pytest.mark.parametrize(
    "content",
    [
        JPEG_2000,
        png(0, 5),
        png(5, 0),
        png(65_536, 65_536),
        png(2**31 - 1, 2**31 - 1),
        png(5, 5)[:20],
        tiff(1, 2**32 - 1),
        tiff(65_535, 1),
        b"BM" + b"\xff" * 60,
        b"P6 " + b"9" * 400 + b" 5 255 ",
        b"\xff\xd8\xff\xe0" + b"\0" * 40,
        b"RIFF\xff\xff\xff\xffWEBPVP8 " + b"\xff" * 40,
    ],
)
def test_header_that_lies(tmp_path, content):
    path = tmp_path / "a.png"
    path.write_bytes(content)
    good = draw(tmp_path / "b.png")
    sizes, problems = read_sizes({"a": path, "b": good})
    assert sizes == {"b": (3, 2)}
    assert re.search(r"a\.png: \S+ .*\w", problems["a"])


def test_header_that_is_right(tmp_path):
    (tmp_path / "a.png").write_bytes(png(5, 6))
    assert read_sizes({"a": tmp_path / "a.png"}) == ({"a": (5, 6)}, {})


@pytest.mark.parametrize("error", [MemoryError(), KeyError(3), RecursionError("deep")])
def test_any_exception_of_a_header_is_that_of_its_file(tmp_path, monkeypatch, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("cocofolds.sources.image_sizes.Image.open", fail)
    _, problems = read_sizes({"a": tmp_path / "a.png"})
    assert re.search(r"a\.png: its header is not readable: \w", problems["a"])
