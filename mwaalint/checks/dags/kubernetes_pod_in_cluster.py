"""MW424 kubernetes-pod-in-cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import Operator
from mwaalint.checks.dags._values import is_airflows, unset
from mwaalint.model.values import Known, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.dag_model import Task

# Each of these tells the operator where the cluster is.
_ELSEWHERE = ("kubernetes_conn_id", "config_file", "config_dict", "cluster_context")
_SYNCED = ("/usr/local/airflow/dags/", "/usr/local/airflow/plugins/")
_HOME = "/usr/local/airflow/"


@check("MW424", on=Operator("KubernetesPodOperator", "task.kubernetes"))
def kubernetes_pod_in_cluster(task: Task, ctx: FileContext) -> Iterator[Finding]:
    """A pod that is started in the cluster that MWAA's workers are not in."""
    if not is_airflows(task):
        return
    in_cluster = task.argument("in_cluster")
    name = "@task.kubernetes" if task.decorated else task.class_name
    subject = str(known(task.task_id, str) or "")
    if isinstance(in_cluster, Known) and in_cluster.value is True:
        yield ctx.report(task.location, "in_cluster", subject=subject, operator=name)
    elif unset(in_cluster) and all(unset(task.argument(argument)) for argument in _ELSEWHERE):
        yield ctx.report(task.location, subject=subject, operator=name)
    path = known(task.argument("config_file"), str)
    if path is not None and path.startswith("/") and not path.startswith((*_SYNCED, "/tmp/")) and "{{" not in path:
        node = task.arguments.nodes.get("config_file")
        yield ctx.report(ctx.at(node) if node else task.location, "not_copied", subject=path, path=path)
