"""Folders in which the workflow's files lie beside the user's."""

import json
from functools import partial
from operator import methodcaller
from pathlib import Path, PurePosixPath

import pytest

from cocofolds.output.folders import write_among, write_record


def write(folder, contents, **others):
    """Write texts, or links where the content is a path."""
    paths = {PurePosixPath(name): content for name, content in contents.items()}

    def make(content):
        if isinstance(content, Path):
            return methodcaller("symlink_to", content)
        return partial(Path.write_text, data=content)

    makers = ((path, make(content)) for path, content in paths.items())
    return write_among(folder, paths, makers, **others)


def files_in(folder):
    """Read what a user sees, links as paths."""
    return {
        str(path.relative_to(folder)): (
            path.readlink() if path.is_symlink() else path.read_text()
        )
        for path in folder.rglob("*")
        if not path.name.startswith(".") and (path.is_symlink() or path.is_file())
    }


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "above" / "folder"


def test_what_an_earlier_call_wrote_is_replaced_or_removed(folder):
    write(folder, {"a/b/1": "one", "a/2": "two", "3": Path("x"), "4": Path("y")})
    assert write(folder, {"a/2": "new", "4": Path("z"), "c/5": "five"}) == []
    assert files_in(folder) == {"a/2": "new", "4": Path("z"), "c/5": "five"}
    assert not (folder / "a/b").exists()
    assert [p.name for p in folder.glob(".*")] == [".made_by_cocofolds"]


def test_what_is_of_the_user_is_kept(folder):
    write(folder, {"a/1": "one", "a/2": "two", "b": Path("x")})
    (folder / "a/mine").write_text("mine")
    (folder / "a/link").symlink_to("elsewhere")
    (folder / "runs").mkdir()
    (folder / "runs/best.pt").write_text("weights")
    write(folder, {"c": "three"})
    assert files_in(folder) == {
        "a/mine": "mine",
        "a/link": Path("elsewhere"),
        "runs/best.pt": "weights",
        "c": "three",
    }


def occupy_with_a_file(path):
    path.write_text("mine")


def occupy_with_a_link(path):
    path.symlink_to("/nowhere")


def occupy_with_a_folder(path):
    path.mkdir()
    (path / "within").write_text("mine")


@pytest.mark.parametrize(
    "occupy", [occupy_with_a_file, occupy_with_a_link, occupy_with_a_folder]
)
@pytest.mark.parametrize("content", ["text", Path("target")])
def test_what_is_in_the_way_is_named_and_kept(folder, occupy, content):
    folder.mkdir(parents=True)
    occupy(folder / "1")
    before = files_in(folder)
    assert write(folder, {"1": content, "2": "two"}) == [folder / "1"]
    assert files_in(folder) == before | {"2": "two"}
    # It has not become one of ours.
    write(folder, {})
    assert files_in(folder) == before


@pytest.mark.parametrize("occupy", [occupy_with_a_link, occupy_with_a_folder])
def test_a_file_that_the_user_replaced_by_something_else(folder, occupy):
    write(folder, {"1": "one"})
    (folder / "1").unlink()
    occupy(folder / "1")
    before = files_in(folder)
    assert write(folder, {"1": "two"}) == [folder / "1"]
    assert files_in(folder) == before
    write(folder, {})
    assert files_in(folder) == before


def test_a_file_where_a_folder_is_needed(folder):
    folder.mkdir(parents=True)
    (folder / "a").write_text("mine")
    assert write(folder, {"a/1": "one"}) == [folder / "a/1"]
    assert files_in(folder) == {"a": "mine"}


def test_what_is_there_already_as_it_should_be(folder):
    """Such as the labels that an earlier version wrote, which kept no list."""
    folder.mkdir(parents=True)
    (folder / "1").write_text("one")
    (folder / "2").symlink_to("x")
    assert write(folder, {"1": "one", "2": Path("x")}) == []
    assert write(folder, {}) == []
    assert files_in(folder) == {}


def test_after_an_end_in_the_middle(folder):
    def ends():
        yield PurePosixPath("1"), partial(Path.write_text, data="half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_among(folder, [PurePosixPath("1"), PurePosixPath("2")], ends())
    assert write(folder, {"1": "one", "2": "two"}) == []
    assert files_in(folder) == {"1": "one", "2": "two"}


def test_files_of_another_job_are_replaced_but_not_removed(folder):
    folder.mkdir(parents=True)
    (folder / "1").write_text("asked for")
    assert write(folder, {"1": "new"}, also_made=[PurePosixPath("1")]) == []
    write(folder, {}, also_made=[PurePosixPath("1")])
    assert files_in(folder) == {"1": "new"}


def test_what_a_user_put_in_the_place_of_ours_is_kept(folder):
    write(folder, {"1": "one", "2": "two", "3": "three"})
    (folder / "1").write_text("corrected")
    (folder / "2").unlink()
    (folder / "2").symlink_to("elsewhere")
    assert write(folder, {"1": "other", "3": "four"}) == [folder / "1"]
    assert (folder / "1").read_text() == "corrected"
    assert (folder / "2").is_symlink()
    assert (folder / "3").read_text() == "four"
    write(folder, {})
    assert (folder / "1").read_text() == "corrected"
    assert not (folder / "3").exists()


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_list_that_is_damaged(folder, text):
    write(folder, {"1": "one"})
    (folder / ".made_by_cocofolds").write_text(text)
    assert write(folder, {"1": "one", "2": "two"}) == []


def test_record(tmp_path):
    (tmp_path / "1").write_bytes(b"abc")
    write_record(tmp_path / "record", [str(tmp_path / "1")])
    # The digest of the example in FIPS 180-2.
    assert json.loads((tmp_path / "record").read_bytes()) == {
        str(tmp_path / "1"): "ba7816bf8f01cfea414140de5dae2223"
        "b00361a396177a9cb410ff61f20015ad"
    }
