"""MW110 relative-include-not-shipped."""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.requirements import _edits
from mwaalint.discover import Role
from mwaalint.model.install import DAGS_ON_MWAA, InstallPlan
from mwaalint.model.values import Absent
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding, Fix
    from mwaalint.model.includes import Include

_PROGRAMS = (Role.PYTHON, Role.SHELL, Role.DEPLOY, Role.TERRAFORM, Role.CLOUDFORMATION)


@check("MW110", on=InstallPlan)
def relative_include_not_shipped(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """A ``-r`` or ``-c`` whose file is not on the container: MWAA copies the one requirements file only."""
    for include in _reached(plan):
        option = include.option
        message = _message(include, ctx)
        if message is None:
            continue
        fix = _fix(include, ctx) if message == "relative" else None
        yield ctx.report(
            option.location(),
            message,
            option=option.name,
            file=option.value,
            folder=ctx.deployment.dags_folder or "the repository's root",
            fix=fix,
            subject=option.value or "",
        )


def _reached(plan: InstallPlan) -> Iterator[Include]:
    """The includes of files that are on the container; what the others name, pip never gets to see."""
    there = {include.path for include in plan.includes if include.place in ("dags", "plugins")}
    for include in plan.includes:
        if include.option.file is plan.document.file or include.option.file.path in there:
            yield include


def _message(include: Include, ctx: Context) -> str | None:
    match include.place:
        case "relative":
            return "relative"
        case "dags":
            return "missing" if _missing_from_dags(include, ctx) else None
        case "elsewhere":
            return "elsewhere" if _nothing_puts_it_there(include, ctx) else None
        case _:
            return None


def _missing_from_dags(include: Include, ctx: Context) -> bool:
    """Whether the DAGs folder is known and shipped from here, and nothing hints at a file that is made on the way."""
    folder = ctx.deployment.dags_folder
    if include.path is None or include.file is not None or folder is None or not ctx.project.has_folder(folder):
        return False
    # A file that git ignores is made by a build; one that some program names may be made by it.
    return not ctx.project.exists(include.path) and not _is_named_in_programs(basename(include.path), ctx)


def _is_named_in_programs(name: str, ctx: Context) -> bool:
    wanted = name.encode()
    for role in _PROGRAMS:
        for file in ctx.project.with_role(role):
            try:
                if wanted in file.data:
                    return True
            except UnreadableFileError:
                continue
    return False


def _nothing_puts_it_there(include: Include, ctx: Context) -> bool:
    """Only a startup script could write to other places, and only MWAA's own files are there already."""
    environment = ctx.deployment.environment
    if environment is None or not isinstance(environment.startup_script_s3_path, Absent):
        return False
    return "mwaa" not in include.target.lower() and "airflow_constraints" not in include.target


def _fix(include: Include, ctx: Context) -> Fix | None:
    """The absolute path, when the file lies in the DAGs folder and so reaches the container."""
    folder, file = ctx.deployment.dags_folder, include.file
    if file is None or folder is None or not file.path.startswith(f"{folder}/" if folder else ""):
        return None
    absolute = DAGS_ON_MWAA + file.path.removeprefix(f"{folder}/" if folder else "")
    return _edits.safe(f"Use the path {absolute}", _edits.with_value(include.option, absolute))
