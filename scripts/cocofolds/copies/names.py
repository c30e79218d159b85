"""Images that belong together by their names: augmented copies, frames of videos."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from cocofolds.errors import first_named
from cocofolds.sources.groups import group_in_name, value_under

#: The key under which Roboflow's COCO JSON has the name of the original.
ORIGINAL = "extra.name"
#: What is before the mark that Roboflow puts into the name of each copy; all of the
#: name of an image without it.
AUGMENTED = r"^(.+?)(?:\.rf\.|$)"
#: What is before the word "frame" and its number, or before a number of some digits.
FRAMES = (
    r"(?i)^(.+?)[_.\- /]*(?:frame[_.\- ]*\d+)?(?:\.[a-z]\w*)?$",
    r"^(.+?)[_.\- /]*(?:\d{3,})?(?:\.[A-Za-z]\w*)?$",
)

_NUMBER = re.compile(r"(\d+)(?:\.[A-Za-z]\w*)?$")
# How cameras and people name images of anything, and the parts of a data set.
_NO_CLIPS = frozenset(
    (
        *("img", "image", "images", "photo", "picture", "pic", "scan", "slide"),
        *("dsc", "dscn", "dscf", "dji", "pxl", "mvi", "screenshot"),
        *("train", "training", "val", "valid", "validation", "test"),
    )
)
# Images that a name needs to be that of a video, and videos.
_FEWEST_FRAMES, _FEWEST_CLIPS = 3, 2


class Families(NamedTuple):
    """Images that belong together.

    Attributes
    ----------
    what : str
        What they are.
    setting : str
        The line of config.yaml that makes groups of them.
    of_images : list of str
        The family of each image.
    """

    what: str
    setting: str
    of_images: list[str]


def name_messages(
    images: Sequence[Mapping[str, str]], folds: Sequence[int]
) -> Iterator[str]:
    """Say which images belong together by their names, and are in several folds.

    Parameters
    ----------
    images : (n_images,) sequence of mapping
        Rows of `images.csv`.
    folds : (n_images,) sequence of int
        The fold that holds out each image.
    """
    families = families_in(images)
    if families is None:
        return
    folds_of: dict[str, set[int]] = defaultdict(set)
    for family, fold in zip(families.of_images, folds, strict=True):
        folds_of[family].add(fold)
    divided = [family for family, some in folds_of.items() if len(some) > 1]
    if divided:
        n_images = Counter(families.of_images)
        named = first_named(divided, lambda name: f"{name!r}: {n_images[name]} images")
        yield (
            f"By their names, images are {families.what}. {len(divided)} of"
            f" {len(folds_of)} are in several folds, so in train and val:\n"
            f"  {', '.join(named)}\n"
            f"`split_by: group` keeps each in one fold, with `{families.setting}`."
        )


def families_in(images: Sequence[Mapping[str, str]]) -> Families | None:
    """Look for images that belong together by their names; None if there are none.

    Parameters
    ----------
    images : sequence of mapping
        Rows of `images.csv`.
    """
    originals = [*map(_original_of, images)]
    if all(originals) and _are_shared(originals):
        what = "augmented copies of the same originals"
        return Families(what, f"group_column: {ORIGINAL}", originals)
    names = [row["file_name"] if row["record"] else row["source_id"] for row in images]
    if any(".rf." in name for name in names):
        originals = [group_in_name(AUGMENTED, name) for name in names]
        if _are_shared(originals):
            what = "augmented copies of the same originals"
            return Families(what, f"group_pattern: '{AUGMENTED}'", originals)
    categories = {row["category"] for row in images}
    for pattern, is_said in zip(FRAMES, (True, False), strict=True):
        clips = [group_in_name(pattern, name) for name in names]
        if _are_clips(clips, names, categories, is_said):
            return Families("frames of videos", f"group_pattern: '{pattern}'", clips)
    return None


def _original_of(row: Mapping[str, str]) -> str:
    """Read the name of the original in the record of an image; "" if it says none."""
    if '"extra"' not in row["record"]:
        return ""
    name = value_under(json.loads(row["record"]), ORIGINAL)
    return name if isinstance(name, str) else ""


def _are_shared(names: Sequence[str]) -> bool:
    return 1 < len({*names}) < len(names)


def _are_clips(
    clips: Sequence[str],
    names: Sequence[str],
    categories: set[str],
    is_said: bool,
) -> bool:
    """Tell whether names are those of frames, and not of images that are numbered.

    Most images are of several names with a letter in them, none of which is that of a
    category, a camera or a part of a data set. Unless the names say that they are
    frames, the numbers of each have as many digits and one step.

    Parameters
    ----------
    clips : (n_images,) sequence of str
        What may be the name of the video.
    names : (n_images,) sequence of str
    categories : set of str
    is_said : bool
        Whether the names say it.
    """
    numbers: dict[str, list[str]] = defaultdict(list)
    for clip, name in zip(clips, names, strict=True):
        found = _NUMBER.search(name)
        if found and clip != name:
            numbers[clip].append(found[1])
    ruled_out = _NO_CLIPS | {_letters(category) for category in categories}
    likely = {
        clip: some
        for clip, some in numbers.items()
        if len(some) >= _FEWEST_FRAMES
        and _letters(clip)
        and _letters(clip.rpartition("/")[2] or clip) not in ruled_out
        and (is_said or _have_one_step(some))
    }
    n_likely = sum(map(len, likely.values()))
    return len(likely) >= _FEWEST_CLIPS and 2 * n_likely > len(names)


def _have_one_step(numbers: Sequence[str]) -> bool:
    """Tell whether most of some numbers follow each other in one step."""
    if len({*map(len, numbers)}) > 1:
        return False
    steps = Counter(b - a for a, b in pairwise(sorted(map(int, numbers))))
    return 2 * steps.most_common(1)[0][1] > len(numbers) - 1


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text)).lower()
