"""MW105: a constraint line for another Airflow than the environment's."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from mwaalint.checks._api import check
from mwaalint.checks.requirements._constraints import for_release
from mwaalint.checks.requirements._edits import safe, with_value, without
from mwaalint.model.install import InstallPlan
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.checks._api import Context
    from mwaalint.documents.requirements import Option
    from mwaalint.findings import Finding, Fix
    from mwaalint.model.install import ConstraintSource


@check("MW105", on=InstallPlan)
def constraint_airflow_version_mismatch(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    if ctx.deployment.target.airflow is None:
        yield from _two_versions(plan, ctx)
        return
    for source in plan.constraints:
        message = _mismatch(source, ctx.deployment.target.airflow, ctx)
        if message and source.option:
            yield _finding(plan, source, source.option, message, ctx)


def _mismatch(source: ConstraintSource, airflow: str, ctx: Context) -> str | None:
    if source.option is None or source.ref in (None, airflow):
        return None
    if source.kind == "upstream":
        return "default" if source.airflow else "branch"
    if ctx.catalog.release(source.ref or "") is None or _speaks_of(source, airflow, ctx):
        return None  # "constraints-3.11.4.txt" names a Python
    return "named"


def _speaks_of(source: ConstraintSource, airflow: str, ctx: Context) -> bool:
    """Whether a file of the repository says inside that it is for that version; its name may be older than it is."""
    file = ctx.project.get(source.path) if source.path else None
    try:
        return file is not None and airflow in file.text
    except UnreadableFileError:
        return True


def _finding(plan: InstallPlan, source: ConstraintSource, option: Option, message: str, ctx: Context) -> Finding:
    origin, airflow = ctx.deployment.target.origin, ctx.deployment.target.airflow
    return ctx.report(
        option.location(),
        message,
        related=[origin.noted(f"the environment's version: Airflow {airflow}")] if origin else [],
        fix=_fix(plan, option, ctx) if source.kind == "upstream" else None,
        subject=option.value or "",
        named=source.ref,
        airflow=airflow,
    )


def _fix(plan: InstallPlan, option: Option, ctx: Context) -> Fix | None:
    release = ctx.catalog.release(ctx.deployment.target.airflow or "")
    if release is None:
        return None
    value = for_release(option.value or "", release)
    if any(other.option and other.option.value == value for other in plan.constraints):
        return safe(f"Keep only the constraints of Airflow {release.airflow}", without(option))
    return safe(f"Use the constraints of Airflow {release.airflow}", with_value(option, value))


def _two_versions(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """Two published constraints files for different versions cannot both be right, whatever the environment's is."""
    published = [source for source in plan.constraints if source.kind == "upstream" and source.option]
    for first, other in pairwise(published):
        if first.option and other.option and first.ref != other.ref:
            yield ctx.report(
                other.option.location(),
                "two",
                related=[first.option.location().noted("the other constraints file")],
                subject=other.option.value or "",
                first=first.ref,
                second=other.ref,
            )
