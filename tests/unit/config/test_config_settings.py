"""What settings may say, and the sentence where they say something else."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from cocofolds.config.settings import (
    balance_of,
    completed_settings,
    has_duplicates,
    image_columns_of,
    located,
    names_in,
    read_config,
    refuse_in_storage,
    splits_of,
)
from cocofolds.config.source_settings import source_settings
from cocofolds.errors import InputError
from cocofolds.files import write_table
from cocofolds.output.results import split_named, split_of
from cocofolds.workflow_files import WorkflowFiles, workflow_files

# A pair of surrogates, which JSON takes for one character and YAML for two halves.
HALVES = r'"\ud83d\ude00"'


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(text, files=None):
    """Read a config.yaml with all that follows from it."""
    Path("config.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    settings = read_config()
    return source_settings(settings, files or workflow_files()), splits_of(settings)


def error_of(text, files=None):
    with pytest.raises(InputError) as error:
        read(text, files)
    assert len(str(error.value)) < 1000
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"seed: 1\nrename_categories: {{c0: {HALVES}}}",
            "config.yaml, line 2: not readable as YAML: found invalid Unicode",
        ),
        ("annotations: " + "x" * 10**6, "annotations: a text of 1000000 characters"),
        ("n_folds: 100000000", "config: n_folds: 100000000 is greater than the max"),
        (f"n_folds: {[*range(9980, 10001)]}", "make more than 100000 folds in all"),
        ("n_folds: .nan", "config: n_folds: nan is not of type 'integer'"),
        ("seed: 2020-01-01", "config: seed: datetime.date(2020, 1, 1) is not of"),
        ("seed: 2020-99-99", "config.yaml: not readable as YAML: month must be in"),
        ("categories: [!!binary aGVsbG8=]", "config: categories[0]: b'hello' is not"),
        ("categories: [yes, a]", "categories[0]: True is not of type 'string' (YAML"),
        ("rename_categories: {~: a}", "rename_categories: None is not of type 's"),
        ("~: 2", "config: there is no key 'None'."),
        ("n_folds: 5\nseed: 1\nn_folds: 4", "'n_folds' is there twice, in line 1 and"),
        ("categories: [a, b, a, c, c]", "categories: 'a', 'c' is there more than once"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_text(text, message):
    assert message in error_of(text)


@pytest.mark.parametrize(
    ("settings", "messages"),
    [
        (
            {"n_folds": "five"},
            [
                "config: n_folds: 'five' is not of type 'integer', 'array'."
                " workflow/schemas/config.schema.yaml says what may be there."
            ],
        ),
        ({"n_folds": 1}, ["config: n_folds: 1 is less than the minimum of 2."]),
        ({"n_folds": [3, 1]}, ["config: n_folds[1]: 1 is less than the minimum of 2"]),
        ({"seed": -1}, ["config: seed: -1 is less than the minimum of 0."]),
        ({"categories": [7.5]}, ["config: categories[0]: 7.5 is not of type 'string'"]),
        ({"on_invalid": "ignore"}, ["'ignore' is not one of ['error', 'skip']"]),
        ({"annotations": "{x}.csv"}, ["config: annotations: '{x}.csv' does not match"]),
        ({"file_name": "image.png"}, ["config: file_name: 'image.png' does not match"]),
        (
            {"dialect": {"order": "row"}},
            ["config: dialect: 'image_column' is a required property."],
        ),
        ({"split_by": "group"}, ["split_by: group needs group_column"]),
        (
            {"duplicates": True},
            ["duplicates: True is not one of ['warn', 'group', 'off']"],
        ),
        (
            {"duplicates": "group", "images_dir": None},
            ["duplicates: group compares the image files. Set `images_dir`"],
        ),
        (
            {"duplicates": "group", "split_by": "annotation"},
            ["duplicates: group keeps copies of an image in one fold, which"],
        ),
        (
            {"dialect": "kaggle"},
            ["file for each preset: airbus-2018, carvana-2017, "],
        ),
    ],
    ids=str,
)
def test_settings(settings, messages):
    said = error_of(yaml.safe_dump(settings))
    assert [message for message in messages if message not in said] == []


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"category": "a", "category_column": "b"}, "needs one of category"),
        ({}, "needs one of category"),
        ({"category": "a", "width": 3}, "height"),
        ({"category": "a", "colour": 3}, "colour"),
        ({"category": "a", "base": 2}, "base"),
        ({"category": "a", "separator": "|"}, "separator"),
        (
            {"category": "a", "attributes_column": "c", "attributes_separator": "_"},
            "it has attributes_column and attributes_separator",
        ),
    ],
)
def test_faulty_dialect(keys, message):
    dialect = {"image_column": "a", "runs_column": "b", "order": "row", **keys}
    assert message in error_of(yaml.safe_dump({"dialect": dialect}))


@pytest.mark.parametrize(
    ("dialect", "message"),
    [
        ({"preset": "sartorius"}, "no preset 'sartorius'. Is it 'sartorius-2021'?"),
        ({"preset": "../sartorius-2021"}, "'../sartorius-2021' is not a preset's name"),
        ({"preset": 3}, "3 is not a preset's name"),
        ({"preset": "sartorius-2021", "colour": 3}, "there is no key 'colour'"),
        ({"preset": "sartorius-2021", "width": None}, "`width: null` takes a key away"),
        ({"preset": "sartorius-2021", "width_column": None}, "height_column"),
        (
            {"preset": "sartorius-2021", "category": "cell"},
            "but has category and category_column. `null` takes a key of a preset away",
        ),
        ([{"preset": "sartorius-2021"}, "coco"], "it lists 2"),
    ],
)
def test_faulty_change_of_a_preset(dialect, message):
    assert message in error_of(yaml.safe_dump({"dialect": dialect}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("preset: coco", "a preset cannot be made of another one"),
        ("a: !!python/object/apply:os.system ['touch made']", "not readable as YAML"),
        ("a: &a [x, x]\nb: [*a, *a]", "a dialect may have no aliases"),
        ("a: [", "not readable as YAML"),
        ("[" * 100_000, "not readable as YAML"),
        ("- a", "dialect: it is no mapping"),
        ("", "dialect: it is no mapping"),
        ("a: \udcff", "not readable as YAML"),
    ],
)
def test_dialect_of_somebody(folder, text, message):
    (folder / "somebody.yaml").write_text(
        text, encoding="utf-8", errors="surrogateescape"
    )

    def path_of(name):
        known = workflow_files().path_of(name)
        return known if known.exists() else folder / Path(name).name

    files = WorkflowFiles(path_of, ["somebody"])
    assert message in error_of("dialect: somebody", files)
    assert not Path("made").exists()


@pytest.mark.parametrize("name", ["../somebody", "no-such-preset", "{x}"])
def test_preset_that_is_none(name):
    assert "dialect" in error_of(yaml.safe_dump({"dialect": name}))


def test_a_preset_is_found_by_its_name():
    source, _ = read("annotations: a.csv\ndialect: severstal-2019")
    assert source.dialects[0].order == "column"
    assert source.dialects[0].image_column == "ImageId"


def test_ids_that_are_kept():
    source, _ = read("annotations: a.json\ndialect: coco")
    assert source.image_ids == "source"
    assert set(source.numbering) == {"keep"}
    source, _ = read("annotations: a.json\ndialect: coco\ncategories: [a]")
    assert source.numbering == ("keep", "keep", "renumber")
    source, _ = read("annotations: a.json\ndialect: coco\nannotation_ids: renumber")
    assert source.numbering == ("renumber", "keep", "keep")
    source, _ = read(
        "annotations: [a.csv, b.json]\ndialect: [hubmap-kidney-2020, coco]"
    )
    assert set(source.numbering) == {"renumber"}
    source, _ = read("annotations: a.csv\nimage_ids: source")
    assert source.image_ids == "source"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("annotations: [a.json, b.csv]\ndialect: [coco, sartorius-2021]\n"
         "image_ids: source", "in a list with a COCO JSON"),
        ("annotations: a.json\ndialect: coco\nfill_holes: true", "fill_holes: these"),
        ("annotations: a.json\ndialect: coco\nfile_name: '{id}.png'", "file_name: a C"),
        ("annotations: a.csv\nunlisted_images: include", "there is no such folder"),
        ("annotations: a.json\ndialect: coco\nimages_dir: data\n"
         "unlisted_images: include", "or no table"),
        ("annotations: a.csv\ndialect: [coco, coco]", "it lists 2, but"),
        ("annotations: .", "'.' is a folder"),
        ("group_column: a\ngroup_pattern: b", "set one of them"),
        ("group_pattern: '('", "no regular expression"),
        ("dialect: {format: coco, order: row}", "no other keys than file_prefix"),
    ],
)  # fmt: skip
def test_settings_that_do_not_fit(text, message):
    assert message in error_of(text)


def test_the_images_of_the_sample_belong_to_its_annotations():
    Path("config.yaml").write_text("annotations: a.csv")
    assert read_config()["images_dir"] is None
    Path("config.yaml").write_text("seed: 1")
    assert read_config()["images_dir"] == "data/sample"


def test_the_rules_need_no_numpy_of_it():
    """With environments of their own, the jobs alone have it."""
    code = (
        "import sys; import cocofolds.config.made_from, cocofolds.code_digest;"
        "import cocofolds.config.source_settings; print('numpy' in sys.modules)"
    )
    said = subprocess.check_output(
        [sys.executable, "-c", code],
        encoding="utf-8",
        env={"PYTHONPATH": str(Path(__file__).parents[3] / "scripts")},
    )
    assert said == "False\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("test_fraction: 0.12345", "0.12345 has more than four digits"),
        ("test_fraction: 1", "config: test_fraction: 1 is greater than the maximum"),
        (
            "test_fraction: 0.1\nsplit_by: annotation",
            "test_fraction: with split_by: an",
        ),
        ("test_fraction: 0.1\nstratify: most_frequent", "Set stratify: balanced"),
        ("folds_file: results/a/folds.csv", "is in results/, where a run may write it"),
        ("leave_one_out: true", "config: leave_one_out: it needs split_by: group"),
        (
            "leave_one_out: true\nsplit_by: group\ngroup_column: a\ntest_fraction: 0.1",
            "leave_one_out and test_fraction: each group is a fold then",
        ),
        ("balance: {images: 0}", "config: balance"),
        ("balance: []", "config: balance"),
        ("group_column: []", "config: group_column"),
        ("exclude_images: [a, a]", "config: exclude_images: 'a' is there more than"),
    ],
)
def test_folds_that_cannot_be(text, message):
    assert message in error_of(text)


def test_the_hold_out_is_part_of_the_name():
    _, [split] = read("test_fraction: 0.125\nn_folds: 3\nseed: 1")
    assert split.name == "image-k3-seed1-test0.125"
    assert split_named(split.name) == split
    assert split_of({**split._asdict(), "test": "-test0.125"}) == split
    assert split_named("image-k3-seed1-test0.10") is None
    assert split_of({**split._asdict(), "test": ""}).name == "image-k3-seed1"


def test_as_many_folds_as_groups():
    text = "leave_one_out: true\nsplit_by: group\ngroup_column: plate\nseed: [1, 2]"
    assert read(text)[1] == []
    rows = [[1, "a"], [2, "b"], [3, "a"], [4, ""], [5, ""]]
    Path("results/index").mkdir(parents=True)
    write_table("results/index/images.csv", ("image_id", "group"), rows)
    assert [split.name for split in read(text)[1]] == [
        "group-k4-seed1",
        "group-k4-seed2",
    ]
    write_table("results/index/images.csv", ("image_id", "group"), [[1, "a"]])
    assert "there are 1 groups, but a split has 2 to 10,000" in error_of(text)


def test_what_is_balanced():
    assert balance_of({"balance": ["images", "site"]}) == {"images": 1, "site": 1}
    assert balance_of({"balance": {"area": 2, "site": 0.5}}) == {"area": 2, "site": 0.5}
    assert image_columns_of({"balance": {"area": 2, "site": 0.5}}) == ["site"]


def test_numbers_are_names():
    Path("config.yaml").write_text("exclude_images: [17, a]\nexclude_categories: [1]\n")
    settings = read_config()
    assert settings["exclude_images"] == ["17", "a"]
    assert settings["exclude_categories"] == ["1"]


def test_names_in_a_file():
    Path("names.txt").write_text("\ufeffa\n\n b c \na\n", encoding="utf-8")
    assert names_in({"key": "names.txt"}, "key") == ["a", "b c"]
    assert names_in({"key": ["x"]}, "key") == ["x"]
    with pytest.raises(InputError, match=r"A single name goes in brackets: key: \[x\]"):
        names_in({"key": "x"}, "key")
    Path("names.txt").write_bytes(b"\xff")
    with pytest.raises(InputError, match=r"key: 'names\.txt' cannot be read as text"):
        names_in({"key": "names.txt"}, "key")


@pytest.mark.parametrize("word", ["off", "'off'", "no"])
def test_off_without_quotes_is_a_word_too(word):
    """YAML takes it for false."""
    Path("config.yaml").write_text(f"duplicates: {word}\n")
    settings = read_config()
    assert settings["duplicates"] == "off"
    assert not has_duplicates(settings)


def test_without_image_files_there_are_no_copies():
    Path("config.yaml").write_text("annotations: train.csv\n")
    assert not has_duplicates(read_config())
    Path("config.yaml").write_text("annotations: train.csv\nimages_dir: images\n")
    assert has_duplicates(read_config())


def test_files_are_located():
    said = {"annotations": ["a.csv", "b.csv"], "images_dir": "images"}
    said |= {"exclude_images": "names.txt", "exclude_categories": ["a"]}
    settings = completed_settings(said, workflow_files())
    found = located(settings, "ds1/{}".format)
    assert found["annotations"] == ["ds1/a.csv", "ds1/b.csv"]
    assert (found["images_dir"], found["folds_file"]) == ("ds1/images", None)
    assert found["exclude_images"] == "ds1/names.txt"
    assert found["exclude_categories"] == ["a"]
    assert {**found, **settings} == settings


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("exclude_images", "names.txt"),
        ("exclude_categories", "names.txt"),
        ("unlisted_images", "include"),
    ],
)
def test_what_a_storage_has_not(key, value):
    settings = completed_settings({"annotations": "a.csv"}, workflow_files())
    refuse_in_storage(settings)
    with pytest.raises(InputError, match=f"config: {key}: .* storage"):
        refuse_in_storage({**settings, key: value})
