"""Run-length masks in, cross-validation folds in COCO JSON out.

The library behind the workflow: plain functions on plain data, which need no Snakemake.
"""

__version__ = "0.1.0"
