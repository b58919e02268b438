"""MW501 dbt-writes-in-dags."""

from __future__ import annotations

from posixpath import basename, relpath
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.dbt._places import Place, dbt_major, exported, places
from mwaalint.checks.dbt._project_fix import send_writes, writable_folders
from mwaalint.documents.dbt import read_dbt_project
from mwaalint.documents.yaml_nodes import YamlError, problem
from mwaalint.findings import Fix, Location, Safety
from mwaalint.model.deployment import Deployment
from mwaalint.records import record
from mwaalint.rewrites import BeginText

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.documents.dbt import DbtProjectFile
    from mwaalint.findings import Finding
    from mwaalint.model.dbt_runs import DbtRun

_LONGEST_COMMAND = 80
_PACKAGES = "packages-install-path"


@record
class _Site:
    """A place of the code that runs a project: its runs of dbt, the project's file and folder on MWAA, and where the
    runs write.
    """

    location: Location
    runs: tuple[DbtRun, ...]
    document: DbtProjectFile
    folder: str
    places: tuple[Place, ...]

    @property
    def written(self) -> dict[str, Place]:
        """The settings that leave writes in the DAGs folder."""
        return {place.setting: place for place in self.places if place.where == "inside"}


@check("MW501", on=Deployment)
def dbt_writes_in_dags(deployment: Deployment, ctx: Context) -> Iterator[Finding]:
    """A command of the DAG code that runs dbt in its project's folder below dags/, with nothing that sends what dbt
    writes elsewhere.
    """
    sites: list[_Site] = []
    for item in _sites(deployment, ctx):
        if isinstance(item, _Site):
            sites.append(item)
        else:
            yield item
    for site in sites:
        if site.written:
            yield _reported(site, sites, ctx)


def _sites(deployment: Deployment, ctx: Context) -> Iterator[_Site | Finding]:
    if deployment.dags_folder is None or not deployment.dbt_projects:
        return
    from mwaalint.model.dbt_runs import dbt_runs
    from mwaalint.model.dbt_values import Runtime

    variables = exported(deployment, ctx.project)
    if variables is None:
        return
    dags, home = str(ctx.catalog.fact("filesystem.dags.path")), str(ctx.catalog.fact("filesystem.airflow_home"))
    known = {"AIRFLOW_HOME": home, "HOME": home, "AIRFLOW__CORE__DAGS_FOLDER": dags}
    runtime = Runtime(dags, deployment.dags_folder, known, variables)
    table = ctx.catalog.table("dbt")["rows"]
    grouped: dict[tuple[Location, str], list[DbtRun]] = {}
    for run in dbt_runs(ctx.project, deployment.dbt_projects, runtime, table["commands"]):
        grouped.setdefault((run.location, run.project.file.path), []).append(run)
    for (location, _), runs in grouped.items():
        folder = runtime.path(runs[0].project.folder) or dags
        try:
            document = read_dbt_project(runs[0].project.file)
        except YamlError as error:
            yield problem(runs[0].project.file, error)
            continue
        found = [
            place
            for run in runs
            for place in places(run, document, folder=folder, dags=dags, exported=variables, table=table)
            if place.setting != _PACKAGES or _has_packages(run, ctx)
        ]
        yield _Site(location, tuple(runs), document, folder, tuple(found))


def _reported(site: _Site, sites: Sequence[_Site], ctx: Context) -> Finding:
    written = site.written
    alike = [other for other in sites if other.document.file is site.document.file]
    beside = [other for other in sites if other.location.path == site.location.path]
    moved = [place.setting for place in site.places if place.where == "outside" and place.setting not in written]
    return ctx.report(
        site.location,
        "partial" if moved else "default",
        related=_related(site),
        fix=_best(_fix(site, alike, ctx), _command_fix(site, beside, ctx)),
        subject=site.folder,
        command=_shortened(" && ".join(run.invocation.text for run in site.runs)),
        what=_listed([f"{relpath(place.path, site.folder)}/" for place in written.values()]),
        folder=site.folder,
        moved=_listed(list(dict.fromkeys(moved))),
    )


def _related(site: _Site) -> Iterator[Location]:
    path, absent = site.document.file.path, []
    for setting, place in site.written.items():
        entry = site.document.entry(setting)
        if entry is None:
            absent.append(setting)
        elif place.by_project:
            yield Location(path, entry.key_span, setting, f"{setting} stays in the project's folder")
    if absent:
        yield Location(path, note=f"the project sets no {' and no '.join(absent)}")


def _fix(site: _Site, alike: Sequence[_Site], ctx: Context) -> Fix | None:
    """Settings in dbt_project.yml for all places that run the project, where these settings decide.

    dbt 2.0 refuses two of them: without a sign of dbt 1 in the repository the fix is unsafe. It is so where packages
    move, too: what ``dbt deps`` installs in /tmp is not there for a task on another worker.
    """
    if not all(place.by_project for place in site.written.values()):
        return None
    needed = {name for other in alike for name, place in other.written.items() if place.by_project} - {_PACKAGES}
    settings = ctx.catalog.table("dbt")["rows"]["settings"]
    names = [name for name in settings if name in needed | set(site.written)]
    limits = [settings[name]["refused_from"] for name in names if settings[name]["refused_from"] is not None]
    major = dbt_major(site.document, ctx.deployment)
    if major is not None and any(major >= limit for limit in limits):
        return None
    safe = _PACKAGES not in site.written and (major is not None or not limits)
    return send_writes(site.document, _folders(names, site, ctx), Safety.SAFE if safe else Safety.UNSAFE)


def _best(project: Fix | None, command: Fix | None) -> Fix | None:
    """One change of the project rather than one of each command, unless only the latter is safe."""
    return project if project and (project.safety is Safety.SAFE or command is None) else command


def _command_fix(site: _Site, beside: Sequence[_Site], ctx: Context) -> Fix | None:
    """Sets dbt's variables where the command starts, for any dbt. Where another command of the file cannot be
    changed so, there is none: the variables would then be taken to reach that one, too.
    """
    unset = all(place.by_project for place in site.written.values()) and _PACKAGES not in site.written
    if not unset or not all(run.in_shell for other in beside if other.written for run in other.runs):
        return None
    settings = ctx.catalog.table("dbt")["rows"]["settings"]
    folders = _folders(list(site.written), site, ctx)
    words = [f"{settings[name]['variables'][0]}={path}" for name, path in folders.items()]
    rewrite = BeginText(site.location.path, site.location.span, " ".join(["export", *words]))
    return Fix(f"Export {' and '.join(word.partition('=')[0] for word in words)}", Safety.SAFE, rewrites=(rewrite,))


def _folders(names: Sequence[str], site: _Site, ctx: Context) -> dict[str, str]:
    """Where each setting may send its files."""
    folders = {name: str(ctx.catalog.fact(f"dbt.writable_settings.dbt_project_yml.{name}")) for name in names}
    return writable_folders(folders, site.folder, shared=len(ctx.deployment.dbt_projects) > 1)


def _has_packages(run: DbtRun, ctx: Context) -> bool:
    """Whether ``dbt deps`` has anything to install."""
    folder = run.project.file.path.removesuffix(basename(run.project.file.path))
    return any(ctx.project.get(f"{folder}{name}") for name in ("packages.yml", "dependencies.yml"))


def _shortened(command: str) -> str:
    return command if len(command) <= _LONGEST_COMMAND else f"{command[: _LONGEST_COMMAND - 1].rstrip()}…"


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
