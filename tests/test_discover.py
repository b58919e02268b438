"""Which files belong to a project, and what is said of those that cannot be read."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from mwaalint import discover as discovery
from mwaalint.discover import Project, Role, Skipped, discover, excluded
from mwaalint.model.layout import dags_folders
from mwaalint.source import MAX_BYTES, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator
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


def test_a_python_file_is_nothing_else_whatever_its_name_begins_with(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile.py").write_text("BASE = 'mwaa-local'\n")
    (tmp_path / "Dockerfile").write_text("FROM mwaa-local\n")
    project = discover(tmp_path)
    assert paths(project, Role.PYTHON) == ["Dockerfile.py"]
    assert paths(project, Role.LOCAL_RUNNER) == ["Dockerfile"]


def test_git_is_not_asked_about_a_folder_that_no_repository_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    def ask(folder: Path, *_words: str) -> bytes:
        asked.append(folder)
        return b""

    monkeypatch.setattr("mwaalint.git.ask", ask)
    tree(tmp_path, "plain/requirements.txt", "held/requirements.txt", "held/.git/HEAD")
    assert paths(discover(tmp_path / "plain"), Role.REQUIREMENTS) == ["requirements.txt"]
    assert asked == []
    discover(tmp_path / "held")
    assert asked == [tmp_path / "held"]


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("dags/etl.py", "dags"),
        ("a/DAGs/etl.py", "a/DAGs"),
        ("a/dags/b/dags/etl.py", "a/dags"),
        ("a/my_dags/etl.py", None),
        ("a/dags.py", None),
        ("dags", None),
    ],
)
def test_the_outermost_folder_called_dags_holds_the_dags(path: str, folder: str | None, tmp_path: Path) -> None:
    tree(tmp_path, path)
    (tmp_path / path).write_text("from airflow import DAG\n")
    assert dags_folders(discover(tmp_path)) == ([folder] if folder else [])


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
        ("infra/main.tf", "./infra/", True),
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


@pytest.mark.parametrize("name", ["venv", "node_modules", ".terraform"])
def test_a_link_to_the_folder_of_a_tool_is_not_worth_a_word(tmp_path: Path, name: str) -> None:
    tree(tmp_path, "main.tf", "infra/main.tf")
    (tmp_path / "infra" / name).symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / name).symlink_to(tmp_path / "main.tf")
    project = discover(tmp_path)
    assert sorted(project.files) == sorted(["main.tf", "infra/main.tf", name])
    assert project.skipped == ()


def test_a_tree_that_is_deep_is_walked_to_its_end(tmp_path: Path) -> None:
    folders = ["/".join(["d"] * depth) for depth in range(1, 60)]
    tree(tmp_path, *(f"{folder}/main.tf" for folder in folders))
    assert list(discover(tmp_path).files) == sorted(f"{folder}/main.tf" for folder in folders)


def test_a_folder_that_is_gone_meanwhile_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "main.tf", "infra/main.tf")
    listed = os.scandir

    def scandir(path: str) -> Iterator[os.DirEntry[str]]:
        if path.endswith("infra/"):
            raise FileNotFoundError(2, "No such file or directory", path)
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    project = discover(tmp_path)
    assert list(project.files) == ["main.tf"]
    assert project.skipped == (Skipped("infra", "the folder cannot be read: No such file or directory"),)


@pytest.mark.parametrize("is_junction", [True, False])
def test_a_junction_of_windows_is_a_link(is_junction: bool) -> None:
    entry = Mock(is_symlink=lambda: False, is_dir=lambda: True, is_junction=lambda: is_junction)
    entry.name = "again"
    found: dict[str, bool] = {}
    folders: list[str] = []
    discovery._sort(entry, "dags/again", found, folders)
    assert (found, folders) == (({"dags/again": True}, []) if is_junction else ({}, ["dags/again/"]))


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


def test_what_is_excluded_is_not_complained_of(tmp_path: Path) -> None:
    tree(tmp_path, "dags/etl.py")
    (tmp_path / "dags" / "again").symlink_to(tmp_path / "dags", target_is_directory=True)
    assert discover(tmp_path, exclude=["dags/again"]).skipped == ()


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    secret = tmp_path_factory.mktemp("outside") / "secret.txt"
    secret.write_text("password\n")
    return secret


def test_a_link_out_of_the_project_is_named_and_not_followed(tmp_path: Path, outside: Path) -> None:
    tree(tmp_path, "main.tf")
    (tmp_path / "requirements.txt").symlink_to(outside)
    (tmp_path / "notes.md").symlink_to(outside)
    project = discover(tmp_path)
    assert sorted(project.files) == ["main.tf"]
    assert project.skipped == (
        Skipped("requirements.txt", "it is a link out of the project; such links are not followed"),
    )


def test_a_link_within_the_repository_is_followed_from_one_of_its_folders(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    tree(tmp_path, "shared/requirements.txt", "airflow/main.tf")
    (tmp_path / "airflow" / "requirements.txt").symlink_to(tmp_path / "shared" / "requirements.txt")
    project = discover(tmp_path / "airflow")
    assert project.files["requirements.txt"].text == "x\n"
    assert project.skipped == ()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in the file system")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    for name in ("requirements.txt", "mwaa.yaml"):
        os.mkfifo(tmp_path / name)
    file = discover(tmp_path).files["requirements.txt"]
    with pytest.raises(UnreadableFileError, match="it is not a regular file"):
        _ = file.data
    assert file.problem == "it is not a regular file"


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text there")
def test_a_name_that_is_not_utf_8_is_spelled_out(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.tf")).write_text("x\n")
    project = discover(tmp_path)
    assert list(project.files) == ["caf\\xe9.tf"]
    assert project.files["caf\\xe9.tf"].text == "x\n"


def test_a_large_file_that_speaks_of_an_environment_may_be_a_template(tmp_path: Path) -> None:
    (tmp_path / "mwaa.yaml").write_bytes(b"Type: AWS::MWAA::Environment\n" + b"#" * MAX_BYTES)
    (tmp_path / "data.json").write_bytes(b"#" * MAX_BYTES + b"AWS::MWAA::Environment")
    assert paths(discover(tmp_path), Role.CLOUDFORMATION) == ["mwaa.yaml"]


@pytest.mark.parametrize("variable", [".git", "{root}/.git"])
def test_a_commit_hooks_variables_do_not_lead_git_astray(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("build/\n")
    tree(tmp_path, "airflow/main.tf", "airflow/build/main.tf")
    monkeypatch.setenv("GIT_DIR", variable.format(root=tmp_path))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other-index"))
    assert sorted(discover(tmp_path / "airflow").files) == ["main.tf"]


def test_no_program_of_the_repositorys_settings_is_run(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    spy = tmp_path / "spy"
    spy.write_text(f"#!/bin/sh\ntouch {ran}\n")
    spy.chmod(0o755)
    (tmp_path / "project").mkdir()
    git(tmp_path / "project", "init", "-q")
    git(tmp_path / "project", "config", "core.fsmonitor", str(spy))
    tree(tmp_path / "project", "main.tf")
    assert sorted(discover(tmp_path / "project").files) == ["main.tf"]
    assert not ran.exists()


def test_a_failing_git_is_said_and_the_folder_is_read_all_the_same(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /nowhere\n")
    tree(tmp_path, "main.tf")
    project = discover(tmp_path)
    assert sorted(project.files) == [".git", "main.tf"]
    assert project.notes == (
        "git could not list the files (not a git repository: /nowhere), so files that it ignores are read too",
    )


def test_a_missing_git_is_said_inside_a_repository_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "main.tf")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert discover(tmp_path).notes == ()
    (tmp_path / ".git").mkdir()
    assert discover(tmp_path).notes == (
        "git could not list the files (it is not installed), so files that it ignores are read too",
    )


def commit(root: Path) -> None:
    git(root, "add", ".")
    git(root, "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "-m", "x")


def test_submodules_are_part_of_the_project(tmp_path: Path) -> None:
    flows, project = tmp_path / "flows", tmp_path / "project"
    tree(flows, "etl.py", "build/etl.py", ".gitignore")
    (flows / ".gitignore").write_text("build/\n")
    git(flows, "init", "-q")
    commit(flows)
    tree(project, "main.tf")
    git(project, "init", "-q")
    git(project, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(flows), "dags")
    commit(project)
    assert sorted(discover(project).files) == [".gitmodules", "dags/.gitignore", "dags/etl.py", "main.tf"]
    git(project, "submodule", "deinit", "-q", "-f", "dags")
    without = discover(project)
    assert sorted(without.files) == [".gitmodules", "main.tf"]
    assert without.notes == ("dags is a submodule that is not checked out, so its files are not read",)


def test_a_worktree_is_a_repository_too(tmp_path: Path) -> None:
    tree(tmp_path / "main", "main.tf", ".gitignore", "build/main.tf")
    (tmp_path / "main" / ".gitignore").write_text("build/\n")
    git(tmp_path / "main", "init", "-q")
    commit(tmp_path / "main")
    git(tmp_path / "main", "worktree", "add", "-q", str(tmp_path / "other"))
    tree(tmp_path / "other", "build/main.tf")
    assert sorted(discover(tmp_path / "other").files) == [".gitignore", "main.tf"]
