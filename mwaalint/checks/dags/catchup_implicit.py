"""MW412 catchup-implicit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._python_fixes import passing
from mwaalint.checks._selectors import Dags
from mwaalint.checks.dags._schedules import interval, schedule_of
from mwaalint.findings import Confidence, Safety
from mwaalint.model.values import Absent, is_set, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding, Fix
    from mwaalint.model.dag_model import Dag

_MANY = 100


@check("MW412", on=Dags())
def catchup_implicit(dag: Dag, ctx: FileContext) -> Iterator[Finding]:
    """A DAG that a new environment runs for every interval since its start date, perhaps without anybody wanting it."""
    sure = _is_for_airflow_2(dag, ctx)
    if sure is None:
        return
    catchup = dag.argument("catchup")
    if not isinstance(catchup, Absent) and not known(catchup, bool):
        return
    gap = interval(schedule_of(dag, ctx.target))
    start = _start(dag) if gap is not None else None
    if start is None or gap is None or known(dag.argument("is_paused_upon_creation"), bool):
        return
    end = dag.argument("end_date")
    until = known(end, datetime) if is_set(end) else None
    if is_set(end) and until is None:
        return
    missed = (min(ctx.today, until.date() if until else date.max) - start) // gap
    by_default = isinstance(catchup, Absent) and not is_set(ctx.option("scheduler.catchup_by_default"))
    if missed > 2 and (by_default or (known(catchup, bool) and missed >= _MANY)):
        where = dag.arguments.nodes.get("catchup")
        finding = ctx.report(
            ctx.at(where, dag.symbol) if where else dag.location,
            "default" if by_default else "explicit",
            fix=_fix(dag, ctx) if by_default else None,
            subject=known(dag.dag_id, str) or "",
            dag=repr(known(dag.dag_id, str)) if known(dag.dag_id, str) else "this DAG",
            start=start.isoformat(),
            runs=f"{missed:,}",
        )
        yield replace(finding, confidence=min(finding.confidence, sure))


def _is_for_airflow_2(dag: Dag, ctx: FileContext) -> Confidence | None:
    """How sure it is that it runs on Airflow 2, None where it need not: the environment says, else an argument that
    Airflow 3 does not take any more.
    """
    airflow = ctx.target.airflow
    if airflow:
        return ctx.target.confidence if airflow.startswith(("1.", "2.")) else None
    removed = ctx.catalog.table("airflow3-removed")["rows"]["arguments"]["DAG"]
    return Confidence.HIGH if any(name in dag.arguments for name in removed) else None


def _fix(dag: Dag, ctx: FileContext) -> Fix | None:
    """Says that the past is not wanted, which is for the author to know."""
    return passing(dag, "catchup", "False", ctx, title="Set catchup=False", safety=Safety.UNSAFE)


def _start(dag: Dag) -> date | None:
    """The start date of the DAG, else the one its tasks have by default."""
    value = dag.argument("start_date")
    found = known(value if is_set(value) else dag.default("start_date"), datetime)
    return found.date() if found else None
