"""Found on PYTHONPATH, it lets a Snakemake of its own process run its jobs in forks."""

import os
import sys
from pathlib import Path

if "snakemake" in sys.orig_argv:
    sys.path.append(str(Path(__file__).parents[1]))
    from warm_snakemake import run_scripts_in_forks

    run_scripts_in_forks(os.environ["WARM_SNAKEMAKE"], os.devnull, 1200)
