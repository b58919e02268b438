"""MW106: a constraint line for another Python than MWAA's, in the file or in a script that writes the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import check
from mwaalint.checks.requirements._constraints import for_release
from mwaalint.checks.requirements._edits import replaced, safe, unsafe, with_value
from mwaalint.checks.requirements._written_lines import projects_for_another_python, written_constraints
from mwaalint.model.deployment import Deployment
from mwaalint.model.install import plan_install

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.catalog import Release
    from mwaalint.checks._api import Context
    from mwaalint.checks.requirements._written_lines import WrittenConstraint
    from mwaalint.findings import Finding
    from mwaalint.model.install import ConstraintSource


@check("MW106", on=Deployment)
def constraint_python_mismatch(deployment: Deployment, ctx: Context) -> Iterator[Finding]:
    yield from _in_the_file(deployment, ctx)
    if deployment.environment is not None:
        for line in written_constraints(ctx.project):
            release = _judged_by(line.airflow, ctx)
            if release is not None and line.python != release.python:
                yield _in_a_script(line, release, ctx)


def _in_the_file(deployment: Deployment, ctx: Context) -> Iterator[Finding]:
    if deployment.requirements is None:
        return
    plan = plan_install(
        deployment.requirements,
        project=ctx.project,
        catalog=ctx.catalog,
        target=deployment.target,
        dags_folder=deployment.dags_folder,
    )
    for source in plan.constraints:
        release = _judged_by(source.airflow, ctx)
        if source.option and source.python and release and source.python != release.python:
            yield from _of_option(source, release, ctx)


def _of_option(source: ConstraintSource, release: Release, ctx: Context) -> Iterator[Finding]:
    option = source.option
    if option is None or "://" not in (option.value or ""):
        return
    edit = with_value(option, for_release(option.value or "", release))
    yield ctx.report(
        option.location(),
        fix=safe(f"Use the constraints for Python {release.python}", edit) if source.kind == "upstream" else None,
        subject=option.value or "",
        named=source.python,
        airflow=release.airflow,
        python=release.python,
    )


def _in_a_script(line: WrittenConstraint, release: Release, ctx: Context) -> Finding:
    edit = replaced(line.file, line.span, for_release(line.url, release))
    return ctx.report(
        line.location(),
        "script",
        related=projects_for_another_python(line.file, release.python, ctx.project),
        fix=unsafe(f"Use the constraints for Python {release.python}", edit),
        subject=line.url,
        named=line.python,
        airflow=release.airflow,
        python=release.python,
    )


def _judged_by(airflow: str | None, ctx: Context) -> Release | None:
    """The release a constraint line is for, None when it is for another one than the environment's: that is MW105."""
    if airflow is None or ctx.deployment.target.airflow not in (None, airflow):
        return None
    return ctx.catalog.release(airflow)
