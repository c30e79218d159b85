"""What the profiles and the plugins for clouds submit, and that it runs.

The plugins are those that users have. What answers them is in clouds.py: no cloud.
"""

import pytest

from tables import tiny_rows, write_table

SETTINGS = {"annotations": "train.csv", "images_dir": None}
WHOLE = "results/annotations_all.json"
IMAGE = "registry/folds"

# What a user has to say besides the profile; the names are made up.
CLOUDS = {
    "kubernetes": [],
    "aws-batch": [
        *("--aws-batch-region", "eu-central-1"),
        *("--aws-batch-job-queue", "arn:aws:batch:eu-central-1:1:job-queue/folds"),
        *("--aws-batch-job-role", "arn:aws:iam::1:role/folds"),
    ],
}
# Of index, the shards, and annotations_all.json: one of the steps that AWS Batch has.
MEMORY = {"kubernetes": ["2048M"] * 3, "aws-batch": ["2048"] * 3}


@pytest.mark.parametrize("profile", CLOUDS)
def test_jobs_run_as_they_are_submitted(
    profile, new_stored_project, new_tiny_project, cloud, tmp_path
):
    project = new_stored_project(f"on-{profile}", **SETTINGS)
    write_table(tmp_path / "train.csv", tiny_rows())
    project.put("train.csv", tmp_path / "train.csv")
    image = ["--container-image", IMAGE]
    project.run_with(profile, WHOLE, *image, *CLOUDS[profile], env=cloud.environment)
    local = new_tiny_project(tiny_rows(), images_dir=None)
    local.run(WHOLE)
    assert project.get(WHOLE) == local.json_files()["annotations_all.json"]
    jobs = cloud.jobs.values()
    assert [job["image"] for job in jobs] == [IMAGE] * 3
    assert [job["memory"] for job in jobs] == MEMORY[profile]
    # Containerfile has a wheel of it for pip.
    asked = [line for line in cloud.said().splitlines() if "pip-deployments" in line]
    assert {line.split("pip-deployments ")[1] for line in asked} == {
        "snakemake-storage-plugin-s3"
    }


def test_aws_batch_wants_its_settings(new_stored_project, cloud):
    project = new_stored_project("no-queue", **SETTINGS)
    said = project.run_with("aws-batch", "--dry-run", env=cloud.environment, fails=True)
    assert "--aws-batch-job-queue" in said
