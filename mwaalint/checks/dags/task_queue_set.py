"""MW404 task-queue-set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.catalog import version_key
from mwaalint.checks._api import FileContext, check
from mwaalint.checks._python_fixes import leaving_out
from mwaalint.checks._selectors import Operator
from mwaalint.checks.dags._values import is_airflows
from mwaalint.findings import Confidence
from mwaalint.model.values import Known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.dag_model import Task


@check("MW404", on=Operator(words=["queue"]))
def task_queue_set(task: Task, ctx: FileContext) -> Iterator[Finding]:
    """A task that names its queue, itself or through default_args. Tasks that share the line are one finding."""
    # Where nothing but a folder's name says that MWAA runs this DAG, another Airflow with several queues may.
    if ctx.cap < Confidence.HIGH:
        return
    own = "queue" in task.arguments
    value = task.argument("queue")
    if not isinstance(value, Known) or not isinstance(value.value, str) or not _reaches_nobody(value.value, ctx):
        return
    # An operator of one's own, or one for SQS, may mean another queue by its argument.
    if own and (not is_airflows(task) or "sqs" in task.operator.lower()):
        return
    node = task.arguments.nodes.get("queue")
    yield ctx.report(
        ctx.at(node) if node else value.origin,
        fix=leaving_out(task.written("queue"), ctx, title="Remove queue"),
        subject=value.value,
        queue=value.value,
    )


def _reaches_nobody(queue: str, ctx: FileContext) -> bool:
    names: dict[str, str] = ctx.catalog.table("queue-names")["rows"]
    if queue not in names:
        return bool(queue)
    known = ctx.target.airflow is not None and ctx.catalog.release(ctx.target.airflow) is not None
    return known and version_key(str(ctx.target.airflow)) < version_key(names[queue])
