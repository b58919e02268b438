"""MW103: nothing in the file looks like a constraint line to MWAA."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import check
from mwaalint.checks.requirements._constraints import (
    Contradiction,
    add_constraint,
    as_sure_as_reported,
    contradictions,
    first_line,
    has_active_constraint,
    written,
)
from mwaalint.model.install import InstallPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.checks._api import Context
    from mwaalint.findings import Finding

_SHOWN = 3


@check("MW103", on=InstallPlan)
def constraint_missing(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    if plan.detection or plan.offline or not plan.requirements or _constrained_otherwise(plan, ctx):
        return
    message, args = _consequence(plan, ctx)
    finding = ctx.report(first_line(plan), message, related=(), fix=add_constraint(plan, ctx), **args)
    yield as_sure_as_reported(finding, ctx) if plan.forced else finding


def _constrained_otherwise(plan: InstallPlan, ctx: Context) -> bool:
    """Whether pip is given constraints that MWAA does not see: in another spelling (that is MW117), or, where MWAA
    forces none, in an included file.
    """
    own = bool(plan.document.options_named("--constraint"))
    return own or (has_active_constraint(plan) and ctx.deployment.target.airflow is not None and not plan.forced)


def _consequence(plan: InstallPlan, ctx: Context) -> tuple[str, dict[str, str]]:
    """Which message tells what pip will do, and its values."""
    airflow = ctx.deployment.target.airflow
    if airflow is None or not ctx.catalog.release(airflow):
        return "unknown", {}
    if not plan.forced:
        return "unconstrained", {"airflow": airflow}
    against = contradictions(plan)
    if against:
        return "contradicted", {"airflow": airflow, "how_many": _how_many(plan, against), "examples": _shown(against)}
    forced = {name for source in plan.constraints if source.pins for name in source.pins}
    decided = sorted(
        {line.name for line in plan.requirements if line.name in forced and line.pin is None and line.url is None}
    )
    if decided:
        return "decided", {"airflow": airflow, "packages": _some(decided)}
    return "fits", {"airflow": airflow}


def _how_many(plan: InstallPlan, against: list[Contradiction]) -> str:
    total = len(plan.requirements)
    if total == 1:
        return "your only requirement contradicts"
    return f"{len(against)} of your {total} requirements {'contradicts' if len(against) == 1 else 'contradict'}"


def _shown(against: list[Contradiction]) -> str:
    return _some([f"{written(item.requirement)} against {item.pin.version}" for item in against])


def _some(texts: list[str]) -> str:
    rest = len(texts) - _SHOWN
    return ", ".join(texts[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
