"""MW229: another Airflow version, and the requirements are still those for the old one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._changes import change_of
from mwaalint.checks.environment._values import argument_elsewhere
from mwaalint.model.install import InstallPlan
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.constraints import ConstraintSource
    from mwaalint.source import SourceFile

_SHOWN = 3


@check("MW229", on=InstallPlan, needs_version=True)
def upgrade_without_constraint_change(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """Reports the change of version where the same requirements were made for the version before."""
    environment, before = ctx.deployment.environment, ctx.deployment.previous
    change = change_of("airflow_version", ctx.deployment)
    if environment is None or before is None or change is None or ctx.deployment.target.airflow != change.new:
        return
    if before.requirements is None or not _same(plan.document.file, before.requirements.file):
        return
    if any(not _as_before(document.file, ctx) for document in plan.documents if document is not plan.document):
        return
    written = [source for source in plan.constraints if source.option]
    if any(not _of_another(source, change.new, ctx) for source in written):
        return
    unchecked = [] if written else _unchecked(plan, ctx)
    if not written and not unchecked:
        return
    origin = change.value.origin
    elsewhere = argument_elsewhere(environment, "airflow_version", origin, ctx.project)
    yield ctx.report(
        origin,
        "default" if written else "pins",
        related=[*elsewhere, *(source.option.location().noted("unchanged") for source in written if source.option)],
        subject=plan.document.file.path,
        old=change.old,
        new=change.new,
        path=plan.document.file.path,
        pins=", ".join(unchecked[:_SHOWN]) + (f" and {len(unchecked) - _SHOWN} more" * (len(unchecked) > _SHOWN)),
    )


def _as_before(file: SourceFile, ctx: Context) -> bool:
    then = ctx.past.get(file.path) if ctx.past else None
    return then is not None and _same(file, then)


def _same(file: SourceFile, then: SourceFile) -> bool:
    """Whether two files hold the same lines; git may have changed the newlines on the way."""
    try:
        return file.text.splitlines() == then.text.splitlines()
    except UnreadableFileError:
        return False


def _of_another(source: ConstraintSource, airflow: str, ctx: Context) -> bool:
    """Whether the constraints are certainly not those of the new version."""
    if source.kind == "upstream":
        return source.airflow is not None and source.airflow != airflow
    file = ctx.project.get(source.path) if source.kind == "local" and source.path else None
    try:
        return file is not None and source.pins is not None and airflow not in file.text
    except UnreadableFileError:
        return False


def _unchecked(plan: InstallPlan, ctx: Context) -> list[str]:
    """The pins that MWAA's constraints of the new version say nothing of."""
    pins = ctx.catalog.pins(ctx.deployment.target.airflow or "")
    covered = {*pins.constraints, *pins.essential} if pins else set()
    return [
        f"{requirement.name}=={requirement.pin}"
        for requirement in plan.requirements
        if requirement.pin
        and requirement.name
        and requirement.name not in covered
        and requirement.name != "apache-airflow"
    ]
