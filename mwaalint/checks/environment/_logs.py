"""What the rules on logs share: the five logs of an environment and the groups that MWAA writes them to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.model.values import ABSENT, Known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mwaalint.catalog import Catalog
    from mwaalint.model.environment import Environment
    from mwaalint.model.values import Value

# The arguments with their names in the API.
LOGS = {
    "dag_processing_logs": "DagProcessingLogs",
    "scheduler_logs": "SchedulerLogs",
    "task_logs": "TaskLogs",
    "webserver_logs": "WebserverLogs",
    "worker_logs": "WorkerLogs",
}


def group_of(log: str, name: str, catalog: Catalog) -> str:
    """The log group that MWAA makes for one of the logs of an environment: ``airflow-etl-Task``."""
    pattern = str(catalog.fact(f"api.logging.log_groups.{LOGS[log]}"))
    return pattern.replace("<env>", name)


def member(environment: Environment, log: str, name: str) -> Value:
    """What the environment says of one of its logs."""
    return _entries(_entries(environment.logging_configuration).get(log, ABSENT)).get(name, ABSENT)


def _entries(value: Value) -> Mapping[str, Value]:
    return value.value if isinstance(value, Known) and isinstance(value.value, dict) else {}
