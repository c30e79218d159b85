"""Where the workflow files are."""

from pathlib import Path


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
