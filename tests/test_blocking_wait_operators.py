"""Tasks that wait on a worker and could wait in the triggerer (MW411)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint.config import Config
from tests.deployments import check, write_all
from tests.python_code import ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """\
from datetime import timedelta
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.providers.amazon.aws.operators.ecs import EcsRunTaskOperator
from airflow.providers.amazon.aws.operators.emr import EmrAddStepsOperator
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
from ours import GlueJobOperator as Ours
"""
HOURS = "execution_timeout=timedelta(hours=3)"


def found(root: Path, task: str, *, defaults: str = "", main: str = ENVIRONMENT, minutes: int = 30) -> list[str]:
    code = f"{HEAD}with DAG('etl', default_args={{{defaults}}}):\n    {task}\n"
    config = Config(rule_options={"MW411": {"from_minutes": minutes}})
    result = check(write_all(root, {"main.tf": main, "dags/etl.py": code}), config)
    assert not result.crashed
    return [finding.message for finding in result.findings if finding.code == "MW411"]


@pytest.mark.parametrize(
    "task",
    [
        f"GlueJobOperator(task_id='t', {HOURS})",
        f"EcsRunTaskOperator(task_id='t', {HOURS}, wait_for_completion=True, deferrable=False)",
        f"EmrAddStepsOperator(task_id='t', {HOURS}, wait_for_completion=True)",
        "GlueJobOperator(task_id='t', execution_timeout=timedelta(minutes=180))",
    ],
)
def test_hours_of_work_elsewhere(tmp_path: Path, task: str) -> None:
    (message,) = found(tmp_path, task)
    assert "may wait for 3 hours" in message


@pytest.mark.parametrize(
    "task",
    [
        "GlueJobOperator(task_id='t')",
        "GlueJobOperator(task_id='t', execution_timeout=timedelta(minutes=29))",
        "GlueJobOperator(task_id='t', execution_timeout=limit())",
        f"GlueJobOperator(task_id='t', {HOURS}, deferrable=True)",
        f"GlueJobOperator(task_id='t', {HOURS}, deferrable=some())",
        f"GlueJobOperator(task_id='t', {HOURS}, wait_for_completion=False)",
        f"GlueJobOperator(task_id='t', {HOURS}, wait_for_completion=some())",
        f"EmrAddStepsOperator(task_id='t', {HOURS})",
        f"BashOperator(task_id='t', bash_command='true', {HOURS})",
        f"Ours(task_id='t', {HOURS})",
        f"GlueJobOperator(task_id='t', {HOURS}, **more)",
    ],
)
def test_short_or_deferred_or_not_known(tmp_path: Path, task: str) -> None:
    assert found(tmp_path, task) == []


def test_a_limit_that_all_tasks_share_does_not_tell(tmp_path: Path) -> None:
    defaults = "'execution_timeout': timedelta(hours=3)"
    assert found(tmp_path, "GlueJobOperator(task_id='t')", defaults=defaults) == []


def test_deferring_by_default_arguments_or_by_an_option(tmp_path: Path) -> None:
    task = f"GlueJobOperator(task_id='t', {HOURS})"
    assert found(tmp_path, task, defaults="'deferrable': True") == []
    option = '  airflow_configuration_options = { "operators.default_deferrable" = "True" }\n}'
    assert found(tmp_path, task, main=ENVIRONMENT.rstrip().removesuffix("}") + option) == []


@pytest.mark.parametrize(("version", "hits"), [("2.6.3", 0), ("2.7.2", 1), ("3.0.6", 1)])
def test_versions(tmp_path: Path, version: str, hits: int) -> None:
    main = ENVIRONMENT.replace("2.10.3", version)
    assert len(found(tmp_path, f"GlueJobOperator(task_id='t', {HOURS})", main=main)) == hits


def test_what_counts_as_long_is_an_option(tmp_path: Path) -> None:
    task = "GlueJobOperator(task_id='t', execution_timeout=timedelta(minutes=10))"
    assert found(tmp_path, task) == []
    assert len(found(tmp_path, task, minutes=10)) == 1


def test_another_dag(tmp_path: Path) -> None:
    task = "TriggerDagRunOperator(task_id='t', trigger_dag_id='other', wait_for_completion=True)"
    (message,) = found(tmp_path, task)
    assert 'until the DAG "other" has finished' in message
    assert found(tmp_path, task.replace("=True", "=False")) == []
