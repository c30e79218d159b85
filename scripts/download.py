"""Fetch the files of a competition with the Kaggle client, or say how to get them."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile


class Competition(NamedTuple):
    """A competition on Kaggle: its name there, its table of masks, its images."""

    name: str
    table: str
    images: str


COMPETITIONS = {
    "sartorius-2021": Competition(
        "sartorius-cell-instance-segmentation", "train.csv", ""
    ),
    "dsb-2018": Competition(
        "data-science-bowl-2018", "stage1_train_labels.csv", "stage1_train"
    ),
    "airbus-2018": Competition(
        "airbus-ship-detection", "train_ship_segmentations_v2.csv", "train_v2"
    ),
    "severstal-2019": Competition(
        "severstal-steel-defect-detection", "train.csv", "train_images"
    ),
    "clouds-2019": Competition(
        "understanding_cloud_organization", "train.csv", "train_images"
    ),
    "siim-acr-2019": Competition(
        "siim-acr-pneumothorax-segmentation", "train-rle.csv", "dicom-images-train"
    ),
    "carvana-2017": Competition(
        "carvana-image-masking-challenge", "train_masks.csv", "train"
    ),
    "tgs-salt-2018": Competition(
        "tgs-salt-identification-challenge", "train.csv", "train/images"
    ),
    "imaterialist-2020": Competition(
        "imaterialist-fashion-2020-fgvc7", "train.csv", "train"
    ),
    "uw-madison-2022": Competition(
        "uw-madison-gi-tract-image-segmentation", "train.csv", "train"
    ),
    "hubmap-kidney-2020": Competition(
        "hubmap-kidney-segmentation", "train.csv", "train"
    ),
    "hubmap-hpa-2022": Competition(
        "hubmap-organ-segmentation", "train.csv", "train_images"
    ),
}


def has_client() -> bool:
    """Tell whether the Kaggle client is there, and a token for it."""
    folder = Path(os.environ.get("KAGGLE_CONFIG_DIR", Path.home() / ".kaggle"))
    has_token = (folder / "kaggle.json").exists() or (folder / "access_token").exists()
    named = {"KAGGLE_API_TOKEN", "KAGGLE_KEY"} & {*os.environ}
    return shutil.which("kaggle") is not None and (has_token or bool(named))


def fetch(competition: Competition, folder: Path) -> None:
    """Download all files of a competition and unpack them, archives within included."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["kaggle", "competitions", "download", "-c", competition.name]
    subprocess.run([*command, "-p", str(folder)], check=True)
    while archives := sorted(folder.rglob("*.zip")):
        for archive in archives:
            with ZipFile(archive) as packed:
                # Archives of folders have the folder in them, others do not.
                packed.extractall(archive.parent)
            archive.unlink()


def settings(preset: str, folder: Path) -> str:
    """Write the lines of config.yaml for the files in a folder."""
    competition = COMPETITIONS[preset]
    return (
        f"annotations: {folder / competition.table}\n"
        f"dialect: {preset}\n"
        f"images_dir: {folder / competition.images}\n"
    )


def main() -> None:
    """Fetch what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dialect", choices=COMPETITIONS, help="that of the competition")
    parser.add_argument(
        "--folder", type=Path, help="where to; data/DIALECT if not given"
    )
    arguments = parser.parse_args()
    preset = arguments.dialect
    folder = arguments.folder or Path("data", preset)
    competition = COMPETITIONS[preset]
    if not has_client():
        sys.exit(
            "There is no Kaggle client with a token. Either install the package kaggle"
            " and put a token into ~/.kaggle, or do it by hand:\n"
            f"1. Join https://www.kaggle.com/competitions/{competition.name} and accept"
            " its rules.\n"
            f"2. Download all from its page Data, and unpack it into {folder}:"
            f" {folder / competition.table} and {folder / competition.images} should"
            " then be there.\n"
            f"3. Set in config.yaml:\n\n{settings(preset, folder)}"
        )
    try:
        fetch(competition, folder)
    except subprocess.CalledProcessError:
        sys.exit(
            "The Kaggle client failed. Its own words are above; it may be that you have"
            f" to join https://www.kaggle.com/competitions/{competition.name} first."
        )
    if not (folder / competition.table).exists():
        sys.exit(
            f"Downloaded to {folder}, but there is no {competition.table}. Look where"
            " it is, and name it in `annotations`."
        )
    print(f"Set in config.yaml:\n\n{settings(preset, folder)}")


if __name__ == "__main__":
    main()
