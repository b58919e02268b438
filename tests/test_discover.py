"""Which files belong to a project, and what is said of those that cannot be read."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from mwaalint.discover import Project, Role, Skipped, discover, excluded

if TYPE_CHECKING:
    from pathlib import Path


def tree(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x\n")


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)


def paths(project: Project, role: Role) -> list[str]:
    return [file.path for file in project.with_role(role)]


def test_files_get_their_roles_from_their_names(tmp_path: Path) -> None:
    tree(
        tmp_path,
        *("main.tf", "prod.tfvars", "requirements.txt", "requirements-dev.txt", "requirements/mwaa.txt", "notes.txt"),
        *(
            "dags/etl.py",
            "dags/dbt/shop/dbt_project.yml",
            "startup.sh",
            "Makefile",
            ".github/workflows/deploy.yml",
            "ci/buildspec.yml",
        ),
    )
    project = discover(tmp_path)
    assert paths(project, Role.TERRAFORM) == ["main.tf", "prod.tfvars"]
    assert paths(project, Role.REQUIREMENTS) == ["requirements-dev.txt", "requirements.txt", "requirements/mwaa.txt"]
    assert paths(project, Role.PYTHON) == ["dags/etl.py"]
    assert paths(project, Role.DBT) == ["dags/dbt/shop/dbt_project.yml"]
    assert paths(project, Role.SHELL) == ["startup.sh"]
    assert paths(project, Role.DEPLOY) == [".github/workflows/deploy.yml", "Makefile", "ci/buildspec.yml", "startup.sh"]


def test_a_template_is_one_that_declares_an_environment(tmp_path: Path) -> None:
    (tmp_path / "mwaa.yaml").write_text("Resources: {Etl: {Type: AWS::MWAA::Environment}}\n")
    (tmp_path / "bucket.yaml").write_text("Resources: {B: {Type: AWS::S3::Bucket}}\n")
    (tmp_path / "mwaa.txt").write_text("AWS::MWAA::Environment\n")
    assert paths(discover(tmp_path), Role.CLOUDFORMATION) == ["mwaa.yaml"]


def test_what_git_ignores_is_not_read(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    tree(tmp_path, "requirements.txt", "build/requirements.txt", "new/requirements.txt")
    (tmp_path / ".gitignore").write_text("build/\n")
    git(tmp_path, "add", "requirements.txt")
    assert paths(discover(tmp_path), Role.REQUIREMENTS) == ["new/requirements.txt", "requirements.txt"]


def test_a_file_that_git_remembers_but_is_gone_is_no_file(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    tree(tmp_path, "requirements.txt", "main.tf")
    git(tmp_path, "add", ".")
    (tmp_path / "requirements.txt").unlink()
    assert sorted(discover(tmp_path).files) == ["main.tf"]


def test_an_ignored_folder_that_is_named_is_read(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("build/\n")
    tree(tmp_path, "build/requirements.txt")
    assert sorted(discover(tmp_path / "build").files) == ["requirements.txt"]


def test_without_git_the_folders_of_tools_are_left_out(tmp_path: Path) -> None:
    tree(
        tmp_path,
        "main.tf",
        ".terraform/modules/x/main.tf",
        "node_modules/a/requirements.txt",
        "venv/lib/requirements.txt",
    )
    assert sorted(discover(tmp_path).files) == ["main.tf"]


def test_paths_have_forward_slashes_and_are_relative(tmp_path: Path) -> None:
    tree(tmp_path, "infra/prod/main.tf")
    assert list(discover(tmp_path).files) == ["infra/prod/main.tf"]


@pytest.mark.parametrize(
    ("path", "pattern", "left_out"),
    [
        ("tests/fixtures/main.tf", "tests/fixtures", True),
        ("tests/fixtures/main.tf", "tests/fixtures/", True),
        ("tests/fixtures/main.tf", "tests", True),
        ("infra/main.tf", "*.tf", True),
        ("infra/main.tf", "infra/*.tf", True),
        ("infra/main.tf", "main.tf", False),
        ("infra2/main.tf", "infra", False),
    ],
)
def test_excluding_by_folder_and_by_pattern(path: str, pattern: str, left_out: bool) -> None:
    assert excluded(path, [pattern]) is left_out


def test_a_link_that_leads_in_a_circle_is_named_and_not_followed(tmp_path: Path) -> None:
    tree(tmp_path, "dags/etl.py")
    (tmp_path / "dags" / "again").symlink_to(tmp_path / "dags", target_is_directory=True)
    project = discover(tmp_path)
    assert sorted(project.files) == ["dags/etl.py"]
    assert project.skipped == (Skipped("dags/again", "it is a link to a folder; linked folders are not followed"),)


def test_the_same_inside_a_git_repository(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    tree(tmp_path, "dags/etl.py")
    (tmp_path / "dags" / "again").symlink_to(tmp_path / "dags", target_is_directory=True)
    git(tmp_path, "add", ".")
    project = discover(tmp_path)
    assert sorted(project.files) == ["dags/etl.py"]
    assert project.skipped == (Skipped("dags/again", "it is a link to a folder; linked folders are not followed"),)


def test_a_link_to_itself_does_not_stop_the_walk(tmp_path: Path) -> None:
    tree(tmp_path, "main.tf")
    (tmp_path / "loop.tf").symlink_to(tmp_path / "loop.tf")
    assert "main.tf" in discover(tmp_path).files


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    tree(tmp_path, "main.tf", "secret/main.tf")
    (tmp_path / "secret").chmod(0)
    try:
        assert discover(tmp_path).skipped == (Skipped("secret", "the folder cannot be read: Permission denied"),)
    finally:
        (tmp_path / "secret").chmod(0o755)


def test_bytes_given_from_outside_stand_for_the_file(tmp_path: Path) -> None:
    tree(tmp_path, "requirements.txt")
    project = discover(tmp_path, overlay={"requirements.txt": b"boto3\n"})
    assert project.files["requirements.txt"].text == "boto3\n"


def test_folders_are_asked_for_by_their_whole_name(tmp_path: Path) -> None:
    tree(tmp_path, "dags/etl.py", "dags2/etl.py")
    project = discover(tmp_path)
    assert [file.path for file in project.below("dags")] == ["dags/etl.py"]
    assert project.has_folder("dags2")
    assert not project.has_folder("dag")
    assert [file.path for file in project.below("")] == ["dags/etl.py", "dags2/etl.py"]
