"""MW420 same-minute-stampede."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.dags._all_dags import examples
from mwaalint.checks.dags._cron import times
from mwaalint.checks.environment._sizing import minimum, sole_class, tasks_per_worker
from mwaalint.model.deployed_code import DeployedCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.deployed_code import DagFact


@check("MW420", on=DeployedCode)
def same_minute_stampede(code: DeployedCode, ctx: Context) -> Iterator[Finding]:
    """DAGs that all start at once, more than twice as many as there are slots for tasks."""
    environment = ctx.deployment.environment
    if environment is None:
        return
    size = sole_class(environment, ctx.catalog)
    tasks, workers = tasks_per_worker(environment, size), minimum(environment, size)
    at: dict[tuple[int, int], list[DagFact]] = {}
    for dag in (dag for file in code.place("dags") for dag in file.dags):
        for time in _times(dag):
            at.setdefault(time, []).append(dag)
    if not at or not tasks:
        return
    (hour, minute), dags = max(at.items(), key=lambda each: (_count(each[1]), -each[0][0], -each[0][1]))
    slots = tasks * workers
    if _count(dags) >= max(int(str(ctx.options["from_dags"])), 2 * slots):
        yield ctx.report(
            environment.where("min_workers"),
            related=examples(dags),
            subject="schedule",
            dags=_count(dags),
            time=f"{hour:02}:{minute:02}",
            slots=slots,
            workers="the minimum number of workers has" if workers > 1 else "one worker has",
        )


def _count(dags: list[DagFact]) -> int:
    """How many DAGs these are at least: one that a loop makes counts once for each id that is known."""
    return sum(max(1, len(dag.ids)) if dag.repeated else 1 for dag in dags)


def _times(dag: DagFact) -> frozenset[tuple[int, int]]:
    """When a DAG starts every day; empty for one that nobody starts or that is meant to wait paused."""
    if dag.conditional or dag.paused or not dag.tasks:
        return frozenset()
    return times(dag.schedule.strip())
