import functools
import hashlib
import json
import re
from difflib import get_close_matches
from itertools import product
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import validate


wildcard_constraints:
    split_by="image|group|annotation",
    n_folds=r"[2-9]|[1-9]\d+",
    seed=r"0|[1-9]\d*",
    fold=r"[1-9]\d*",
    shard=r"\d+",
    image_id=r"0|[1-9]\d*",


def read_config_arguments():
    """Read what `--config` leaves as text: null, true, false, and numbers in lists."""
    for key, value in config.items():
        if value in ("null", "true", "false"):
            config[key] = {"null": None, "true": True, "false": False}[value]
        elif key in ("n_folds", "seed") and isinstance(value, list):
            config[key] = [int(v) if str(v).isdecimal() else v for v in value]
        elif isinstance(value, float) and value.is_integer():
            config[key] = int(value)


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


def check_settings(settings, schema, name):
    """Complete settings with the defaults of a schema; say in a sentence what is wrong."""
    try:
        validate(settings, schema)
    except WorkflowError as error:
        # What the long message of Snakemake is made of.
        problem = error.__context__
    else:
        return
    if "propertyNames" in problem.schema_path:
        key = problem.instance
        similar = get_close_matches(str(key), problem.validator_value, 1)
        hint = f" Is it '{similar[0]}'?" if similar else ""
        raise WorkflowError(f"{name}: there is no key '{key}'.{hint}")
    path = problem.json_path.removeprefix("$").lstrip(".")
    where = f"{name}: {path}" if path else name
    raise WorkflowError(
        f"{where}: {problem.message}. workflow/{schema.removeprefix('../')} says what"
        " may be there."
    )


def digest_of(script):
    """Fingerprint a script with all modules of the library that it needs.

    Snakemake watches the script alone. As a parameter, this makes a rule run again when
    the code that its script calls has changed.
    """
    digest = hashlib.sha256()
    names = [script, "cocofolds/__init__"]
    # The list grows by what the modules in it import.
    for name in names:
        code, modules = code_of(name)
        digest.update(code)
        names += [module for module in modules if module not in names]
    return digest.hexdigest()


@functools.cache
def code_of(name):
    """Read a script or a module, and which modules of the library it imports."""
    path = Path(workflow.source_path(f"../../scripts/{name}.py"))
    code = path.read_bytes()
    imported = re.findall(rb"^from (cocofolds\.[\w.]+) import", code, re.MULTILINE)
    return code, [module.decode().replace(".", "/") for module in imported]


read_config_arguments()
read_names_of_categories()
# The images of the sample belong to its annotations.
if "annotations" in config:
    config.setdefault("images_dir", None)
check_settings(config, "../schemas/config.schema.yaml", "config")

if config["split_by"] == "group" and config["group_column"] is None:
    raise WorkflowError(
        "config: split_by: group needs group_column, the column that names the group of"
        " each image."
    )

# A split bears the name of the settings that one compares splits of.
SPLIT = "{split_by}-k{n_folds}-seed{seed}"
SPLITS = [
    {"split_by": config["split_by"], "n_folds": n_folds, "seed": seed}
    for n_folds, seed in product(as_list(config["n_folds"]), as_list(config["seed"]))
]
