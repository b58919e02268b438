"""The rules on environments through several dialects: what one says of Terraform it says of the others."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from mwaalint import api
from mwaalint.discover import discover
from mwaalint.model.declared import declarations
from mwaalint.model.values import Known, Unresolved
from tests.dialects import DIALECTS, GIVEN
from tests.test_environment_rules import found, write

if TYPE_CHECKING:
    from pathlib import Path

SIZED = {"name": "etl", "airflow_version": "2.10.3", "environment_class": "mw1.medium"}


def environment(
    airflow_configuration_options: dict[str, object] | None = None, **arguments: object
) -> dict[str, object]:
    options = airflow_configuration_options
    return {**SIZED, **arguments, **({"airflow_configuration_options": options} if options else {})}


def options(entries: dict[str, object], airflow: object = "2.10.3", **arguments: object) -> dict[str, object]:
    return environment(entries, airflow_version=airflow, **arguments)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_dialects_say_the_same(dialect: str, tmp_path: Path) -> None:
    write(tmp_path, DIALECTS[dialect](environment({"core.parallelism": "4"}, min_workers=2, name=GIVEN)))
    (only,) = declarations(discover(tmp_path)).environments
    assert isinstance(only.name, Unresolved)
    assert isinstance(only.min_workers, Known)
    assert only.min_workers.value == 2
    assert isinstance(only.airflow_configuration_options, Known)


MICRO: dict[str, Any] = {"environment_class": "mw1.micro"}
SMALL: dict[str, Any] = {"environment_class": "mw1.small"}
FLAGGED = [
    ("MW203", environment(worker_replacement_strategy="FORCED"), "GRACEFUL"),
    ("MW204", environment(**MICRO, schedulers=2), "exactly 1 scheduler"),
    ("MW206", options({"core.dag_concurrency": "16"}), "core.max_active_tasks_per_dag"),
    ("MW206", options({"scheduler.parsing_processes": "2"}, "3.3.1"), "dag_processor.parsing_processes"),
    ("MW212", options({"secrets.backend": "SecretsManagerBackend"}), "secrets_manager.SecretsManagerBackend"),
    ("MW212", options({"secrets.backend": "my.Backend", "secrets.backend_kwargs": "{'a': 1}"}), "is not JSON"),
    ("MW213", environment(airflow_version="2.2.2"), "ended on 2024-06-27"),
    ("MW214", options({"celery.worker_autoscale": "1,5"}), "is max,min"),
    ("MW219", options({"core.executor": "LocalExecutor"}), "core.executor"),
    ("MW221", options({"celery.worker_concurrency": "4"}), "ignores celery.worker_concurrency"),
    ("MW223", options({"core.dagbag_import_timeout": "90", "core.dag_file_processor_timeout": "60"}), "90 s"),
    ("MW224", options({"core.paralellism": "16"}), "did you mean core.parallelism?"),
    ("MW224", options({"parallelism": "16"}), "did you mean core.parallelism?"),
    ("MW228", environment(requirements_s3_path="s3://bucket/requirements.txt"), "not a URI"),
    ("MW230", options({"smtp.smtp_password": "correct-horse-7"}), "smtp.smtp_password"),
    ("MW231", environment(min_workers=3, max_workers=9), "2 workers beyond the first"),
    ("MW232", {"name": "etl", **SMALL}, "newest it offers"),
    ("MW233", environment(webserver_access_mode="PUBLIC_ONLY"), "PUBLIC_ONLY"),
    ("MW234", environment(schedulers=9), "9 schedulers"),
    ("MW236", options({"scheduler.parsing_processes": "9"}), "9"),
    ("MW241", options({"core.parallelism": "2"}, max_workers=10), "core.parallelism = 2"),
    ("MW243", options({"celery.extra_celery_config": "{a}"}, "3.0.6"), "is not JSON"),
    ("MW244", environment(airflow_version="2.8.0"), "2.8.1"),
]
SILENT = [
    ("MW203", environment(worker_replacement_strategy=GIVEN)),
    ("MW204", environment(**MICRO, schedulers=GIVEN)),
    ("MW206", options({"core.max_active_tasks_per_dag": "16"})),
    ("MW206", options({"core.dag_concurrency": "16"}, GIVEN)),
    ("MW212", options({"secrets.backend": GIVEN, "secrets.backend_kwargs": "{}"})),
    ("MW212", options({"secrets.backend": "my.Backend", "secrets.backend_kwargs": GIVEN})),
    ("MW213", environment(airflow_version=GIVEN)),
    ("MW214", options({"celery.worker_autoscale": GIVEN})),
    ("MW219", options({"core.executor": "LocalExecutor"}, GIVEN)),
    ("MW219", options({"core.load_examples": GIVEN})),
    ("MW223", options({"core.dagbag_import_timeout": GIVEN, "core.dag_file_processor_timeout": "60"})),
    ("MW224", options({"core.paralellism": "16"}, GIVEN)),
    ("MW224", options({"core.parallelism": GIVEN, "mine.own": "1"})),
    ("MW228", environment(requirements_s3_path=GIVEN)),
    ("MW230", options({"smtp.smtp_password": GIVEN})),
    ("MW231", environment(min_workers=GIVEN, max_workers=9)),
    ("MW232", {"name": "etl", "airflow_version": GIVEN, **SMALL}),
    ("MW233", environment(webserver_access_mode=GIVEN)),
    ("MW234", environment(schedulers=GIVEN)),
    ("MW236", options({"scheduler.parsing_processes": GIVEN})),
    ("MW241", options({"core.parallelism": GIVEN}, max_workers=10)),
    ("MW243", options({"celery.extra_celery_config": GIVEN}, "3.0.6")),
    ("MW244", environment(airflow_version=GIVEN)),
]
DAGS = {
    "deploy.sh": "aws s3 sync dags s3://bucket/dags\n",
    "dags/made.py": "from airflow import DAG\nfor n in range({number}):\n    DAG(f'dag_{{n}}')\n",
}
FLAGGED_WITH_DAGS = [
    ("MW218", environment(environment_class="mw1.large"), 5, "costs ≈ $365 a month less"),
    ("MW222", options({"celery.worker_autoscale": "5,5"}, environment_class="mw1.large"), 5, "20 tasks by default"),
    ("MW235", environment(**SMALL), 60, "costs ≈ $183 a month more"),
    ("MW237", environment(max_workers=5), 30, "the environment itself costs ≈ $183 a month less"),
]


def with_dags(number: int) -> dict[str, str]:
    return {path: text.format(number=number) if path.endswith(".py") else text for path, text in DAGS.items()}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("code", "arguments", "number", "words"), FLAGGED_WITH_DAGS)
def test_flagged_for_its_dags_in_every_dialect(
    code: str, arguments: dict[str, object], number: int, words: str, dialect: str, tmp_path: Path
) -> None:
    arguments = {**arguments, "dag_s3_path": "dags"}
    (line,) = found(tmp_path / "a", code, DIALECTS[dialect](arguments) | with_dags(number))
    assert words in line
    unknown = DIALECTS[dialect]({**arguments, "environment_class": GIVEN}) | with_dags(number)
    assert found(tmp_path / "b", code, unknown) == []


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("code", "arguments", "words"), FLAGGED)
def test_flagged_in_every_dialect(
    code: str, arguments: dict[str, object], words: str, dialect: str, tmp_path: Path
) -> None:
    (line,) = found(tmp_path, code, DIALECTS[dialect](arguments))
    assert words in line


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("code", "arguments"), SILENT)
def test_silent_in_every_dialect(code: str, arguments: dict[str, object], dialect: str, tmp_path: Path) -> None:
    assert found(tmp_path, code, DIALECTS[dialect](arguments)) == []


DBT = """\
from datetime import datetime

from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("shop", start_date=datetime(2024, 1, 1), schedule=None, catchup=False):
    BashOperator(task_id="build", bash_command="cd /tmp/shop && dbt build")
"""
REQUIREMENTS = (
    '--constraint "https://raw.githubusercontent.com/apache/airflow/constraints-2.10.3/constraints-3.11.txt"\n'
    "pandas==2.1.4\n"
)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_files_beside_the_environment_count_in_every_dialect(dialect: str, tmp_path: Path) -> None:
    """MW216 reads the DAGs, MW245 the requirements that the environment does not name."""
    files = {"dags/shop.py": DBT, "requirements/requirements.txt": REQUIREMENTS}
    write(tmp_path, {**DIALECTS[dialect](environment(**SMALL, dag_s3_path="dags")), **files})
    codes = {finding.code for finding in api.check(tmp_path, today=date(2026, 11, 25)).findings}
    assert {"MW216", "MW245"} <= codes
