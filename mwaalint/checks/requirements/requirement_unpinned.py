"""MW109 requirement-unpinned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.requirements import _edits
from mwaalint.checks.requirements._names import in_image, named
from mwaalint.model.install import InstallPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.requirements import Requirement
    from mwaalint.findings import Finding, Fix


@check("MW109", on=InstallPlan)
def requirement_unpinned(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """A package whose version neither its own line nor any constraint fixes."""
    if not _constraints_tell(plan, ctx):
        return
    pins = ctx.catalog.pins(ctx.deployment.target.airflow) if ctx.deployment.target.airflow else None
    for requirement, name in named(plan):
        installed = in_image(pins, name)
        # pip leaves an installed package alone when it satisfies the line, so the image fixes the version.
        fixed_by_image = installed is not None and requirement.specifier.contains(installed, prereleases=True)
        if requirement.pin or plan.pinned_by(name) or fixed_by_image:
            continue
        wanted = str(requirement.specifier)
        yield ctx.report(
            requirement.location(),
            "range" if wanted else "bare",
            package=name,
            wanted=wanted,
            fix=_fix(requirement, pins.constraints.get(name) if pins else None),
            subject=name,
        )


def _constraints_tell(plan: InstallPlan, ctx: Context) -> bool:
    """Whether it is known which packages the constraints fix. Offline, the bundled wheels do."""
    if plan.offline or not plan.constraints_known:
        return False
    return bool(plan.detection) or ctx.deployment.target.airflow is not None


def _fix(requirement: Requirement, version: str | None) -> Fix | None:
    if version is None or not requirement.specifier.contains(version, prereleases=True):
        return None
    return _edits.safe(
        f"pin to {version}, the version of MWAA's constraints", _edits.with_version(requirement, version)
    )
