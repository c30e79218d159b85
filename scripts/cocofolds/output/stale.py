"""What is not of the data of today any more."""

import json
from hashlib import file_digest
from pathlib import Path


def is_of_earlier_data(record: Path) -> bool:
    """Tell whether a file has changed since something was made of it.

    Parameters
    ----------
    record : Path
        As `cocofolds.output.folders.write_record` writes it.
    """
    made = record.stat().st_mtime_ns
    try:
        digests = json.loads(record.read_bytes())
    except ValueError:
        return False
    for name, digest in digests.items() if isinstance(digests, dict) else ():
        path = Path(name)
        # What is older than the record needs no reading.
        if not path.exists():
            return True
        if path.stat().st_mtime_ns > made:
            with path.open("rb") as file:
                if file_digest(file, "sha256").hexdigest() != digest:
                    return True
    return False
