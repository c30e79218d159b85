# What rules share, in the order in which it is read: the library, the settings, the
# splits and their files, sizes, digests of code, and what results were made from.
import functools
import json
import os
import re
import shutil
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

# --- The library, ahead of a package of this name that is installed


# The folder of the rules, unless they are in a repository elsewhere.
HERE = Path(workflow.current_basedir.get_path_or_uri(secret_free=True))
IS_HERE = HERE.is_dir()


def path_of_source(name):
    """Find a file by its path from here; one of a repository elsewhere is fetched.

    Snakemake would copy those on this machine as well, each time it starts.
    """
    return str(HERE / name) if IS_HERE else workflow.source_path(name)


def fetch_library(modules):
    """Fetch modules and those that they import, if they are not here."""
    if IS_HERE:
        return HERE.parents[1] / "scripts"
    names = [f"cocofolds/{module}" for module in ["__init__", *modules]]
    # The list grows by what the modules in it import.
    for name in names:
        code = path_of_script(f"{name}.py").read_text(encoding="utf-8")
        imported = re.findall(r"^ *from (cocofolds\.[\w.]+) import", code, re.MULTILINE)
        found = [module.replace(".", "/") for module in imported]
        names += [module for module in found if module not in names]
    return path_of_script("cocofolds/__init__.py").parents[1]


def path_of_script(name):
    path = path_of_source(f"../../scripts/{name}")
    if path.endswith(name):
        return Path(path)
    # Of a local git repository, the cache has the tag behind the name.
    named = Path(path[: path.rindex(f"{name}@")] + name)
    with suppress(FileExistsError):
        named.symlink_to(path)
    return named


library = str(
    fetch_library(
        ["code_digest", "config/made_from", "config/source_settings", "job_logs"]
    )
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
    annotations_of,
    balance_of,
    completed_settings,
    has_duplicates,
    image_columns_of,
    located,
    names_in,
    refuse_in_storage,
    splits_of,
)
from cocofolds.config.source_settings import (
    HYGIENE_KEYS,
    SOURCE_KEYS,
    source_settings,
)
from cocofolds.errors import InputError
from cocofolds.files import read_table
from cocofolds.job_logs import is_in_vain
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


# --- Where files are


def path_here(path, modifier=workflow.modifier):
    """The path at which a file is: Snakemake has another one for files of a module with
    a prefix, and for what is in storage.
    """
    return str(modifier.modify_path(path))


RESULTS = Path(path_here(workflow.pathvars.apply("<results>")))
# Whether files are in a storage unless a rule says otherwise.
IN_STORAGE = workflow.storage_settings.default_storage_provider is not None
STORAGE_PREFIX = workflow.storage_settings.default_storage_prefix
if IN_STORAGE and workflow.is_main_process:
    # Snakemake removes copies that a run has left as it begins the next one, and takes
    # output of which it had seen a copy for write-protected then.
    shutil.rmtree(RESULTS / "index", ignore_errors=True)


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
        return Path(path_of_source(f"../{name}"))
    except (OSError, WorkflowError):
        raise FileNotFoundError(name) from None


with said_by_snakemake():
    files = WorkflowFiles(path_of_workflow_file, PRESETS)
    config.update(completed_settings(config, files))
    # Rules take paths from `config`, for Snakemake finds the files; what looks at files
    # by itself takes them from here.
    LOCATED = located(config, path_here)
    if IN_STORAGE:
        refuse_in_storage(LOCATED)
    SOURCE = source_settings(LOCATED, files)
    # Whether there can be what they ask for.
    splits_of(config, RESULTS / "index/images.csv")
    EXCLUDED_IMAGES = names_in(LOCATED, "exclude_images")
    EXCLUDED_CATEGORIES = names_in(LOCATED, "exclude_categories")

# What a rule is given of them.
DIALECTS = [dialect._asdict() for dialect in SOURCE.dialects]
NUMBERING = SOURCE.numbering._asdict()
HOW_TO_READ = {
    **{key: config[key] for key in SOURCE_KEYS},
    "image_columns": image_columns_of(config),
    "exclude_categories": EXCLUDED_CATEGORIES,
}
# A folder that can be searched; no storage is.
FOLDER_OF_IMAGES = None if IN_STORAGE else LOCATED["images_dir"]
HOW_TO_INDEX = {
    "dialects": DIALECTS,
    "source": HOW_TO_READ,
    "hygiene": {key: config[key] for key in HYGIENE_KEYS},
    "numbering": NUMBERING,
    "images_dir": FOLDER_OF_IMAGES,
    "exclude_images": EXCLUDED_IMAGES,
    **{
        key: config[key]
        for key in (
            "categories",
            "file_name",
            "unlisted_images",
            "images_per_shard",
            "check_order",
            "merge_sources",
            "on_invalid",
        )
    },
}
# What files of annotations are called in messages and tables: copies from storage are
# in a folder of their own.
NAMES_OF_SOURCES = annotations_of(config) if IN_STORAGE else SOURCE.paths
BALANCE = balance_of(config)
HOW_TO_SPLIT = {
    "stratify": config["stratify"],
    "balance": BALANCE,
    "groups_missing": config["groups_missing"],
}
HAS_DUPLICATES = has_duplicates(config)
COPIES_SHARE_A_FOLD = config["duplicates"] == "group"
HAS_PREVIEWS = config["n_previews"] > 0
# What only some settings ask for, by the folder of its warnings.
EXTRAS = ["preview"] if HAS_PREVIEWS else []
EXTRAS += ["duplicates"] if HAS_DUPLICATES else []


def as_json(value, indent=None):
    """Write a setting so that Snakemake's report, which shows it, takes it for text.

    The report puts what it shows into the script of a page, where `</script>` would
    be the end of it.
    """
    return json.dumps(value, indent=indent).replace("<", r"\u003c")


# --- The splits and their files

# A split is named after the settings in which compared splits differ.
SPLIT = "{split_by}-k{n_folds}-seed{seed}{test}"


def splits():
    """List the splits of the config, once it is known how many groups there are."""
    if not config["leave_one_out"]:
        return splits_of(config)
    return of_index("images", splits_by_groups)


def of_index(name, function):
    """Call a function of a file of the index and its date, once it is there."""
    with checkpoints.index.get().output.get(name).open() as file:
        return function(file.name, os.fstat(file.fileno()).st_mtime_ns)


@functools.cache
def splits_by_groups(images, mtime):
    """Read how many groups there are; a table with another date is read again."""
    with said_by_snakemake():
        return splits_of(config, Path(images))


def of_each_split(*names):
    """A function that lists files of each split of the config, in order."""
    return lambda wildcards: [
        f"<results>/{split.name}/{name}" for split in splits() for name in names
    ]


def files_of_split(split):
    """All that a user gets of a split."""
    return [f"<results>/{name}" for name in files_for_users(split)]


def files_of_splits(wildcards):
    """All that a user gets of the splits of the config."""
    return [name for split in splits() for name in files_of_split(split)]


def files_of_folds(part):
    """A function that lists a file of each fold of a split, in order."""

    def files(wildcards):
        pattern = f"<results>/{SPLIT}/annotations_{part}_fold_{{fold}}.json"
        folds = range(1, int(wildcards.n_folds) + 1)
        return expand(pattern, **wildcards, fold=folds)

    return files


def sources(wildcards):
    """List the files of annotations; say which one is missing, and from where.

    The record of the index says whether they are others: Snakemake would read them for
    each file that is made of them. What a rule makes has no record yet.
    """
    names = annotations_of(config)
    # The process of a job asks for all rules as well.
    if IN_STORAGE or workflow.dag_settings.allowed_rules:
        return names
    made = {n for n in SOURCE.paths if any(r.is_producer(n) for r in workflow.rules)}
    missing = {n for n in SOURCE.paths if not os.path.exists(n)}
    if missing and not missing & made:
        with said_by_snakemake():
            made_from.refuse_missing(RESULTS, settings_of("index"), SOURCE.paths)
    return [
        name if path in made else ancient(name)
        for name, path in zip(names, SOURCE.paths, strict=True)
    ]


def columns_of_areas(wildcards):
    """List the file of the areas of all annotations, if these are balanced."""
    return "<results>/annotations_all.npz" if "area" in BALANCE else []


def given_folds(wildcards):
    """Name the file of folds that exist; what it says is in the record, if there is one."""
    if not config["folds_file"]:
        return []
    return config["folds_file"] if IN_STORAGE else ancient(config["folds_file"])


def file_of_hold_out(wildcards):
    """List the file of what is in no fold, if anything is."""
    return f"<results>/{SPLIT}/annotations_test.json" if wildcards.test else []


def shards(extension, folder="shards"):
    """A function that lists a file of each shard, once the index says which there are."""

    def files(wildcards):
        names = of_index("images", files_by_shard)
        return [f"<results>/{folder}/{name}.{extension}" for name in names]

    return files


def stretches(wildcards):
    """List what says where records are: those of images, or each annotation's."""
    is_by_annotation = wildcards.split_by == "annotation"
    return shards("offsets.npy" if is_by_annotation else "stretches.csv")(wildcards)


@functools.cache
def files_by_shard(images, mtime):
    """Read which image files each shard has; a table with another date is read again."""
    files = {}
    for row in read_table(images):
        files.setdefault(row["shard"], {})[row["file_name"]] = None
    return files


# What `index` hands to the jobs that encode: a file of each shard, or, since a storage
# hands on files alone, an archive.
ROWS = "<results>/index/rows.zip" if IN_STORAGE else "<results>/index/rows"


# Snakemake compares the content of small files alone, and a large one would be read again
# for each file that is made of it. So large ones have digests that say what runs again.
def digest_of_rows(wildcards):
    """Tell the digest of the rows of a shard; in storage, the date of the archive counts."""
    if IN_STORAGE:
        return None
    path = RESULTS / "index/rows.json"
    # The process of a job may have the job's input alone; in others, what is there may be
    # old: the checkpoint knows.
    if workflow.dag_settings.allowed_rules and path.exists():
        return read_digests(path, path.stat().st_mtime_ns)[wildcards.shard]
    return of_index("digests_of_rows", read_digests)[wildcards.shard]


@functools.cache
def read_digests(path, mtime):
    """Read the digests of the rows; a file with another date is read again."""
    return json.loads(Path(path).read_text("utf-8"))


def refuse_storage(wildcards):
    """Refuse to make label files, of which no rule knows the names, in storage."""
    with said_by_snakemake():
        if IN_STORAGE:
            raise InputError(
                "Data sets for Ultralytics cannot be made in a storage. Copy the results"
                " to a disk and make them there."
            )
    return []


# --- Sizes


def memory_by_size(base, per_megabyte=0, files=None):
    """A function for memory in MB. It includes that of the Snakemake that runs the job.

    In a cloud, it is rented by the GB; AWS Batch takes other numbers for its least.
    """
    amount = by_size(base, per_megabyte, files)
    if not IN_STORAGE:
        return amount

    def rented(wildcards, input, attempt):
        return max(2048, -(-amount(wildcards, input, attempt) // 1024) * 1024)

    return rented


def by_size(base, per_megabyte=0, files=None):
    """A function for a resource that follows the size of the input.

    Each further attempt asks for as much again. `files` stand for the input where that
    is not there yet when a group of jobs is submitted.
    """

    def amount(wildcards, input, attempt):
        size = size_of_input(input, files) if per_megabyte else 0
        return attempt * int(base + per_megabyte * size / 1e6)

    return amount


def size_of_input(input, files):
    """The size of what a job reads, in bytes; of a storage, sources may stand for it."""
    if not IN_STORAGE:
        return sum(map(size_of, files or input))
    if files is None:
        # Of what is not there yet, a storage knows no size.
        with suppress(Exception):
            return input.size
    return sum(map(size_of_stored, annotations_of(config)))


@functools.cache
def size_of_stored(name):
    """The size of a source in storage, in bytes; 0 if it is not there."""
    provider = workflow.storage_registry.default_storage_provider
    stored = provider.object(f"{STORAGE_PREFIX.rstrip('/')}/{name}")
    return stored.size() if stored.exists() else 0


def size_of(path):
    """The size of a file in bytes; 0 if it is not there, or not yet."""
    return os.path.getsize(path) if os.path.exists(path) else 0


# --- What the log of a job says, and whether a job that has failed is tried again


def read_log(path):
    """Read the log of a job; no text if there is none.

    Parameters
    ----------
    path : str
        As Snakemake names it: a query to a storage may have a remark behind it.
    """
    name, *_ = path.split(" (")
    file = Path(name)
    if IN_STORAGE and name.startswith(STORAGE_PREFIX):
        stored = workflow.storage_registry.default_storage_provider.object(name)
        file = stored.local_path()
        file.parent.mkdir(parents=True, exist_ok=True)
        # The job may have ended before there was one.
        with suppress(Exception):
            stored.retrieve_object()
    return file.read_text("utf-8") if file.is_file() else ""


# Rules are added to it below; in a module, those around it are not among them.
OUR_RULES = workflow.modifier.rules


def forgo_retries(record):
    """Let no job be tried again, with more memory and time, whose data are at fault."""
    if str(getattr(record, "event", None)) == "job_error":
        jobs = [record.__dict__]
    else:
        # Jobs of a group are tried again together.
        jobs = getattr(record, "job_error_info", None) or []
    failed = [(workflow.get_rule(job["rule_name"]), job["log"]) for job in jobs]
    logs = [path for ran, paths in failed if ran in OUR_RULES for path in paths]
    if any(map(is_in_vain, map(read_log, logs))):
        for ran, _ in failed:
            ran.restart_times = 0
    return True


logger.addFilter(forgo_retries)


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
            **HOW_TO_INDEX,
            # File names and sizes follow from which image files there are.
            "image_files": made_from.digest_of_names(FOLDER_OF_IMAGES, RESULTS),
        },
        "ids": lambda: {"image_ids": SOURCE.image_ids, "numbering": NUMBERING},
        "folds": lambda: {
            **HOW_TO_SPLIT,
            "folds_file": config["folds_file"]
            and not IN_STORAGE
            and made_from.named_file(
                RESULTS, "folds", "folds_file", LOCATED["folds_file"]
            ),
            "copies_share_a_fold": COPIES_SHARE_A_FOLD,
        },
        "duplicates": lambda: {
            key: LOCATED[key] for key in ("images_dir", "duplicates")
        },
        "images": lambda: {"images_dir": LOCATED["images_dir"]},
        "previews": lambda: {
            "images_dir": LOCATED["images_dir"],
            "n_previews": config["n_previews"],
        },
        "page": lambda: dict(config),
    }
    with said_by_snakemake():
        return json.loads(json.dumps(settings[subject]()))


def record_of(subject):
    """A function that names the record of a subject, and writes it if it is new.

    What is in storage follows from dates and parameters alone, as Snakemake knows them.
    """

    def name(wildcards):
        if IN_STORAGE:
            return []
        settings = settings_of(subject)
        from_files = SOURCE.paths if subject == "index" else []
        with said_by_snakemake():
            record = made_from.current_record(RESULTS, subject, settings, from_files)
            made_from.write_record(RESULTS, subject, record)
        return f"<results>/made_from/{subject}.json"

    return name


def digest_of_settings(subject):
    """A function that fingerprints the settings of a record, as a parameter.

    Another run may write its own record while a job is at work. Snakemake takes the
    parameter when the job is made.
    """
    return lambda wildcards: made_from.digest_of_settings(settings_of(subject))
