"""The rows of shards, in a folder or in an archive."""

import pytest

from cocofolds.dataset.row_files import rows_of_shard, rows_written_whole
from cocofolds.files import write_table

COLUMNS = ("annotation_id", "source_id")
SHARDS = {"00001": [["1", 'é, "a"\nb'], ["2", "x"]], "00002": [["3", ""]]}


def write(path):
    with rows_written_whole(str(path)) as folder:
        for shard, rows in SHARDS.items():
            write_table(folder / f"{shard}.csv", COLUMNS, rows)


def read(path, shard):
    return [[*row.values()] for row in rows_of_shard(str(path), shard)]


def test_a_folder(tmp_path):
    write(tmp_path / "rows")
    for shard, rows in SHARDS.items():
        assert read(tmp_path / f"rows/{shard}.csv", shard) == rows


def test_an_archive(tmp_path):
    write(tmp_path / "a/rows.zip")
    for shard, rows in SHARDS.items():
        assert read(tmp_path / "a/rows.zip", shard) == rows
    # Nothing else is left, and the bytes are always the same.
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["rows.zip"]
    write(tmp_path / "b/rows.zip")
    first, second = ((tmp_path / f"{name}/rows.zip") for name in "ab")
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("name", ["rows", "rows.zip"])
def test_an_error_leaves_nothing(tmp_path, name):
    with pytest.raises(KeyError), rows_written_whole(str(tmp_path / name)) as folder:
        (folder / "00001.csv").write_text("half")
        raise KeyError
    assert [*tmp_path.iterdir()] == []
