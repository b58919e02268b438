"""Nothing fails silently: what cannot be read, what crashes and what could not be judged shows, and shows once."""

from __future__ import annotations

import codecs
import sys
from typing import TYPE_CHECKING

import pytest

from mwaalint.checks._api import Check, Context
from mwaalint.config import Config, ConfigError, StatedEnvironment
from mwaalint.engine import run as engine
from mwaalint.findings import Finding, Severity
from mwaalint.model import install
from mwaalint.model.adapters import terraform
from mwaalint.model.environment import Environment
from mwaalint.source import MAX_BYTES
from tests.deployments import CONSTRAINT, ENVIRONMENT, check, lines, write, write_all

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mwaalint.engine.result import RunResult

DAG = "from airflow import DAG\nwith DAG('etl') as dag:\n    pass\n"
RUNS_DBT = """\
from airflow import DAG
from airflow.operators.bash import BashOperator
with DAG('shop'):
    BashOperator(task_id='build', bash_command='cd /usr/local/airflow/dags/shop && dbt build')
"""
STARTUP = ENVIRONMENT.replace(
    '"mw1.small"', '"mw1.small"\n  dag_s3_path = "dags"\n  startup_script_s3_path = "startup.sh"'
)
UNKNOWN = ENVIRONMENT.replace('"2.10.3"', "var.airflow_version") + 'variable "airflow_version" {}\n'
MIN_WORKERS = ENVIRONMENT.replace('"mw1.small"', '"mw1.small"\n  min_workers = 3\n  max_workers = 9')


def said(result: RunResult) -> list[tuple[str, str, str]]:
    return [(finding.primary.path, finding.code, finding.message) for finding in result.findings]


def failing(*_: object, **__: object) -> object:
    raise ValueError("no such row for https://user:secret-word@example.com")


def crash(subject: object, ctx: Context) -> Iterator[Finding]:
    if subject is not None:
        raise ValueError("boom")
    yield from ()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write(tmp_path, main__tf=ENVIRONMENT, requirements__txt=CONSTRAINT + "snowflake-connector-python==3.12.3\n")


LARGE = b"#" * (MAX_BYTES + 1)
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
BINARY = "the file is binary: it holds a NUL byte"
TOO_LARGE = "the file has 2,097,153 bytes; files over 2,097,152 bytes are not analyzed"


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("more.tf", LARGE, TOO_LARGE),
        ("more.tf", b"a = \0", BINARY),
        ("prod.tfvars", LARGE, TOO_LARGE),
        ("stack.yaml", b"Type: AWS::MWAA::Environment\n" + LARGE, TOO_LARGE.replace("153", "182")),
        ("stack.json", b"AWS::MWAA::Environment\0", BINARY),
        ("requirements.txt", LARGE, TOO_LARGE),
        ("startup.sh", LARGE, TOO_LARGE),
        ("startup.sh", b"#!/bin/sh\n\0", BINARY),
        ("dags/shop/dbt_project.yml", LARGE, TOO_LARGE),
        ("dags/big.py", b"import airflow\n" + LARGE, TOO_LARGE.replace("153", "168")),
        (
            "dags/old.py",
            b"from airflow import DAG\nprint 'x'\n",
            f"Python {PYTHON}, which runs mwaalint, cannot parse it (line 2)",
        ),
        (
            "dags/latin.py",
            b"from airflow import DAG\nx = 'caf\xe9'\n",
            f"Python {PYTHON}, which runs mwaalint, cannot parse it",
        ),
    ],
)
def test_a_file_of_the_deployment_that_cannot_be_used_is_named(
    tmp_path: Path, path: str, content: bytes, reason: str
) -> None:
    files = {
        "main.tf": STARTUP.replace("mw1.small", "mw1.medium"),
        "deploy.sh": "aws s3 sync dags s3://bucket/dags\n",
        "dags/etl.py": DAG,
        "dags/run.py": RUNS_DBT,
        "requirements.txt": CONSTRAINT,
        "startup.sh": "echo\n",
    }
    write_all(tmp_path, files)
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_bytes(content)
    problems = [one for one in said(check(tmp_path)) if one[1] == "MW001"]
    assert [place for place, _, _ in problems] == [path]
    assert reason in problems[0][2]


def test_a_file_of_no_deployment_is_left_in_peace(project: Path) -> None:
    write_all(project, {"lambda/requirements.txt": "\0", "web/app.py": "print 'aws_mwaa'", "install.sh": "aws s3 \0"})
    assert said(check(project)) == []


def test_a_dialect_that_cannot_be_read_does_not_end_the_run(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terraform, "read", failing)
    result = check(project)
    assert result.crashed
    assert [(finding.code, finding.severity) for finding in result.findings] == [("MW002", Severity.ERROR)]
    assert result.findings[0].message == (
        "the check of Terraform files failed (ValueError: no such row for https://user:***********@example.com, at "
        f"test_engine_visible.py:{failing.__code__.co_firstlineno + 1}), so its findings here are not known"
    )


def test_an_install_plan_that_cannot_be_made_leaves_the_other_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, main__tf=MIN_WORKERS, requirements__txt="six  # mwaalint: ignore[MW109] later\n")
    monkeypatch.setattr(install, "plan_install", failing)
    result = check(tmp_path)
    assert result.crashed
    assert lines(result) == ["main.tf:5 MW231", "requirements.txt:1 MW002"]
    assert "the check of all rules on what pip installs failed" in result.findings[1].message


def test_a_crash_shows_though_only_another_file_was_asked_for(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "checks_for", lambda _: [Check("MW231", Environment, crash, False)])
    result = check(project, only=[project / "requirements.txt"])
    assert [finding.code for finding in result.findings] == ["MW002"]


def test_the_settings_hold_for_what_the_tool_says_of_itself(project: Path) -> None:
    (project / "requirements.txt").write_bytes(b"\0")
    softened = check(project, Config(severity={"MW001": Severity.NOTE}))
    assert [(finding.code, finding.severity) for finding in softened.findings] == [("MW001", Severity.NOTE)]
    assert check(project, Config(ignore=("MW001",))).findings == ()
    assert [finding.code for finding in check(project, Config(select=("MW231",))).findings] == ["MW001"]


def test_environments_without_a_version_are_said_in_one_breath(tmp_path: Path) -> None:
    more = "".join(UNKNOWN.partition("\n}\n")[0].replace('"etl"', f'"{name}"') + "\n}\n" for name in "abcd")
    write(tmp_path, main__tf=UNKNOWN + more, requirements__txt="six==1.16.0\n")
    notices = check(tmp_path).notices
    assert len(notices) == 1
    assert notices[0].message.startswith(
        "etl, a, b and 2 more: the Airflow version cannot be determined from the repository"
    )


def test_a_file_that_was_asked_for_and_is_not_read_is_said(project: Path) -> None:
    write_all(project, {"sandbox/requirements.txt": "six\n"})
    result = check(project, Config(exclude=("sandbox",)), only=[project / "sandbox" / "requirements.txt"])
    assert [(notice.kind, notice.path) for notice in result.notices] == [
        ("file-not-checked", "sandbox/requirements.txt")
    ]


def test_what_git_could_not_tell_is_said(project: Path) -> None:
    (project / ".git").write_text("gitdir: /nowhere\n")
    assert [notice.message for notice in check(project).notices] == [
        "git could not list the files (not a git repository: /nowhere), so files that it ignores are read too."
    ]


def test_a_finding_belongs_to_the_files_it_points_at_and_those_its_fix_changes(tmp_path: Path) -> None:
    missing = ENVIRONMENT.replace(
        "  requirements_s3_object_version = aws_s3_object.requirements.version_id\n", ""
    ).partition('resource "aws_s3_object"')
    write(tmp_path, main__tf=missing[0], uploads__tf=missing[1] + missing[2], requirements__txt=CONSTRAINT)
    assert lines(check(tmp_path)) == ["main.tf:5 MW201"]
    assert lines(check(tmp_path, only=[tmp_path / "uploads.tf"])) == ["main.tf:5 MW201"]
    assert lines(check(tmp_path, only=[tmp_path / "requirements.txt"])) == []


def test_what_is_suppressed_in_files_that_nobody_asked_for_is_left_out(tmp_path: Path) -> None:
    write(
        tmp_path,
        main__tf=MIN_WORKERS.replace("= 3", "= 3 # mwaalint: ignore[MW231] bursts"),
        requirements__txt=CONSTRAINT,
    )
    assert len(check(tmp_path).suppressed) == 1
    assert check(tmp_path, only=[tmp_path / "requirements.txt"]).suppressed == ()


# Settings


@pytest.mark.parametrize(
    ("stated", "complaint"),
    [
        (
            StatedEnvironment(requirements="gone.txt"),
            "environment.requirements: 'gone.txt' is not a file of the project",
        ),
        (
            StatedEnvironment(requirements="old/a.txt"),
            "environment.requirements: 'old/a.txt' is not a file of the project",
        ),
        (StatedEnvironment("etl", dags="flows"), "environment.dags: 'flows' is not a folder of the project"),
    ],
)
def test_stated_files_that_are_not_there_are_an_error(project: Path, stated: StatedEnvironment, complaint: str) -> None:
    write_all(project, {"old/a.txt": "six\n"})
    with pytest.raises(ConfigError) as raised:
        check(project, Config(environments=(stated,), exclude=("old",)))
    assert str(raised.value) == complaint


def test_an_environment_that_only_the_settings_know_is_said(project: Path) -> None:
    config = Config(environments=(StatedEnvironment("etl-prod", "2.9.2"), StatedEnvironment("etl", "2.10.3")))
    assert [notice.message for notice in check(project, config).notices] == [
        "the settings refer to an environment 'etl-prod', but none has that name; declared: etl."
    ]


def test_a_name_that_is_no_text_is_not_the_one_that_the_settings_speak_of(project: Path) -> None:
    text = (project / "main.tf").read_text(encoding="utf-8")
    (project / "main.tf").write_text(text.replace('"etl"\n', '{ of = "etl" }\n', 1), encoding="utf-8")
    (notice,) = check(project, Config(environments=(StatedEnvironment("etl", "2.10.3"),))).notices
    assert notice.kind == "environment-not-declared"


def test_what_is_said_of_one_environment_goes_before_what_is_said_of_all(project: Path) -> None:
    config = Config(environments=(StatedEnvironment("", "2.9.2"), StatedEnvironment("etl", "2.8.1")))
    assert check(project, config).deployments[0].target.airflow == "2.8.1"


def test_patterns_of_settings_further_up_hold_in_a_folder(tmp_path: Path) -> None:
    write_all(tmp_path, {"infra/main.tf": MIN_WORKERS, "infra/old/main.tf": MIN_WORKERS})
    config = Config(base="infra/", exclude=("infra/old",), per_file_ignores={"infra/*.tf": ("MW231",)})
    result = check(tmp_path / "infra", config)
    assert lines(result) == []
    assert lines(result, result.suppressed) == ["main.tf:5 MW231"]


# Ignore comments


@pytest.mark.parametrize(
    "codec", [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF8, "utf-8")]
)
def test_a_comment_works_in_every_encoding_and_with_windows_newlines(tmp_path: Path, codec: tuple[bytes, str]) -> None:
    write(tmp_path, main__tf=ENVIRONMENT)
    text = CONSTRAINT + "# mwaalint: ignore[MW109] the constraints pin it\nsix-two\n# mwaalint: ignore-file[MW126]\n"
    (tmp_path / "requirements.txt").write_bytes(codec[0] + text.replace("\n", "\r\n").encode(codec[1]))
    result = check(tmp_path)
    silenced = {finding.code: finding.suppression for finding in result.suppressed}
    assert "MW109" not in [finding.code for finding in result.findings]
    assert silenced["MW109"] is not None
    assert silenced["MW109"].reason == "the constraints pin it"


def test_a_comment_works_in_a_template(tmp_path: Path) -> None:
    template = """\
    Resources:
      Etl:
        Type: AWS::MWAA::Environment
        Properties:
          Name: etl
          AirflowVersion: 2.10.3
          EnvironmentClass: mw1.medium
          MinWorkers: 3  # mwaalint: ignore[MW231] bursts
          MaxWorkers: 9
    """
    write(tmp_path, mwaa__yaml=template)
    result = check(tmp_path)
    assert lines(result) == []
    assert lines(result, result.suppressed) == ["mwaa.yaml:8 MW231"]


def test_a_finding_in_json_is_ignored_by_its_path(tmp_path: Path) -> None:
    template = """\
    {"Resources": {"Etl": {"Type": "AWS::MWAA::Environment", "Properties": {
      "Name": "etl", "AirflowVersion": "2.10.3", "EnvironmentClass": "mw1.medium",
      "MinWorkers": 3, "MaxWorkers": 9}}}}
    """
    write(tmp_path, mwaa__json=template)
    assert lines(check(tmp_path)) == ["mwaa.json:3 MW231"]
    assert lines(check(tmp_path, Config(per_file_ignores={"mwaa.json": ("MW231",)}))) == []


def test_a_needless_comment_is_found_in_files_without_findings_too(project: Path) -> None:
    write(project, variables__tf='variable "x" {} # mwaalint: ignore[MW231]\n')
    assert lines(check(project)) == ["variables.tf:1 MW003"]


def test_a_bracket_that_does_not_close_names_no_rule(project: Path) -> None:
    write(project, main__tf=ENVIRONMENT.replace('"mw1.small"', '"mw1.small" # mwaalint: ignore[MW231'))
    assert said(check(project)) == [
        ("main.tf", "MW003", "this ignore comment lists no rule; write ignore[MW103], with a code or a name")
    ]


def test_a_comment_for_a_rule_that_crashed_is_left_alone(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project, main__tf=MIN_WORKERS.replace("= 3", "= 3 # mwaalint: ignore[MW231] bursts"))
    monkeypatch.setattr(engine, "checks_for", lambda _: [Check("MW231", Environment, crash, False)])
    assert [finding.code for finding in check(project).findings] == ["MW002"]


def test_a_comment_for_a_rule_that_was_skipped_in_one_environment_is_left_alone(tmp_path: Path) -> None:
    """The rule ran for the first environment; for the second, whose file has the comment, nobody knows."""
    second = (
        UNKNOWN.replace('"etl"', '"second"')
        .replace("/requirements.txt", "/second.txt")
        .replace('"requirements.txt"', '"second.txt"')
    )
    files = {
        "one/main.tf": ENVIRONMENT,
        "one/requirements.txt": CONSTRAINT,
        "two/main.tf": second,
        "two/second.txt": "snowflake-connector-python==3.12.0  # mwaalint: ignore[MW101] tried it\n",
    }
    assert lines(check(write_all(tmp_path, files))) == ["two/second.txt:1 MW103"]


# Several environments


def two_versions(root: Path, requirements: str, second: str = "2.9.2") -> Path:
    other = ENVIRONMENT.partition("\n}\n")[0].replace('"etl"', '"second"').replace("2.10.3", second) + "\n}\n"
    return write(root, main__tf=ENVIRONMENT + other, requirements__txt=requirements)


def fixable(result: RunResult) -> list[str]:
    return [finding.code for finding in result.findings if finding.fixes]


def test_no_fix_serves_one_environment_at_the_cost_of_another(tmp_path: Path) -> None:
    """A constraint line for 2.10.3 would break the environment that runs 2.9.2 and installs the same file."""
    result = check(two_versions(tmp_path, "snowflake-connector-python==3.12.3\n"))
    assert {finding.environments for finding in result.findings if finding.code == "MW103"} == {("etl",), ("second",)}
    assert fixable(result) == []


def test_a_fix_that_every_environment_needs_is_offered(tmp_path: Path) -> None:
    twice = CONSTRAINT.replace("constraints-2.10.3", "constraints-2.8.1") + "six==1.16.0\nsix==1.16.0\n"
    assert "MW118" in fixable(check(two_versions(tmp_path, twice)))


def test_environments_on_one_version_share_their_fixes(tmp_path: Path) -> None:
    assert "MW103" in fixable(check(two_versions(tmp_path, "snowflake-connector-python==3.12.3\n", "2.10.3")))


# Fingerprints


def fingerprints(root: Path, **files: str) -> dict[tuple[str, str], str]:
    return {
        (finding.code, finding.primary.symbol or finding.subject): finding.fingerprint
        for finding in check(write(root, **files)).findings
    }


def test_fingerprints_survive_new_lines_and_another_order(tmp_path: Path) -> None:
    packages = ["snowflake-connector-python==3.12.0", "SQLAlchemy==2.0.30", "some-package", "another-package", "black"]
    before = fingerprints(tmp_path, main__tf=MIN_WORKERS, requirements__txt="\n".join(packages) + "\n")
    after = fingerprints(
        tmp_path,
        main__tf="# ours\n\n" + MIN_WORKERS.replace("  min_workers", "\n\n  min_workers"),
        requirements__txt="# what the DAGs import\n\n" + "\n".join(reversed(packages)) + "\n",
    )
    assert len(before) >= 6
    assert after == before
    assert len(set(before.values())) == len(before)
