"""A source that changes while it is read, or after."""

import gzip
import hashlib

import pytest

from cocofolds.errors import CheckError, InputError
from cocofolds.sources.digests import as_indexed, digests_as_read, unchanged_while_read
from cocofolds.sources.records import SourceFile


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("one")
    return path


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("change", ["write", "remove"])
@pytest.mark.parametrize("error", [None, ValueError("a consequence")])
def test_changed_while_read(source, change, error):
    with (
        pytest.raises(InputError, match=r"a.csv: it changed while it was read"),
        unchanged_while_read([str(source)]),
    ):
        source.unlink()
        if change == "write":
            source.write_text("two")
        if error:
            raise error


def test_unchanged_while_read(source):
    with unchanged_while_read([str(source)]):
        source.read_text()
    with pytest.raises(ValueError, match="ours"), unchanged_while_read([str(source)]):
        raise ValueError("ours")


def test_as_indexed(source):
    digests = [sha256(b"one")]
    with as_indexed([str(source)], digests):
        pass
    with pytest.raises(CheckError, match="ours"), as_indexed([str(source)], digests):
        raise CheckError("ours")
    with (
        pytest.raises(CheckError, match=r"a.csv: it changed after `index` had read it"),
        as_indexed([str(source)], digests),
    ):
        source.write_text("two")
        raise CheckError("a consequence")


def test_digests_are_those_of_the_bytes(source):
    packed = source.with_name("b.csv.gz")
    packed.write_bytes(gzip.compress(b"one"))
    files = [
        SourceFile(str(source), sha256(b"one"), range(0)),
        SourceFile(str(packed), sha256(b"one"), range(0)),
    ]
    assert digests_as_read(files) == [sha256(b"one"), sha256(packed.read_bytes())]
