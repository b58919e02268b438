"""MW102 dbt-vs-constraints."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.requirements._constraints import as_sure_as_reported
from mwaalint.checks.requirements._dbt_requirements import CORE, Collision, DbtVersions
from mwaalint.findings import Confidence
from mwaalint.model.install import InstallPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.requirements import Requirement
    from mwaalint.findings import Finding, Location

_WHOSE = {"essential": "MWAA's essential constraints", "mwaa": "MWAA's own constraints"}


@check("MW102", on=InstallPlan)
def dbt_vs_constraints(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """dbt beside Airflow where no version that a line allows fits the constraints. One finding a file."""
    if not any("dbt" in requirement.text.lower() for requirement in plan.requirements):
        return
    versions = DbtVersions(plan, ctx.catalog.table("dbt-requirements"))
    found = [(line, why) for line in plan.requirements if (why := versions.collision(line))]
    if found:
        # dbt-core is what has to go or change; the adapters only follow it.
        first, why = next((item for item in found if item[0].name == CORE), found[0])
        others = [line.location().noted("cannot be installed either") for line, _ in found if line is not first]
        yield _with_confidence(_report(first, why, others, ctx), why, ctx)


def _report(line: Requirement, why: Collision, others: list[Location], ctx: Context) -> Finding:
    name = line.name or line.text
    return ctx.report(
        line.location(),
        "pinned" if line.pin else "open",
        related=others,
        package=f"{name} {line.pin}" if line.pin else name,
        wanted=", which needs ".join(why.wanted),
        constraints=_WHOSE.get(why.pin.source, "the constraints"),
        blocking=why.name,
        version=why.pin.version,
        subject=name,
    )


def _with_confidence(finding: Finding, why: Collision, ctx: Context) -> Finding:
    """Medium where the constraints are not known for sure, or where only the table's date tells that none fits."""
    if why.pin.source == "mwaa":
        finding = as_sure_as_reported(finding, ctx)
    approximate = why.pin.constraint is not None and why.pin.constraint.approximate
    return replace(finding, confidence=Confidence.MEDIUM) if approximate else finding
