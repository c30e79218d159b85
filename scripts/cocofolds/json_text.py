"""Edit the text of JSON and leave all that is not edited as it is spelled.

Reading a number and writing it again may change its digits (``1.50``, ``1e3``), and
text its escapes. Here nothing is written again.
"""

import json
import re
from collections.abc import Iterator, Mapping

#: Reads the value that begins at a place of a text: what it says, and where it ends.
read_value = json.JSONDecoder().raw_decode

_STRING = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")')
_BLANK = re.compile(r"[ \t\r\n]")


def compact(text: str) -> str:
    """Take the blanks between the parts of a JSON text away."""
    if not _BLANK.search(text):
        return text
    pieces = _STRING.split(text)
    pieces[0::2] = ["".join(piece.split()) for piece in pieces[0::2]]
    return "".join(pieces)


def has_nan(text: str) -> bool:
    """Tell whether NaN or Infinity, which are no JSON, are among the values."""
    # Most texts are told by this, which is fast.
    if "NaN" not in text and "Infinity" not in text:
        return False
    try:
        _read_strictly(text)
    except ValueError:
        return True
    return False


def _refuse(constant: str) -> None:
    raise ValueError(constant)


_read_strictly = json.JSONDecoder(parse_constant=_refuse).decode


def with_values(text: str, values: Mapping[str, str]) -> str:
    """Give members of an object other values.

    Parameters
    ----------
    text : str
        A JSON object without blanks between its parts.
    values : mapping of str to str
        The JSON text of the new value of each member. A member that the object does
        not have is added at its end.
    """
    if not values:
        return text
    members = {key: member for key, *member in _members(text)}
    for key, value in values.items():
        spelled_key = members[key][0] if key in members else json.dumps(key)
        members[key] = [spelled_key, value]
    return "{" + ",".join(f"{key}:{value}" for key, value in members.values()) + "}"


def _members(text: str) -> Iterator[tuple[str, str, str]]:
    """Go through an object: each key, its text, and the text of its value."""
    position = 1
    while position < len(text) - 1:
        key, key_end = read_value(text, position)
        _, value_end = read_value(text, key_end + 1)
        yield key, text[position:key_end], text[key_end + 1 : value_end]
        position = value_end + 1
