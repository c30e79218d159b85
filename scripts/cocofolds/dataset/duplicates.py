"""Find names that a reader would take for one, but that are two."""

from collections.abc import Iterable, Mapping
from unicodedata import normalize

from cocofolds.errors import first_named


def look_alikes(names: Iterable[str]) -> list[tuple[str, str]]:
    """Pair each name with the first one that differs in what one hardly sees.

    That is blanks at the ends or more than one between words, case, and whether an
    accent is part of its letter or a character of its own (Unicode NFC and NFD).

    Parameters
    ----------
    names : iterable of str

    Returns
    -------
    list of (str, str)
        A name, and the first one that looks like it.
    """
    first: dict[str, str] = {}
    pairs = []
    for name in names:
        other = first.setdefault(_looks(name), name)
        if other != name:
            pairs.append((name, other))
    return list(dict.fromkeys(pairs))


def look_alike_messages(names_by_kind: Mapping[str, Iterable[str]]) -> list[str]:
    """Name the first names of each kind that look like another one.

    Parameters
    ----------
    names_by_kind : mapping of str to iterable of str
        What they name, such as "categories".
    """
    return [
        f"{len(pairs)} {kind} differ from another in blanks, case or Unicode form,"
        f" and are taken for two all the same: {', '.join(first_named(pairs, _said))}"
        for kind, names in names_by_kind.items()
        if (pairs := look_alikes(names))
    ]


def _looks(name: str) -> str:
    text = " ".join(name.split()).casefold()
    text = text if text.isascii() else normalize("NFC", text)
    # Most names are as they look: the one text does for both.
    return name if text == name else text


def _said(pair: tuple[str, str]) -> str:
    # Two forms of one letter look the same, unless they are escaped.
    is_by_form = normalize("NFC", pair[0]) == normalize("NFC", pair[1])
    say = ascii if is_by_form else repr
    return f"{say(pair[0])} (beside {say(pair[1])})"
