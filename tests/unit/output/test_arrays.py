"""Arrays that are written part by part."""

import numpy as np
import pytest

from cocofolds.output.arrays import write_array


@pytest.mark.parametrize("lengths", [[], [0], [3], [5, 0, 12_345_678]])
def test_array_written_in_parts(tmp_path, lengths):
    path = tmp_path / "a.npy"
    dtype = np.dtype([("start", "<i8"), ("end", "<i4")])
    parts = [np.full(length, n, dtype) for n, length in enumerate(lengths)]
    with path.open("wb") as file:
        assert write_array(file, parts, dtype) == sum(lengths)
    whole = np.concatenate([np.empty(0, dtype), *parts])
    np.testing.assert_array_equal(np.load(path), whole, strict=True)
