"""What was made on request, and is not of the data of today any more."""

from collections.abc import Callable
from pathlib import Path

from cocofolds.files import read_json_object, sha256_of

# Where a record is of what something was made of, and how it is called.
_RESULT_OF: dict[str, Callable[[Path], Path]] = {
    "preview/.*.json": lambda record: record.with_name(f"{record.stem[1:]}.png"),
    "*-k*/.complete.json": lambda record: record.with_name("checks.json"),
    "*/.archive.json": lambda record: Path(f"{record.parent}.zip"),
    "yolo/labels/.complete.json": lambda record: record.parents[1] / "summary.json",
    "*/yolo/fold_*/.complete.json": lambda record: record.with_name("data.yaml"),
}


def stale_results(results: Path) -> list[Path]:
    """List what was made on request, from data that is no longer that of the results.

    Parameters
    ----------
    results : Path
        The folder of the results; records name their files from where it is.
    """
    return [
        result_of(record)
        for pattern, result_of in _RESULT_OF.items()
        for record in sorted(results.glob(pattern))
        if result_of(record).exists() and is_of_earlier_data(record)
    ]


def is_of_earlier_data(record: Path) -> bool:
    """Tell whether a file has changed since something was made of it.

    Parameters
    ----------
    record : Path
        As `cocofolds.output.folders.write_record` writes it.
    """
    made = record.stat().st_mtime_ns
    for name, digest in read_json_object(record).items():
        path = Path(name)
        # What is older than the record needs no reading.
        if not path.exists():
            return True
        if path.stat().st_mtime_ns > made and sha256_of(path) != digest:
            return True
    return False
