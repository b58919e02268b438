"""Settings: what they mean, and what is said of those that are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mwaalint import rulebook
from mwaalint.config import Config, ConfigError, StatedEnvironment, load, overridden, parse, selection
from mwaalint.findings import Severity

if TYPE_CHECKING:
    from pathlib import Path

BOOK = rulebook.shipped()


def settings(**table: Any) -> Config:
    return parse({key.replace("_", "-"): value for key, value in table.items()}, "mwaalint.toml", BOOK)


def test_without_settings_every_rule_runs_and_a_warning_fails() -> None:
    config = Config()
    assert config.selects("MW103")
    assert config.fail_on is Severity.WARNING


def test_rules_are_named_by_code_by_name_or_by_prefix() -> None:
    assert settings(select=["mw103"]).select == ("MW103",)
    assert settings(select=["constraint-missing"]).select == ("MW103",)
    assert set(settings(select=["MW10"]).select) == {code for code in BOOK.pages if code.startswith("MW10")}
    assert settings(select=["MW103, MW101"]).select == ("MW103", "MW101")


def test_ignoring_wins_over_selecting() -> None:
    config = settings(select=["MW1"], ignore=["MW109"])
    assert config.selects("MW103")
    assert not config.selects("MW109")
    assert not config.selects("MW231")


def test_everything_that_can_be_set() -> None:
    config = settings(
        severity={"requirement-unpinned": "note"},
        per_file_ignores={"legacy/*": ["MW109"]},
        exclude=["tests/fixtures"],
        airflow_version="2.10.3",
        fail_on="error",
        environment=[
            {"name": "etl", "airflow-version": "2.9.2", "requirements": "mwaa/requirements.txt", "dags": "mwaa/dags"}
        ],
    )
    assert config.severity == {"MW109": Severity.NOTE}
    assert config.per_file_ignores == {"legacy/*": ("MW109",)}
    assert config.exclude == ("tests/fixtures",)
    assert config.airflow_version == "2.10.3"
    assert config.fail_on is Severity.ERROR
    assert config.environments == (StatedEnvironment("etl", "2.9.2", "mwaa/requirements.txt", "mwaa/dags"),)


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({"selct": []}, "mwaalint.toml: unknown setting 'selct'; did you mean 'select'?"),
        (
            {"environment": [{"airflow_version": "2.9.2"}]},
            "unknown setting 'environment.airflow_version'; did you mean 'airflow-version'?",
        ),
        ({"select": ["MW999"]}, "mwaalint.toml: unknown rule 'MW999'"),
        ({"select": ["constraint-mising"]}, "unknown rule 'constraint-mising'; did you mean 'constraint-missing'?"),
        ({"select": "MW103"}, "mwaalint.toml: select must be a list of strings, not 'MW103'"),
        ({"fail-on": "fatal"}, "mwaalint.toml: fail-on must be error, warning or note, not 'fatal'"),
        (
            {"airflow-version": "2.10"},
            "mwaalint.toml: airflow-version is a full version such as \"2.10.3\", not '2.10'",
        ),
        ({"airflow-version": 2}, "airflow-version is a full version"),
        ({"severity": ["MW103"]}, "mwaalint.toml: severity must be a table, not ['MW103']"),
        ({"environment": {"name": "etl"}}, "environment must be a list of tables, [[tool.mwaalint.environment]]"),
        ({"rules": {"MW103": {"colour": 1}}}, "unknown setting 'rules.MW103.colour'"),
        ({"rules": {"MW10": {}}}, "rules.MW10 matches"),
        ({"rules": {"MW103": 3}}, "mwaalint.toml: rules.MW103 must be a table, not 3"),
        ({"rules": 3}, "mwaalint.toml: rules must be a table, not 3"),
        ({"severity": {"MW103": ["error"]}}, "severity.MW103 must be error, warning or note, not ['error']"),
        ({"per-file-ignores": {"*": 3}}, "per-file-ignores.* must be a list of strings, not 3"),
        ({"exclude": [3]}, "exclude must be a list of strings, not [3]"),
        ({"environment": [3]}, "environment must be a table, not 3"),
        ({"environment": [{"name": 3}]}, "environment.name must be a string, not 3"),
        ({"environment": [{"airflow-version": ""}]}, "airflow-version is a full version"),
        ({"environment": [{"dags": ""}]}, "environment.dags must be a path below the settings' folder, not ''"),
        ({"environment": [{"dags": "../dags"}]}, "environment.dags must be a path below the settings' folder"),
        ({"environment": [{"requirements": "/etc/x.txt"}]}, "environment.requirements must be a path below"),
        ({"environment": [{"requirements": "C:\\x.txt"}]}, "environment.requirements must be a path below"),
    ],
)
def test_a_wrong_setting_says_what_would_be_right(table: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse(table, "mwaalint.toml", BOOK)
    assert complaint in str(raised.value)


def test_settings_come_from_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.mwaalint]\nignore = ["MW109"]\n')
    assert load(tmp_path, BOOK).ignore == ("MW109",)


def test_a_file_of_its_own_goes_before_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.mwaalint]\nignore = ["MW109"]\n')
    (tmp_path / "mwaalint.toml").write_text('ignore = ["MW103"]\n')
    assert load(tmp_path, BOOK).ignore == ("MW103",)


def test_settings_of_the_repository_hold_in_its_folders(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "mwaalint.toml").write_text('ignore = ["MW103"]\n')
    (tmp_path / "airflow").mkdir()
    assert load(tmp_path / "airflow", BOOK).ignore == ("MW103",)


def test_settings_above_the_repository_do_not(tmp_path: Path) -> None:
    (tmp_path / "mwaalint.toml").write_text('ignore = ["MW103"]\n')
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    assert load(tmp_path / "repository", BOOK) == Config()


def test_a_pyproject_without_a_table_of_ours_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert load(tmp_path, BOOK) == Config()


@pytest.mark.parametrize("text", ["[tool]\nmwaalint = 3\n", "[[tool.mwaalint]]\n"])
def test_settings_that_are_no_table_are_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"pyproject\.toml: tool\.mwaalint must be a table, not "):
        load(tmp_path, BOOK)


def test_a_tool_that_is_no_table_has_no_settings_of_ours(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("tool = 3\n")
    assert load(tmp_path, BOOK) == Config()


@pytest.mark.parametrize(
    ("written", "meant"),
    [("./airflow/dags/", "airflow/dags"), ("airflow\\dags", "airflow/dags"), (".", ""), ("a//b/../c", "a/c")],
)
def test_paths_are_kept_as_the_project_has_them(written: str, meant: str) -> None:
    assert settings(environment=[{"dags": written}]).environments == (StatedEnvironment(dags=meant),)


def test_settings_above_the_folder_speak_of_the_same_files(tmp_path: Path) -> None:
    text = """
    exclude = ["airflow/old"]
    per-file-ignores = {"airflow/dags/*" = ["MW103"]}
    [[environment]]
    requirements = "airflow/requirements.txt"
    dags = "airflow"
    [[environment]]
    requirements = "other/requirements.txt"
    airflow-version = "2.9.2"
    """
    (tmp_path / ".git").mkdir()
    (tmp_path / "mwaalint.toml").write_text(text)
    (tmp_path / "airflow").mkdir()
    config = load(tmp_path / "airflow", BOOK)
    assert config.base == "airflow/"
    assert config.exclude == ("airflow/old",)
    assert config.environments == (
        StatedEnvironment(requirements="requirements.txt", dags=""),
        StatedEnvironment(airflow_version="2.9.2"),
    )


@pytest.mark.parametrize("text", ["select = [", "[tool", "\x00"])
def test_broken_toml_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "mwaalint.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"mwaalint\.toml: not valid TOML"):
        load(tmp_path, BOOK)


def test_the_command_line_replaces_the_selection_and_adds_to_the_ignored() -> None:
    config = overridden(
        settings(select=["MW103"], ignore=["MW101"]),
        BOOK,
        select=["MW109"],
        ignore=["MW106"],
        airflow="2.9.2",
        fail_on="note",
    )
    assert config.select == ("MW109",)
    assert config.ignore == ("MW101", "MW106")
    assert config.airflow_version == "2.9.2"
    assert config.fail_on is Severity.NOTE


def test_an_empty_word_selects_nothing_by_accident() -> None:
    with pytest.raises(ConfigError, match="unknown rule ''"):
        selection([""], "command line", BOOK)
