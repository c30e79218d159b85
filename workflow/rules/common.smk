# What rules share, in the order in which it is read: the library, the settings, the
# splits and their files, sizes, digests of code, and what results were made from.
import functools
import json
import os
import re
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

# --- The library, ahead of a package of this name that is installed


def fetch_library(modules):
    """Fetch modules and those that they import, also from a repository elsewhere."""
    names = [f"cocofolds/{module}" for module in ["__init__", *modules]]
    # The list grows by what the modules in it import.
    for name in names:
        code = path_of_script(f"{name}.py").read_text(encoding="utf-8")
        imported = re.findall(r"^ *from (cocofolds\.[\w.]+) import", code, re.MULTILINE)
        found = [module.replace(".", "/") for module in imported]
        names += [module for module in found if module not in names]
    return path_of_script("cocofolds/__init__.py").parents[1]


def path_of_script(name):
    path = workflow.source_path(f"../../scripts/{name}")
    if path.endswith(name):
        return Path(path)
    # Of a local git repository, the cache has the tag behind the name.
    named = Path(path[: path.rindex(f"{name}@")] + name)
    with suppress(FileExistsError):
        named.symlink_to(path)
    return named


library = str(
    fetch_library(["code_digest", "config/made_from", "config/source_settings"])
)
sys.path.insert(0, library)
# For the jobs.
search_path = os.environ.get("PYTHONPATH", "").split(os.pathsep)
if search_path[0] != library:
    search_path = os.pathsep.join(filter(None, [library, *search_path]))
    os.environ.update(PYTHONPATH=search_path)

from cocofolds.code_digest import digest_of_code, digest_of_paths
from cocofolds.config import made_from
from cocofolds.config.settings import (
    balance_of,
    completed_settings,
    has_duplicates,
    image_columns_of,
    names_in,
    splits_of,
)
from cocofolds.config.source_settings import (
    HYGIENE_KEYS,
    SOURCE_KEYS,
    source_settings,
)
from cocofolds.errors import InputError
from cocofolds.files import read_table
from cocofolds.output.results import files_for_users, split_of
from cocofolds.workflow_files import PRESETS, WorkflowFiles
from cocofolds.yaml_files import read_keys


class SettingsError(WorkflowError):
    """A mistake in the settings: the last words are those of the message.

    Without a traceback, Snakemake does not list the lines of the code that found it.
    """

    __traceback__ = None


@contextmanager
def said_by_snakemake():
    """Let Snakemake say what the library finds wrong."""
    try:
        yield
    except InputError as error:
        raise SettingsError(str(error)) from None


# --- The settings


wildcard_constraints:
    split_by="image|group|annotation",
    # As many as the schema allows.
    n_folds=r"[2-9]|[1-9]\d{1,3}|10000",
    seed=r"0|[1-9]\d*",
    test=r"(-test0\.\d{0,3}[1-9])?",
    fold=r"[1-9]\d*",
    shard=r"\d+",
    # Of a preview: no folder, and no hidden file.
    name=r"[^./][^/]*",


# These are read before Snakemake does, for what is said of mistakes. What is no file,
# such as a pipe, cannot be read a second time.
with said_by_snakemake():
    for path in map(Path, workflow.overwrite_configfiles):
        if path.is_file() and path.suffix != ".json":
            read_keys(path)
    # The schema has a default for each key. A module is given its settings.
    is_given = workflow.modifier.skip_configfile
    config_files = [] if is_given else [n for n in CONFIG_FILES if Path(n).exists()]
    has_config_file = config_files and read_keys(config_files[0])

if has_config_file:

    configfile: config_files[0]


if len(config_files) > 1 and workflow.is_main_process:
    first, second = config_files
    logger.warning(f"The settings are those of {first}; {second} is not read.")


def path_of_workflow_file(name):
    try:
        return Path(workflow.source_path(f"../{name}"))
    except (OSError, WorkflowError):
        raise FileNotFoundError(name) from None


with said_by_snakemake():
    files = WorkflowFiles(path_of_workflow_file, PRESETS)
    config.update(completed_settings(config, files))
    SOURCE = source_settings(config, files)
    # Whether there can be what they ask for.
    splits_of(config)
    EXCLUDED_IMAGES = names_in(config, "exclude_images")
    EXCLUDED_CATEGORIES = names_in(config, "exclude_categories")

# What a rule is given of them.
DIALECTS = [dialect._asdict() for dialect in SOURCE.dialects]
NUMBERING = SOURCE.numbering._asdict()
HOW_TO_READ = {
    **{key: config[key] for key in SOURCE_KEYS},
    "image_columns": image_columns_of(config),
    "exclude_categories": EXCLUDED_CATEGORIES,
}
BALANCE = balance_of(config)
HOW_TO_SPLIT = {
    "stratify": config["stratify"],
    "balance": BALANCE,
    "groups_missing": config["groups_missing"],
}
HYGIENE = {key: config[key] for key in HYGIENE_KEYS}
HAS_DUPLICATES = has_duplicates(config)
COPIES_SHARE_A_FOLD = config["duplicates"] == "group"
# What only some settings ask for, by the folder of its warnings.
EXTRAS = ["preview"] if config["n_previews"] else []
EXTRAS += ["duplicates"] if HAS_DUPLICATES else []


def as_json(value):
    """Write a setting so that Snakemake's report, which shows it, takes it for text.

    The report puts what it shows into the script of a page, where `</script>` would
    be the end of it.
    """
    return json.dumps(value).replace("<", r"\u003c")


# --- The splits and their files

# A split is named after the settings in which compared splits differ.
SPLIT = "{split_by}-k{n_folds}-seed{seed}{test}"


def splits():
    """List the splits of the config, once it is known how many groups there are."""
    if not config["leave_one_out"]:
        return splits_of(config)
    images = checkpoints.index.get().output.images
    return splits_by_groups(images, os.stat(images).st_mtime_ns)


@functools.cache
def splits_by_groups(images, mtime):
    """Read how many groups there are; a table with another date is read again."""
    with said_by_snakemake():
        return splits_of(config, Path(images))


def of_each_split(*names):
    """A function that lists files of each split of the config, in order."""
    return lambda wildcards: [
        f"results/{split.name}/{name}" for split in splits() for name in names
    ]


def files_of_split(split):
    """All that a user gets of a split."""
    return [f"results/{name}" for name in files_for_users(split)]


def files_of_splits(wildcards):
    """All that a user gets of the splits of the config."""
    return [name for split in splits() for name in files_of_split(split)]


def files_of_folds(part):
    """A function that lists a file of each fold of a split, in order."""

    def files(wildcards):
        pattern = f"results/{SPLIT}/annotations_{part}_fold_{{fold}}.json"
        folds = range(1, int(wildcards.n_folds) + 1)
        return expand(pattern, **wildcards, fold=folds)

    return files


def columns_of_areas(wildcards):
    """List the file of the areas of all annotations, if these are balanced."""
    return rules.assemble_all.output.columns if "area" in BALANCE else []


def file_of_hold_out(wildcards):
    """List the file of what is in no fold, if anything is."""
    return f"results/{SPLIT}/annotations_test.json" if wildcards.test else []


def shards(extension, folder="shards"):
    """A function that lists a file of each shard, once the index says which there are."""

    def files(wildcards):
        images = checkpoints.index.get().output.images
        names = files_by_shard(images, os.stat(images).st_mtime_ns)
        return [f"results/{folder}/{name}.{extension}" for name in names]

    return files


@functools.cache
def files_by_shard(images, mtime):
    """Read which image files each shard has; a table with another date is read again."""
    files = {}
    for row in read_table(images):
        files.setdefault(row["shard"], {})[row["file_name"]] = None
    return files


# --- Sizes


def by_size(base, per_megabyte=0, files=None):
    """A function for a resource that follows the size of the input.

    Each further attempt asks for as much again. Memory includes that of the Snakemake
    that runs the job on its machine. `files` stand for the input where that is not
    there yet when a group of jobs is submitted.
    """

    def amount(wildcards, input, attempt):
        paths = files or input
        size = sum(map(size_of, paths)) if per_megabyte else 0
        return attempt * int(base + per_megabyte * size / 1e6)

    return amount


def size_of(path):
    """The size of a file in bytes; 0 if it is not there, or not yet."""
    return os.path.getsize(path) if os.path.exists(path) else 0


# --- Digests of code


def digest_of(script):
    """Fingerprint the script of a rule with all modules of the library that it needs."""
    return digest_of_code(script, path_of_script)


def digest_of_files(names):
    """Fingerprint files of the library that are no modules."""
    return digest_of_paths(map(path_of_script, names))


# --- What results were made from


def settings_of(subject):
    """The settings that results follow from, as JSON has them."""
    settings = {
        "index": lambda: {
            **{
                name: value(None) if callable(value) else value
                for name, value in rules.index.params.items()
                if name not in ("record", "code")
            },
            # File names and sizes follow from which image files there are.
            "image_files": made_from.digest_of_names(config["images_dir"]),
        },
        "ids": lambda: {"image_ids": SOURCE.image_ids, "numbering": NUMBERING},
        "folds": lambda: {
            **HOW_TO_SPLIT,
            "folds_file": made_from.named_file(
                "folds", "folds_file", config["folds_file"]
            ),
            "copies_share_a_fold": COPIES_SHARE_A_FOLD,
        },
        "duplicates": lambda: {
            key: config[key] for key in ("images_dir", "duplicates")
        },
        "images": lambda: {"images_dir": config["images_dir"]},
        "previews": lambda: {
            "images_dir": config["images_dir"],
            "n_previews": config["n_previews"],
        },
        "page": lambda: dict(config),
    }
    return json.loads(json.dumps(settings[subject]()))


def current_record(subject):
    sources = SOURCE.paths if subject == "index" else []
    path = made_from.path_of_record(subject)
    with said_by_snakemake():
        return path, made_from.current_record(path, settings_of(subject), sources)


def record_of(subject):
    """A function that names the record of a subject, and writes it if it is new."""

    def name(wildcards):
        path, record = current_record(subject)
        with said_by_snakemake():
            made_from.write_record(path, record)
        return str(path)

    return name


def digest_of_record(subject):
    """A function that fingerprints a record: a parameter that names what it follows from.

    Another run may write its own record while a job is at work. Snakemake takes the
    parameter when the job is made.
    """
    return lambda wildcards: made_from.digest_of_record(current_record(subject)[1])


def record_of_image_files(wildcards):
    """Name the record of the image files of a shard, and write it if it is new."""
    path = made_from.path_of_record(f"image_files/{wildcards.shard}")
    record = {"settings": states_of_image_files(wildcards)}
    with said_by_snakemake():
        made_from.write_record(path, record, made_from.made_of_images(wildcards.shard))
    return str(path)


def digest_of_image_files(wildcards):
    """Fingerprint the record of the image files of a shard."""
    return made_from.digest_of_record({"settings": states_of_image_files(wildcards)})


def states_of_image_files(wildcards):
    """What fingerprints follow from: which files there are, their sizes and dates."""
    images = checkpoints.index.get().output.images
    files = files_by_shard(images, os.stat(images).st_mtime_ns).get(wildcards.shard, {})
    return {"image_files": digest_of_states(config["images_dir"], tuple(files))}


digest_of_states = functools.cache(made_from.digest_of_image_files)
