"""MW411 blocking-wait-operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._python_fixes import passing
from mwaalint.checks._selectors import Operator
from mwaalint.checks.dags._values import is_airflows, unset
from mwaalint.findings import Safety
from mwaalint.model.values import Known, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.dag_model import Task


# The operator can defer from the releases on that MWAA runs triggerers for.
@check("MW411", on=Operator("TriggerDagRunOperator"), airflow=">=2.7.2")
def blocking_wait_operators(task: Task, ctx: FileContext) -> Iterator[Finding]:
    """A task that waits on a worker for a DAG that needs workers."""
    waits, deferrable = task.argument("wait_for_completion"), task.argument("deferrable")
    if not is_airflows(task) or not isinstance(waits, Known) or waits.value is not True:
        return
    stays = unset(deferrable) or (isinstance(deferrable, Known) and deferrable.value is False)
    if not stays or not unset(ctx.option("operators.default_deferrable")):
        return
    started = known(task.argument("trigger_dag_id"), str)
    yield ctx.report(
        task.location,
        fix=passing(task, "deferrable", "True", ctx, title="set deferrable=True", safety=Safety.UNSAFE),
        subject=str(known(task.task_id, str) or ""),
        started=f'the DAG "{started}"' if started else "another DAG",
    )
