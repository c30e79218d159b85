"""Run-length masks in, cross-validation folds in COCO JSON out.

The library behind the workflow: plain functions on plain data, which need no Snakemake.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

# Relative, so that the digest of a job's code is not that of all of these.
if TYPE_CHECKING:
    from .data_frames import encode, to_coco
    from .folds.assignment import assign_folds
    from .folds.splitter import BalancedGroupKFold

_HOMES = {
    "BalancedGroupKFold": "cocofolds.folds.splitter",
    "assign_folds": "cocofolds.folds.assignment",
    "encode": "cocofolds.data_frames",
    "to_coco": "cocofolds.data_frames",
}

__all__ = ["BalancedGroupKFold", "assign_folds", "encode", "to_coco"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import what is for users of the library once it is asked for.

    Each job imports this module, and few need NumPy and Pillow.
    """
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
