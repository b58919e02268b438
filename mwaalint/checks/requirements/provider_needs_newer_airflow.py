"""MW108 provider-needs-newer-airflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.catalog import version_key
from mwaalint.checks._api import Context, check
from mwaalint.checks.requirements import _edits
from mwaalint.checks.requirements._names import named
from mwaalint.model.install import InstallPlan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    from mwaalint.documents.requirements import Requirement
    from mwaalint.findings import Finding, Fix


@check("MW108", on=InstallPlan, needs_version=True)
def provider_needs_newer_airflow(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """A provider whose lowest allowed version needs a newer Airflow; MW101 speaks where a constraint pins it."""
    airflow = ctx.deployment.target.airflow
    rows = ctx.catalog.table("provider-minimums")["rows"]
    for requirement, name in named(plan):
        lowest = _lowest(requirement.specifier)
        needed = _needed(rows.get(name, ()), lowest) if lowest else None
        if airflow is None or needed is None or version_key(needed) <= version_key(airflow) or plan.pinned_by(name):
            continue
        origin = ctx.deployment.target.origin
        yield ctx.report(
            requirement.location(),
            "refused" if _airflow_is_held(plan) else "replaced",
            related=[origin.noted(f"Airflow {airflow}")] if origin else [],
            fix=_fix(requirement, name, ctx),
            package=name,
            version=lowest,
            needed=needed,
            airflow=airflow,
            subject=name,
        )


def _lowest(specifier: SpecifierSet) -> Version | None:
    """The lowest version that a line allows, as far as its operators tell."""
    from packaging.version import InvalidVersion, Version

    bounds = [item.version for item in specifier if item.operator in ("==", "===", ">=", "~=")]
    try:
        return max(map(Version, bounds), default=None)
    except InvalidVersion:
        return None


def _needed(row: Sequence[Sequence[str]], version: Version) -> str | None:
    """The Airflow that a provider's version needs; a version newer than the table needs at least as much."""
    from packaging.version import Version

    return next((airflow for first, airflow in reversed(row) if version >= Version(first)), None)


def _airflow_is_held(plan: InstallPlan) -> bool:
    """Whether something keeps pip from replacing Airflow: MWAA's essential packages, or a line of the file."""
    return "apache-airflow" in plan.essential or any(
        requirement.name == "apache-airflow" and requirement.pin for requirement in plan.requirements
    )


def _fix(requirement: Requirement, name: str, ctx: Context) -> Fix | None:
    airflow = ctx.deployment.target.airflow
    pins = ctx.catalog.pins(airflow) if airflow else None
    version = pins.constraints.get(name) if pins else None
    if version is None:
        return None
    return _edits.safe(f"Use {version}, built for Airflow {airflow}", _edits.with_version(requirement, version))
