"""MW417 venv-operator-per-task."""

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


@check("MW417", on=Operator("PythonVirtualenvOperator", "task.virtualenv"))
def venv_operator_per_task(task: Task, ctx: FileContext) -> Iterator[Finding]:
    """A virtual environment that is made and filled anew for each run of a task."""
    if not is_airflows(task) or not unset(task.argument("venv_cache_path")):
        return
    requirements = task.argument("requirements")
    # Without requirements there is nothing to download.
    if not isinstance(requirements, Known) or not requirements.value:
        return
    yield ctx.report(
        task.location,
        subject=str(known(task.task_id, str) or ""),
        operator="@task.virtualenv" if task.decorated else task.class_name,
    )
