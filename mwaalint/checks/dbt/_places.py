"""Where dbt's writes go: into the DAGs folder, somewhere else, or where the repository does not tell."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from posixpath import join, normpath
from typing import TYPE_CHECKING, Any, Literal

from mwaalint.discover import Role
from mwaalint.model.values import is_set, known
from mwaalint.patterns import regex
from mwaalint.records import record
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.discover import Project
    from mwaalint.documents.dbt import DbtProjectFile
    from mwaalint.model.dbt_runs import DbtRun
    from mwaalint.model.deployment import Deployment
    from mwaalint.source import SourceFile

Where = Literal["inside", "outside", "unknown"]
# Adapters that follow dbt-core's own versions.
_PINNED = regex(
    r"^[^#\n]*?\bdbt-(?:core|postgres|redshift|snowflake|athena(?:-community)?|bigquery|spark|databricks|glue)"
    r"[ \t]*(?:\[[^\]\n]*\])?[ \t]*(?:==|~=|===)[ \t]*(?P<major>\d{1,3})\.",
    re.M,
)


@record
class Place:
    """Where one setting sends a run's files. ``by_project`` when dbt_project.yml (or its silence) says so."""

    setting: str
    path: str
    where: Where
    by_project: bool = True


def exported(deployment: Deployment, project: Project) -> frozenset[str] | None:
    """The variables that the startup script sets; None when the environment has a script that the repository does not
    show. Where no environment is declared, any script may be the one.
    """
    return _exports(scripts) if (scripts := _scripts(deployment, project)) is not None else None


def _scripts(deployment: Deployment, project: Project) -> list[SourceFile] | None:
    if deployment.startup_script:
        return [deployment.startup_script]
    if deployment.environment is None:
        return [*project.with_role(Role.SHELL)]
    path = deployment.environment.startup_script_s3_path
    if not is_set(path):
        return []
    key = known(path, str) or ""
    named = [file for file in project.with_role(Role.SHELL) if PurePosixPath(file.path).name == PurePosixPath(key).name]
    return named or None


def _exports(files: list[SourceFile]) -> frozenset[str] | None:
    """The variables that any of the scripts exports; None where one of them is no shell that can be read."""
    from mwaalint.model.startup import exported_names

    found: set[str] = set()
    for file in files:
        names = exported_names(file)
        if names is None:
            return None
        found |= names
    return frozenset(found)


def dbt_major(document: DbtProjectFile, deployment: Deployment) -> int | None:
    """The major version of dbt that runs a project; None when the repository does not tell."""
    if document.newest_major is not None:
        return document.newest_major
    files = [deployment.requirements.file if deployment.requirements else None, deployment.startup_script]
    majors = {int(match["major"]) for file in files if file for match in _PINNED.finditer(_text(file))}
    return max(majors, default=None)


def places(
    run: DbtRun, document: DbtProjectFile, *, folder: str, dags: str, exported: frozenset[str], table: Mapping[str, Any]
) -> Iterator[Place]:
    """Where each of the run's writes goes. ``folder`` is the project's on MWAA."""
    for name in table["commands"][run.invocation.subcommand]:
        setting = table["settings"][name]
        stated = _stated(run, setting)
        if stated is not None:
            # dbt takes a log folder from where it is started, all else from the project.
            base = run.invocation.folder if name == "log-path" else folder
            yield _place(name, stated, base, dags, by_project=False)
        elif not run.invocation.certain or _mentioned(run, setting):
            yield Place(name, "", "unknown", by_project=False)
        elif exported & set(setting["variables"]):
            yield Place(name, "", "outside", by_project=False)
        else:
            yield _by_project(name, setting["default"], document, folder, dags)


def _stated(run: DbtRun, setting: Mapping[str, Any]) -> str | None:
    """What the command itself says, by an option or by a variable it sets."""
    option = run.invocation.option(setting["option"])
    if option is not None:
        return option
    return next(
        (run.invocation.variables[name] for name in setting["variables"] if name in run.invocation.variables), None
    )


def _mentioned(run: DbtRun, setting: Mapping[str, Any]) -> bool:
    """Whether the file speaks of the variable in a way that was not followed to this command."""
    return any(name in run.file.text for name in setting["variables"])


def _by_project(name: str, default: str, document: DbtProjectFile, folder: str, dags: str) -> Place:
    text = document.text(name)
    if text is None and document.entry(name) is not None:
        return Place(name, "", "unknown")
    return _place(name, text or default, folder, dags, by_project=True)


def _place(name: str, path: str, base: str, dags: str, *, by_project: bool) -> Place:
    from mwaalint.model.dbt_shell import HOLE

    if HOLE in path or "{{" in path:
        return Place(name, path, "unknown", by_project)
    absolute = normpath(join(base, path))
    inside = absolute == dags or absolute.startswith(f"{dags}/")
    return Place(name, absolute, "inside" if inside else "outside", by_project)


def _text(file: SourceFile) -> str:
    try:
        return file.text
    except UnreadableFileError:
        return ""
