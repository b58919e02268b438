"""MW418 dynamic-start-date."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import Dags
from mwaalint.checks.dags._schedules import is_unscheduled, schedule_of
from mwaalint.documents.python_walk import walk
from mwaalint.model.values import Known, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.dag_model import Dag

_NOW = frozenset(
    {
        *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today"),
        *("pendulum.now", "airflow.utils.timezone.utcnow"),
    }
)
_DAYS = frozenset(
    {
        *("airflow.utils.dates.days_ago", "datetime.date.today"),
        *("pendulum.today", "pendulum.yesterday", "pendulum.tomorrow"),
    }
)
_CLOCKS = _NOW | _DAYS
# What makes a whole day of a moment.
_CUTS = frozenset({"replace", "combine", "start_of", "date"})


@check("MW418", on=Dags())
def dynamic_start_date(dag: Dag, ctx: FileContext) -> Iterator[Finding]:
    """A start date that is another one each time the file is read, on a DAG that runs by a schedule."""
    if ctx.document.calls_by_dotted.keys().isdisjoint(_CLOCKS):
        return
    written = dag.expression("start_date") or _spread(dag)
    clock = _clock(written, ctx) if written is not None else ""
    if written is None or not clock:
        return
    schedule = schedule_of(dag, ctx.target)
    if is_unscheduled(schedule):
        return
    dag_id = known(dag.dag_id, str)
    yield ctx.report(
        ctx.at(written, dag.symbol),
        clock if isinstance(schedule, Known) else f"{clock}_unknown",
        subject="start_date",
        written=ctx.document.file.slice(ctx.at(written).span),
        dag=repr(dag_id) if dag_id else "this DAG",
    )


def _spread(dag: Dag) -> ast.expr | None:
    """The start date in a dict that is spread into the call."""
    call = dag.node
    for keyword in call.keywords if isinstance(call, ast.Call) else ():
        if keyword.arg is None:
            held = dag.document.followed(keyword.value, dag.block)[0]
            for key, value in zip(held.keys, held.values, strict=True) if isinstance(held, ast.Dict) else ():
                if isinstance(key, ast.Constant) and key.value == "start_date":
                    return value
    return None


def _clock(written: ast.expr, ctx: FileContext) -> str:
    """ "now" or "day" for an expression that reads the clock, "" for all else."""
    calls = [node for node in walk(written) if isinstance(node, ast.Call)]
    names = {ctx.document.dotted(call.func) for call in calls}
    cut = any(isinstance(call.func, ast.Attribute) and call.func.attr in _CUTS for call in calls)
    if any(_is_one(name, _NOW) for name in names):
        return "day" if cut else "now"
    return "day" if any(_is_one(name, _DAYS) for name in names) else ""


def _is_one(name: str, wanted: frozenset[str]) -> bool:
    """``pendulum.today("UTC").add(days=-1)`` is seen as "pendulum.today().add"."""
    return name in wanted or name.partition("()")[0] in wanted
