import os


def by_size(base, per_megabyte=0, files=None):
    """A function for a resource that follows the size of the input.

    Each further attempt asks for as much again. Memory includes that of the Snakemake
    that runs the job on its machine. `files` stand for the input where that is not
    there yet when a group of jobs is submitted.
    """

    def amount(wildcards, input, attempt):
        paths = files or input
        size = sum(map(size_of, paths)) if per_megabyte else 0
        return attempt * int(base + per_megabyte * size / 1e6)

    return amount


def size_of(path):
    """The size of a file in bytes; 0 if it is not there, or not yet."""
    return os.path.getsize(path) if os.path.exists(path) else 0
