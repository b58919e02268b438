"""MW414 task-longer-than-12h."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import Operator
from mwaalint.checks.dags._values import duration, is_airflows, seconds, unset
from mwaalint.model.values import Known, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.dag_model import Task
    from mwaalint.model.values import Value


@check("MW414", on=Operator(words=["execution_timeout"]))
def task_longer_than_12h(task: Task, ctx: FileContext) -> Iterator[Finding]:
    """A task that states that it may run for longer than MWAA lets it."""
    value = task.argument("execution_timeout")
    allowed = seconds(value)
    if allowed is None or allowed <= _limit(ctx) or _gives_its_slot_back(task) or not isinstance(value, Known):
        return
    node = task.arguments.nodes.get("execution_timeout")
    yield ctx.report(ctx.at(node) if node else value.origin, subject="execution_timeout", allowed=duration(allowed))


def _limit(ctx: FileContext) -> float:
    """For how many seconds the queue of an environment waits for a worker's answer."""
    return float(str(ctx.catalog.fact("tasks.max_task_runtime_hours"))) * 3_600


def _gives_its_slot_back(task: Task) -> bool:
    """Whether it may wait outside of a worker, where its time starts anew each time it comes back."""
    if known(task.argument("mode"), str) == "reschedule" or not is_airflows(task):
        return True
    return not _off(task.argument("deferrable")) or task.class_name.endswith("Async")


def _off(value: Value) -> bool:
    return unset(value) or (isinstance(value, Known) and value.value is False)
