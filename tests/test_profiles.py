"""Profiles: settings under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from mwaalint import catalog, profiles, rulebook
from mwaalint.cli.app import app
from mwaalint.config import Config, ConfigError, overridden, parse
from mwaalint.engine.registry import all_checks
from mwaalint.findings import Severity
from tests.deployments import CONSTRAINT, ENVIRONMENT, write

if TYPE_CHECKING:
    from pathlib import Path

BOOK = rulebook.shipped()


def mwaalint(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    text = ENVIRONMENT.replace('"mw1.small"', '"mw1.small"\n  min_workers = 3\n  max_workers = 9')
    return write(tmp_path, main__tf=text, requirements__txt=CONSTRAINT + "black==24.10.0\n")


def test_the_profiles_are_those_that_are_told_of() -> None:
    assert profiles.names() == ["default", "strict", "cost", "airflow-3-upgrade"]
    assert "default, strict, cost or airflow-3-upgrade" in " ".join(mwaalint("check", "--help").output.split())


@pytest.mark.parametrize("name", profiles.names())
def test_every_profile_is_made_of_settings(name: str) -> None:
    assert isinstance(parse({"profile": name}, "mwaalint.toml", BOOK), Config)


def test_every_tag_of_a_profile_is_one_of_rules() -> None:
    tags = {tag for rule in BOOK.all() for tag in rule.tags}
    wanted = {tag for table in profiles._tables().values() for tag in table.get("tags", ())}
    assert wanted <= tags


def test_the_default_changes_nothing() -> None:
    assert parse({"profile": "default"}, "mwaalint.toml", BOOK) == Config()


def test_strict_fails_on_notes_and_wants_reasons(project: Path) -> None:
    write(project, main__tf=ENVIRONMENT)
    assert mwaalint("check", project).exit_code == 0
    assert mwaalint("check", project, "--profile", "strict").exit_code == 1
    assert parse({"profile": "strict"}, "mwaalint.toml", BOOK).require_reason


def test_cost_is_what_costs_money(project: Path) -> None:
    output = mwaalint("check", project, "--profile", "cost").output
    assert "MW231" in output
    assert "MW125" not in output


def test_the_upgrade_judges_by_the_newest_airflow_3(project: Path) -> None:
    config = parse({"profile": "airflow-3-upgrade"}, "mwaalint.toml", BOOK)
    newest = [release for release in catalog.load().releases.values() if release.creatable][-1]
    assert newest.major == 3
    assert config.airflow_version == newest.airflow
    output = mwaalint("check", project, "--profile", "airflow-3-upgrade").output
    assert "MW105" in output
    assert "MW231" not in output


def test_the_upgrade_has_every_rule_that_begins_with_airflow_3() -> None:
    tags = set(profiles._tables()["airflow-3-upgrade"]["tags"])
    begin = [check.code for check in all_checks() if check.airflow.startswith(">=3")]
    assert "MW407" in begin
    assert [code for code in begin if tags.isdisjoint(BOOK.rule(code).tags)] == []


def test_settings_beside_the_profile_go_before_it() -> None:
    config = parse({"fail-on": "error", "profile": "strict"}, "mwaalint.toml", BOOK)
    assert config.fail_on is Severity.ERROR
    assert config.require_reason


def test_the_command_lines_profile_goes_before_the_settings() -> None:
    stated = parse({"fail-on": "error", "exclude": ["x/"]}, "mwaalint.toml", BOOK)
    config = overridden(stated, BOOK, profile="strict")
    assert config.fail_on is Severity.NOTE
    assert config.exclude == ("x/",)
    assert overridden(stated, BOOK, profile="strict", fail_on="warning").fail_on is Severity.WARNING


@pytest.mark.parametrize("name", ["strct", 3, ["strict"]])
def test_a_profile_that_is_none_is_said(name: object) -> None:
    with pytest.raises(ConfigError, match=r"mwaalint.toml: unknown profile"):
        parse({"profile": name}, "mwaalint.toml", BOOK)


# Statistics


def test_statistics_count_each_rule(project: Path) -> None:
    packages = "".join(f"package-{number}\n" for number in range(12))
    write(project, requirements__txt=CONSTRAINT + packages)
    lines = mwaalint("check", project, "--statistics").output.splitlines()
    assert lines[:2] == [
        "12  warning  MW109  requirement-unpinned",
        " 1  warning  MW231  min-workers-above-one  (1 fixable)",
    ]
    assert lines[2] == ""
    assert lines[3].startswith("13 warnings in 2 files")
    assert mwaalint("check", project, "--format", "statistics").output.splitlines() == lines


def test_statistics_of_nothing_are_the_summary(tmp_path: Path) -> None:
    write(tmp_path, main__tf=ENVIRONMENT, requirements__txt=CONSTRAINT)
    assert mwaalint("check", tmp_path, "--statistics").output.startswith("No problems found in")
    write(tmp_path, main__tf="", requirements__txt="six\n")
    assert mwaalint("check", tmp_path, "--statistics").output.startswith("Nothing related to MWAA was found")


def test_statistics_have_colour_where_it_is_wanted(project: Path) -> None:
    assert "\x1b[" in mwaalint("check", project, "--statistics", "--color").output
    assert "\x1b[" not in mwaalint("check", project, "--statistics").output


# Completion


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_told_how_to_complete(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    result = mwaalint("completion", shell)
    assert result.exit_code == 0
    assert f"_MWAALINT_COMPLETE={shell}_complete" in result.output
    assert mwaalint("completion", "csh").exit_code == 2


def completed(words: str, position: int) -> list[str]:
    variables = {"_MWAALINT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(position)}
    return CliRunner().invoke(app, [], prog_name="mwaalint", env=variables).output.split()


def test_rules_complete_by_code_and_by_name() -> None:
    assert completed("mwaalint explain MW10", 2)[:2] == ["plain,MW101", "plain,MW102"]
    assert completed("mwaalint explain min-work", 2) == ["plain,min-workers-above-one"]
    assert completed("mwaalint check --select mw231", 3) == ["plain,MW231"]
    assert "plain,baseline" in completed("mwaalint b", 1)
