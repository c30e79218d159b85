"""Run-length masks in, cross-validation folds in COCO JSON out.

The library behind the workflow: plain functions on plain data, which need no Snakemake.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cocofolds.data_frames import encode, to_coco

__all__ = ["encode", "to_coco"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import what encodes data frames once it is asked for.

    Each job imports this module, and few need NumPy and Pillow.
    """
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from cocofolds import data_frames

    return getattr(data_frames, name)
