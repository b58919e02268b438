"""MW123 already-in-base-image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.requirements import _edits
from mwaalint.checks.requirements._names import in_image, named
from mwaalint.model.install import InstallPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding


@check("MW123", on=InstallPlan, needs_version=True)
def already_in_base_image(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """A line for a package that MWAA's image already brings: it changes nothing, or it takes a step back."""
    from packaging.version import InvalidVersion, Version

    airflow = ctx.deployment.target.airflow or ""
    pins = ctx.catalog.pins(airflow)
    for requirement, name in named(plan):
        installed = in_image(pins, name)
        if installed is None or requirement.extras or requirement.hashes or plan.conflict(requirement):
            continue
        try:
            lower = requirement.pin is not None and Version(requirement.pin) < Version(installed)
        except InvalidVersion:
            continue
        if not lower and not requirement.specifier.contains(installed, prereleases=True):
            continue
        fix = _edits.unsafe("delete the line; the image's version stays", _edits.without(requirement))
        yield ctx.report(
            requirement.location(),
            "lower" if lower else "same",
            package=name,
            wanted=requirement.pin or str(requirement.specifier) or "any version",
            installed=installed,
            airflow=airflow,
            fix=fix,
            subject=name,
        )
