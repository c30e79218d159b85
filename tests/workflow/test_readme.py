"""What the README shows works as it stands there."""

import re
import subprocess
import sys

import pytest
from PIL import Image
from test_module import OTHER_WORKFLOW

from documents import DOCUMENT
from tables import REPO, SAMPLE, read_table, write_table

README = (REPO / "README.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
YAML = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def project(new_project):
    project = new_project()
    project.run()
    return project


def test_snippet(project):
    [code] = [code for code in PYTHON if "pycocotools" in code]
    code += "print(len(masks), masks[0].shape)"
    said = subprocess.check_output([sys.executable, "-c", code], cwd=project.folder)
    assert said.splitlines()[-1] == b"22 (520, 704)"


def test_dialect_written_out(project):
    [text] = [text for text in YAML if "image_column" in text]
    (project.folder / "config.yaml").write_text(text)
    project.source.write_text(
        "ImageId,EncodedPixels,Class,Width,Height\n"
        "a,0 2,cell,3,4\nb,2 3,cell,3,4\nc,,cell,3,4\n"
    )
    arguments = ["--config", "annotations=train.csv", "n_folds=2"]
    project.run_as_is(*arguments)
    boxes = [
        annotation["bbox"]
        for annotation in project.json("annotations_all.json")["annotations"]
    ]
    assert boxes == [[0, 0, 1, 2], [0, 0, 2, 4]]
    assert len(project.json("annotations_all.json")["images"]) == 3


def test_module_is_that_of_the_test():
    [code] = [code for code in PYTHON if "module cocofolds" in code]
    here = OTHER_WORKFLOW.replace('config["code"]', '"cocofolds/Snakefile"')
    assert code in here


def test_snippets_for_training(new_project):
    project = new_project()
    project.run()
    text = (REPO / "docs" / "train.md").read_text(encoding="utf-8")
    snippets = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(snippets) == 3
    for snippet in snippets:
        compile(snippet, "train.md", "exec")
    _, detectron, mmdetection = snippets
    names = [row["name"] for row in project.table("index/categories.csv")]
    assert f"NUM_CLASSES = {len(names)}" in detectron
    settings = {}
    exec(mmdetection, settings)
    assert [*settings["classes"]] == names
    for part in ("train", "val"):
        data = settings[f"{part}_dataloader"]["dataset"]
        assert (project.folder / data["ann_file"]).exists()
        assert f"annotations_{part}_" in data["ann_file"]
    paths = {*re.findall(r"results/[\w./-]+\.(?:json|csv)", text)} - {
        "results/yolo/summary.json"
    }
    assert len(paths) >= 2
    assert all((project.folder / path).exists() for path in paths)


def test_coco_json(new_project):
    project = new_project()
    [text] = [text for text in YAML if "annotations: instances.json" in text]
    (project.folder / "config.yaml").write_text(text)
    (project.folder / "instances.json").write_text(DOCUMENT, encoding="utf-8")
    project.run_as_is("--config", "n_folds=2")
    assert len(project.json("annotations_all.json")["annotations"]) == 7


def test_several_sources(new_project):
    project = new_project()
    [text] = [text for text in YAML if "livecell.json" in text]
    (project.folder / "config.yaml").write_text(text)
    (project.folder / "livecell.json").write_text(DOCUMENT, encoding="utf-8")
    write_table(project.source, read_table(SAMPLE))
    project.run_as_is("--config", "n_folds=2")
    categories = project.json("annotations_all.json")["categories"]
    assert "SH-SY5Y" in [category["name"] for category in categories]


def test_presets():
    listed = re.findall(r"^\| `([a-z-]+-20\d\d)` \|", README, re.MULTILINE)
    there = {path.stem for path in (REPO / "workflow" / "dialects").glob("*.yaml")}
    assert len(listed) == len({*listed})
    assert {*listed, "coco"} == there


@pytest.mark.parametrize("image_ids", ["integer", "source"])
def test_preview(new_project, image_ids):
    project = new_project(image_ids=image_ids)
    project.run("results/preview/3177b0252ef9.png")
    preview = project.results / "preview/3177b0252ef9.png"
    with Image.open(preview) as made, Image.open(REPO / "docs/preview.png") as shown:
        assert made.tobytes() == shown.tobytes()


def test_settings():
    """The table names each key with its default."""
    rows = re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", README, re.MULTILINE)
    config = (REPO / "config.yaml").read_text(encoding="utf-8")
    assert rows == re.findall(r"^(\w+): (.*)$", config, re.MULTILINE)
