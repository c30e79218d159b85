"""Arrays that are written part by part."""

from collections.abc import Iterable
from typing import Any, BinaryIO

import numpy as np
from numpy.lib.format import dtype_to_descr, write_array_header_1_0
from numpy.typing import NDArray


def write_array(
    file: BinaryIO, parts: Iterable[NDArray[Any]], dtype: np.dtype[Any]
) -> int:
    """Write a one-dimensional array to a `.npy` file part by part.

    Parameters
    ----------
    file : binary file
        Empty, and open for writing.
    parts : iterable of (n,) array of `dtype`
    dtype : dtype

    Returns
    -------
    int
        The length of the whole.
    """
    header = {"descr": dtype_to_descr(dtype), "fortran_order": False}
    length = 0
    write_array_header_1_0(file, {**header, "shape": (length,)})
    for part in parts:
        file.write(part.tobytes())
        length += len(part)
    # The header has room for any length.
    file.seek(0)
    write_array_header_1_0(file, {**header, "shape": (length,)})
    return length
