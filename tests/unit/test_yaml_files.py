"""YAML files of settings that no one should write: a sentence says what is wrong."""

import pytest

from cocofolds.errors import InputError
from cocofolds.yaml_files import read_keys

TABLE = "image_column: id, runs_column: annotation, order: row, category: cell"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "categories: !!python/name:os.system",
            "config.yaml, line 1: not readable as Y",
        ),
        ("? [a, b]\n: 2", "config.yaml, line 1: not readable as YAML: "),
        ("n_folds", "config.yaml: it has to be keys with their values"),
        ("n_folds:\t5\n\tseed: 1", "config.yaml, line 2: not readable as YAML: "),
        ("a: 1\n---\nb: 2", "config.yaml, line 2: not readable as YAML: "),
        (b"seed: caf\xe9", "config.yaml: not readable as YAML: "),
        ("rename_categories: {a: b, a: c}", "'a' is there twice, in line 1 and in l"),
        (f"dialect:\n  {{{TABLE},\n  order: column}}", "'order' is there twice, in l"),
        ("categories: " + "[" * 10_000, "config.yaml, line 1: not readable as YAML: n"),
        ("categories: &a [*a]", "config.yaml, line 1: it has an alias of itself in"),
        (
            "x0: &x0 [a, a]\n"
            + "".join(f"x{n + 1}: &x{n + 1} [*x{n}, *x{n}]\n" for n in range(20)),
            "config.yaml: its aliases make more than 1000000 values",
        ),
        (
            "x0: &x0 [a]\n"
            + "".join(f"x{n + 1}: &x{n + 1} [*x{n}]\n" for n in range(2000)),
            "or values nested more than 20 deep",
        ),
        ("seed: !!int ''", "config.yaml: not readable as YAML: "),
    ],
    ids=lambda value: str(value)[:30],
)
def test_files_that_are_no_settings(text, message, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as raised:
        read_keys(path)
    assert message in str(raised.value)
    assert len(str(raised.value)) < 500
