"""Where the workflow files are."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

#: The names of the dialects in `workflow/dialects`, sorted. Where the workflow is in a
#: repository elsewhere, its files can be fetched, but not listed.
PRESETS = (
    "airbus-2018",
    "carvana-2017",
    "clouds-2019",
    "coco",
    "dsb-2018",
    "hubmap-hpa-2022",
    "hubmap-kidney-2020",
    "imaterialist-2020",
    "sartorius-2021",
    "severstal-2019",
    "siim-acr-2019",
    "tgs-salt-2018",
    "uw-madison-2022",
)


class WorkflowFiles(NamedTuple):
    """The files in the folder `workflow` that the library reads.

    Attributes
    ----------
    path_of : function
        Finds a file by its path in that folder, such as ``dialects/generic.yaml``;
        raises a FileNotFoundError where there is none.
    presets : sequence of str
        The names of the dialects, sorted.
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
    return WorkflowFiles((pipeline_folder() / "workflow").joinpath, PRESETS)
