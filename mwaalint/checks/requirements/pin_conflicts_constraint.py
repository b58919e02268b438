"""MW101: a requirement's versions leave out the one that a constraints file pins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import check
from mwaalint.checks.requirements._constraints import (
    Contradiction,
    as_sure_as_reported,
    contradictions,
    excluded_pin,
    upstream_pins,
    written,
)
from mwaalint.checks.requirements._edits import unsafe, with_version
from mwaalint.model.install import InstallPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.checks._api import Context
    from mwaalint.findings import Finding, Fix
    from mwaalint.model.install import ConstraintSource


@check("MW101", on=InstallPlan)
def pin_conflicts_constraint(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    for found in contradictions(plan):
        # MWAA's essential pins are MW111's, Airflow itself is MW107's.
        if found.pin.constraint is None or found.requirement.name == "apache-airflow":
            continue
        if not _explained_by_the_line(found, found.pin.constraint, ctx):
            yield _finding(plan, found, found.pin.constraint, ctx)
    yield from _out_of_range(plan, ctx)


def _finding(plan: InstallPlan, found: Contradiction, source: ConstraintSource, ctx: Context) -> Finding:
    requirement, version = found.requirement, found.pin.version
    pin = f"{requirement.name}=={version}"
    finding = ctx.report(
        requirement.location(),
        "mwaa" if source.option is None else "local" if source.path else "constraint",
        related=[source.option.location().noted(f"pins {pin}")] if source.option else [],
        fix=_fix(plan, found, source, ctx),
        subject=requirement.name or "",
        requirement=written(requirement),
        pin=pin,
        airflow=source.airflow,
        path=source.path,
    )
    return finding if source.option else as_sure_as_reported(finding, ctx)


def _out_of_range(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """Pins that do not meet a range in a constraints file of the repository."""
    for requirement in plan.requirements:
        found = None if plan.conflict(requirement) else plan.out_of_range(requirement)
        if found is not None:
            source, allowed = found
            yield ctx.report(
                requirement.location(),
                "range",
                related=[source.option.location().noted(f"allows {requirement.name}{allowed}")]
                if source.option
                else [],
                subject=requirement.name or "",
                requirement=written(requirement),
                allowed=f"{requirement.name}{allowed}",
                path=source.path,
            )


def _explained_by_the_line(found: Contradiction, source: ConstraintSource, ctx: Context) -> bool:
    """Whether the constraint line is for another Airflow and the requirement fits the environment's: the line is
    wrong, and MW105 says so.
    """
    airflow = ctx.deployment.target.airflow
    if airflow is None or source.kind != "upstream" or source.airflow in (None, airflow):
        return False
    right = upstream_pins(ctx.catalog, airflow)
    return found.requirement.name in right and excluded_pin(found.requirement, right) is None


def _fix(plan: InstallPlan, found: Contradiction, source: ConstraintSource, ctx: Context) -> Fix | None:
    """The one version that everything which pins the package agrees on; none when the constraint line itself is
    wrong.
    """
    requirement, version = found.requirement, found.pin.version
    agreed = {pin.version for pin in plan.pinned_by(requirement.name or "")} == {version}
    if not agreed or source.airflow not in (None, ctx.deployment.target.airflow):
        return None
    return unsafe(f"Pin {requirement.name} to {version}", with_version(requirement, version))
