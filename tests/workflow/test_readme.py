"""What the README and the pages of docs/ show works as it is there."""

import re
import shlex
import subprocess
import sys
from collections import Counter

import pytest
import typer
from PIL import Image
from test_module import OTHER_WORKFLOW, SETTINGS

from cocofolds.cli.app import app
from documents import DOCUMENT
from pages import page, snippet, snippets
from tables import REPO, SAMPLE, read_table, write_table

PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
PAGES += [f"docs/{path.name}" for path in sorted((REPO / "docs").glob("*.md"))]
SPLIT = "image-k10-seed221"


@pytest.fixture(scope="module")
def project(new_project):
    project = new_project()
    project.run()
    return project


def test_length():
    assert len(page("README.md").splitlines()) <= 150


@pytest.mark.parametrize("name", PAGES)
def test_commands(name):
    """The program takes the arguments of each `cocofolds ...` that is shown."""
    commands = typer.main.get_command(app).commands
    shown = re.findall(r"(?:^|`)cocofolds ([a-z]+\b[^`#\n]*)", page(name), re.M)
    assert shown or name != "README.md"
    for line in shown:
        command, *arguments = shlex.split(line)
        # `cocofolds init` alone names the command.
        if arguments:
            commands[command].make_context(command, arguments)
        assert command in commands


@pytest.mark.parametrize("name", PAGES)
def test_links(name):
    """Links within the repository lead to files, and to headings in them."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page(name)):
        if re.match(r"[a-z]+://", target):
            continue
        path, _, heading = target.partition("#")
        file = (REPO / name).parent / path if path else REPO / name
        assert file.exists(), target
        if heading:
            headings = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.M)
            assert heading in map(anchor, headings), target


def anchor(heading):
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_snippet(project):
    code = snippet("README.md", "python", has="pycocotools")
    code += "print(len(masks), masks[0].shape)"
    said = subprocess.check_output([sys.executable, "-c", code], cwd=project.folder)
    train = project.json(f"{SPLIT}/annotations_train_fold_1.json")
    first = train["images"][0]
    n_masks = sum(a["image_id"] == first["id"] for a in train["annotations"])
    expected = f"{n_masks} ({first['height']}, {first['width']})"
    assert said.decode().splitlines()[-1] == expected


def test_data_frames(tmp_path):
    code = snippet("README.md", "python", has="cocofolds.encode")
    code += "print(len(coco['annotations']), table['area'].sum())"
    (tmp_path / "train.csv").symlink_to(SAMPLE)
    said = subprocess.check_output([sys.executable, "-c", code], cwd=tmp_path)
    rows = read_table(SAMPLE)
    runs = (row["annotation"].split()[1::2] for row in rows)
    area = sum(sum(map(int, lengths)) for lengths in runs)
    assert said.decode().splitlines()[-1] == f"{len(rows)} {area}"


def test_dialect_written_out(project):
    text = snippet("docs/presets.md", "yaml", has="image_column")
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
    code = snippet("docs/workflows.md", "python", has='"cocofolds/Snakefile"')
    here = OTHER_WORKFLOW.replace(f"{REPO}/Snakefile", "cocofolds/Snakefile")
    here = here.replace(str(SETTINGS), 'config["cocofolds"]')
    assert code in here


def test_snippets_for_training(new_project):
    project = new_project()
    project.run()
    training = snippets("docs/train.md", "python")
    assert len(training) == 3
    for code in training:
        compile(code, "train.md", "exec")
    _, detectron, mmdetection = training
    names = [row["name"] for row in project.table("index/categories.csv")]
    assert f"NUM_CLASSES = {len(names)}" in detectron
    settings = {}
    exec(mmdetection, settings)
    assert [*settings["classes"]] == names
    for part in ("train", "val"):
        data = settings[f"{part}_dataloader"]["dataset"]
        assert (project.folder / data["ann_file"]).exists()
        assert f"annotations_{part}_" in data["ann_file"]
    named = re.findall(r"results/[\w./-]+\.(?:json|csv)", page("docs/train.md"))
    paths = {*named} - {"results/yolo/summary.json"}
    assert len(paths) >= 2
    assert all((project.folder / path).exists() for path in paths)


def test_coco_json(new_project):
    project = new_project()
    text = snippet("docs/coco.md", "yaml", has="annotations: instances.json")
    (project.folder / "config.yaml").write_text(text)
    (project.folder / "instances.json").write_text(DOCUMENT, encoding="utf-8")
    project.run_as_is("--config", "n_folds=2")
    assert len(project.json("annotations_all.json")["annotations"]) == 7


def test_several_files(new_project):
    project = new_project()
    text = snippet("docs/coco.md", "yaml", has="livecell.json")
    (project.folder / "config.yaml").write_text(text)
    (project.folder / "livecell.json").write_text(DOCUMENT, encoding="utf-8")
    write_table(project.source, read_table(SAMPLE))
    project.run_as_is("--config", "n_folds=2")
    categories = project.json("annotations_all.json")["categories"]
    assert "SH-SY5Y" in [category["name"] for category in categories]


def test_presets():
    listed = re.findall(r"^\| `([a-z-]+-20\d\d)` \|", page("docs/presets.md"), re.M)
    there = {path.stem for path in (REPO / "workflow" / "dialects").glob("*.yaml")}
    assert len(listed) == len({*listed}) == 12
    assert {*listed, "coco"} == there
    assert "[twelve layouts](docs/presets.md)" in page("README.md")


def test_results(project):
    """Each file of the page is there after a run, except those that are asked for."""
    named = re.findall(r"`(results/[^`]*)`", page("docs/results.md"))
    asked_for = ("yolo", "zip", "splits_final", "annotations_test")
    named = {n for n in named if not any(word in n for word in asked_for)}
    assert len(named) >= 10
    for name in named:
        pattern = re.sub(r"\{\w+\}", "*", name.replace("{split}", SPLIT))
        assert [*project.folder.glob(pattern)], name


@pytest.mark.parametrize("image_ids", ["integer", "source"])
def test_preview(new_project, image_ids):
    """To make the picture again: run the sample, and copy the preview that is named."""
    path = "results/preview/e9d462e9881a.png"
    project = new_project(image_ids=image_ids)
    project.run(path)
    preview = project.folder / path
    with Image.open(preview) as made, Image.open(REPO / "docs/preview.png") as shown:
        assert made.tobytes() == shown.tobytes(), f"copy {path} to docs/preview.png"


def test_speed():
    lines = page("docs/speed.md").splitlines()
    rows = dict(
        re.fullmatch(r"\| (.*?) \| (.*) \|", n).groups() for n in lines if n[:2] == "| "
    )
    seconds, *_ = rows["the whole run"].split(" | ")
    once, again = (
        rows[what].split(" | ")[-1]
        for what in ("encoding once", "encoding for each fold")
    )
    text = page("README.md")
    assert f"checked folds: {seconds} s, {once} times as fast as a notebook" in text
    assert f"{float(again):.0f} times as fast as one that encodes" in text


def test_reliability():
    table = page("docs/reliability.md")
    figure = re.search(
        r"^\| runs killed with SIGKILL .* \| (\d+ of \d+) \|", table, re.M
    )
    assert f"| {figure[1]} runs killed at a random moment" in page("README.md")


def test_balance(new_project, real_data):
    """How far images and annotations of a category are from a tenth in each fold."""
    source = real_data / "sartorius_scale.csv.gz"
    project = new_project(annotations=str(source), images_dir=None, n_previews=0)
    project.run(f"results/{SPLIT}/folds.csv")
    fold_of = {
        row["source_id"]: row["fold"] for row in project.table(f"{SPLIT}/folds.csv")
    }
    annotations = Counter(
        (row["cell_type"], fold_of[row["id"]]) for row in read_table(source)
    )
    images = Counter(
        (category, fold_of[image])
        for image, category in {
            (row["id"], row["cell_type"]) for row in read_table(source)
        }
    )
    figures = f"images by {deviation(images):.2%}"
    figures += f", annotations by {deviation(annotations):.2%}"
    assert figures in " ".join(page("README.md").split())


def deviation(counts, k=10):
    totals = Counter()
    for (category, _), count in counts.items():
        totals[category] += count
    terms = [
        abs(counts[category, str(fold)] / total - 1 / k) * k
        for category, total in totals.items()
        for fold in range(1, k + 1)
    ]
    return sum(terms) / len(terms)
