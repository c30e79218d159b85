"""Records of what results were made from: content counts, dates do not."""

import os
from pathlib import Path

import pytest

from cocofolds.config import made_from
from cocofolds.errors import InputError
from cocofolds.files import read_json, sha256_of, write_json
from cocofolds.output.results import Split, files_for_users

RESULTS = Path("results")
RECORD = made_from.path_of_record(RESULTS, "index")
SETTINGS = {"seed": 1}
SOURCES = ["a.csv", "b.csv"]
LATER = 4_000_000_000


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made_from.digest_of_names.cache_clear()
    made_from._digest_in_state.cache_clear()
    for name in SOURCES:
        Path(name).write_text(name)


def write():
    """Write the record of today, and return it."""
    record = made_from.current_record(RESULTS, "index", SETTINGS, SOURCES)
    made_from.write_record(RESULTS, "index", record)
    return record


def index_has_read(*names):
    digests = [sha256_of(name) for name in names]
    Path("results/index").mkdir(parents=True, exist_ok=True)
    write_json("results/index/source.json", {"digests": digests})


def test_a_record_says_settings_and_digests():
    record = write()
    assert record == {
        "settings": SETTINGS,
        "sources": {name: sha256_of(name) for name in SOURCES},
    }
    assert read_json(RECORD) == record


def test_another_date_alone_is_nothing_new():
    record = write()
    index_has_read(*SOURCES)
    before = RECORD.stat().st_mtime_ns
    os.utime("a.csv", (LATER, LATER))
    assert write() == record
    assert RECORD.stat().st_mtime_ns == before


@pytest.mark.parametrize("is_older", [False, True])
def test_other_content_is(is_older):
    record = write()
    index_has_read(*SOURCES)
    date = Path("a.csv").stat().st_mtime
    Path("a.csv").write_text("A.csv")
    os.utime("a.csv", (date, 1 if is_older else date))
    assert not made_from.still_holds(RESULTS, record, SETTINGS, SOURCES)
    assert write()["sources"]["a.csv"] == sha256_of("a.csv")


def test_other_settings_and_another_order_are():
    record = write()
    assert made_from.still_holds(RESULTS, record, SETTINGS, SOURCES)
    assert not made_from.still_holds(RESULTS, record, {"seed": 2}, SOURCES)
    assert not made_from.still_holds(RESULTS, record, SETTINGS, SOURCES[::-1])
    assert not made_from.still_holds(RESULTS, record, SETTINGS, SOURCES[:1])
    assert not made_from.still_holds(RESULTS, {}, SETTINGS, SOURCES)


def test_a_source_that_is_gone_is_known_by_its_name():
    record = write()
    Path("a.csv").unlink()
    assert made_from.still_holds(RESULTS, record, SETTINGS, SOURCES)
    made_from.refuse_missing(RESULTS, SETTINGS, SOURCES)
    with pytest.raises(InputError, match=r"there is no file 'a.csv' in "):
        made_from.refuse_missing(RESULTS, {"seed": 2}, SOURCES)


def test_what_the_index_has_read_counts():
    """Another workflow makes a source after the record; the index read that one."""
    record = write()
    Path("a.csv").write_text("A.csv")
    index_has_read(*SOURCES)
    assert made_from.still_holds(RESULTS, record, SETTINGS, SOURCES)
    Path("a.csv").write_text("a.csv")
    assert not made_from.still_holds(RESULTS, record, SETTINGS, SOURCES)


def test_a_record_that_is_right_again_is_written_again():
    write()
    Path("a.csv").write_text("A.csv")
    index_has_read(*SOURCES)
    os.utime("results/index/source.json", (LATER, LATER))
    Path("a.csv").write_text("a.csv")
    record = made_from.current_record(RESULTS, "index", SETTINGS, SOURCES)
    assert record["in_place_of"] == read_json("results/index/source.json")["digests"]
    os.utime(RECORD, (LATER + 1, LATER + 1))
    assert "in_place_of" not in made_from.current_record(
        RESULTS, "index", SETTINGS, SOURCES
    )


@pytest.mark.parametrize("damage", ["", "[]", '{"settings": 3}', "{"])
def test_a_damaged_record_is_no_record(damage):
    record = write()
    RECORD.write_text(damage)
    assert write() == record


def test_nothing_is_dated_after_a_new_record():
    result = Path("results/checks.json")
    link = Path("results/other.json")
    result.parent.mkdir()
    result.write_text("{}")
    link.symlink_to(Path("a.csv").absolute())
    for path in (result, Path("a.csv")):
        os.utime(path, (LATER, LATER))
    write()
    assert result.stat().st_mtime_ns < RECORD.stat().st_mtime_ns
    assert Path("a.csv").stat().st_mtime == LATER


def test_no_file_of_a_split_is_dated_after_a_new_record():
    """Archives would be made again in each run."""
    paths = [Path("results", name) for name in files_for_users(Split("image", 2, 221))]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
        os.utime(path, (LATER, LATER))
    write()
    newest = RECORD.stat().st_mtime_ns
    assert [path for path in paths if path.stat().st_mtime_ns > newest] == []


def test_where_nothing_can_be_written():
    Path("results").write_text("a file")
    with pytest.raises(InputError, match=r"results/made_from/index.json: "):
        write()


def test_which_image_files_there_are():
    folder = Path("images")
    (folder / "below").mkdir(parents=True)

    def digest():
        made_from.digest_of_names.cache_clear()
        return made_from.digest_of_names("images", RESULTS)

    assert made_from.digest_of_names(None, RESULTS) is None
    empty = digest()
    (folder / "notes.txt").write_text("")
    assert digest() == empty
    (folder / "below" / "a.png").write_text("")
    one = digest()
    assert one != empty
    (folder / "below" / "a.png").write_text("other content")
    assert digest() == one
    # A folder that leads back into itself.
    (folder / "below" / "again").symlink_to(folder.absolute())
    assert digest() == one
    (folder / "scan").write_text("")
    assert digest() != one


def test_state_of_image_files():
    """Names, sizes and dates count; other files do not."""
    folder = Path("images")
    (folder / "below").mkdir(parents=True)

    def digest(*names):
        made_from._files_in.cache_clear()
        return made_from.digest_of_image_files("images", names)

    nothing = digest("a.png", "b.png")
    (folder / "below" / "a.png").write_text("a")
    one = digest("a.png", "b.png")
    assert one != nothing
    (folder / "c.png").write_text("c")
    assert digest("a.png", "b.png") == one != digest("a.png", "c.png")
    os.utime(folder / "below" / "a.png", (LATER, LATER))
    touched = digest("a.png", "b.png")
    assert touched != one
    (folder / "below" / "a.png").write_text("longer")
    os.utime(folder / "below" / "a.png", (LATER, LATER))
    assert digest("a.png", "b.png") not in (one, touched)
    made_from._files_in.cache_clear()
    assert made_from.digest_of_image_files("gone", ["a.png"])


def test_a_record_of_images_dates_what_follows_from_them():
    record = made_from.path_of_record(RESULTS, "image_files/00002")
    names = ["fingerprints/00002.csv", "fingerprints/00001.csv", "duplicates.csv"]
    paths = [Path("results", name) for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
        os.utime(path, (LATER, LATER))
    made_from.write_record(
        RESULTS, "image_files/00002", {}, made_from.made_of_images("00002")
    )
    made_from.write_record(
        RESULTS, "image_files/00002", {"a": 1}, made_from.made_of_images("00002")
    )
    now = record.stat().st_mtime
    assert [path.stat().st_mtime <= now for path in paths] == [True, False, True]
