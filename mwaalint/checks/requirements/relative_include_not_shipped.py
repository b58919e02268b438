"""MW110 relative-include-not-shipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.requirements import _edits
from mwaalint.model.install import DAGS_ON_MWAA, InstallPlan, in_repository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.requirements import Option
    from mwaalint.findings import Finding, Fix


@check("MW110", on=InstallPlan)
def relative_include_not_shipped(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """A ``-r`` or ``-c`` whose file is not on the container: MWAA copies the one requirements file only."""
    for name in ("--constraint", "--requirement"):
        for option in plan.document.options_named(name):
            value = option.value or ""
            if "$" in value or "://" in value:
                continue
            if not value.startswith("/"):
                fix = _fix(option, ctx)
                yield ctx.report(option.location(), "relative", option=name, file=value, fix=fix, subject=value)
            elif _missing_from_dags(value, ctx):
                folder = ctx.deployment.dags_folder
                yield ctx.report(option.location(), "missing", option=name, file=value, folder=folder, subject=value)


def _missing_from_dags(value: str, ctx: Context) -> bool:
    """Whether the path lies in the DAGs folder, the folder is known and shipped from here, and has no such file."""
    folder = ctx.deployment.dags_folder
    if not value.startswith(DAGS_ON_MWAA) or folder is None or not ctx.project.has_folder(folder):
        return False
    return ctx.project.get(f"{folder}/{value[len(DAGS_ON_MWAA) :]}") is None


def _fix(option: Option, ctx: Context) -> Fix | None:
    """The absolute path, when the file lies in the DAGs folder and so reaches the container."""
    folder = ctx.deployment.dags_folder
    file = in_repository(option.value or "", option.file, ctx.project, folder)
    if file is None or folder is None or not file.path.startswith(f"{folder}/"):
        return None
    absolute = DAGS_ON_MWAA + file.path[len(folder) + 1 :]
    return _edits.safe(f"name it as {absolute}", _edits.with_value(option, absolute))
