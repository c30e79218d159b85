import functools
import hashlib
import json
import os
import re
from collections import Counter
from difflib import get_close_matches
from itertools import product
from pathlib import Path

from jsonschema import Draft202012Validator
from snakemake.exceptions import WorkflowError
from snakemake.utils import validate


wildcard_constraints:
    split_by="image|group|annotation",
    # As many as the schema allows.
    n_folds=r"[2-9]|[1-9]\d{1,3}|10000",
    seed=r"0|[1-9]\d*",
    fold=r"[1-9]\d*",
    shard=r"\d+",
    # Of a preview: no folder, and no hidden file.
    name=r"[^./][^/]*",


WORDS = {"null": None, "true": True, "false": False}

# Longer than any path or name; a message that shows it is still one.
MOST_CHARACTERS = 10_000
MOST_SHOWN = 300


def read_config_arguments():
    """Read what `--config` leaves as text: null, true and false."""
    for key, value in config.items():
        if isinstance(value, str) and value in WORDS:
            config[key] = WORDS[value]


def as_meant(value, schema):
    """Take 3.0 for 3, and text for a number or a word where no text may be.

    `--config 'n_folds=[5]'` gives text.
    """

    def may_be():
        return Draft202012Validator(schema).is_valid(value)

    if isinstance(value, list):
        return [as_meant(item, schema.get("items", {})) for item in value]
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        return {
            key: as_meant(item, properties.get(key, {})) for key, item in value.items()
        }
    if isinstance(value, float) and value.is_integer() and may_be():
        return int(value)
    if isinstance(value, str):
        number = re.fullmatch(r"([0-9]{1,18})(\.0*)?", value)
        if (value in WORDS or number) and not may_be():
            return WORDS[value] if value in WORDS else int(number[1])
    return value


def read_names_of_categories():
    """Take whole numbers for names, as competitions have them: {1: scratch}."""

    def name(value):
        return str(value) if type(value) is int else value

    if isinstance(config.get("categories"), list):
        config["categories"] = [*map(name, config["categories"])]
    if isinstance(config.get("rename_categories"), dict):
        renamed = config["rename_categories"].items()
        config["rename_categories"] = {name(old): name(new) for old, new in renamed}


def as_json(value):
    """Write a setting so that Snakemake's report, which shows it, takes it for text.

    The report puts what it shows into the script of a page, where `</script>` would
    be the end of it.
    """
    return json.dumps(value).replace("<", r"\u003c")


def as_list(value):
    return value if isinstance(value, list) else [value]


def check_texts(value, where):
    """Refuse text that no file can hold, or that is longer than any setting needs."""
    if isinstance(value, str):
        if len(value) > MOST_CHARACTERS:
            raise SettingsError(
                f"{where}: a text of {len(value)} characters; {MOST_CHARACTERS} are the"
                " most that a setting may have."
            )
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise SettingsError(
                f"{where}: {shortened(ascii(value))} has halves of characters"
                " (surrogates), which no file can hold. Write the character itself."
            )
    elif isinstance(value, list):
        for number, item in enumerate(value):
            check_texts(item, f"{where}[{number}]")
    elif isinstance(value, dict):
        joint = "." if ": " in where else ": "
        for key, item in value.items():
            check_texts(key, f"{where}: a key")
            check_texts(item, f"{where}{joint}{key}")


def shortened(text):
    """Leave out the middle of a text that is long."""
    half = MOST_SHOWN // 2
    return text if len(text) <= MOST_SHOWN else f"{text[:half]} ... {text[-half:]}"


def check_settings(settings, schema, name):
    """Complete settings with the defaults of a schema; say in a sentence what is wrong."""
    check_texts(settings, name)
    rules = read_yaml(workflow.source_path(schema))
    settings.update(as_meant(dict(settings), rules))
    try:
        validate(settings, schema)
    except WorkflowError as error:
        # What the long message of Snakemake is made of.
        problem = error.__context__
    else:
        return
    if problem.validator == "enum" and "propertyNames" in problem.schema_path:
        key = problem.instance
        similar = get_close_matches(str(key), problem.validator_value, 1)
        hint = f" Is it '{similar[0]}'?" if similar else ""
        raise SettingsError(f"{name}: there is no key '{key}'.{hint}")
    path = problem.json_path.removeprefix("$").lstrip(".")
    where = f"{name}: {path}" if path else name
    what = shortened(problem.message)
    if problem.validator == "uniqueItems":
        twice = [
            item for item, n in Counter(map(repr, problem.instance)).items() if n > 1
        ]
        what = f"{shortened(', '.join(twice))} is there more than once"
    elif isinstance(problem.instance, bool):
        what += " (YAML takes yes, no, on and off for true and false, without quotes)"
    raise SettingsError(
        f"{where}: {what}. workflow/{schema.removeprefix('../')} says what may be there."
    )


# Ahead of a package of this name that is installed, or that PYTHONPATH leads to.
library = Path(workflow.source_path("../../scripts/cocofolds/__init__.py")).parents[1]
search_path = os.environ.get("PYTHONPATH", "").split(os.pathsep)
if search_path[0] != str(library):
    search_path = os.pathsep.join(filter(None, [str(library), *search_path]))
    os.environ.update(PYTHONPATH=search_path)

for path in map(Path, workflow.overwrite_configfiles):
    # What is no file, such as a pipe, cannot be read a second time.
    if path.is_file() and path.suffix != ".json":
        read_config_file(path)
read_config_arguments()
read_names_of_categories()
# The images of the sample belong to its annotations.
if "annotations" in config:
    config.setdefault("images_dir", None)
check_settings(config, "../schemas/config.schema.yaml", "config")

groups = [key for key in ("group_column", "group_pattern") if config[key] is not None]
if config["split_by"] == "group" and not groups:
    raise SettingsError(
        "config: split_by: group needs group_column, the column that names the group of"
        " each image, or group_pattern, which finds it in the name of the image."
    )
if len(groups) > 1:
    raise SettingsError(
        "config: group_column and group_pattern: set one of them, and the other to null."
    )
try:
    re.compile(config["group_pattern"] or "")
except re.error as error:
    raise SettingsError(
        f"config: group_pattern: {config['group_pattern']!r} is no regular expression:"
        f" {error}."
    ) from None

# A split is named after the settings in which compared splits differ.
SPLIT = "{split_by}-k{n_folds}-seed{seed}"
SPLITS = [
    {"split_by": config["split_by"], "n_folds": n_folds, "seed": seed}
    for n_folds, seed in product(as_list(config["n_folds"]), as_list(config["seed"]))
]
if sum(split["n_folds"] for split in SPLITS) > 100_000:
    raise SettingsError(
        "config: n_folds, seed: these make more than 100000 folds in all. Make fewer in"
        " one run."
    )
