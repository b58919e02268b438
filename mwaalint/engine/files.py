"""The files that a run speaks of: what a report may quote, and what was asked for in vain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.discover import Role
from mwaalint.findings import not_analysed
from mwaalint.model.deployed_code import code_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mwaalint.discover import Project
    from mwaalint.findings import Finding
    from mwaalint.model.deployment import Deployment


def unread(project: Project, deployments: Iterable[Deployment], told: set[str]) -> Iterator[Finding]:
    """The files of the deployments that a check or a reader asked for and could not have."""
    failed = [file for file in project.files.values() if file.problem and file.path not in told]
    if not failed:
        return
    paths = {path for deployment in deployments for path in _files_of(deployment)}
    for deployment in deployments:
        code = code_files(deployment, project)
        paths |= code.dags.keys() | code.plugins.keys()
    yield from (not_analysed(file.path, file.problem) for file in failed if file.path in paths)


def _files_of(deployment: Deployment) -> Iterator[str]:
    if deployment.environment:
        yield deployment.environment.location.path
    if deployment.requirements:
        yield deployment.requirements.file.path
    if deployment.startup_script:
        yield deployment.startup_script.path
    yield from (dbt.file.path for dbt in deployment.dbt_projects)


def sources_of(project: Project, deployments: Iterable[Deployment]) -> frozenset[str]:
    """The files that a report may quote beside those with findings: what the deployments are made of, and what was read
    because it could declare one.
    """
    paths = {path for deployment in deployments for path in _files_of(deployment)}
    for role in (Role.TERRAFORM, Role.CLOUDFORMATION):
        paths |= {file.path for file in project.with_role(role) if file.was_read}
    return frozenset(paths)
