"""The settings of config.yaml and of the command line."""

from collections import Counter
from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path
from typing import Any

from cocofolds.errors import InputError
from cocofolds.files import read_table
from cocofolds.output.results import RESULTS, Split
from cocofolds.schemas import WORDS, completed, defaults
from cocofolds.settings import MEASURES
from cocofolds.sources.groups import refuse_bad_pattern
from cocofolds.workflow_files import WorkflowFiles, workflow_files
from cocofolds.yaml_files import read_keys, read_yaml

CONFIG = Path("config.yaml")
_SCHEMA = "schemas/config.schema.yaml"
# Of all splits in one run.
_MOST_FOLDS = 100_000
# Of one split, as the schema has it for `n_folds`.
_MOST_GROUPS = 10_000
_IMAGES = RESULTS / "index/images.csv"


def default_settings() -> dict[str, Any]:
    """Read the default of each key from the schema."""
    return defaults(read_yaml(workflow_files().path_of(_SCHEMA)))


def read_config() -> dict[str, Any]:
    """Read config.yaml, with the defaults of the schema for what it does not say.

    Raises
    ------
    InputError
        If there is no such file, or a key or a value is not what it may be.
    """
    try:
        said = read_keys(CONFIG)
    except FileNotFoundError:
        raise InputError(f"{CONFIG}: there is no such file in {Path.cwd()}.") from None
    return completed_settings(said, workflow_files())


def completed_settings(said: Mapping[str, Any], files: WorkflowFiles) -> dict[str, Any]:
    """Complete the settings with the defaults of the schema.

    Parameters
    ----------
    said : mapping
        What config.yaml and the command line say.
    files : WorkflowFiles

    Raises
    ------
    InputError
        If a key or a value is not what it may be, or two keys contradict each other.
    """
    settings: dict[str, Any] = {
        # `--config` leaves these words as text.
        key: WORDS[value] if isinstance(value, str) and value in WORDS else value
        for key, value in said.items()
    }
    # Whole numbers are names of categories, as competitions have them: {1: scratch},
    # and ids of images.
    for key in ("categories", "exclude_categories", "exclude_images"):
        if isinstance(settings.get(key), list):
            settings[key] = [_as_name(name) for name in settings[key]]
    if isinstance(settings.get("rename_categories"), dict):
        settings["rename_categories"] = {
            _as_name(old): _as_name(new)
            for old, new in settings["rename_categories"].items()
        }
    # YAML takes off, without quotes, for false.
    if settings.get("duplicates") is False:
        settings["duplicates"] = "off"
    # The images of the sample belong to its annotations.
    if "annotations" in settings:
        settings.setdefault("images_dir", None)
    settings = completed(settings, _SCHEMA, "config", files)
    _check_groups(settings)
    _check_folds(settings)
    _check_duplicates(settings)
    return settings


def located(
    settings: Mapping[str, Any], path_of: Callable[[str], str]
) -> dict[str, Any]:
    """Name the files and folders of the settings by the paths at which they are.

    Parameters
    ----------
    settings : mapping
        Complete.
    path_of : callable
        Tells the path of a file that the settings name.
    """
    files: dict[str, Any] = {
        "annotations": [path_of(path) for path in annotations_of(settings)]
    }
    for key in ("images_dir", "folds_file", "exclude_images", "exclude_categories"):
        value = settings[key]
        files[key] = path_of(value) if isinstance(value, str) else value
    return {**settings, **files}


def refuse_in_storage(settings: Mapping[str, Any]) -> None:
    """Refuse what is looked up in a folder, where all files are in a storage.

    Raises
    ------
    InputError
    """
    for key in ("exclude_images", "exclude_categories"):
        if isinstance(settings[key], str):
            raise InputError(
                f"config: {key}: with a storage, jobs do not have the file"
                f" {settings[key]!r}. List the names here, in brackets."
            )
    if settings["unlisted_images"] == "include":
        raise InputError(
            "config: unlisted_images: a storage is not searched for images. Name them"
            " in the annotations, or set unlisted_images: leave_out."
        )


def splits_of(settings: Mapping[str, Any], images: Path = _IMAGES) -> list[Split]:
    """List the splits that the settings ask for.

    Parameters
    ----------
    settings : mapping
        Complete.
    images : Path
        `images.csv` of the index, which says how many groups there are. As long as it
        is not there, no split is known that has as many folds.

    Raises
    ------
    InputError
        If they have more folds than a run can make, or too few.
    """
    n_folds = as_list(settings["n_folds"])
    if settings["leave_one_out"]:
        n_folds = [_number_of_groups(images)] if images.exists() else []
    numbers = product(n_folds, as_list(settings["seed"]))
    test_fraction = settings["test_fraction"]
    splits = [Split(settings["split_by"], *pair, test_fraction) for pair in numbers]
    if sum(split.n_folds for split in splits) > _MOST_FOLDS:
        raise InputError(
            f"config: n_folds, seed: these make more than {_MOST_FOLDS} folds in all."
            " Make fewer in one run."
        )
    return splits


def has_duplicates(settings: Mapping[str, Any]) -> bool:
    """Tell whether image files are looked at for copies: where there are some."""
    return settings["images_dir"] is not None and settings["duplicates"] != "off"


def annotations_of(settings: Mapping[str, Any]) -> list[str]:
    """List the files of annotations that the settings name."""
    return as_list(settings["annotations"])


def as_list(value: Any) -> list[Any]:
    """Take a value that is no list for a list of it alone."""
    return value if isinstance(value, list) else [value]


def _number_of_groups(images: Path) -> int:
    """Count the groups of images, and the images that are one by themselves.

    Raises
    ------
    InputError
        If there is one of them, or more than there can be folds.
    """
    groups = Counter(row["group"] for row in read_table(images))
    n_groups = len(groups) + max(groups[""] - 1, 0)
    if not 2 <= n_groups <= _MOST_GROUPS:
        raise InputError(
            f"config: leave_one_out: there are {n_groups:,} groups, but a split has 2"
            f" to {_MOST_GROUPS:,} folds. Check `group_column` or `group_pattern`, or"
            " set `n_folds` and leave_one_out: false."
        )
    return n_groups


def balance_of(settings: Mapping[str, Any]) -> dict[str, float]:
    """Tell how much it counts that each thing is even."""
    balance = settings["balance"]
    weights = balance if isinstance(balance, dict) else dict.fromkeys(balance, 1)
    return {name: float(weight) for name, weight in weights.items()}


def image_columns_of(settings: Mapping[str, Any]) -> list[str]:
    """Name the columns of images whose values are balanced."""
    return [name for name in balance_of(settings) if name not in MEASURES]


def names_in(settings: Mapping[str, Any], key: str) -> list[str]:
    """Read names that a key lists itself, or in a text file with one a line.

    Raises
    ------
    InputError
        If there is no such file, or it cannot be read as text.
    """
    value = settings[key]
    if isinstance(value, list):
        return value
    try:
        lines = Path(value).read_text("utf-8-sig").splitlines()
    except FileNotFoundError:
        raise InputError(
            f"config: {key}: there is no file {value!r} in {Path.cwd()}. A single name"
            f" goes in brackets: {key}: [{value}]."
        ) from None
    except (OSError, ValueError) as error:
        raise InputError(
            f"config: {key}: {value!r} cannot be read as text: {error}."
        ) from None
    return list(dict.fromkeys(name for line in lines if (name := line.strip())))


def _as_name(value: Any) -> Any:
    return str(value) if type(value) is int else value


def _check_groups(settings: Mapping[str, Any]) -> None:
    """Refuse groups that nothing says, or two keys do."""
    keys = [key for key in ("group_column", "group_pattern") if settings[key]]
    if settings["leave_one_out"] and settings["split_by"] != "group":
        raise InputError("config: leave_one_out: it needs split_by: group.")
    if settings["split_by"] == "group" and not keys:
        raise InputError(
            "config: split_by: group needs group_column, the column that names the"
            " group of each image, or group_pattern, which finds it in the name of the"
            " image."
        )
    if len(keys) > 1:
        raise InputError(
            "config: group_column and group_pattern: set one of them, and the other to"
            " null."
        )
    refuse_bad_pattern(settings["group_pattern"] or "", "config: group_pattern")


def _check_folds(settings: Mapping[str, Any]) -> None:
    """Refuse what only balanced folds of images or groups can have."""
    fraction = settings["test_fraction"]
    if round(fraction, 4) != fraction:
        raise InputError(
            f"config: test_fraction: {fraction} has more than four digits behind the"
            f" point. Take {round(fraction, 4)}."
        )
    wanted = [key for key in ("test_fraction", "folds_file") if settings[key]]
    if not wanted:
        return
    folds_file = settings["folds_file"]
    if folds_file and Path(folds_file).resolve().is_relative_to(RESULTS.resolve()):
        raise InputError(
            f"config: folds_file: '{folds_file}' is in {RESULTS}/, where a run may"
            " write it again. Copy it to another folder, and name the copy."
        )
    if settings["leave_one_out"]:
        raise InputError(
            f"config: leave_one_out and {wanted[0]}: each group is a fold then. Set one"
            " of them."
        )
    if settings["split_by"] == "annotation":
        raise InputError(
            f"config: {wanted[0]}: with split_by: annotation, parts of an image are in"
            " train and in val. Choose image or group."
        )
    if settings["stratify"] != "balanced":
        raise InputError(
            f"config: {wanted[0]}: scikit-learn's folds take no part of the images as"
            " given. Set stratify: balanced."
        )


def _check_duplicates(settings: Mapping[str, Any]) -> None:
    """Refuse to keep copies in one fold where that cannot be."""
    if settings["duplicates"] != "group":
        return
    if settings["images_dir"] is None:
        raise InputError(
            "config: duplicates: group compares the image files. Set `images_dir` to"
            " their folder."
        )
    if settings["split_by"] == "annotation":
        raise InputError(
            "config: duplicates: group keeps copies of an image in one fold, which"
            " `split_by: annotation` does not even do with the image itself."
        )
