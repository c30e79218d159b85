"""Read a JSON object piece by piece, in memory that follows its longest value."""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from cocofolds.errors import InputError
from cocofolds.json_text import read_value

# Characters of a value that is taken for one of COCO's.
_LONGEST_VALUE = 2**28

# Characters of anything that is no string or number, such as -Infinity and two escapes.
_LONGEST_TOKEN = 16

_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")
_BEHIND_A_VALUE = frozenset(" \t\r\n,:]}")
_NOT_BLANK = re.compile(r"[^ \t\r\n]")


class Value(NamedTuple):
    """A value of a JSON object.

    Attributes
    ----------
    key : str
        The member that it is, or belongs to.
    position : int
        Its position in the list that the member is, from 0; 0 if it is no list.
    where : str
        The same in words, such as ``annotations[16]``.
    text : str
        As it is there.
    value : object
        What it says.
    name : str or None
        Its own key, if an object is in place of the list; `where` then says
        ``annotations["17"]``.
    """

    key: str
    position: int
    where: str
    text: str
    value: Any
    name: str | None = None


def read_values(
    path: str,
    pieces: Iterable[str],
    lists: Collection[str],
    begun: set[str] | None = None,
) -> Iterator[Value]:
    """Read the members of the object that a file is.

    Parameters
    ----------
    path : str
        For messages.
    pieces : iterable of str
        The text of the file.
    lists : collection of str
        The members that are lists; their values come one by one. An object in place
        of a list is taken for the list of its values.
    begun : set of str, optional
        Gets those that are there.

    Yields
    ------
    Value
        In the order of the file. Of a file that is a list, its first value comes before
        the error, for one to say what it may be.

    Raises
    ------
    InputError
        If the text is not one JSON object, or is cut short.
    """
    window = _Window(path, pieces)
    no_object = "the file is no JSON object, as COCO's is"
    if window.character() == "[":
        yield from islice(_read_list(window, ""), 1)
        raise window.error(no_object)
    begun = set() if begun is None else begun
    for key in _read_keys(window, no_object):
        window.where = key
        if key not in lists:
            yield Value(key, 0, key, *window.value())
            continue
        if key in begun:
            raise window.error("duplicate list")
        begun.add(key)
        read = _read_object if window.character() == "{" else _read_list
        yield from read(window, key)
    if window.character():
        raise window.error("there is more behind the end of the object")


def _read_keys(window: "_Window", otherwise: str = "it is no object") -> Iterator[str]:
    """Go through an object: its keys, each with its value next to be read."""
    window.take("{", otherwise)
    goes_on = window.character() != "}"
    while goes_on:
        text, key = window.value()
        if not isinstance(key, str):
            raise window.error(f"{text[:20]} is no key")
        window.take(":", f"no colon behind {text[:20]}")
        yield key
        goes_on = window.goes_on()
    window.take("}", "no comma behind it")


def _read_object(window: "_Window", key: str) -> Iterator[Value]:
    for position, name in enumerate(_read_keys(window)):
        window.where = f"{key}[{json.dumps(name)}]"
        yield Value(key, position, window.where, *window.value(), name)


def _read_list(window: "_Window", key: str) -> Iterator[Value]:
    window.take("[", "it is neither a list nor an object")
    if window.character() != "]":
        window.where = f"{key}[0]"
        for position, (text, value) in enumerate(window.values()):
            yield Value(key, position, window.where, text, value)
            window.where = f"{key}[{position + 1}]"
    window.take("]", "no comma in front of it, nor the end of the list")


class _Window:
    """What is in memory of a text, which has been read up to a character not blank.

    Attributes
    ----------
    where : str
        What is being read, for messages.
    """

    def __init__(self, path: str, pieces: Iterable[str]) -> None:
        self.where = "its beginning"
        self._path = path
        self._pieces = iter(pieces)
        self._text = ""
        self._position = 0
        self._n_passed = 0
        self._pass_blanks()

    def character(self) -> str:
        """Look at the next character; "" at the end."""
        return self._text[self._position : self._position + 1]

    def take(self, character: str, otherwise: str) -> None:
        """Go behind the next character, which is this one or an error."""
        if self.character() != character:
            raise self.error(otherwise if self.character() else "the text ends")
        self._position += 1
        self._pass_blanks()

    def goes_on(self) -> bool:
        """Go behind a comma; tell whether there was one."""
        if self.character() != ",":
            return False
        self._position += 1
        self._pass_blanks()
        return True

    def value(self) -> tuple[str, Any]:
        """Read the next value: its text, and what it says."""
        while True:
            try:
                value, end = read_value(self._text, self._position)
            except json.JSONDecodeError as error:
                position = self._n_passed + error.pos
                if self._is_to_stay(error) or not self._read_on():
                    self._position = position - self._n_passed
                    raise self.error(error.msg) from None
            except ValueError as error:
                raise self.error(str(error)) from None
            except RecursionError:
                raise self.error("it is nested too deeply") from None
            else:
                text = self._text[self._position : end]
                # A number at the end of the window may go on.
                if self._text[end : end + 1] in _BEHIND_A_VALUE or not self._read_on():
                    self._position += len(text)
                    self._pass_blanks()
                    return text, value

    def values(self) -> Iterator[tuple[str, Any]]:
        """Read values with commas between them."""
        while True:
            yield self.value()
            # Most values are in the window as a whole, and are read at once.
            while comma := _COMMA.match(self._text, self._position):
                text, position = self._text, comma.end()
                try:
                    value, end = read_value(text, position)
                except (ValueError, RecursionError):
                    # It is read again, and `value` says what is wrong.
                    break
                if text[end : end + 1] not in _BEHIND_A_VALUE:
                    break
                self._position = end
                yield text[position:end], value
            self._pass_blanks()
            if not self.goes_on():
                return

    def error(self, reason: str) -> InputError:
        """Say that the text is not readable here."""
        character = self._n_passed + self._position + 1
        return InputError(
            f"{self._path}, {self.where}: not readable as JSON, or cut short, near"
            f" character {character}: {reason}. Check `dialect`, and the file."
        )

    def _is_to_stay(self, error: json.JSONDecodeError) -> bool:
        """Tell whether there is an error whatever is behind the window."""
        return error.pos < len(
            self._text
        ) - _LONGEST_TOKEN and not error.msg.startswith("Unterminated string")

    def _pass_blanks(self) -> None:
        while True:
            found = _NOT_BLANK.search(self._text, self._position)
            self._position = found.start() if found else len(self._text)
            if found or not self._read_on():
                return

    def _read_on(self) -> bool:
        """Move on behind what has been read; tell whether there was more to read."""
        left = self._text[self._position :]
        if len(left) > _LONGEST_VALUE:
            raise self.error("a value of this length is none of COCO's")
        self._n_passed += self._position
        self._position = 0
        # As much again: a long value is then not read much more than twice.
        pieces, wanted = [left], max(len(left), 1)
        for piece in self._pieces:
            pieces.append(piece)
            wanted -= len(piece)
            if wanted <= 0:
                break
        self._text = "".join(pieces)
        return len(self._text) > len(left)
