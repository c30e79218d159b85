"""Name the pictures of images after the images, in a way that any file system takes."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from hashlib import sha256
from pathlib import PurePosixPath

from cocofolds.errors import InputError
from cocofolds.files import read_table

# In bytes. Files that are being written have the names of machine and process besides,
# and 255 bytes are the most that a name may have.
_LONGEST = 120
_SHORTEST_DIGEST = 8
# What Windows takes for a device.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{,99}", re.ASCII)

_MOST_SIMILAR = 3


def picture_names(source_ids: Iterable[str]) -> list[str]:
    """Name the picture of each image: its id, made safe for a file system.

    Parameters
    ----------
    source_ids : iterable of str
        All ids of a data set; no two are the same.

    Returns
    -------
    list of str
        Without suffix. Letters and digits of any script, ``-``, ``_`` and ``.`` stay,
        all else becomes ``_``. Names have 120 bytes at most, begin with no dot and
        differ also where case does not count: those that would be alike end in a
        digest of their id.
    """
    ids = [*source_ids]
    names = [_safe(source_id) for source_id in ids]
    length = _SHORTEST_DIGEST
    while alike := _alike(names):
        for position in alike:
            names[position] = _with_digest(ids[position], length)
        # Another id may look like a name with a digest.
        length = min(2 * length, sha256().digest_size * 2)
    return names


def _safe(source_id: str) -> str:
    """Write an id as a name; one that is too long ends in a digest."""
    if _PLAIN.fullmatch(source_id) and not _RESERVED.fullmatch(source_id):
        return source_id
    name = _readable(source_id)
    if len(name.encode()) > _LONGEST:
        return _with_digest(source_id, _SHORTEST_DIGEST)
    return name


def _readable(source_id: str) -> str:
    name = "".join(
        character if character in "-_." or _is_of_a_word(character) else "_"
        for character in unicodedata.normalize("NFC", source_id)
    )
    if not name or name.startswith(".") or _RESERVED.fullmatch(name):
        name = f"_{name.removeprefix('.')}"
    return name


def _is_of_a_word(character: str) -> bool:
    """Tell whether it is a letter, a digit, or an accent on one."""
    return unicodedata.category(character)[0] in "LMN"


def _with_digest(source_id: str, length: int) -> str:
    digest = sha256(source_id.encode(errors="surrogatepass")).hexdigest()[:length]
    kept = _readable(source_id).encode()[: _LONGEST - 1 - length]
    # It may have been cut within a character.
    return f"{kept.decode(errors='ignore')}-{digest}"


def _alike(names: Sequence[str]) -> list[int]:
    """Find the names that a file system may take for one."""
    keys = [
        name.lower()
        if name.isascii()
        else unicodedata.normalize(
            "NFKD", unicodedata.normalize("NFD", name).casefold()
        )
        for name in names
    ]
    if len({*keys}) == len(keys):
        return []
    number = Counter(keys)
    return [position for position, key in enumerate(keys) if number[key] > 1]


def position_of(asked: str, names: Sequence[str], images: str) -> int:
    """Find the image whose picture has a name.

    Parameters
    ----------
    asked : str
    names : sequence of str
        As `picture_names` gives them.
    images : str
        The path of `images.csv`.

    Raises
    ------
    InputError
        If there is none: it lists names that may be meant.
    """
    if asked in names:
        return names.index(asked)
    similar = _known_by(asked, names, read_table(images))
    similar = similar or get_close_matches(asked, names, _MOST_SIMILAR)
    hint = f" Is it {' or '.join(map(repr, similar))}?" if similar else ""
    raise InputError(
        f"No image has a preview named {asked!r}.{hint} A preview is named after the"
        f" source_id of its image; {images} lists them."
    )


def _known_by(
    asked: str, names: Sequence[str], images: Iterable[dict[str, str]]
) -> list[str]:
    """List the names of the first images with this id, number or file name."""
    wanted = {asked, asked.casefold()}
    found = []
    for name, image in zip(names, images, strict=True):
        file_name = PurePosixPath(image["file_name"])
        known_as = {name.casefold(), image["source_id"], image["image_id"]}
        if wanted & {*known_as, file_name.name, file_name.stem}:
            found.append(name)
    return found[:_MOST_SIMILAR]
