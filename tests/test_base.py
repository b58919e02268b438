"""``--base``: what a change introduced, and how the state before it is read."""

from __future__ import annotations

import json
import pickle
import shutil
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from mwaalint import api
from mwaalint.checks._api import Check, Context
from mwaalint.cli.app import app
from mwaalint.config import Config
from mwaalint.discover import Role, discover
from mwaalint.engine import run as engine
from mwaalint.git import GitError, Objects, ask
from mwaalint.model.deployment import Deployment
from mwaalint.past import PastError, project_at
from mwaalint.source import MAX_BYTES, UnreadableFileError
from tests.deployments import CONSTRAINT, ENVIRONMENT, check, lines, write, write_all
from tests.history import committed, git

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mwaalint.discover import Project
    from mwaalint.findings import Finding

MIN_WORKERS = ENVIRONMENT.replace('"mw1.small"', '"mw1.small"\n  min_workers = 3\n  max_workers = 9')


def mwaalint(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def texts(project: Project) -> dict[str, str]:
    return {path: file.text for path, file in project.files.items()}


def at(root: Path, ref: str = "HEAD") -> dict[str, str]:
    with project_at(root, ref) as past:
        return texts(past)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """One problem that was always there: an unpinned package."""
    write(tmp_path, main__tf=ENVIRONMENT, requirements__txt=CONSTRAINT + "some-package\n")
    committed(tmp_path)
    return tmp_path


# What is reported


def test_only_what_the_change_brought_is_reported(project: Path) -> None:
    assert lines(check(project)) == ["requirements.txt:2 MW109"]
    write(project, requirements__txt="# more\n" + CONSTRAINT + "some-package\nanother-package\n")
    result = check(project, since="HEAD")
    assert lines(result) == ["requirements.txt:4 MW109"]
    assert result.since == ("HEAD", 1)


def test_the_summary_says_how_many_are_older(project: Path) -> None:
    output = mwaalint("check", project, "--base", "main").output
    assert "Nothing new since main in 2 files, 1 MWAA environment (etl" in output
    assert output.rstrip().endswith("1 more was there before main")
    write(project, main__tf=MIN_WORKERS)
    output = mwaalint("check", project, "--base", "main").output
    assert "1 warning in 1 file; 1 can be fixed with --fix --unsafe-fixes; 1 more was there before main" in output


def test_old_findings_do_not_fail_the_run(project: Path) -> None:
    assert mwaalint("check", project).exit_code == 1
    assert mwaalint("check", project, "--base", "HEAD").exit_code == 0
    write(project, main__tf=MIN_WORKERS)
    assert mwaalint("check", project, "--base", "HEAD").exit_code == 1


def test_the_json_report_names_the_commit_and_the_number(project: Path) -> None:
    report = json.loads(mwaalint("check", project, "--base", "HEAD", "--format", "json").output)
    assert report["since"] == {"ref": "HEAD", "known": 1}
    assert report["findings"] == []


def test_a_renamed_file_brings_nothing_new(project: Path) -> None:
    (project / "requirements.txt").rename(project / "mwaa-requirements.txt")
    write(project, main__tf=ENVIRONMENT.replace("/requirements.txt", "/mwaa-requirements.txt"))
    result = check(project, since="HEAD")
    assert lines(result) == []
    assert result.since == ("HEAD", 1)


def test_a_comment_that_goes_brings_back_what_it_silenced(project: Path) -> None:
    write(project, requirements__txt=CONSTRAINT + "some-package  # mwaalint: ignore[MW109] follows\n")
    committed(project)
    write(project, requirements__txt=CONSTRAINT + "some-package\n")
    assert lines(check(project, since="HEAD")) == ["requirements.txt:2 MW109"]


def test_a_fix_leaves_old_findings_alone(project: Path) -> None:
    write(project, requirements__txt="# ours\n" + CONSTRAINT + "some-package\nblack==24.1.0\n")
    committed(project)
    write(project, requirements__txt="# ours\n" + CONSTRAINT + "some-package\nblack==24.1.0\npytest==8.0.0\n")
    mwaalint("check", project, "--base", "HEAD", "--fix")
    text = (project / "requirements.txt").read_text()
    assert "black" in text
    assert "pytest" not in text


def test_settings_of_today_hold_for_the_past_too(project: Path) -> None:
    """Else a setting that changes would make everything new."""
    write_all(project, {"mwaalint.toml": 'ignore = ["MW109"]\n', "old/requirements.txt": "six\n"})
    committed(project)
    (project / "old" / "requirements.txt").unlink()
    result = mwaalint("check", project, "--base", "HEAD~1")
    assert "more" not in result.output
    assert result.exit_code == 0


def test_a_file_of_the_settings_that_did_not_exist_yet_is_no_error(project: Path) -> None:
    write_all(
        project,
        {"mwaalint.toml": '[[environment]]\nrequirements = "new/requirements.txt"\n', "new/requirements.txt": "six\n"},
    )
    result = mwaalint("check", project, "--base", "HEAD")
    assert "new/requirements.txt" in result.output
    assert result.exit_code == 1


def test_a_crash_is_never_old_news(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(subject: object, ctx: Context) -> Iterator[Finding]:
        if subject is not None:
            raise ValueError("boom")
        yield from ()

    monkeypatch.setattr(engine, "checks_for", lambda _: [Check("MW231", Deployment, crash, False)])
    result = mwaalint("check", project, "--base", "HEAD")
    assert result.exit_code == 3
    assert "MW002" in result.output
    assert "HEAD: a check failed there (MW002), so older findings may be reported as new." in " ".join(
        result.output.split()
    )


# Commits that cannot be had


@pytest.mark.parametrize("ref", ["nowhere", "HEAD~7", "HEAD:main.tf", "a\nb"])
def test_a_commit_that_is_not_there_is_wrong_usage(project: Path, ref: str) -> None:
    result = mwaalint("check", project, "--base", ref)
    assert result.exit_code == 2
    assert "git does not know this commit" in " ".join(result.output.split())


@pytest.mark.parametrize("ref", ["", "--output=x", "-h"])
def test_what_is_no_name_never_reaches_git(project: Path, ref: str) -> None:
    result = mwaalint("check", project, f"--base={ref}")
    assert result.exit_code == 2
    assert "is not the name of a commit" in result.output


def test_a_folder_without_git_has_no_past(tmp_path: Path) -> None:
    write(tmp_path, main__tf=ENVIRONMENT, requirements__txt=CONSTRAINT)
    result = mwaalint("check", tmp_path, "--base", "HEAD")
    assert result.exit_code == 2
    assert "is not in a git repository, so it has no history" in " ".join(result.output.split())


def test_a_missing_git_is_said(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path_factory.mktemp("empty")))
    with pytest.raises(PastError, match="git failed: it is not installed"):
        check(project, since="HEAD")


def test_a_shallow_clone_says_what_to_do(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    write(project, requirements__txt=CONSTRAINT)
    committed(project)
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "-q", "--depth", "1", f"file://{project}", str(clone / "it"))
    with pytest.raises(PastError, match="shallow, so fetch more of its history first"):
        check(clone / "it", since="HEAD^1")


# How the past is read


def test_the_files_are_those_of_the_commit(project: Path) -> None:
    first = texts(discover(project))
    write_all(project, {"requirements.txt": "six\n", "new.tf": ""})
    (project / "main.tf").unlink()
    assert at(project) == first
    committed(project)
    assert sorted(at(project)) == ["new.tf", "requirements.txt"]
    assert at(project, "HEAD^") == first


def test_a_folder_of_the_repository_is_read_as_that_folder(tmp_path: Path) -> None:
    write_all(tmp_path, {"infra/main.tf": ENVIRONMENT, "infra/dags/a.py": "x\n", "other/main.tf": "y\n"})
    committed(tmp_path)
    assert sorted(at(tmp_path / "infra")) == ["dags/a.py", "main.tf"]


def test_kinds_of_files_are_told_as_today(tmp_path: Path) -> None:
    write_all(tmp_path, {"a.yaml": "Type: AWS::MWAA::Environment\n", "b.yaml": "x: 1\n", "requirements.txt": "six\n"})
    committed(tmp_path)
    with project_at(tmp_path, "HEAD") as past:
        assert [file.path for file in past.with_role(Role.CLOUDFORMATION)] == ["a.yaml"]
        assert [file.path for file in past.with_role(Role.REQUIREMENTS)] == ["requirements.txt"]


def test_what_the_settings_exclude_is_excluded(project: Path) -> None:
    with project_at(project, "HEAD", ["requirements.txt"]) as past:
        assert sorted(past.files) == ["main.tf"]
    with project_at(project, "HEAD", ["infra/*.tf"], "infra/") as past:
        assert sorted(past.files) == ["requirements.txt"]


def test_links_are_followed_within_the_repository_only(tmp_path: Path) -> None:
    write_all(tmp_path, {"infra/main.tf": "x\n", "shared/requirements.txt": "six\n"})
    for name, target in {
        "requirements.txt": "../shared/requirements.txt",
        "again.txt": "requirements.txt",
        "folder": "../shared",
        "outside.tf": "/etc/hostname",
        "loop.tf": "loop.tf",
    }.items():
        (tmp_path / "infra" / name).symlink_to(target)
    committed(tmp_path)
    assert at(tmp_path / "infra") == {"main.tf": "x\n", "requirements.txt": "six\n", "again.txt": "six\n"}


def test_names_and_contents_come_as_they_are(tmp_path: Path) -> None:
    write_all(tmp_path, {"a b\t.tf": "x\n", "ä.tf": "y\n", "line\nbreak.tf": "z\n", "empty.tf": ""})
    (tmp_path / "binary.tf").write_bytes(bytes(range(256)) * 5000)
    committed(tmp_path)
    with project_at(tmp_path, "HEAD") as past:
        assert sorted(past.files) == ["a b\t.tf", "binary.tf", "empty.tf", "line\nbreak.tf", "ä.tf"]
        assert past.files["binary.tf"].data == bytes(range(256)) * 5000
        assert past.files["empty.tf"].data == b""
        assert past.files["ä.tf"].text == "y\n"


def test_a_huge_file_is_not_read_and_the_next_one_is(tmp_path: Path) -> None:
    (tmp_path / "huge.json").write_bytes(b'"AirflowVersion" "DagS3Path"' + b"#" * (MAX_BYTES + 5))
    write(tmp_path, main__tf=ENVIRONMENT)
    committed(tmp_path)
    with project_at(tmp_path, "HEAD") as past:
        assert [file.path for file in past.with_role(Role.ENVIRONMENT_JSON)] == ["huge.json"]
        with pytest.raises(UnreadableFileError, match="are not analyzed"):
            _ = past.files["huge.json"].data
        assert past.files["main.tf"].text == ENVIRONMENT


def test_submodules_are_part_of_the_past(tmp_path: Path) -> None:
    flows, top = tmp_path / "flows", tmp_path / "top"
    write_all(flows, {"dags/a.py": "old\n"})
    committed(flows)
    write_all(top, {"main.tf": "x\n"})
    committed(top)
    git(top, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(flows), "flows")
    committed(top)
    write_all(top / "flows", {"dags/a.py": "new\n"})
    assert at(top)["flows/dags/a.py"] == "old\n"


def test_a_submodule_without_its_commit_is_said(tmp_path: Path) -> None:
    flows, top = tmp_path / "flows", tmp_path / "top"
    write_all(flows, {"a.py": "old\n"})
    committed(flows)
    write_all(top, {"main.tf": ENVIRONMENT})
    committed(top)
    git(top, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(flows), "flows")
    committed(top)
    shutil.rmtree(top / "flows")
    write_all(top / "flows", {"a.py": "new\n"})
    committed(top / "flows")
    result = check(top, since="HEAD")
    (notice,) = [one for one in result.notices if one.kind == "past-incomplete"]
    assert notice.message == (
        "HEAD: the submodule flows does not have the commit that it was at, so older findings may be reported as new."
    )


def test_no_program_of_the_repositorys_settings_is_run(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    spy = outside / "spy"
    spy.write_text(f"#!/bin/sh\ntouch {outside / 'ran'}\n")
    spy.chmod(0o755)
    write_all(project, {".gitattributes": "* diff=spy filter=spy\n"})
    for key in ("core.fsmonitor", "core.pager", "diff.spy.textconv", "filter.spy.smudge", "core.sshCommand"):
        git(project, "config", key, str(spy))
    (project / ".gitattributes").touch()
    assert lines(check(project, since="HEAD")) == []
    assert not (outside / "ran").exists()


def test_a_missing_object_is_said_and_not_fetched(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """As in a clone without blobs, whose settings name where to fetch them."""
    name = git(project, "rev-parse", "HEAD:requirements.txt")
    (project / ".git" / "objects" / name[:2] / name[2:]).unlink()
    result = check(project, since="HEAD")
    assert lines(result) == ["requirements.txt:2 MW109"]
    (notice,) = [one for one in result.notices if one.kind == "past-incomplete"]
    assert notice.message.startswith("HEAD: requirements.txt could not be read there (git does not have its content)")


def test_a_missing_object_is_asked_for_once(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several processes that know of it already would read each other's answers."""
    name = git(project, "rev-parse", "HEAD:requirements.txt")
    (project / ".git" / "objects" / name[:2] / name[2:]).unlink()
    with project_at(project, "HEAD") as past:
        file = past.files["requirements.txt"]
        with pytest.raises(UnreadableFileError, match="git does not have its content"):
            _ = file.data
        monkeypatch.setattr(Objects, "read", None)
        with pytest.raises(UnreadableFileError, match="git does not have its content"):
            _ = file.data


def test_another_process_that_is_handed_files_asks_a_git_of_its_own(project: Path) -> None:
    with project_at(project, "HEAD") as past:
        file = past.files["main.tf"]
        assert file.text == ENVIRONMENT
        assert pickle.loads(pickle.dumps(file)).text == ENVIRONMENT
    name = git(project, "rev-parse", "HEAD:main.tf")
    with Objects(project) as objects, pickle.loads(pickle.dumps(objects)) as another:
        assert objects.read(name, 10) == another.read(name, 10) == ENVIRONMENT.encode()[:10]


def test_objects_are_read_one_after_the_other(project: Path) -> None:
    names = [git(project, "rev-parse", f"HEAD:{path}") for path in ("main.tf", "requirements.txt")]
    with Objects(project) as objects:
        assert objects.read(names[0], 10) == ENVIRONMENT.encode()[:10]
        with pytest.raises(GitError, match="git does not have its content"):
            objects.read("0" * 40, 10)
        assert objects.read(names[1], 1000) == (CONSTRAINT + "some-package\n").encode()


def test_what_git_says_is_the_reason(project: Path) -> None:
    with pytest.raises(GitError, match="Not a valid object name nowhere"):
        ask(project, "ls-tree", "nowhere")


# Which environment is which


def previous(root: Path, before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str | None]:
    """What each environment of the second state was called in the first."""
    write_all(root, dict(before))
    committed(root)
    for path in before:
        (root / path).unlink()
    write_all(root, dict(after))
    result = api.check(root, Config(), since="HEAD")
    return {
        one.label: f"{one.previous.label} {one.previous.target.airflow}" if one.previous else None
        for one in result.deployments
    }


def environment(symbol: str, name: str, version: str = "2.10.3") -> str:
    named = name if name.startswith("var.") else f'"{name}"'
    return f'resource "aws_mwaa_environment" "{symbol}" {{\n  name = {named}\n  airflow_version = "{version}"\n}}\n'


def test_the_same_declaration_is_the_same_environment(tmp_path: Path) -> None:
    before = {"main.tf": environment("a", "etl", "2.8.1") + environment("b", "ml", "2.9.2")}
    after = {"main.tf": environment("b", "ml") + environment("a", "etl")}
    assert previous(tmp_path, before, after) == {"ml": "ml 2.9.2", "etl": "etl 2.8.1"}


def test_a_declaration_that_moved_is_the_same_environment(tmp_path: Path) -> None:
    before = {"main.tf": environment("a", "etl", "2.8.1")}
    assert previous(tmp_path, before, {"infra/mwaa.tf": environment("a", "etl")}) == {"etl": "etl 2.8.1"}


def test_one_name_is_one_environment_whatever_declares_it(tmp_path: Path) -> None:
    before = {"main.tf": environment("a", "etl", "2.8.1")}
    stack = (
        "Resources:\n  Etl:\n    Type: AWS::MWAA::Environment\n    Properties:\n      Name: etl\n"
        "      AirflowVersion: 2.10.3\n"
    )
    assert previous(tmp_path, before, {"stack.yaml": stack}) == {"etl": "etl 2.8.1"}


def test_folders_with_the_same_symbols_are_kept_apart(tmp_path: Path) -> None:
    before = {f"{name}/main.tf": environment("this", name, "2.8.1") for name in ("dev", "prod")}
    after = {f"{name}/main.tf": environment("this", name) for name in ("dev", "prod")}
    assert previous(tmp_path, before, after) == {"dev": "dev 2.8.1", "prod": "prod 2.8.1"}


def test_another_name_is_another_environment(tmp_path: Path) -> None:
    before = {"main.tf": environment("a", "etl", "2.8.1")}
    assert previous(tmp_path, before, {"main.tf": environment("a", "etl-v2")}) == {"etl-v2": None}


def test_a_name_that_is_not_known_is_no_other_one(tmp_path: Path) -> None:
    before = {"main.tf": environment("a", "etl", "2.8.1")}
    after = {"main.tf": 'variable "name" {}\n' + environment("a", "var.name")}
    assert list(previous(tmp_path, before, after).values()) == ["etl 2.8.1"]


def test_names_that_several_have_pair_nothing(tmp_path: Path) -> None:
    before = {f"{folder}/main.tf": environment(folder, "etl", "2.8.1") for folder in ("a", "b")}
    after = {f"{folder}/main.tf": environment(folder, "etl") for folder in ("c", "d")}
    assert set(previous(tmp_path, before, after).values()) == {None}


def test_a_new_environment_has_no_past_and_neither_has_a_run_without_base(tmp_path: Path) -> None:
    before = {"main.tf": environment("a", "etl", "2.8.1")}
    after = {"main.tf": environment("a", "etl") + environment("b", "ml")}
    assert previous(tmp_path, before, after) == {"etl": "etl 2.8.1", "ml": None}
    assert [one.previous for one in check(tmp_path).deployments] == [None, None]
