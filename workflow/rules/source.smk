import yaml


def read_untrusted(path):
    """Read a dialect, whose values are few and plain."""
    dialect = read_yaml(path)
    if any(isinstance(e, yaml.AliasEvent) for e in yaml.parse(path.read_text("utf-8"))):
        raise SettingsError(f"{path.name}: a dialect may have no aliases.")
    return dialect


def is_coco(dialect):
    return dialect.get("format") == "coco"


def read_preset(name):
    """Read the dialect in a file of workflow/dialects."""
    try:
        preset = workflow.source_path(f"../dialects/{name}.yaml")
    except (OSError, WorkflowError):
        # Not to be listed if this is a module from elsewhere.
        files = Path(workflow.basedir, "workflow", "dialects").glob("*.yaml")
        presets = sorted(path.stem for path in files)
        similar = get_close_matches(name, presets, 1)
        hint = f" Is it '{similar[0]}'?" if similar else ""
        raise SettingsError(
            f"config: dialect: there is no preset '{name}'.{hint} The folder"
            f" workflow/dialects has one file for each preset: {', '.join(presets)}. A"
            " mapping of the keys in such a file does as well."
        ) from None
    dialect = read_untrusted(Path(preset))
    if not isinstance(dialect, dict):
        raise SettingsError("config: dialect: it is no mapping of keys to values.")
    if "preset" in dialect:
        raise SettingsError(f"{name}.yaml: a preset cannot be made of another one.")
    return dialect


def read_changed_preset(dialect):
    """Read the preset that a mapping names, and change the keys that it gives."""
    name = dialect["preset"]
    if not isinstance(name, str) or not re.fullmatch(r"[\w.-]+", name):
        raise SettingsError(
            f"config: dialect: preset: {name!r} is not a preset's name."
        )
    preset = read_preset(name)
    for key, value in dialect.items():
        if value is None and key not in preset:
            raise SettingsError(
                f"config: dialect: `{key}: null` takes a key away, but {name} has none"
                f" of this name. It has {', '.join(preset)}."
            )
    changed = {key: value for key, value in dialect.items() if key != "preset"}
    return {k: v for k, v in {**preset, **changed}.items() if v is not None}


def read_dialect(dialect):
    """Read a preset, change one, or take the mapping that is in its place."""
    if isinstance(dialect, str):
        dialect = read_preset(dialect)
    elif "preset" in dialect:
        dialect = read_changed_preset(dialect)
    if is_coco(dialect) and {*dialect} - {"format", "file_prefix"}:
        raise SettingsError(
            "config: dialect: with `format: coco` there are no other keys than"
            " file_prefix."
        )
    check_settings(dialect, "../schemas/dialect.schema.yaml", "config: dialect")
    categories = ["category", "category_column", "category_separator"]
    if not is_coco(dialect) and sum(key in dialect for key in categories) != 1:
        has = " and ".join(key for key in categories if key in dialect) or "none"
        raise SettingsError(
            f"config: dialect: it needs one of {', '.join(categories)}, and only one,"
            f" but has {has}. `null` takes a key of a preset away."
        )
    if {"attributes_column", "attributes_separator"} <= {*dialect}:
        raise SettingsError(
            "config: dialect: it has attributes_column and attributes_separator; the"
            " attributes are in a column of their own, or behind the category."
        )
    return dialect


ANNOTATIONS = as_list(config["annotations"])
folders = [path for path in ANNOTATIONS if os.path.isdir(path)]
if folders:
    raise SettingsError(
        f"config: annotations: '{folders[0]}' is a folder. Name the files, in a list if"
        " there are several."
    )
# To read a named pipe is to wait for somebody who writes to it.
others = [p for p in ANNOTATIONS if os.path.exists(p) and not os.path.isfile(p)]
if others:
    raise SettingsError(
        f"config: annotations: '{others[0]}' is a named pipe, a socket or a device. It is"
        " read more than once, so it has to be a file."
    )
DIALECTS = [read_dialect(dialect) for dialect in as_list(config["dialect"])]
if not isinstance(config["dialect"], list):
    DIALECTS *= len(ANNOTATIONS)
if len(DIALECTS) != len(ANNOTATIONS):
    raise SettingsError(
        f"config: dialect: it lists {len(DIALECTS)}, but `annotations` has"
        f" {len(ANNOTATIONS)} files. Give one dialect for all, or one for each file."
    )

# Whether a COCO JSON says the sizes, is seen when it is read.
HAS_SIZES = all({"width", "width_column"} & {*dialect} for dialect in DIALECTS)

# How to read the source, besides the dialects.
SOURCE = {
    key: config[key]
    for key in (
        "group_column",
        "group_pattern",
        "rename_categories",
        "max_gz_ratio",
        "annotation_ids",
    )
}

HYGIENE = {
    key: config[key]
    for key in ("min_area", "fill_holes", "keep_largest_part", "drop_duplicates")
}
if all(map(is_coco, DIALECTS)) and any(HYGIENE.values()):
    raise SettingsError(
        f"config: {', '.join(key for key in HYGIENE if HYGIENE[key])}: these change"
        " masks of tables. The records of a COCO JSON are carried over as they are."
    )
if all(map(is_coco, DIALECTS)) and config["file_name"]:
    raise SettingsError(
        "config: file_name: a COCO JSON says itself what its files are."
    )

# Which ids of a COCO JSON are kept, and which ids images have. Alone, it keeps its own,
# those of categories and annotations unless the config says something of them.
NUMBERING = dict.fromkeys(["annotations", "images", "categories"], "renumber")
IMAGE_IDS = config["image_ids"]
if any(map(is_coco, DIALECTS)):
    if len(ANNOTATIONS) == 1:
        changed = config["categories"] or config["rename_categories"]
        NUMBERING["categories"] = "renumber" if changed else "keep"
        NUMBERING["annotations"] = config["annotation_ids"]
        NUMBERING["images"] = "keep"
        IMAGE_IDS = "source"
    elif IMAGE_IDS == "source":
        raise SettingsError(
            "config: image_ids: in a list with a COCO JSON, images cannot keep their"
            " ids, which may stand for another image in another file. Leave it at"
            " `integer`."
        )

UNLISTED = config["unlisted_images"] == "include"
if UNLISTED and (config["images_dir"] is None or all(map(is_coco, DIALECTS))):
    raise SettingsError(
        "config: unlisted_images: include takes the image files in `images_dir` that no"
        " row of a table names; there is no such folder, or no table."
    )
