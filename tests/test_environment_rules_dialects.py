"""The rules on environments through several dialects: what one says of Terraform it says of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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


FLAGGED = [
    ("MW206", options({"core.dag_concurrency": "16"}), "core.max_active_tasks_per_dag"),
    ("MW206", options({"scheduler.parsing_processes": "2"}, "3.3.1"), "dag_processor.parsing_processes"),
    ("MW212", options({"secrets.backend": "SecretsManagerBackend"}), "secrets_manager.SecretsManagerBackend is meant"),
    ("MW212", options({"secrets.backend": "my.Backend", "secrets.backend_kwargs": "{'a': 1}"}), "is not JSON"),
    ("MW219", options({"core.executor": "LocalExecutor"}), "core.executor"),
    ("MW224", options({"core.paralellism": "16"}), "is core.parallelism meant?"),
    ("MW224", options({"parallelism": "16"}), "is core.parallelism meant?"),
    ("MW243", options({"celery.extra_celery_config": "{a}"}, "3.0.6"), "is not JSON"),
    ("MW231", environment(min_workers=3, max_workers=9), "2 workers beyond the first"),
    ("MW234", environment(schedulers=9), "9 schedulers"),
]
SILENT = [
    ("MW206", options({"core.max_active_tasks_per_dag": "16"})),
    ("MW206", options({"core.dag_concurrency": "16"}, GIVEN)),
    ("MW212", options({"secrets.backend": GIVEN, "secrets.backend_kwargs": "{}"})),
    ("MW212", options({"secrets.backend": "my.Backend", "secrets.backend_kwargs": GIVEN})),
    ("MW219", options({"core.executor": "LocalExecutor"}, GIVEN)),
    ("MW219", options({"core.load_examples": GIVEN})),
    ("MW224", options({"core.paralellism": "16"}, GIVEN)),
    ("MW224", options({"core.parallelism": GIVEN, "mine.own": "1"})),
    ("MW243", options({"celery.extra_celery_config": GIVEN}, "3.0.6")),
    ("MW231", environment(min_workers=GIVEN, max_workers=9)),
    ("MW234", environment(schedulers=GIVEN)),
]


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
