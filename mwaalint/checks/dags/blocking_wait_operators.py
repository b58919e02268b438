"""MW411 blocking-wait-operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._python_fixes import passing
from mwaalint.checks._selectors import Operator
from mwaalint.checks.dags._values import duration, is_airflows, seconds, unset
from mwaalint.findings import Safety
from mwaalint.model.values import Known, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding, Fix
    from mwaalint.model.dag_model import Task
    from mwaalint.model.values import Value

_AMAZON = "airflow.providers.amazon."


# The operators can defer from the releases on that MWAA runs triggerers for.
@check("MW411", on=Operator("TriggerDagRunOperator", f"{_AMAZON}*"), airflow=">=2.7.2")
def blocking_wait_operators(task: Task, ctx: FileContext) -> Iterator[Finding]:
    """A task that waits on a worker: for a DAG that needs workers, or for hours for work that is done elsewhere."""
    starts_dag = task.class_name == "TriggerDagRunOperator"
    default = ctx.catalog.table("waiting-operators")["rows"].get(task.class_name)
    if not (starts_dag or default is not None) or not is_airflows(task) or not _stays(task, ctx):
        return
    waits = task.argument("wait_for_completion")
    subject = str(known(task.task_id, str) or "")
    if starts_dag:
        if _is_true(waits):
            started = known(task.argument("trigger_dag_id"), str)
            started = f'the DAG "{started}"' if started else "another DAG"
            yield ctx.report(task.location, fix=_deferred(task, ctx), subject=subject, started=started)
        return
    if not _is_true(waits) and not (default and unset(waits)):
        return
    # What holds for all tasks of a DAG says nothing of this one.
    limit = seconds(task.arguments.value("execution_timeout"))
    if limit is not None and limit >= 60 * int(str(ctx.options["from_minutes"])):
        yield ctx.report(
            task.location,
            "long",
            fix=_deferred(task, ctx),
            subject=subject,
            operator=task.class_name,
            limit=duration(limit),
        )


def _deferred(task: Task, ctx: FileContext) -> Fix | None:
    return passing(task, "deferrable", "True", ctx, title="Set deferrable=True", safety=Safety.UNSAFE)


def _stays(task: Task, ctx: FileContext) -> bool:
    """Whether it surely waits on the worker."""
    deferrable = task.argument("deferrable")
    stays = unset(deferrable) or (isinstance(deferrable, Known) and deferrable.value is False)
    return stays and unset(ctx.option("operators.default_deferrable"))


def _is_true(value: Value) -> bool:
    return isinstance(value, Known) and value.value is True
