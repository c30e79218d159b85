"""8,000 categories of three masks each: seconds, and few words."""

import random
import resource
from time import perf_counter

from tables import rectangle

N_CATEGORIES, N_IMAGES = 8000, 400


def rows():
    names = [f"category {n % N_CATEGORIES:04d}" for n in range(3 * N_CATEGORIES)]
    chance = random.Random(1)
    chance.shuffle(names)
    for number, name in enumerate(names):
        yield {
            "id": f"image-{number % N_IMAGES:03d}",
            "annotation": rectangle(
                chance.randrange(20), chance.randrange(10), 1 + number % 9, 3
            ),
            "width": "30",
            "height": "20",
            "cell_type": name,
            "sample_id": f"plate-{number % N_IMAGES % 37}",
        }


def test_many_categories(new_tiny_project):
    project = new_tiny_project([*rows()], images_dir=None, n_folds=10)
    names = {f"category {n:04d}": f"name {n}" for n in range(N_CATEGORIES)}
    start = perf_counter()
    said = project.run(rename_categories=names, categories=[*names.values()])
    # On two cores with nothing else to do, 30 s are the bound.
    print(f"{perf_counter() - start:.1f} s")
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    assert memory < 600, "MB of the largest process"
    lines = said.splitlines()
    warnings = [n for n, line in enumerate(lines) if "WARNING" in line]
    of_warnings = {m for n in warnings for m in range(n, n + 2)}
    assert 0 < len(of_warnings) <= 20
    assert "Categories with fewer images than there are folds (10): 8000." in said
    assert "'name 0': 3, 'name 1': 3" in said
    assert "and 7990 more" in said

    whole = project.json("annotations_all.json")
    assert len(whole["annotations"]) == 3 * N_CATEGORIES
    assert [record["name"] for record in whole["categories"]] == [*names.values()]
    assert len([*(project.results / "preview").glob("*.png")]) == 60
    plot = project.results / "image-k10-seed221/plots/areas_by_category.svg"
    assert "7,900 others (" in plot.read_text()
