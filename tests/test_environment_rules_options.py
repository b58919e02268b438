"""The rules on Airflow's configuration options, beyond the examples of their pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint.catalog import load
from tests.test_environment_rules import fixed, found, places, stack, terraform

if TYPE_CHECKING:
    from pathlib import Path


def configured(entries: str, version: str = "2.10.3", arguments: str = "", rest: str = "") -> dict[str, str]:
    """A main.tf whose options stand from its fifth line on."""
    lines = "\n".join(f"  {line}" for line in entries.strip().splitlines())
    head = f'name = "etl"\nairflow_version = "{version}"\n'
    return terraform(f"{head}airflow_configuration_options = {{\n{lines}\n}}\n{arguments}", rest)


def configured_stack(entries: str, version: str = "2.10.3") -> dict[str, str]:
    """A stack.yaml whose options stand from its eighth line on."""
    lines = "\n".join(f"  {line}" for line in entries.strip().splitlines())
    return stack(f"Name: etl\nAirflowVersion: {version}\nAirflowConfigurationOptions:\n{lines}")


# MW206 option-renamed-or-removed


@pytest.mark.parametrize(
    ("version", "option", "wanted"),
    [
        ("2.0.2", "core.load_default_connections", []),
        ("2.4.3", "core.load_default_connections", ["main.tf:5"]),
        ("2.11.2", "scheduler.parsing_processes", []),
        ("3.0.6", "scheduler.parsing_processes", ["main.tf:5"]),
        ("3.0.6", "dag_processor.parsing_processes", []),
        ("3.0.6", "webserver.instance_name", []),
        ("3.2.1", "webserver.instance_name", ["main.tf:5"]),
        ("2.10.3", "metrics.statsd_allow_list", ["main.tf:5"]),
        ("2.10.3", "custom.bucket", []),
    ],
)
def test_a_name_is_old_from_its_version_on(version: str, option: str, wanted: list[str], tmp_path: Path) -> None:
    assert places(tmp_path, "MW206", configured(f'"{option}" = "5"', version)) == wanted


def test_what_mwaa_sets_itself_is_not_called_renamed(tmp_path: Path) -> None:
    assert found(tmp_path, "MW206", configured('"core.sql_alchemy_conn" = "x"')) == []


def test_every_new_name_is_no_old_one_of_the_same_version() -> None:
    rows = load().table("configuration-changes")["rows"]
    for old, stages in rows.items():
        for stage in stages:
            later = [other["from"] for other in rows.get(stage["to"], ())]
            assert stage["from"] not in later, old


def test_an_option_under_both_names_is_not_renamed(tmp_path: Path) -> None:
    files = configured('"core.dag_concurrency" = "5"\n"core.max_active_tasks_per_dag" = "9"')
    assert found(tmp_path / "a", "MW206", files) == [
        (
            "main.tf:5 core.dag_concurrency has been called core.max_active_tasks_per_dag since Airflow 2.2.0, and that is "
            "set here as well; the old entry has no effect in 2.10.3"
        )
    ]
    assert fixed(tmp_path / "b", "MW206", files) == {}


def test_a_silent_name_is_renamed_only_on_demand(tmp_path: Path) -> None:
    files = configured_stack("scheduler.parsing_processes: '2' # two", "3.0.6")
    assert fixed(tmp_path / "a", "MW206", files, unsafe=False) == {}
    changed = fixed(tmp_path / "b", "MW206", files)["stack.yaml"]
    assert changed == files["stack.yaml"].replace("scheduler.parsing", "dag_processor.parsing")


def test_a_value_from_a_variable_keeps_its_name(tmp_path: Path) -> None:
    files = configured('"core.dag_concurrency" = var.tasks', rest='variable "tasks" {\n  default = "5"\n}\n')
    assert len(found(tmp_path / "a", "MW206", files)) == 1
    assert fixed(tmp_path / "b", "MW206", files) == {}
