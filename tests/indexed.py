"""Read the source of a config.yaml as the first step of the workflow does."""

from io import BytesIO

import yaml

from cocofolds.dataset.index import IndexSettings, index_source
from cocofolds.sources.complete_rows import read_complete_rows, read_missing_sizes
from cocofolds.sources.image_files import list_files
from cocofolds.sources.records import Dialect, Source
from layouts import preset_of


def expanded(dialect):
    """Take the keys of a preset, or of a changed one, as the workflow does."""
    if isinstance(dialect, str):
        return preset_of(dialect)
    dialect = dict(dialect)
    if "preset" not in dialect:
        return dialect
    keys = {**preset_of(dialect.pop("preset")), **dialect}
    return {key: value for key, value in keys.items() if value is not None}


def index_of(folder, config):
    """Index the source in the current folder; `folder` gets the shards."""
    paths = config["annotations"]
    paths = paths if isinstance(paths, list) else [paths]
    dialects = config.get("dialect", "sartorius-2021")
    dialects = dialects if isinstance(dialects, list) else [dialects] * len(paths)
    source = Source(
        paths,
        [Dialect(**expanded(dialect)) for dialect in dialects],
        annotation_ids=config.get("annotation_ids", "keep"),
    )
    images_dir = config.get("images_dir")
    image_files = list_files(images_dir) if images_dir else None
    sizes = read_missing_sizes(source, image_files, None)
    takes_unlisted = config.get("unlisted_images") == "include"
    rows = read_complete_rows(source, [], image_files, sizes, takes_unlisted, None)
    merges = config.get("merge_sources", False)
    folder.mkdir()
    settings = IndexSettings(merge_sources=merges)
    return index_source(rows, settings, folder, BytesIO())


def read_config(folder):
    return yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
