"""Adopting mwaalint on an old repository: the baseline, reasons for ignores, and a look behind both."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from mwaalint.checks._api import Check, Context
from mwaalint.cli.app import app
from mwaalint.config import ConfigError
from mwaalint.engine import run as engine
from mwaalint.model.deployment import Deployment
from tests.deployments import CONSTRAINT, ENVIRONMENT, check, lines, write, write_all
from tests.history import committed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mwaalint.findings import Finding

NAME = ".mwaalint-baseline.json"
TWO = CONSTRAINT + "some-package\nanother-package\n"


def mwaalint(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def words(result: Result) -> str:
    return " ".join(result.output.split())


def accepted(root: Path, name: str = NAME) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((root / name).read_text())["findings"]
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two unpinned packages, accepted."""
    write(tmp_path, main__tf=ENVIRONMENT, requirements__txt=TWO)
    assert mwaalint("baseline", tmp_path).exit_code == 0
    return tmp_path


def test_what_is_accepted_is_no_longer_reported(project: Path) -> None:
    result = mwaalint("check", project)
    assert result.exit_code == 0
    assert result.output.rstrip().endswith("; 2 in the baseline")
    assert lines(check(project), check(project).suppressed) == ["requirements.txt:2 MW109", "requirements.txt:3 MW109"]


def test_one_problem_more_is_exactly_one_finding(project: Path) -> None:
    write(project, requirements__txt="# ours\n\n" + CONSTRAINT + "new-package\nanother-package\nsome-package\n")
    assert lines(check(project)) == ["requirements.txt:4 MW109"]
    assert mwaalint("check", project).exit_code == 1


def test_a_renamed_file_keeps_what_was_accepted(project: Path) -> None:
    (project / "requirements.txt").rename(project / "mwaa-requirements.txt")
    write(project, main__tf=ENVIRONMENT.replace("/requirements.txt", "/mwaa-requirements.txt"))
    result = check(project)
    assert lines(result) == []
    assert result.notices == ()


def test_the_file_is_sorted_and_can_be_read_by_people(project: Path) -> None:
    text = (project / NAME).read_text()
    first, second = accepted(project)
    assert list(first) == ["path", "code", "symbol", "message", "fingerprint"]
    assert (first["symbol"], second["symbol"]) == ("another-package", "some-package")
    assert first["message"].startswith("another-package has no version")
    assert text.count("\n") > 15
    assert text.endswith("\n")


def test_the_same_findings_make_the_same_file(project: Path) -> None:
    before = (project / NAME).read_bytes()
    write(project, requirements__txt="# ours\n" + CONSTRAINT + "another-package\nsome-package\n")
    assert mwaalint("baseline", project).output == f"{NAME} holds 2 findings\n"
    assert (project / NAME).read_bytes() == before


def test_accepting_again_tells_what_has_changed(project: Path) -> None:
    write(project, requirements__txt=CONSTRAINT + "some-package\nnew-package\n")
    assert mwaalint("baseline", project).output == f"{NAME} holds 2 findings: 1 new, 1 repaired\n"
    assert [entry["symbol"] for entry in accepted(project)] == ["new-package", "some-package"]


def test_repaired_findings_are_told_and_dropped_on_request(project: Path) -> None:
    write(project, requirements__txt=CONSTRAINT + "some-package\nnew-package\n")
    told = "1 finding in the baseline has been fixed (MW109 in requirements.txt); mwaalint baseline --prune drops them."
    assert told in words(mwaalint("check", project))
    assert mwaalint("baseline", project, "--prune").output == f"{NAME} holds 1 finding: 1 repaired\n"
    assert [entry["symbol"] for entry in accepted(project)] == ["some-package"]
    assert lines(check(project)) == ["requirements.txt:3 MW109"]


def test_what_could_not_be_found_is_not_called_repaired(project: Path) -> None:
    """A rule that is left out, a run over some files only, a version that nobody tells."""
    write(project, requirements__txt=CONSTRAINT)
    assert [notice.kind for notice in check(project).notices] == ["baseline-stale"]
    assert "repaired" not in mwaalint("check", project, "--ignore", "MW109").output
    assert "repaired" not in mwaalint("check", project / "main.tf").output
    write(project, main__tf='variable "v" {}\n' + ENVIRONMENT.replace('"2.10.3"', "var.v"), requirements__txt="six\n")
    assert "repaired" not in words(mwaalint("check", project, "--select", "MW103"))


def test_accepted_findings_stay_in_the_reports_for_programs(project: Path) -> None:
    report = json.loads(mwaalint("check", project, "--format", "json").output)
    assert report["findings"] == []
    assert [one["suppression"] for one in report["suppressed"]] == [
        {"kind": "external", "reason": f"in the baseline {NAME}"}
    ] * 2
    sarif = json.loads(mwaalint("check", project, "--format", "sarif").output)
    assert [one["suppressions"][0]["kind"] for one in sarif["runs"][0]["results"]] == ["external"] * 2


def test_a_fix_leaves_accepted_findings_alone(tmp_path: Path) -> None:
    write(tmp_path, main__tf=ENVIRONMENT, requirements__txt=CONSTRAINT + "black==24.10.0\n")
    mwaalint("baseline", tmp_path)
    assert mwaalint("check", tmp_path, "--fix").exit_code == 0
    assert "black" in (tmp_path / "requirements.txt").read_text()


def test_base_and_baseline_together_report_what_is_in_neither(project: Path) -> None:
    write(project, requirements__txt=TWO + "committed\n")
    committed(project)
    write(project, requirements__txt=TWO + "committed\nnew-package\n")
    result = check(project, since="HEAD")
    assert lines(result) == ["requirements.txt:5 MW109"]
    assert result.since == ("HEAD", 1)
    assert len(result.suppressed) == 2


def test_an_auditor_sees_behind_the_baseline_and_the_comments(project: Path) -> None:
    write(
        project,
        requirements__txt=TWO
        + "ignored  # mwaalint: ignore[MW109] follows\nother-package  # mwaalint: ignore[MW999]\n",
    )
    assert mwaalint("check", project, "--no-baseline", "--select", "MW109").output.count("MW109 requirement") == 3
    output = mwaalint("check", project, "--no-baseline", "--no-inline-ignores").output
    assert output.count("MW109 requirement") == 4
    assert "MW003" not in output


# Where it lies


def test_another_file_by_option_or_by_setting(tmp_path: Path) -> None:
    write(tmp_path, main__tf=ENVIRONMENT, requirements__txt=TWO)
    other = tmp_path / "accepted.json"
    assert mwaalint("baseline", tmp_path, "--baseline", other).exit_code == 0
    assert mwaalint("check", tmp_path).exit_code == 1
    assert mwaalint("check", tmp_path, "--baseline", other).exit_code == 0
    write_all(tmp_path, {"mwaalint.toml": 'baseline = "accepted.json"\n'})
    assert mwaalint("check", tmp_path).exit_code == 0
    assert mwaalint("check", tmp_path, "--no-baseline").exit_code == 1


def test_the_settings_may_name_a_file_before_it_is_written(tmp_path: Path) -> None:
    write(tmp_path, main__tf=ENVIRONMENT, requirements__txt=TWO, mwaalint__toml='baseline = "ci/accepted.json"\n')
    (tmp_path / "ci").mkdir()
    result = mwaalint("check", tmp_path)
    assert result.exit_code == 2
    assert "this baseline does not exist; mwaalint baseline writes it" in words(result)
    assert mwaalint("baseline", tmp_path).exit_code == 0
    assert len(accepted(tmp_path, "ci/accepted.json")) == 2


def test_a_folder_below_the_settings_shares_their_baseline(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_all(tmp_path, {f"{name}/main.tf": ENVIRONMENT, f"{name}/requirements.txt": TWO})
    write_all(tmp_path, {"mwaalint.toml": ""})
    mwaalint("baseline", tmp_path)
    assert {entry["path"] for entry in accepted(tmp_path)} == {"a/requirements.txt", "b/requirements.txt"}
    assert mwaalint("check", tmp_path / "a").exit_code == 0
    write_all(tmp_path, {"a/requirements.txt": CONSTRAINT + "some-package\n"})
    assert mwaalint("baseline", tmp_path / "a").output == f"{NAME} holds 3 findings: 1 repaired\n"
    assert [entry["path"][0] for entry in accepted(tmp_path)] == ["a", "b", "b"]
    assert mwaalint("baseline", tmp_path / "a", "--prune").output == f"{NAME} holds 3 findings\n"


def test_the_baseline_itself_is_no_file_to_check(tmp_path: Path) -> None:
    """It may say anything that findings say."""
    write(tmp_path, main__tf=ENVIRONMENT, requirements__txt=TWO)
    entry = dict.fromkeys(["path", "code", "symbol", "fingerprint"], "x")
    message = 'AWS::MWAA::Environment "AirflowVersion" "DagS3Path"'
    (tmp_path / NAME).write_text(json.dumps({"version": 1, "findings": [entry | {"message": message}]}))
    result = check(tmp_path)
    assert lines(result) == ["requirements.txt:2 MW109", "requirements.txt:3 MW109"]
    assert [one.label for one in result.deployments] == ["etl"]


# What goes wrong


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("<<<<<<< HEAD\n{}", "the baseline is not JSON"),
        ("[" * 100_000, "the baseline is not JSON"),
        ("\udcff", "the baseline is not JSON"),
        ("[]", "this is not a baseline: it has no list of findings"),
        ('{"version": 1, "findings": {}}', "this is not a baseline"),
        ('{"version": 2, "findings": []}', "the baseline has version 2; this mwaalint reads 1"),
        ('{"version": 1, "findings": [{"path": "x"}]}', "a finding in the baseline has path, code, symbol, message"),
        ('{"version": 1, "findings": [null]}', "each a string, not None"),
    ],
)
def test_a_file_that_is_no_baseline_is_said(project: Path, content: str, complaint: str) -> None:
    (project / NAME).write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match=complaint):
        check(project)
    result = mwaalint("check", project)
    assert result.exit_code == 2
    assert complaint in words(result)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["check", "--baseline", "gone.json"], "this baseline does not exist"),
        (["check", "--baseline", NAME, "--no-baseline"], "cannot be combined"),
        (["baseline", "--prune"], f"no baseline {NAME} to prune"),
        (["baseline", "--baseline", "no/such/folder.json"], "the baseline could not be written: No such file"),
    ],
)
def test_wrong_usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], complaint: str) -> None:
    write(tmp_path, main__tf=ENVIRONMENT, requirements__txt=TWO)
    monkeypatch.chdir(tmp_path)
    result = mwaalint(*arguments)
    assert result.exit_code == 2
    assert complaint in words(result)


@pytest.mark.parametrize(("key", "value"), [("baseline", "../up.json"), ("baseline", 3), ("require-reason", "yes")])
def test_wrong_settings(tmp_path: Path, key: str, value: Any) -> None:
    write(tmp_path, main__tf=ENVIRONMENT, mwaalint__toml=f"{key} = {json.dumps(value)}\n")
    result = mwaalint("check", tmp_path)
    assert result.exit_code == 2
    assert key in words(result)


def test_a_crash_is_never_accepted(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(subject: object, ctx: Context) -> Iterator[Finding]:
        if subject is not None:
            raise ValueError("boom")
        yield from ()

    before = (project / NAME).read_bytes()
    monkeypatch.setattr(engine, "checks_for", lambda _: [Check("MW231", Deployment, crash, False)])
    result = mwaalint("baseline", project)
    assert result.exit_code == 3
    assert "Nothing was written" in result.output
    assert (project / NAME).read_bytes() == before


def test_a_half_written_file_is_never_left(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sorted(path.name for path in project.iterdir())
    (project / NAME).chmod(0o444)
    write(project, requirements__txt=CONSTRAINT)
    result = mwaalint("baseline", project)
    assert result.exit_code == 2
    assert "could not be written: it is read-only" in words(result)
    assert sorted(path.name for path in project.iterdir()) == before


# Reasons


def test_a_reason_can_be_asked_for(tmp_path: Path) -> None:
    write(
        tmp_path,
        main__tf=ENVIRONMENT,
        requirements__txt=CONSTRAINT
        + "one  # mwaalint: ignore[MW109]\ntwo  # mwaalint: ignore[MW109] --\nthree  # mwaalint: ignore[MW109] ours\n",
    )
    assert lines(check(tmp_path)) == []
    write(tmp_path, mwaalint__toml="require-reason = true\n")
    output = mwaalint("check", tmp_path).output
    assert output.count("warning MW003 unused-ignore") == 2
    assert "MW109 requirement" not in output
