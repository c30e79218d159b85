"""What holds for every rule, and for the config and its schema."""

import ast
import re
import sys
from importlib.metadata import packages_distributions

import pytest
import yaml

from tables import REPO

RULES = {
    name: body
    for path in sorted((REPO / "workflow" / "rules").glob("*.smk"))
    for name, body in re.findall(
        r"^(?:rule|checkpoint) (\w+):\n((?:(?: .*)?\n)+)",
        path.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    # The others only ask for files.
    if "    output:\n" in body
}
LIBRARY = REPO / "scripts" / "cocofolds"
CONFIG = yaml.safe_load((REPO / "config.yaml").read_text(encoding="utf-8"))
SCHEMA = yaml.safe_load(
    (REPO / "workflow" / "schemas" / "config.schema.yaml").read_text(encoding="utf-8")
)


def test_rules_are_found():
    assert {
        "index",
        "encode_shard",
        "assign_folds",
        "assemble_fold",
        "assemble_all",
        "check_annotations",
        "check_split",
    } <= {*RULES}


@pytest.mark.parametrize("rule", RULES)
def test_digest_is_that_of_the_script(rule):
    script = re.search(r'script:\s+"\.\./\.\./scripts/(\w+)\.py"', RULES[rule])[1]
    assert f'code=digest_of("{script}")' in RULES[rule]


def test_imports_have_the_form_that_the_digest_looks_for():
    # What is imported on demand is for commands and data frames, and in no job.
    modules = {*LIBRARY.rglob("*.py")} - {
        *LIBRARY.glob("cli/*"),
        LIBRARY / "__init__.py",
    }
    for path in [*modules, *(REPO / "scripts").glob("*.py")]:
        code = path.read_text(encoding="utf-8")
        found = {*re.findall(r"^ *from cocofolds\.([\w.]+) import", code, re.MULTILINE)}
        # The package itself is in each digest.
        names = {*imports(ast.parse(code))} - {"cocofolds"}
        ours = {name for name in names if name.partition(".")[0] == "cocofolds"}
        assert ours == {f"cocofolds.{module}" for module in found}


def imports(tree):
    """Name the modules that are imported, wherever in the code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


@pytest.mark.parametrize("rule", RULES)
def test_rule_says_what_it_needs(rule):
    directives = re.findall(r"^    (\w+):", RULES[rule], re.MULTILINE)
    expected = {"log", "benchmark", "message", "resources", "conda"}
    if rule == "encode_shard":
        # Snakemake has no shared cache for a rule with a benchmark.
        expected.remove("benchmark")
    assert expected - {*directives} == set()
    resources = re.search(
        r"^    resources:\n((?: {8}.*\n)+)", RULES[rule], re.MULTILINE
    )
    keys = re.findall(r"^ {8}(\w+)=", resources[1], re.MULTILINE)
    assert {"mem_mb", "runtime"} <= {*keys}


def test_lint(new_project):
    assert "your workflow is in a good condition" in new_project().run("--lint")


def test_schema_has_the_keys_and_values_of_the_config():
    properties = SCHEMA["properties"]
    assert SCHEMA["propertyNames"]["enum"] == list(properties)
    assert {key: value["default"] for key, value in properties.items()} == CONFIG


def test_defaults_of_the_schema_are_enough(new_project):
    project = new_project()
    (project.folder / "config.yaml").write_text("{}")
    project.run_as_is()
    assert project.json("image-k10-seed221/checks.json")


def imported_packages():
    """Name what the scripts of rules, and the modules they import, take from others."""
    scripts = {re.search(r"scripts/(\w+\.py)", body)[1] for body in RULES.values()}
    # Commands and data frames are of the environment of Snakemake, not of a job's.
    paths = [REPO / "scripts" / name for name in scripts]
    packages = set()
    for path in paths:
        for name in imports(ast.parse(path.read_text(encoding="utf-8"))):
            packages.add(name.partition(".")[0])
            module = REPO / "scripts" / f"{name.replace('.', '/')}.py"
            if module.exists() and module not in paths:
                paths.append(module)
    return packages - sys.stdlib_module_names - {"cocofolds"}


def pins_of_environment(name):
    environment = (REPO / "envs" / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^ +- ([\w-]+) ?==?(.+)$", environment, re.MULTILINE))


def test_conda_environment_has_all_that_is_imported():
    distributions = packages_distributions()
    for module in imported_packages() - {"cv2"}:
        names = {name.lower() for name in distributions[module]}
        assert names & pins_of_environment("cocofolds.yaml").keys(), module


def test_conda_environments_have_the_versions_of_the_lock():
    lock = (REPO / "requirements" / "yolo.lock").read_text(encoding="utf-8")
    pins = pins_of_environment("yolo.yaml")
    assert {*pins} > {"numpy", "scikit-learn", "rlemasklib", "opencv-python-headless"}
    for name, version in pins.items():
        assert name == "python" or f"\n{name}=={version} " in lock
    del pins["opencv-python-headless"]
    assert pins == pins_of_environment("cocofolds.yaml")


def test_only_labels_have_the_environment_with_opencv():
    with_opencv = [name for name, body in RULES.items() if "envs/yolo.yaml" in body]
    assert with_opencv == ["yolo_labels"]


def test_profile_for_slurm_keeps_the_settings_of_the_default_one():
    shipped = {
        name: yaml.safe_load((REPO / "profiles" / name / "config.yaml").read_text())
        for name in ("default", "slurm")
    }
    assert shipped["slurm"].items() >= shipped["default"].items()


def test_jobs_that_share_a_submission_are_jobs_of_the_workflow():
    profile = yaml.safe_load((REPO / "profiles" / "slurm" / "config.yaml").read_text())
    assert {*profile["groups"]} < {*RULES}
    assert {*profile["group-components"]} < {*profile["groups"].values()}
