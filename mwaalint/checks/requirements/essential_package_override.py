"""MW111: a requirement that contradicts MWAA's essential constraints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import check
from mwaalint.checks.requirements._constraints import contradictions, written
from mwaalint.checks.requirements._edits import safe, with_version, without
from mwaalint.model.install import InstallPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.checks._api import Context
    from mwaalint.documents.requirements import Requirement
    from mwaalint.findings import Finding, Fix


@check("MW111", on=InstallPlan, needs_version=True)
def essential_package_override(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    for requirement, pin in contradictions(plan):
        if pin.source != "essential" or requirement.name == "apache-airflow":
            continue
        yield ctx.report(
            requirement.location(),
            fix=_fix(plan, requirement, pin.version, ctx),
            subject=requirement.name or "",
            requirement=written(requirement),
            pin=f"{requirement.name}=={pin.version}",
            airflow=ctx.deployment.target.airflow,
        )


def _fix(plan: InstallPlan, requirement: Requirement, version: str, ctx: Context) -> Fix | None:
    """Deletes what the image has anyway; what it has not (gevent), and what asks for extras, gets MWAA's version."""
    if any(line.hashes for line in plan.requirements):
        return None  # a file with hashes must list everything that is installed
    pins = ctx.catalog.pins(ctx.deployment.target.airflow or "")
    if requirement.extras or pins is None or requirement.name not in pins.preinstalled:
        return safe(f"Use MWAA's {requirement.name} {version}", with_version(requirement, version))
    return safe(f"Leave {requirement.name} to MWAA", without(requirement))
