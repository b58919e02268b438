"""What the rules on constraints share: which pins stand against a requirement, and the line that is missing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.checks.requirements._edits import safe, unsafe, with_first_line
from mwaalint.findings import Confidence, Location
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mwaalint.catalog import Catalog, Release
    from mwaalint.checks._api import Context
    from mwaalint.documents.requirements import Requirement
    from mwaalint.findings import Finding, Fix
    from mwaalint.model.install import InstallPlan, Pin

_AIRFLOW_AND_PYTHON = regex(
    r"(?P<before>constraints-)[^/]+(?P<between>/constraints-(?:[a-z-]+-)?)\d+\.\d+(?P<after>\.txt)", re.IGNORECASE
)


class Contradiction(NamedTuple):
    """A requirement and the pin that its own versions exclude."""

    requirement: Requirement
    pin: Pin


def excluded_pin(requirement: Requirement, pins: Mapping[str, str]) -> str | None:
    """The version the pins give the package, when the requirement's own versions leave it out."""
    version = pins.get(requirement.name or "")
    return version if version is not None and requirement.url is None and excludes(requirement, version) else None


def excludes(requirement: Requirement, version: str) -> bool:
    """Whether the requirement's own versions leave that one out."""
    return not requirement.specifier.contains(version, prereleases=True)


def contradictions(plan: InstallPlan) -> list[Contradiction]:
    """Every requirement that an enforced pin contradicts, in order."""
    found = ((requirement, plan.conflict(requirement)) for requirement in plan.requirements)
    return [Contradiction(requirement, pin) for requirement, pin in found if pin is not None]


def upstream_pins(catalog: Catalog, airflow: str | None) -> Mapping[str, str]:
    """What Airflow's own constraints file pins, which differs from MWAA's copy here and there; {} when not
    catalogued.
    """
    pins = catalog.pins(airflow) if airflow else None
    if pins is None:
        return {}
    differing: Mapping[str, str] = catalog.table("upstream-differences")["rows"].get(airflow, {})
    return {**pins.constraints, **differing}


def written(requirement: Requirement) -> str:
    """The requirement as the author wrote it, without extras, marker and options."""
    file = requirement.file
    name = file.slice(requirement.name_span) if requirement.name_span else requirement.name or requirement.text
    versions = file.slice(requirement.specifier_span) if requirement.specifier_span else ""
    return f"{name}{''.join(versions.split())}"


def has_active_constraint(plan: InstallPlan) -> bool:
    """Whether the author gives pip a constraints file."""
    return any(source.option for source in plan.constraints)


def first_line(plan: InstallPlan) -> Location:
    """Where a constraint line belongs; an empty line is shown by its newline."""
    file = plan.document.file
    span = file.line_span(1)
    return Location(file.path, span if span.end > span.start else file.span(0, 1))


def add_constraint(plan: InstallPlan, ctx: Context) -> Fix | None:
    """Puts Airflow's constraints for the environment's version on the first line.

    None when the version is not known and when a requirement contradicts what is enforced then.
    Unsafe where MWAA adds no constraints by itself, and where an index of one's own hints at a network that does not
    reach GitHub.
    """
    airflow = ctx.deployment.target.airflow
    release = ctx.catalog.release(airflow) if airflow else None
    if airflow is None or release is None or contradictions(plan):
        return None
    pins = upstream_pins(ctx.catalog, airflow)
    if any(excluded_pin(line, pins) for line in plan.requirements):
        return None
    harmless = ctx.catalog.forces_constraints(airflow) and not plan.document.options_named("--index-url")
    edit = with_first_line(plan.document.file, f'--constraint "{release.constraints_url}"')
    return (safe if harmless else unsafe)(f"add the constraints of Airflow {airflow}", edit)


def for_release(url: str, release: Release) -> str:
    """A URL of Airflow's constraints with another Airflow and Python version, otherwise as it was."""
    return _AIRFLOW_AND_PYTHON.sub(rf"\g<before>{release.airflow}\g<between>{release.python}\g<after>", url, count=1)


def as_sure_as_reported(finding: Finding, ctx: Context) -> Finding:
    """Medium confidence where only users, not AWS, say that MWAA forces its constraints."""
    from mwaalint.catalog import version_key

    documented = str(ctx.catalog.fact("constraints.forced.documented_from"))
    airflow = ctx.deployment.target.airflow
    if airflow is None or version_key(airflow) >= version_key(documented):
        return finding
    return replace(finding, confidence=Confidence.MEDIUM)
