"""Empty masks that the dialect does not know as such."""

import json
from collections.abc import Container, Sequence

# What competitions and pandas write in place of the runs of an image without a mask.
_NO_LENGTH = ("0 0", "1 0")
_MARKERS = frozenset(
    ("", "-", "-1", "0", "[]", "na", "n/a", "nan", "none", "null", *_NO_LENGTH)
)
# What all messages about them have.
_ADVISED = "`no_mask: ["
_LONGEST_MARKER = max(map(len, _MARKERS))


def unlisted_marker(runs: str, no_mask: Sequence[str]) -> str:
    """Say that a row seems to have no mask, and which key takes it so; "" if not.

    Parameters
    ----------
    runs : str
        The run-length text, without blanks around it; not one of `no_mask`.
    no_mask : sequence of str
        What stands for no mask in the dialect.
    """
    if len(runs) > _LONGEST_MARKER or runs.lower() not in _MARKERS:
        return ""
    listed = json.dumps([*no_mask, runs])
    what = f"is {runs!r}" if runs else "is empty"
    if runs in _NO_LENGTH:
        what += ", a run of no length"
    return (
        f"the run-length text {what}; if this means no mask, `no_mask: {listed}` in the"
        " dialect keeps the image, without annotations"
    )


def advice(
    rejected: Sequence[tuple[str, str]], kept: Container[str], are_left_out: bool
) -> str:
    """Say what to do about rows that are not masks; of an empty mask, what keeps it.

    Parameters
    ----------
    rejected : sequence of (str, str)
        Image and reason of each row.
    kept : container of str
        The images that have another row.
    are_left_out : bool
        Whether these rows are left out, or are an error.
    """
    others = [(image, reason) for image, reason in rejected if _ADVISED not in reason]
    to_lose = rejected if are_left_out else others
    lost = [*dict.fromkeys(i for i, _ in to_lose if i and i not in kept)]
    with_them = f" With them go {len(lost)} images without another row"
    with_them = f"{with_them}, such as {lost[0]!r}." if lost else ""
    sentences = []
    if are_left_out:
        sentences.append(
            f"They are left out; results/rejected.csv lists them.{with_them}"
        )
    if len(others) < len(rejected):
        sentences.append(
            "For rows that say that there is no mask, set the `no_mask` that is named,"
            ' such as `dialect: {preset: NAME, no_mask: [""]}`: their images are kept.'
        )
    if others and not are_left_out:
        sentences.append(
            "Fix them, or set `on_invalid: skip` to leave them out and list them in"
            f" results/rejected.csv.{with_them}"
        )
    return " ".join(sentences)
