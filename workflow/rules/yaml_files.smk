from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError

# Without the C library, 8,000 categories take a second.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# More than any setting needs, and little enough to be looked through by recursion.
MOST_LEVELS = 20
# An alias is short, but what it stands for is there again: a few make very much.
MOST_VALUES = 10**6


class SettingsError(WorkflowError):
    """A mistake in the settings: the last words are those of the message.

    Without a traceback, Snakemake does not list the lines of the code that found it.
    """

    __traceback__ = None


def read_config_file(path):
    """Read the settings of a file before Snakemake does, for what it says of mistakes.

    A file of comments alone has none.
    """
    settings = read_yaml(path)
    if not isinstance(settings, dict | None):
        raise SettingsError(
            f"{Path(path).name}: it has to be keys with their values, such as"
            " `n_folds: 5`, a line each."
        )
    return settings


def read_yaml(path):
    """Read a YAML file of settings; say in a sentence what is wrong with it."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
        check_levels(path.name, text)
        check_document(path.name, yaml.compose(text, LOADER))
        return yaml.load(text, LOADER)
    except SettingsError:
        raise
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError(
            f"{path.name}, line {line}: not readable as YAML: {error.problem}."
        ) from None
    # A value that is not what its tag says raises errors of many kinds.
    except Exception as error:
        raise SettingsError(f"{path.name}: not readable as YAML: {error}") from None


def check_levels(name, text):
    """Refuse what is nested so deep that reading it would end in a RecursionError."""
    level = 0
    for event in yaml.parse(text, LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            level += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            level -= 1
        if level > MOST_LEVELS:
            line = event.start_mark.line + 1
            raise SettingsError(
                f"{name}, line {line}: not readable as YAML: nested more than"
                f" {MOST_LEVELS} deep."
            )


def check_document(name, document):
    """Refuse keys that are there twice, and aliases that go round or make too much."""
    # By node, which an alias stands for again: values in it, and how deep they are.
    measures = {}

    def measure(node):
        if node not in measures:
            measures[node] = None
            parts = node.value if isinstance(node, yaml.CollectionNode) else []
            if isinstance(node, yaml.MappingNode):
                check_keys(name, [key for key, _ in parts])
                parts = [part for pair in parts for part in pair]
            found = [measure(part) for part in parts]
            measures[node] = (
                1 + sum(n_values for n_values, _ in found),
                1 + max((n_levels for _, n_levels in found), default=0),
            )
        if measures[node] is None:
            line = node.start_mark.line + 1
            raise SettingsError(
                f"{name}, line {line}: it has an alias of itself in it."
            )
        return measures[node]

    n_values, n_levels = measure(document) if document else (0, 0)
    if n_values > MOST_VALUES or n_levels > MOST_LEVELS + 1:
        raise SettingsError(
            f"{name}: its aliases make more than {MOST_VALUES} values, or values nested"
            f" more than {MOST_LEVELS} deep."
        )


def check_keys(name, keys):
    """Refuse a key that is there twice, of which YAML would take the last in silence."""
    lines = {}
    for key in keys:
        line = key.start_mark.line + 1
        if isinstance(key, yaml.ScalarNode):
            if (key.tag, key.value) in lines:
                first = lines[key.tag, key.value]
                raise SettingsError(
                    f"{name}: the key '{key.value}' is there twice, in line {first} and"
                    f" in line {line}. Keep one of them."
                )
            lines[key.tag, key.value] = line
