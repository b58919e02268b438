"""A run as a whole: what crashes shows, what is not known is said once, what is ignored is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint.checks._api import Check, Context
from mwaalint.config import Config
from mwaalint.engine import run as engine
from mwaalint.engine.merge import finished
from mwaalint.findings import Confidence, Finding, Location, Severity, fingerprint
from mwaalint.model.deployment import Deployment
from mwaalint.model.environment import Environment
from tests.deployments import CONSTRAINT, ENVIRONMENT, check, lines, write, write_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mwaalint.engine.result import RunResult


def only(monkeypatch: pytest.MonkeyPatch, *checks: Check) -> None:
    monkeypatch.setattr(engine, "checks_for", lambda _: list(checks))


def crashing(subject: object, ctx: Context) -> Iterator[Finding]:
    if subject is not None:
        raise ValueError("the table has no such row")
    yield from ()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write(tmp_path, main__tf=ENVIRONMENT, requirements__txt=CONSTRAINT + "snowflake-connector-python==3.12.3\n")


def test_a_quiet_deployment_is_quiet(project: Path) -> None:
    result = check(project)
    assert lines(result) == []
    assert not result.crashed
    assert [deployment.label for deployment in result.deployments] == ["etl"]
    assert result.deployments[0].target.airflow == "2.10.3"
    assert result.deployments[0].target.python == "3.11"


def test_a_check_that_raises_becomes_a_finding_and_the_others_go_on(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: list[object] = []

    def working(environment: Environment, ctx: Context) -> Iterator[Finding]:
        reported.append(environment)
        yield from ()

    only(monkeypatch, Check("MW231", Environment, crashing, False), Check("MW237", Environment, working, False))
    result = check(project)
    assert result.crashed
    assert [finding.code for finding in result.findings] == ["MW002"]
    assert result.findings[0].message == (
        "the check of MW231 failed (ValueError: the table has no such row, at "
        f"test_engine.py:{crashing.__code__.co_firstlineno + 2}), so its findings here are not known"
    )
    assert result.findings[0].primary.path == "main.tf"
    assert len(reported) == 1


def test_a_crash_keeps_what_the_check_found_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two = ENVIRONMENT + 'resource "aws_mwaa_environment" "other" {\n  name = "other"\n}\n'
    write(tmp_path, main__tf=two)

    def half(environment: Environment, ctx: Context) -> Iterator[Finding]:
        if environment.label == "other":
            raise RuntimeError("boom")
        yield Finding("MW231", "x", "found", environment.location, Severity.NOTE)

    only(monkeypatch, Check("MW231", Environment, half, False))
    assert sorted(finding.code for finding in check(tmp_path).findings) == ["MW002", "MW231"]


def test_an_unknown_version_is_said_once_with_the_rules_it_costs(tmp_path: Path) -> None:
    unknown = ENVIRONMENT.replace('"2.10.3"', "var.airflow_version") + 'variable "airflow_version" {}\n'
    write(tmp_path, main__tf=unknown, requirements__txt="snowflake-connector-python==3.12.3\n")
    notices = [notice for notice in check(tmp_path).notices if notice.kind == "airflow-version-unknown"]
    assert len(notices) == 1
    assert notices[0].message.startswith("etl: the Airflow version cannot be determined from the repository, so ")
    assert (
        " rules were skipped. Set it with --airflow-version or airflow-version in the settings." in notices[0].message
    )


def test_the_version_can_be_stated(tmp_path: Path) -> None:
    unknown = ENVIRONMENT.replace('"2.10.3"', "var.airflow_version") + 'variable "airflow_version" {}\n'
    write(tmp_path, main__tf=unknown, requirements__txt="snowflake-connector-python==3.12.3\n")
    result = check(tmp_path, Config(airflow_version="2.9.2"))
    assert result.notices == ()
    assert result.deployments[0].target.airflow == "2.9.2"
    assert result.deployments[0].target.source == "stated by the user"


def test_a_version_outside_the_catalogue_is_said_too(project: Path) -> None:
    messages = [notice.message for notice in check(project, Config(airflow_version="2.9.9")).notices]
    assert len(messages) == 1
    assert "Airflow 2.9.9 is not in the catalog" in messages[0]


def test_two_environments_that_share_a_file_share_its_findings(tmp_path: Path) -> None:
    second = ENVIRONMENT.partition("\n}\n")[0].replace('"etl"', '"second"') + "\n}\n"
    write(tmp_path, main__tf=ENVIRONMENT + second, requirements__txt=CONSTRAINT + "six\n")
    shared = [finding for finding in check(tmp_path).findings if finding.primary.path == "requirements.txt"]
    assert len(shared) == len({finding.message for finding in shared})
    assert all(finding.environments == ("etl", "second") for finding in shared)


def environment_with(comment: str) -> str:
    return ENVIRONMENT.replace('"mw1.small"', f'"mw1.small"\n  min_workers = 3{comment}\n  max_workers = 9')


def test_an_ignore_comment_on_the_line_silences_and_keeps_the_reason(tmp_path: Path) -> None:
    write(tmp_path, main__tf=environment_with(" # mwaalint: ignore[MW231] bursts at midnight"))
    result = check(tmp_path)
    assert lines(result) == []
    assert lines(result, result.suppressed) == ["main.tf:5 MW231"]
    suppression = result.suppressed[0].suppression
    assert suppression is not None
    assert (suppression.kind, suppression.reason) == ("inSource", "bursts at midnight")


def test_an_ignore_comment_works_by_name_and_alone_on_the_line_above(tmp_path: Path) -> None:
    above = environment_with("").replace("  min_workers", "  # mwaalint: ignore[min-workers-above-one]\n  min_workers")
    write(tmp_path, main__tf=above)
    assert lines(check(tmp_path)) == []


def test_a_comment_behind_other_code_does_not_reach_the_next_line(tmp_path: Path) -> None:
    behind = environment_with("").replace('"mw1.small"', '"mw1.small" # mwaalint: ignore[MW231]')
    write(tmp_path, main__tf=behind)
    assert lines(check(tmp_path)) == ["main.tf:4 MW003", "main.tf:5 MW231"]


def test_a_whole_file_can_be_ignored_for_a_rule(tmp_path: Path) -> None:
    write(tmp_path, main__tf=environment_with("") + "// mwaalint: ignore-file[MW231] stress test\n")
    result = check(tmp_path)
    assert lines(result) == []
    assert lines(result, result.suppressed) == ["main.tf:5 MW231"]


def test_a_comment_that_silences_nothing_is_found(project: Path) -> None:
    write(project, main__tf=ENVIRONMENT.replace('"mw1.small"', '"mw1.small" # mwaalint: ignore[MW231]'))
    result = check(project)
    assert lines(result) == ["main.tf:4 MW003"]
    assert result.findings[0].message == "this ignore comment is not needed: MW231 finds nothing here"


def test_a_comment_for_a_rule_that_did_not_run_is_left_alone(project: Path) -> None:
    write(project, main__tf=ENVIRONMENT.replace('"mw1.small"', '"mw1.small" # mwaalint: ignore[MW231]'))
    assert lines(check(project, Config(ignore=("MW231",)))) == []


def test_a_comment_without_a_code_or_with_an_unknown_one_is_a_warning(project: Path) -> None:
    text = ENVIRONMENT.replace('"mw1.small"', '"mw1.small" # mwaalint: ignore').replace(
        '"etl"\n', '"etl" # mwaalint: ignore[MW999]\n'
    )
    write(project, main__tf=text)
    found = check(project).findings
    assert [(finding.code, finding.severity, finding.message) for finding in found] == [
        ("MW003", Severity.WARNING, "this ignore comment lists MW999, which is not a rule"),
        ("MW003", Severity.WARNING, "this ignore comment lists no rule; write ignore[MW103], with a code or a name"),
    ]


def test_settings_can_ignore_by_path_and_the_finding_is_remembered(tmp_path: Path) -> None:
    write(tmp_path, main__tf=environment_with(""))
    result = check(tmp_path, Config(per_file_ignores={"*.tf": ("MW231",)}))
    assert lines(result) == []
    suppression = result.suppressed[0].suppression
    assert suppression is not None
    assert (suppression.kind, suppression.reason) == ("external", "per-file-ignores: *.tf")


def test_settings_can_change_a_severity(tmp_path: Path) -> None:
    write(tmp_path, main__tf=environment_with(""))
    result = check(tmp_path, Config(severity={"MW231": Severity.ERROR}))
    assert [finding.severity for finding in result.findings] == [Severity.ERROR]


def test_only_some_files_are_reported_but_all_are_read(project: Path) -> None:
    write(project, requirements__txt="six\n")
    (project / "main.tf").write_text(environment_with(""))
    everything = lines(check(project))
    assert any(found.startswith("main.tf") for found in everything)
    assert lines(check(project, only=[project / "requirements.txt"])) == [
        f for f in everything if f.startswith("requirements.txt")
    ]


def test_a_file_that_cannot_be_read_is_a_finding(project: Path) -> None:
    (project / "requirements.txt").write_bytes(b"\0\1\2 not text")
    found = check(project).findings
    assert [(finding.code, finding.primary.path) for finding in found] == [("MW001", "requirements.txt")]
    assert found[0].message == "not analyzed: the file is binary: it holds a NUL byte"


def test_a_terraform_file_that_does_not_parse_is_a_finding_and_the_rest_is_read(project: Path) -> None:
    (project / "broken.tf").write_text('resource "x" "y" {\n  a = \n')
    result = check(project)
    assert [(finding.code, finding.primary.path) for finding in result.findings] == [("MW001", "broken.tf")]
    assert [deployment.label for deployment in result.deployments] == ["etl"]


def test_a_linked_folder_is_a_finding(project: Path) -> None:
    (project / "again").symlink_to(project, target_is_directory=True)
    assert [finding.message for finding in check(project).findings] == [
        "not analyzed: it is a link to a folder; linked folders are not followed"
    ]


def test_fingerprints_survive_moved_lines_but_not_another_value(tmp_path: Path) -> None:
    def of(text: str) -> list[str]:
        write(tmp_path, main__tf=text)
        return [finding.fingerprint for finding in check(tmp_path).findings]

    before = of(environment_with(""))
    assert len(before) == 1
    assert of("# a line more\n\n" + environment_with("")) == before


def test_fingerprints_of_twins_differ() -> None:
    twin = Finding("MW109", "x", "message", Location("requirements.txt", symbol="six"), Severity.NOTE)
    first, second, third = (one.fingerprint for one in finished([twin, twin, twin]))
    assert first == fingerprint(twin)
    assert (second, third) == (f"{first}:2", f"{first}:3")


def test_medium_evidence_caps_the_confidence(tmp_path: Path) -> None:
    """No environment here: the folders alone say which file MWAA installs."""
    write_all(
        tmp_path,
        {
            "README.md": "Runs on MWAA.\n",
            "dags/etl.py": "from airflow import DAG\nwith DAG('etl') as dag: pass\n",
            "requirements.txt": CONSTRAINT + "a-package-nobody-pins\n",
        },
    )
    found = check(tmp_path).findings
    assert [finding.code for finding in found] == ["MW109"]
    assert found[0].confidence is Confidence.MEDIUM


def test_findings_come_in_reading_order(tmp_path: Path) -> None:
    write(tmp_path, main__tf=environment_with(""), requirements__txt="zebra\nalpha\n")
    found = check(tmp_path).findings
    keys = [(finding.primary.path, finding.primary.span) for finding in found]
    assert keys == sorted(keys)
    assert len(keys) >= 3


def test_the_result_fails_from_the_severity_that_was_asked_for(tmp_path: Path) -> None:
    write(tmp_path, main__tf=environment_with(""))
    result = check(tmp_path)
    assert result.fails(Severity.WARNING)
    assert not result.fails(Severity.ERROR)


def test_progress_is_told_what_goes_on(project: Path) -> None:
    told: list[str] = []
    check(project, progress=told.append)
    assert told == ["looking for files", "reading 2 files", "checking"]


@pytest.mark.parametrize("build", [lambda root: None, lambda root: (root / "notes.md").write_text("nothing")])
def test_a_project_without_mwaa_has_no_deployments(tmp_path: Path, build: Callable[[Path], object]) -> None:
    build(tmp_path)
    result: RunResult = check(tmp_path)
    assert result.deployments == ()
    assert result.findings == ()


def test_the_subject_of_a_check_decides_what_it_is_handed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[object] = []

    def remember(subject: object, ctx: Context) -> Iterator[Finding]:
        handed.append(subject)
        yield from ()

    only(monkeypatch, Check("MW231", Deployment, remember, False), Check("MW237", Environment, remember, False))
    check(project)
    assert [type(subject) for subject in handed] == [Deployment, Environment]
