"""MW415 deferrable-without-triggerer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._python_fixes import leaving_out
from mwaalint.checks._selectors import Operator
from mwaalint.checks.dags._values import is_airflows
from mwaalint.model.values import Known, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.dag_model import Task

_PROVIDERS = ("airflow.", "astronomer.providers.")


# MWAA starts triggerers from 2.7.2 on; deferrable operators came with Airflow 2.2.
@check("MW415", on=Operator(), airflow=">=2.2,<2.7.2")
def deferrable_without_triggerer(task: Task, ctx: FileContext) -> Iterator[Finding]:
    """A task that defers on a version of MWAA that has nobody to wake it."""
    value = task.argument("deferrable")
    fix = None
    if isinstance(value, Known) and value.value is True and is_airflows(task):
        node = task.arguments.nodes.get("deferrable")
        where, what = (ctx.at(node) if node else value.origin), "deferrable=True"
        fix = leaving_out(task.written("deferrable"), ctx, title="Remove deferrable")
    elif task.class_name.endswith("Async") and task.operator.startswith(_PROVIDERS):
        where, what = task.location, task.class_name
    else:
        return
    yield ctx.report(
        where, fix=fix, subject=f"{known(task.task_id, str)} {what}", what=what, airflow=ctx.target.airflow
    )
