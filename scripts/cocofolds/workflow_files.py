"""Where the workflow files are."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple


class WorkflowFiles(NamedTuple):
    """The files in the folder `workflow` that the library reads.

    Attributes
    ----------
    path_of : function
        Finds a file by its path in that folder, such as ``dialects/generic.yaml``;
        raises a FileNotFoundError where there is none.
    presets : sequence of str
        The names of the dialects, sorted; empty where they cannot be listed.
    """

    path_of: Callable[[str], Path]
    presets: Sequence[str]


def pipeline_folder() -> Path:
    """Find the folder of the Snakefile.

    Returns
    -------
    Path
        Within the package where it is installed; the clone where the package is
        imported from one.
    """
    package = Path(__file__).resolve().parent
    installed = package / "pipeline"
    return installed if installed.is_dir() else package.parents[1]


def workflow_files() -> WorkflowFiles:
    """Find the workflow files beside the library."""
    folder = pipeline_folder() / "workflow"
    presets = sorted(path.stem for path in folder.glob("dialects/*.yaml"))
    return WorkflowFiles(folder.joinpath, presets)
