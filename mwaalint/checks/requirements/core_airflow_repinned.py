"""MW107: the file asks for another Airflow, or lets pip choose one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import check
from mwaalint.checks.requirements._constraints import excludes, has_active_constraint, written
from mwaalint.checks.requirements._edits import safe, with_version
from mwaalint.model.install import InstallPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.catalog import Catalog
    from mwaalint.checks._api import Context
    from mwaalint.documents.requirements import Requirement
    from mwaalint.findings import Finding, Fix


@check("MW107", on=InstallPlan)
def core_airflow_repinned(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    airflow = ctx.deployment.target.airflow
    for requirement in plan.requirements:
        if requirement.name != "apache-airflow" or requirement.url is not None:
            continue
        message = _message(plan, requirement, ctx)
        if message:
            yield ctx.report(
                requirement.location(),
                message,
                related=[origin.noted(f"Airflow {airflow}")] if (origin := ctx.deployment.target.origin) else [],
                fix=_fix(requirement, ctx),
                subject="apache-airflow",
                requirement=written(requirement),
                airflow=airflow,
            )


def _message(plan: InstallPlan, requirement: Requirement, ctx: Context) -> str | None:
    airflow = ctx.deployment.target.airflow
    if airflow is not None and _is_other(requirement, airflow):
        return "refused" if plan.essential_known else "replaced"
    if airflow is None and requirement.pin is not None and _never_offered(requirement.pin, ctx.catalog):
        return "never"
    held = plan.essential_known or has_active_constraint(plan)
    if requirement.pin is not None or held:
        return None
    if airflow is None:
        return "unknown"
    return "open" if ctx.catalog.release(airflow) else None


def _never_offered(version: str, catalog: Catalog) -> bool:
    """Whether MWAA has gone past a patch release without offering it."""
    from packaging.version import InvalidVersion, Version

    try:
        release = Version(version).release
    except InvalidVersion:
        return False
    line = [offered.key for offered in catalog.releases.values() if offered.key[:2] == release[:2]]
    return len(release) == 3 and release not in line and any(key > release for key in line)


def _is_other(requirement: Requirement, airflow: str) -> bool:
    from packaging.version import InvalidVersion

    try:
        return excludes(requirement, airflow)
    except InvalidVersion:
        return False


def _fix(requirement: Requirement, ctx: Context) -> Fix | None:
    airflow = ctx.deployment.target.airflow
    if airflow is None or ctx.catalog.release(airflow) is None:
        return None
    return safe(f"Require the environment's Airflow {airflow}", with_version(requirement, airflow))
