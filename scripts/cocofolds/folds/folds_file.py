"""Folds that exist already, as a file lists them."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from cocofolds.errors import InputError, first_named
from cocofolds.settings import HOLD_OUT

# The columns that may name an image, the best first.
_NAMES = ("source_id", "file_name", "image", "id", "image_id", "name")


def read_folds_file(path: str | Path) -> dict[str, int]:
    """Read which fold each image is in.

    Parameters
    ----------
    path : str or Path
        A CSV file with a column ``fold`` and one that names the image, as `folds.csv`
        of a split is; or a JSON file with a list of splits, each with the names of
        ``train`` and of ``val``, as nnU-Net has it in `splits_final.json`.

    Returns
    -------
    dict of str to int
        From 1; 0 for ``test``, which is in no fold.

    Raises
    ------
    InputError
        If the file is neither, or an image is in two folds.

    Notes
    -----
    https://github.com/MIC-DKFZ/nnUNet, `documentation/manual_data_splits.md`.
    """
    try:
        text = Path(path).read_text("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"folds_file: there is no file '{path}'.") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: it cannot be read as text: {error}.") from None
    is_json = text.lstrip()[:1] in ("[", "{")
    pairs = _in_splits(path, text) if is_json else _in_table(path, text)
    folds: dict[str, int] = {}
    for name, fold, where in pairs:
        if folds.setdefault(name, fold) != fold:
            raise InputError(
                f"{path}, {where}: {name!r} is in fold {fold}, but it was in fold"
                f" {folds[name]} before. An image has one fold."
            )
    if not folds:
        raise InputError(f"{path}: it lists no image.")
    return folds


def given_folds(
    listed: Mapping[str, int], images: Iterable[Mapping[str, str]]
) -> tuple[dict[str, int], list[str]]:
    """Find the images that a file of folds lists.

    Parameters
    ----------
    listed : mapping of str to int
        By the id of an image in the source, or its file name, with or without folders
        and extension.
    images : iterable of mapping
        Rows of `images.csv`.

    Returns
    -------
    folds : dict of str to int
        By the id of each image in the source.
    unknown : list of str
        Names of no image.

    Raises
    ------
    InputError
        If a name may be that of several images, or an image is listed twice with
        different folds.
    """
    called: list[dict[str, set[str]]] = [defaultdict(set) for _ in range(4)]
    for row in images:
        file = PurePosixPath(row["file_name"])
        names = (row["source_id"], row["file_name"], file.name, file.stem)
        for name, known in zip(names, called, strict=True):
            known[name].add(row["source_id"])
    folds: dict[str, int] = {}
    said: dict[str, str] = {}
    unknown = []
    for name, fold in listed.items():
        found = next((known[name] for known in called if name in known), set())
        if len(found) > 1:
            raise InputError(
                f"folds_file: {name!r} may be any of"
                f" {', '.join(first_named(sorted(found), repr))}. Name images by their"
                " ids or by the paths of their files."
            )
        if not found:
            unknown.append(name)
            continue
        [image] = found
        if folds.setdefault(image, fold) != fold:
            raise InputError(
                f"folds_file: {said[image]!r} and {name!r} are the same image, but in"
                f" the folds {folds[image]} and {fold}."
            )
        said[image] = name
    if listed and not folds:
        raise InputError(
            "folds_file: none of the names in it is an image here, such as"
            f" {', '.join(first_named(unknown, repr))}. Name images by their ids or by"
            " their files."
        )
    return folds, unknown


def unknown_message(path: str, unknown: Sequence[str]) -> str:
    """Say which names of a file of folds are no image's."""
    named = ", ".join(first_named(unknown, repr))
    return f"{path}: it lists {len(unknown)} that are no image here: {named}."


def _in_table(path: str | Path, text: str) -> Iterator[tuple[str, int, str]]:
    """Read name, fold and place of each row of a CSV file."""
    lines = text.splitlines()
    delimiter = max(",;\t", key=lines[0].count) if lines else ","
    reader = csv.DictReader(lines, delimiter=delimiter)
    header = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = header
    others = [name for name in header if name != "fold"]
    column = next((name for name in _NAMES if name in others), None)
    if len(others) == 1:
        [column] = others
    if "fold" not in header or column is None or "annotation_id" in header:
        raise InputError(
            f"{path}: its columns are {', '.join(map(repr, header))}. It needs a column"
            " 'fold', and one with the id or the file name of each image, called"
            f" {', '.join(map(repr, _NAMES))}; annotations have no folds of their own"
            " here."
        )
    for row in reader:
        where = f"line {reader.line_num}"
        name, fold = (row[column] or "").strip(), (row["fold"] or "").strip()
        if not name:
            raise InputError(f"{path}, {where}: no image is named.")
        yield name, _fold(path, where, fold), where


def _fold(path: str | Path, where: str, text: str) -> int:
    if text.lower() == "test":
        return HOLD_OUT
    # pandas writes whole numbers with a point if some are missing.
    whole = text.removesuffix(".0")
    if not (whole.isascii() and whole.isdecimal()):
        raise InputError(
            f"{path}, {where}: the fold {text!r} is no number from 1, and neither 0 nor"
            " 'test', which are the hold-out."
        )
    return int(whole)


def _in_splits(path: str | Path, text: str) -> Iterator[tuple[str, int, str]]:
    """Read name, fold and place of each name in a list of splits."""
    wrong = InputError(
        f"{path}: it is no list of splits, each an object with the lists 'train' and"
        " 'val' of names."
    )
    try:
        splits: Any = json.loads(text)
    except ValueError as error:
        raise InputError(f"{path}: not JSON: {error}.") from None
    if not isinstance(splits, list):
        raise wrong
    everything: set[str] = set()
    held_out: set[str] = set()
    for fold, split in enumerate(splits, 1):
        if not isinstance(split, dict) or not all(
            isinstance(split.get(part), list)
            and all(isinstance(name, str) for name in split[part])
            for part in ("train", "val")
        ):
            raise wrong
        everything |= {*split["train"], *split["val"]}
        held_out |= {*split["val"]}
        for name in split["val"]:
            yield name, fold, f"split {fold}"
    if never := everything - held_out:
        raise InputError(
            f"{path}: {len(never)} names are in no 'val', such as"
            f" {', '.join(first_named(sorted(never), repr))}: it is not known in which"
            " fold they are."
        )
