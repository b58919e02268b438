"""MW123 already-in-base-image."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.requirements import _edits
from mwaalint.checks.requirements._names import in_image, named, pulled_in
from mwaalint.findings import Confidence
from mwaalint.model.install import InstallPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.requirements import Requirement
    from mwaalint.findings import Finding

_FROM_BELOW = (">=", ">", "!=")


@check("MW123", on=InstallPlan, needs_version=True)
def already_in_base_image(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """A line for a package that MWAA's image already brings: it changes nothing, or it takes a step back."""
    airflow = ctx.deployment.target.airflow
    pins = ctx.catalog.pins(airflow) if airflow else None
    if pins is None:
        return
    transitive = pulled_in(plan)
    for requirement, name in named(plan):
        installed = in_image(pins, name)
        if installed is None or requirement.extras or requirement.hashes or id(requirement) in transitive:
            continue
        message = _message(plan, requirement, installed)
        if message is None:
            continue
        fix = _edits.unsafe("Delete the line; the image's version stays", _edits.without(requirement))
        finding = ctx.report(
            requirement.location(),
            message,
            package=name,
            wanted=str(requirement.specifier),
            installed=installed,
            airflow=airflow,
            fix=fix,
            subject=name,
        )
        # What an older image brings was worked out from its providers' needs, not seen in it.
        yield finding if name in pins.preinstalled else replace(finding, confidence=Confidence.MEDIUM)


def _message(plan: InstallPlan, requirement: Requirement, installed: str) -> str | None:
    """same, lower, or None where the line has an effect of its own or a constraint decides instead."""
    enforced = {pin.version for pin in plan.pinned_by(requirement.name or "")}
    admits = requirement.specifier.contains(installed, prereleases=True)
    if enforced:
        return "same" if admits and all(_equal(version, installed) for version in enforced) else None
    if not plan.constraints_known:
        return None
    if admits:
        # With nothing else to hold the version, a line with an upper bound keeps other packages from raising it.
        return "same" if all(part.operator in _FROM_BELOW for part in requirement.specifier) else None
    return "lower" if _caps_below(requirement, installed) else None


def _caps_below(requirement: Requirement, installed: str) -> bool:
    """Whether some part of the line admits older versions only."""
    from packaging.version import InvalidVersion, Version

    for part in requirement.specifier:
        try:
            older = Version(part.version.removesuffix(".*")) <= Version(installed)
        except InvalidVersion:
            continue
        if older and part.operator not in _FROM_BELOW and not part.contains(installed, prereleases=True):
            return True
    return False


def _equal(one: str, other: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return one == other
