"""MW432 duplicate-task-id."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import Dags
from mwaalint.documents.python_blocks import excludes
from mwaalint.model.values import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.dag_model import Dag, Task

_MOST_ALIKE = 100


@check("MW432", on=Dags())
def duplicate_task_id(dag: Dag, ctx: FileContext) -> Iterator[Finding]:
    """Two tasks of one DAG with the same id, both of which are made."""
    if len({task.symbol for task in dag.tasks}) == len(dag.tasks):
        return
    by_id: dict[str, list[Task]] = {}
    for task in dag.tasks:
        task_id = known(task.task_id, str)
        if task_id is not None and _is_plain(task):
            by_id.setdefault(task_id, []).append(task)
    for task_id, tasks in by_id.items():
        clash = next(
            ((one, two) for one, two in combinations(tasks[:_MOST_ALIKE], 2) if not excludes(one.block, two.block)),
            None,
        )
        if clash is not None:
            first, second = clash
            yield ctx.report(
                second.location,
                related=[first.location.noted("the first task with this id")],
                subject=task_id,
                task_id=task_id,
                dag=known(dag.dag_id, str) or "this DAG",
                line=ctx.document.file.position(first.location.span.start).line,
            )


def _is_plain(task: Task) -> bool:
    """Whether the call surely makes an operator under its own id. Airflow numbers decorated functions by itself."""
    is_operator = task.class_name.endswith(("Operator", "Sensor")) or task.operator.startswith("airflow.")
    return is_operator and not task.decorated and not task.repeated
