"""MW124: a constraint line that was commented out still keeps MWAA from adding its constraints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import check
from mwaalint.checks.requirements._commented import commented_constraints, lines_that_switch_off
from mwaalint.checks.requirements._constraints import excluded_pin
from mwaalint.model.install import InstallPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.checks._api import Context
    from mwaalint.findings import Finding, Location

_SHOWN = 5


@check("MW124", on=InstallPlan)
def constraint_commented(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    commented = commented_constraints(plan, lines_that_switch_off(plan, ctx))
    if not commented:
        return
    unpinned = [line for line in plan.requirements if line.pin is None and line.url is None]
    yield ctx.report(
        commented[0].location(),
        "unpinned" if unpinned else "default",
        related=_otherwise_contradicted(plan, ctx)[:_SHOWN],
        packages=", ".join(line.name or line.text for line in unpinned[:_SHOWN])
        + (f" and {len(unpinned) - _SHOWN} more" if len(unpinned) > _SHOWN else ""),
    )


def _otherwise_contradicted(plan: InstallPlan, ctx: Context) -> list[Location]:
    """The pins that MWAA's constraints would refuse: most likely why the line was commented out."""
    airflow = ctx.deployment.target.airflow
    pins = ctx.catalog.pins(airflow) if airflow else None
    if pins is None:
        return []
    return [
        line.location().noted(f"the constraints of Airflow {airflow} pin {version}")
        for line in plan.requirements
        if (version := excluded_pin(line, pins.constraints))
    ]
