"""Working directories with one source share what is encoded."""

import pytest

from tables import tiny_rows

SETTINGS = {"images_per_shard": 1, "n_folds": 2}
SHARDS = [f"{shard:05d}" for shard in range(1, 7)]


@pytest.fixture
def run(new_tiny_project, tmp_path):
    """Run a new project with the shared cache; name the shards that it encoded."""

    def run(**settings):
        project = new_tiny_project(tiny_rows(), **SETTINGS)
        cache = {"SNAKEMAKE_OUTPUT_CACHE": str(tmp_path)}
        project.run("--cache", "encode_shard", env=cache, **settings)
        logs = (project.results / "logs/encode_shard").glob("*.log")
        return project, sorted(log.stem for log in logs if log.read_text())

    return run


def test_second_directory_encodes_nothing(run):
    first, encoded = run()
    assert encoded == SHARDS
    second, encoded = run()
    assert encoded == []
    assert second.json_files() == first.json_files()


def test_other_settings_of_encoding_are_not_taken_for_the_same(run):
    run()
    _, encoded = run(image_ids="source")
    assert encoded == SHARDS
