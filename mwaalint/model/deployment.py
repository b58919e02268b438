"""A deployment: an environment with the files it runs, and the Airflow and Python they must fit."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from mwaalint.findings import Confidence
from mwaalint.model.related import Related
from mwaalint.records import record

if TYPE_CHECKING:
    from mwaalint.documents.requirements import RequirementsFile
    from mwaalint.findings import Location
    from mwaalint.model.deploy_commands import DeploySteps
    from mwaalint.model.environment import Environment, Upload
    from mwaalint.model.local_runner import LocalRunner
    from mwaalint.source import SourceFile


@record
class Target:
    """The Airflow and Python versions a deployment runs ("2.10.3", "3.11"); None when nothing in the repository tells.

    ``source`` says in words how it is known; ``confidence`` is medium when one inference stands between.
    """

    airflow: str | None = None
    python: str | None = None
    source: str = ""
    confidence: Confidence = Confidence.HIGH
    origin: Location | None = None


@record
class Evidence:
    """Why a file is taken for the one MWAA installs, in words, and how strong that is."""

    reason: str
    confidence: Confidence


@record
class DbtProject:
    """A ``dbt_project.yml`` and the folder it describes, relative to the project's root."""

    file: SourceFile
    folder: str


@record
class Deployment:
    """What one environment runs. ``environment`` is None when only the layout of the folders tells of MWAA.

    Folders are relative to the project's root, None when not known ("" is the root itself). ``updated_versions`` names
    the object-version arguments that a deploy step passes to MWAA by itself. ``startup_rendered``: Terraform fills
    placeholders of the script in. ``steps`` are the commands that the repository deploys with, None without any.
    ``local`` is what runs its DAGs on a laptop as MWAA would, None without.
    ``related`` are the resources that the environment's arguments lead to; ``code`` tells that there are Python files
    at all. ``installed`` are the requirements files of all deployments of the project, with "" where one has none that
    is known. ``previous`` is the same deployment at the commit that ``--base`` names, None without one and when it is
    new.
    """

    target: Target
    environment: Environment | None = None
    requirements: RequirementsFile | None = None
    requirements_evidence: Evidence | None = None
    dags_folder: str | None = None
    plugins_folder: str | None = None
    startup_script: SourceFile | None = None
    startup_evidence: Evidence | None = None
    startup_rendered: bool = False
    dbt_projects: tuple[DbtProject, ...] = ()
    uploads: tuple[Upload, ...] = ()
    updated_versions: frozenset[str] = frozenset()
    steps: DeploySteps | None = None
    local: LocalRunner | None = None
    related: Related = field(default_factory=Related)
    code: bool = True
    installed: frozenset[str] = frozenset()
    previous: Deployment | None = None

    @property
    def label(self) -> str:
        """How findings name it: the environment's label, else nothing."""
        return self.environment.label if self.environment else ""
