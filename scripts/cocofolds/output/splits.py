"""Folds in the forms in which other packages read them: names of files, no masks."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from cocofolds.errors import InputError
from cocofolds.settings import HOLD_OUT

# What nnU-Net has behind the name of a case: the number of the channel.
_FIRST_CHANNEL = "_0000"


class FoldsOfFiles(NamedTuple):
    """The files of images, and their folds.

    Attributes
    ----------
    names : (n_images,) list of str
        Paths below the folder of images.
    folds : (n_images,) list of int
        From 1; 0 for the hold-out.
    n_folds : int
    """

    names: list[str]
    folds: list[int]
    n_folds: int

    def of_part(self, fold: int, is_val: bool) -> list[str]:
        """Name the files of the train or the val part of a fold."""
        return [
            name
            for name, found in zip(self.names, self.folds, strict=True)
            if found != HOLD_OUT and (found == fold) == is_val
        ]

    @property
    def held_out(self) -> list[str]:
        """The files that are in no fold."""
        pairs = zip(self.names, self.folds, strict=True)
        return [name for name, fold in pairs if fold == HOLD_OUT]


def folds_of_files(
    images: Iterable[Mapping[str, str]],
    folds: Iterable[Mapping[str, str]],
    n_folds: int,
) -> FoldsOfFiles:
    """Tell the fold of each image's file.

    Parameters
    ----------
    images, folds : iterable of mapping
        Rows of `images.csv` and `folds.csv`.
    n_folds : int

    Raises
    ------
    InputError
        If annotations, not images, are in folds.
    """
    fold_of: dict[str, int] = {}
    for row in folds:
        if "annotation_id" in row:
            raise InputError(
                "With `split_by: annotation`, parts of an image are in train and in"
                " val, which a list of files cannot say: choose another split."
            )
        fold_of[row["image_id"]] = int(row["fold"])
    rows = [*images]
    return FoldsOfFiles(
        [row["file_name"] for row in rows],
        [fold_of[row["image_id"]] for row in rows],
        n_folds,
    )


def nnunet_splits(files: FoldsOfFiles) -> list[dict[str, list[str]]]:
    """List train and val of each fold, as nnU-Net has them in `splits_final.json`.

    Cases are named after their files, without folders, endings and the number of the
    first channel.

    Raises
    ------
    InputError
        If two files would be one case.

    Notes
    -----
    https://github.com/MIC-DKFZ/nnUNet, `documentation/manual_data_splits.md`.
    """
    case_of = _cases(files.names)
    return [
        {
            part: sorted(case_of[name] for name in files.of_part(fold, part == "val"))
            for part in ("train", "val")
        }
        for fold in range(1, files.n_folds + 1)
    ]


def monai_datalist(files: FoldsOfFiles) -> dict[str, list[dict[str, Any]]]:
    """List the images with their folds, counted from 0, as MONAI's data lists do.

    Notes
    -----
    `monai.auto3dseg.utils.datafold_read` takes the images with a ``fold`` for
    validation, and the others for training.
    """
    return {
        "training": [
            {"image": name, "fold": fold - 1}
            for name, fold in zip(files.names, files.folds, strict=True)
            if fold != HOLD_OUT
        ],
        "testing": [{"image": name} for name in files.held_out],
    }


def _cases(names: Sequence[str]) -> dict[str, str]:
    """Name the case of each file.

    Raises
    ------
    InputError
    """
    stems = [PurePosixPath(name).name.partition(".")[0] for name in names]
    if all(stem.endswith(_FIRST_CHANNEL) for stem in stems):
        stems = [stem.removesuffix(_FIRST_CHANNEL) for stem in stems]
    file_of: dict[str, str] = {}
    for stem, name in zip(stems, names, strict=True):
        if file_of.setdefault(stem, name) != name:
            raise InputError(
                f"{file_of[stem]!r} and {name!r} would be one case of nnU-Net,"
                f" {stem!r}: its cases have names without folders and endings."
            )
    return dict(zip(names, stems, strict=True))
