"""Folds as nnU-Net and MONAI read them."""

import pytest

from cocofolds.errors import InputError
from cocofolds.output.splits import folds_of_files, monai_datalist, nnunet_splits

NAMES = ["a/x.png", "a/y.png", "b/z.nii.gz", "b/w.png"]
FOLDS = [1, 2, 2, 0]


def files(names=NAMES):
    images = [
        {"image_id": str(n), "file_name": name} for n, name in enumerate(names, 1)
    ]
    folds = [{"image_id": str(n), "fold": str(f)} for n, f in enumerate(FOLDS, 1)]
    # Of another order than the images.
    return folds_of_files(images, folds[::-1], 2)


def test_lists_of_files():
    assert files().of_part(1, is_val=True) == ["a/x.png"]
    assert files().of_part(1, is_val=False) == ["a/y.png", "b/z.nii.gz"]
    assert files().held_out == ["b/w.png"]


def test_splits_of_nnunet():
    """The form of https://github.com/MIC-DKFZ/nnUNet, manual_data_splits.md."""
    assert nnunet_splits(files()) == [
        {"train": ["y", "z"], "val": ["x"]},
        {"train": ["x"], "val": ["y", "z"]},
    ]


def test_cases_without_the_number_of_their_channel():
    """Files of a case are {case}_{channel}.{ending}: nnU-Net, dataset_format.md."""
    channels = [f"case_{n}_0000.png" for n in range(4)]
    assert nnunet_splits(files(channels))[0]["val"] == ["case_0"]
    mixed = ["case_0_0000.png", *NAMES[1:]]
    assert nnunet_splits(files(mixed))[0]["val"] == ["case_0_0000"]


def test_two_files_of_one_case():
    with pytest.raises(
        InputError, match=r"'a/x\.png' and 'b/x\.png' would be one case"
    ):
        nnunet_splits(files(["a/x.png", "b/x.png", *NAMES[2:]]))


def test_data_list_of_monai():
    """Read as `datafold_read` of MONAI does: those of the fold are for validation."""
    data = monai_datalist(files())
    val = [item["image"] for item in data["training"] if item["fold"] == 1]
    train = [item["image"] for item in data["training"] if item["fold"] != 1]
    assert (train, val) == (["a/x.png"], ["a/y.png", "b/z.nii.gz"])
    assert data["testing"] == [{"image": "b/w.png"}]


def test_annotations_in_folds():
    with pytest.raises(InputError, match="choose another split"):
        folds_of_files([], [{"annotation_id": "1", "image_id": "1", "fold": "1"}], 2)
