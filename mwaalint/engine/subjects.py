"""The subjects of checks: what is read for them, where they are, and why their files are taken for MWAA's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.findings import Location, not_analysed
from mwaalint.model.deploy_commands import DeploySteps
from mwaalint.model.environment import Environment
from mwaalint.model.local_runner import LocalRunner
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.catalog import Catalog
    from mwaalint.findings import Finding
    from mwaalint.model.deployment import Deployment, Evidence
    from mwaalint.model.startup import StartupScript


def startup_script(deployment: Deployment, catalog: Catalog) -> Iterator[StartupScript | Finding]:
    """The deployment's startup script, followed through as far as it can be read, and what cannot."""
    file = deployment.startup_script
    if file is None:
        return
    from mwaalint.documents import shell
    from mwaalint.model.startup import read_startup

    try:
        document = shell.parse(file, rendered=deployment.startup_rendered)
    except UnreadableFileError as error:
        yield not_analysed(file.path, str(error))
        return
    if document.error is not None:
        line = file.position(document.error.start).line
        yield not_analysed(file.path, f"it cannot be parsed as a shell script from line {line} on")
    variables = catalog.table("container-variables")["rows"]
    yield read_startup(document, deployment.environment, variables)


def evidence_of(subject: object, deployment: Deployment) -> Evidence | None:
    """Why the files of a subject are taken for those that MWAA uses."""
    if isinstance(subject, Environment | DeploySteps | LocalRunner):
        return None
    return deployment.startup_evidence if _is_startup_script(subject, deployment) else deployment.requirements_evidence


def place_of(subject: object, deployment: Deployment) -> Location:
    """Where a finding stands that is about a subject as a whole."""
    if isinstance(subject, Environment):
        return subject.location
    if isinstance(subject, DeploySteps):
        return subject.steps[0].location
    if isinstance(subject, LocalRunner):
        return Location(subject.path)
    if deployment.startup_script and _is_startup_script(subject, deployment):
        return Location(deployment.startup_script.path)
    if deployment.requirements:
        return Location(deployment.requirements.file.path)
    return deployment.environment.location if deployment.environment else Location(".")


def _is_startup_script(subject: object, deployment: Deployment) -> bool:
    if deployment.startup_script is None:
        return False
    from mwaalint.model.startup import StartupScript

    return isinstance(subject, StartupScript)
