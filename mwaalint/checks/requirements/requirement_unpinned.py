"""MW109 requirement-unpinned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.requirements import _edits
from mwaalint.checks.requirements._names import fixes_version, in_image, named
from mwaalint.model.install import InstallPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.requirements import Requirement
    from mwaalint.findings import Finding, Fix


@check("MW109", on=InstallPlan)
def requirement_unpinned(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """A package whose version neither a line of the file nor any constraint fixes."""
    if plan.offline or not plan.constraints_known:
        return
    any_version = not plan.detection and plan.target.airflow is None
    fixed = {name for requirement, name in named(plan) if fixes_version(requirement.specifier)}
    for requirement, name in named(plan):
        if name in fixed or requirement.hashes or _constrained(plan, name):
            continue
        if _left_as_installed(requirement, name, ctx) or (any_version and _fixed_somewhere(name, ctx)):
            continue
        wanted = str(requirement.specifier)
        yield ctx.report(
            requirement.location(),
            "range" if wanted else "bare",
            package=name,
            wanted=wanted,
            fix=_fix(requirement, name, ctx),
            subject=name,
        )


def _constrained(plan: InstallPlan, name: str) -> bool:
    ranges = (source.ranges[name] for source in plan.constraints if name in source.ranges)
    return bool(plan.pinned_by(name)) or any(map(fixes_version, ranges))


def _fixed_somewhere(name: str, ctx: Context) -> bool:
    """Whether the constraints of any version that adds its own may fix the package: the environment may be of that."""
    forcing = (airflow for airflow in ctx.catalog.releases if ctx.catalog.forces_constraints(airflow))
    return any((pins := ctx.catalog.pins(airflow)) is None or name in pins.constraints for airflow in forcing)


def _left_as_installed(requirement: Requirement, name: str, ctx: Context) -> bool:
    """Whether the image has a version that the line admits: pip leaves an installed package alone then.

    Without a version of Airflow the newest image stands for all, and what it has for any version of that.
    """
    airflow = ctx.deployment.target.airflow
    if airflow is None:
        return in_image(ctx.catalog.pins(ctx.catalog.latest), name) is not None
    installed = in_image(ctx.catalog.pins(airflow), name)
    return installed is not None and requirement.specifier.contains(installed, prereleases=True)


def _fix(requirement: Requirement, name: str, ctx: Context) -> Fix | None:
    """The version that MWAA's own constraints have. Unsafe: it is older than what gets installed today."""
    airflow = ctx.deployment.target.airflow
    pins = ctx.catalog.pins(airflow) if airflow else None
    version = pins.constraints.get(name) if pins else None
    if version is None or not requirement.specifier.contains(version, prereleases=True):
        return None
    title = f"Pin to {version}, the version in MWAA's constraints for {airflow}"
    return _edits.unsafe(title, _edits.with_version(requirement, version))
