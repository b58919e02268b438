"""Operators that cannot defer on some versions (MW423)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint import catalog
from tests.deployments import check, write_all

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """\
from airflow import DAG
from airflow.sensors.external_task import ExternalTaskSensor
from airflow.providers.amazon.aws.operators.eks import EksPodOperator
from airflow.providers.amazon.aws.sensors.mwaa import MwaaDagRunSensor, MwaaTaskSensor
from ours import EksPodOperator as Ours
"""


def found(root: Path, task: str, version: str, *, defaults: str = "", more: str = "", **files: str) -> list[str]:
    own = f'airflow_version = "{version}"\ndag_s3_path = "dags"\n{more}'
    main = f'resource "aws_mwaa_environment" "e" {{\n{own}\n}}\n'
    code = f"{HEAD}with DAG('etl', default_args={{{defaults}}}):\n    {task}\n"
    others = {name.replace("__", "."): text for name, text in files.items()}
    result = check(write_all(root, {"main.tf": main, "dags/etl.py": code, **others}))
    assert not result.crashed
    return [finding.message for finding in result.findings if finding.code == "MW423"]


POD = "EksPodOperator(task_id='t', deferrable=True)"


@pytest.mark.parametrize(
    ("task", "version", "words"),
    [
        ("ExternalTaskSensor(task_id='t', deferrable=True)", "2.7.2", "within 60 seconds"),
        ("ExternalTaskSensor(task_id='t', deferrable=True)", "2.8.1", "within 60 seconds"),
        (POD, "2.7.2", "a kubeconfig that the worker has deleted"),
        (POD, "2.9.2", "a kubeconfig that the worker has deleted"),
        (POD, "2.11.2", "a file with credentials"),
        ("MwaaTaskSensor(task_id='t', deferrable=True)", "3.0.6", "TypeError"),
        ("MwaaDagRunSensor(task_id='t', deferrable=True)", "3.0.6", "TypeError"),
    ],
)
def test_what_does_not_work(tmp_path: Path, task: str, version: str, words: str) -> None:
    (message,) = found(tmp_path, task, version)
    assert words in message


@pytest.mark.parametrize(
    ("task", "version"),
    [
        ("ExternalTaskSensor(task_id='t', deferrable=True)", "2.9.2"),
        ("ExternalTaskSensor(task_id='t', deferrable=False)", "2.8.1"),
        ("ExternalTaskSensor(task_id='t')", "2.8.1"),
        ("ExternalTaskSensor(task_id='t', deferrable=some())", "2.8.1"),
        (POD, "2.10.3"),
        (POD, "3.0.6"),
        (POD, "3.3.1"),
        ("Ours(task_id='t', deferrable=True)", "2.8.1"),
        ("MwaaTaskSensor(task_id='t', deferrable=True)", "3.2.1"),
    ],
)
def test_what_works_or_is_not_known(tmp_path: Path, task: str, version: str) -> None:
    assert found(tmp_path, task, version) == []


def test_default_arguments(tmp_path: Path) -> None:
    assert len(found(tmp_path, "EksPodOperator(task_id='t')", "2.8.1", defaults="'deferrable': True")) == 1


class TestRequirements:
    MORE = 'requirements_s3_path = "requirements.txt"'

    @pytest.mark.parametrize(
        ("text", "hits"),
        [
            ("pandas==2.1.4\n", 1),
            ("apache-airflow-providers-amazon==9.34.0\n", 0),
            ("apache_airflow_providers.cncf.kubernetes\n", 0),
            ("-r more.txt\n", 0),
        ],
    )
    def test_other_versions_of_the_providers(self, tmp_path: Path, text: str, hits: int) -> None:
        assert len(found(tmp_path, POD, "2.8.1", more=self.MORE, requirements__txt=text)) == hits

    def test_requirements_that_are_not_here(self, tmp_path: Path) -> None:
        assert found(tmp_path, POD, "2.8.1", more='requirements_s3_path = "other.txt"') == []

    def test_airflow_itself_is_the_images(self, tmp_path: Path) -> None:
        sensor = "ExternalTaskSensor(task_id='t', deferrable=True)"
        text = "apache-airflow-providers-amazon==9.34.0\n"
        assert len(found(tmp_path, sensor, "2.8.1", more=self.MORE, requirements__txt=text)) == 1


def test_every_row_is_of_a_version_that_mwaa_has_or_had() -> None:
    known = catalog.load()
    for row in known.table("deferrable-defects")["rows"]:
        assert row["operators"]
        assert all(known.release(version) is not None for version in row["versions"])
