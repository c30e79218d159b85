"""What an audit finds: what leaks between parts, and what else is wrong with them."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import PurePosixPath
from typing import Literal, NamedTuple, TypeVar

import numpy as np

from cocofolds.audit.parts import Part
from cocofolds.audit.shares import (
    Shares,
    deviation_from_sizes,
    deviations_from_sizes,
    due_shares,
    nearest_to_sizes,
)
from cocofolds.copies.names import families_in
from cocofolds.copies.pairs import CopyPair
from cocofolds.folds.balance import EXPLAINED, Deviations
from cocofolds.wording import counted

#: A leak is what is in two parts; a problem and a thing to look at are not.
Level = Literal["leak", "problem", "look", "ok"]

# How many examples of a finding are kept.
_NAMED = 10

_LEVEL_OF: dict[str, Level] = {
    "even": "ok",
    "uneven": "look",
    "very uneven": "problem",
}

Key = TypeVar("Key", bound=Hashable)
#: The positions of the parts that something is in, in order.
Where = tuple[int, ...]


class Finding(NamedTuple):
    """One thing that was looked for.

    Attributes
    ----------
    what : str
        Of what it is, such as "images".
    level : {"leak", "problem", "look", "ok"}
    n : int
        How many there are that are not as they should be.
    said, detail : str
        What was found, and why it matters.
    examples : list of str
        The first ones.
    """

    what: str
    level: Level
    n: int
    said: str
    detail: str = ""
    examples: Sequence[str] = ()


def findings_of_names(parts: Sequence[Part]) -> Iterator[Finding]:
    """Look for images that are in several parts, or may be, by their file names.

    Parameters
    ----------
    parts : sequence of Part

    Yields
    ------
    Finding
    """
    shared = in_several([part.images.names for part in parts])
    sizes = [_sizes_of(part, shared) for part in parts]
    resized = {
        name: where
        for name, where in shared.items()
        if len({sizes[part][name] for part in where} - {""}) > 1
    }
    leaks = {name: where for name, where in shared.items() if name not in resized}
    yield _finding(
        "images",
        "leak",
        len(leaks),
        f"{_are(len(leaks), 'image')} in more than one part",
        "A model is scored on images that it was trained on.",
        (name + _in(parts, where) for name, where in leaks.items()),
        "No image is in two parts",
    )
    if leaks:
        yield from _findings_of_contents(parts, leaks)
    examples = [
        f"{name}: "
        + ", ".join(f"{sizes[part][name] or '?'} in {parts[part].name}" for part in at)
        for name, at in resized.items()
    ] + [" and ".join(names) for names in _alike(parts, shared)]
    yield _finding(
        "file names",
        "look",
        len(examples),
        f"{counted(len(examples), 'file name')} in more than one part, of another"
        " folder or of images of another size",
        "They may be the same image; --images compares the files.",
        examples,
        "No two parts have images of one name elsewhere",
    )


def findings_of_groups(parts: Sequence[Part]) -> Iterator[Finding]:
    """Look for groups that are in several parts.

    Parameters
    ----------
    parts : sequence of Part
        Some of their images have groups.

    Yields
    ------
    Finding
    """
    shared = in_several([filter(None, part.images.groups) for part in parts])
    groups = {group for part in parts for group in part.images.groups if group}
    yield _finding(
        "groups",
        "leak",
        len(shared),
        f"{len(shared):,} of {counted(len(groups), 'group')}"
        f" {'is' if len(shared) == 1 else 'are'} in more than one part",
        "Images of a group are alike, so a model is scored on what it has seen.",
        (group + _in(parts, where) for group, where in shared.items()),
        f"None of {counted(len(groups), 'group')} is in two parts",
    )
    alone = [
        f"{name} in {part.name}"
        for part in parts
        for name, group in zip(part.images.names, part.images.groups, strict=True)
        if not group
    ]
    if alone:
        yield Finding(
            "no group",
            "look",
            len(alone),
            f"{_are(len(alone), 'image')} of no group",
            "Nothing is known of what they have in common with others.",
            alone[:_NAMED],
        )


def findings_of_families(parts: Sequence[Part]) -> Iterator[Finding]:
    """Look for images that belong together by their names, where no one said groups.

    Parameters
    ----------
    parts : sequence of Part

    Yields
    ------
    Finding
        One, if there are such images.
    """
    rows = [
        {"file_name": name, "source_id": name, "record": "", "category": category}
        for part in parts
        for name, category in zip(part.images.names, _categories_of(part), strict=True)
    ]
    families = families_in(rows)
    if families is None:
        return
    names = iter(families.of_images)
    of_parts = [[*islice(names, len(part.images.names))] for part in parts]
    shared, n_families = in_several(of_parts), len({*families.of_images})
    option = families.setting.replace("_", "-", 1).replace(": ", " ", 1)
    yield _finding(
        "groups",
        "look",
        len(shared),
        f"By their names, images are {families.what}: {len(shared):,} of"
        f" {n_families:,} are in more than one part",
        f"They are groups with --{option}.",
        (name + _in(parts, where) for name, where in shared.items()),
        f"By their names, images are {families.what}: none of {n_families:,} is in two"
        " parts",
    )


def _categories_of(part: Part) -> list[str]:
    """Name a category of each image; "" for an image without annotations."""
    categories = [""] * len(part.images.names)
    names = [*part.categories, ""]
    for image, category in zip(
        part.annotations.images.tolist(),
        part.annotations.categories.tolist(),
        strict=True,
    ):
        if image >= 0:
            categories[image] = names[category]
    return categories


def findings_of_copies(
    parts: Sequence[Part], pairs: Iterable[CopyPair], problems: Mapping[str, str]
) -> Iterator[Finding]:
    """Look for copies of images that are in another part.

    Parameters
    ----------
    parts : sequence of Part
    pairs : iterable of CopyPair
        Copies among the images of all parts, by their names.
    problems : mapping of str to str
        Of each image that could not be compared, why.

    Yields
    ------
    Finding
    """
    parts_of = holders([part.images.names for part in parts])
    leaks = [
        pair
        for pair in pairs
        if len({*parts_of[pair.first], *parts_of[pair.second]}) > 1
    ]
    yield _finding(
        "copies",
        "leak",
        len(leaks),
        f"{counted(len(leaks), 'pair')} of copies in more than one part",
        "A copy has another file name, and the same picture.",
        (
            f"{pair.first} in {_named(parts, parts_of[pair.first])},"
            f" {pair.second} in {_named(parts, parts_of[pair.second])}: {pair.kind}"
            for pair in leaks
        ),
        "No copy of an image is in another part",
    )
    if problems:
        yield Finding(
            "files",
            "look",
            len(problems),
            f"{counted(len(problems), 'image')} could not be compared with others",
            "Copies of them are not found.",
            [f"{name}: {why}" for name, why in islice(problems.items(), _NAMED)],
        )


def findings_of_ids(parts: Sequence[Part]) -> Iterator[Finding]:
    """Look for ids that stand for something else in another part.

    Parameters
    ----------
    parts : sequence of Part

    Yields
    ------
    Finding
    """
    names = [
        dict(zip(part.images.ids, part.images.names, strict=True)) for part in parts
    ]
    ids = {
        image_id: where
        for image_id, where in in_several(names).items()
        if image_id is not None and len({names[part][image_id] for part in where}) > 1
    }
    yield _finding(
        "image ids",
        "look",
        len(ids),
        f"{counted(len(ids), 'image id')} of another image in another part",
        "It matters only where the files are merged: number them again first.",
        (
            f"{image_id!r}: "
            + ", ".join(f"{names[part][image_id]} in {parts[part].name}" for part in at)
            for image_id, at in ids.items()
        ),
        "No image id is that of another image in another part",
    )
    shared = in_several([part.annotations.ids for part in parts])
    shared.pop(None, None)
    yield _finding(
        "annotation ids",
        "look",
        len(shared),
        f"{_are(len(shared), 'annotation id')} in more than one part",
        "It matters only where the files are merged: number them again first.",
        (f"{of!r}{_in(parts, where)}" for of, where in shared.items()),
        "No annotation id is in two parts",
    )


def findings_of_categories(parts: Sequence[Part], shares: Shares) -> Iterator[Finding]:
    """Look for categories that are not the same in all parts.

    Parameters
    ----------
    parts : sequence of Part
    shares : Shares
        Those of the parts.

    Yields
    ------
    Finding
    """
    by_name = [part.categories for part in parts]
    by_id = [{i: name for name, i in part.categories.items()} for part in parts]
    detail = "A model that has learned one numbering is scored by another."
    renumbered = [*_said_otherwise(parts, by_name)]
    yield _finding(
        "category ids",
        "problem",
        len(renumbered),
        f"{_have(len(renumbered), 'category', 'categories')} another id in another"
        " part",
        detail,
        renumbered,
        "Each category has the same id in all parts",
    )
    renamed = [*_said_otherwise(parts, by_id)]
    yield _finding(
        "category names",
        "problem",
        len(renamed),
        f"{_have(len(renamed), 'category id')} another name in another part",
        detail,
        renamed,
        "Each category id has the same name in all parts",
    )
    names = dict.fromkeys(name for part in parts for name in part.categories)
    missing = {
        name: absent
        for name in names
        if (absent := [p.name for p in parts if name not in p.categories])
    }
    yield _finding(
        "categories",
        "problem",
        len(missing),
        f"{_are(len(missing), 'category', 'categories')} missing from a part's list",
        "Readers that number the categories of a file by themselves differ between"
        " parts.",
        (f"{name}: not in {' and '.join(absent)}" for name, absent in missing.items()),
        "All parts list the same categories",
    )
    unused = [
        f"{name}: none in {' and '.join(without)}"
        for name, counts in zip(
            shares.categories, shares.annotations.tolist(), strict=True
        )
        if (without := [p.name for p, n in zip(parts, counts, strict=True) if not n])
    ]
    yield _finding(
        "unused",
        "look",
        len(unused),
        f"{_are(len(unused), 'category', 'categories')} without annotations in a part",
        "What is not in train cannot be learned; what is not in val is not measured.",
        unused,
        "Each category in use has annotations in all parts",
    )


def finding_of_balance(parts: Sequence[Part], shares: Shares) -> Finding:
    """Say how evenly the parts share the categories, by their numbers of images.

    Parameters
    ----------
    parts : sequence of Part
    shares : Shares
        Those of the parts.
    """
    if not shares.categories:
        return Finding("balance", "ok", 0, "There are no annotations to share")
    off = deviations_of(shares)
    counts = shares.images if off.kind == "images" else shares.annotations
    row = int(
        np.argmax(
            deviations_from_sizes(counts, shares.sizes)
            - deviations_from_sizes(
                nearest_to_sizes(shares.images, shares.sizes), shares.sizes
            )
        )
    )
    of_parts = counts[row] / counts[row].sum()
    due = due_shares(shares.sizes)
    column = int(np.argmax(np.abs(of_parts - due)))
    level = _LEVEL_OF[off.word]
    return Finding(
        "balance",
        level,
        0 if level == "ok" else 1,
        f"The categories are shared {off.word.replace('uneven', 'unevenly')}"
        if level != "ok"
        else "The categories are shared as evenly as whole images allow"
        if off.least > EXPLAINED
        else "The categories are shared evenly",
        f"Deviation of images {off.images:.2f}, of annotations {off.annotations:.2f}:"
        f" 0 is perfect, and whole images allow {off.least:.2f}.",
        [
            f"{shares.categories[row]}: {of_parts[column]:.0%} of its {off.kind} in"
            f" {parts[column].name}, which has {due[column]:.0%} of all images"
        ],
    )


def deviations_of(shares: Shares) -> Deviations:
    """Measure how far the parts are from their due shares of the categories."""
    least = nearest_to_sizes(shares.images, shares.sizes)
    return Deviations(
        *(
            deviation_from_sizes(counts, shares.sizes)
            for counts in (shares.images, shares.annotations, least)
        )
    )


def finding_of_faults(parts: Sequence[Part]) -> Finding:
    """Count the records that a run would refuse."""
    n_faulty = sum(part.n_faulty for part in parts)
    return _finding(
        "records",
        "problem",
        n_faulty,
        f"{_are(n_faulty, 'record')} faulty",
        "A reader may refuse them, or read something else.",
        (f"{part.name}, {fault}" for part in parts for fault in part.faults),
        "No record is faulty",
    )


def holders(keys_of_parts: Sequence[Iterable[Key]]) -> dict[Key, Where]:
    """Tell which parts each key is in.

    Parameters
    ----------
    keys_of_parts : (n_parts,) sequence of iterable
        Those of each part; one may be there more than once.
    """
    parts_of: dict[Key, Where] = {}
    for part, keys in enumerate(keys_of_parts):
        alone = (part,)
        for key in keys:
            earlier = parts_of.get(key)
            if earlier is None:
                parts_of[key] = alone
            elif earlier[-1] != part:
                parts_of[key] = (*earlier, part)
    return parts_of


def in_several(keys_of_parts: Sequence[Iterable[Key]]) -> dict[Key, Where]:
    """Tell which keys are in more than one part, and in which, as `holders` does."""
    parts_of = holders(keys_of_parts)
    return {key: where for key, where in parts_of.items() if len(where) > 1}


def _findings_of_contents(
    parts: Sequence[Part], leaks: Mapping[str, Where]
) -> Iterator[Finding]:
    """Compare the annotations of images that are in several parts."""
    contents = [_annotations_of(part, leaks) for part in parts]
    differing: dict[str, list[str]] = {}
    repeated: dict[str, int] = {}
    for name, where in leaks.items():
        of_parts = [contents[part].get(name, Counter()) for part in where]
        masks = [{mask for mask, _ in some if mask} for some in of_parts]
        n_repeated = len(in_several(masks))
        if n_repeated:
            repeated[name] = n_repeated
        if any(some != of_parts[0] for some in of_parts):
            differing[name] = [
                f"{some.total():,} in {parts[part].name}"
                for part, some in zip(where, of_parts, strict=True)
            ]
    yield _finding(
        "annotations",
        "problem",
        len(differing),
        f"{_have(len(differing), 'image')} other annotations in another part",
        "Where annotations were split, not images, the objects that a part lacks are"
        " background in it.",
        (
            f"{name}: {', '.join(said)}; {repeated.get(name, 0):,} in both"
            for name, said in differing.items()
        ),
        "The annotations of these images are the same in all parts",
    )
    n_repeated = sum(repeated.values())
    yield _finding(
        "repeated",
        "leak",
        n_repeated,
        f"{_are(n_repeated, 'annotation')} in more than one part",
        "The same image, and the same segmentation, or box where there is none.",
        (f"{name}: {counted(n, 'annotation')}" for name, n in repeated.items()),
        "No annotation is in two parts",
    )


def _annotations_of(
    part: Part, wanted: Mapping[str, Where]
) -> dict[str, Counter[tuple[int, str]]]:
    """List mask and category of the annotations of some images, by their names."""
    is_wanted = np.array([name in wanted for name in part.images.names], bool)
    of_known = np.flatnonzero(part.annotations.images >= 0)
    chosen = of_known[is_wanted[part.annotations.images[of_known]]]
    # The category of -1 is the last one: it is not known.
    categories = [*part.categories, ""]
    found: dict[str, Counter[tuple[int, str]]] = {}
    for image, category, mask in zip(
        part.annotations.images[chosen].tolist(),
        part.annotations.categories[chosen].tolist(),
        part.annotations.masks[chosen].tolist(),
        strict=True,
    ):
        key = mask, categories[category]
        found.setdefault(part.images.names[image], Counter())[key] += 1
    return found


def _sizes_of(part: Part, wanted: Mapping[str, Where]) -> dict[str, str]:
    """Write the sizes of some images; "" where the record does not say."""
    return {
        name: f"{width} x {height}" if width and height else ""
        for name, (width, height) in zip(
            part.images.names, part.images.sizes, strict=True
        )
        if name in wanted
    }


def _alike(parts: Sequence[Part], shared: Mapping[str, Where]) -> list[list[str]]:
    """List the images whose file is named as one of another part, but elsewhere."""
    bases = [
        {
            PurePosixPath(name).name: f"{name} ({part.name})"
            for name in part.images.names
            if name not in shared
        }
        for part in parts
    ]
    return [
        [bases[part][base] for part in where]
        for base, where in in_several(bases).items()
    ]


def _said_otherwise(
    parts: Sequence[Part], said: Sequence[Mapping[Key, Hashable]]
) -> Iterator[str]:
    """Say of each key that parts say something else of it."""
    for key, where in in_several(said).items():
        if len({said[part][key] for part in where}) > 1:
            values = (f"{said[part][key]} in {parts[part].name}" for part in where)
            yield f"{key}: {', '.join(values)}"


def _finding(
    what: str,
    level: Level,
    n: int,
    said: str,
    detail: str,
    examples: Iterable[str],
    otherwise: str,
) -> Finding:
    """Make a finding of this level if there are some, and else one that all is well."""
    if not n:
        return Finding(what, "ok", 0, otherwise)
    return Finding(what, level, n, said, detail, [*islice(examples, _NAMED)])


def _in(parts: Sequence[Part], where: Where) -> str:
    """Say where something is that is in several parts, unless there are but two."""
    return f" in {_named(parts, where)}" if len(parts) > 2 else ""


def _named(parts: Sequence[Part], where: Where) -> str:
    if len(where) == len(parts):
        return "all parts"
    return " and ".join(parts[part].name for part in where)


def _are(n: int, singular: str, plural: str = "") -> str:
    return f"{counted(n, singular, plural)} {'is' if n == 1 else 'are'}"


def _have(n: int, singular: str, plural: str = "") -> str:
    return f"{counted(n, singular, plural)} {'has' if n == 1 else 'have'}"
