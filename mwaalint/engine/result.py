"""What a run found: the one thing every report, the fixer and the exit code are made from."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mwaalint.engine.known import Entry
    from mwaalint.findings import Confidence, Finding, Location, Severity
    from mwaalint.model.deployment import Deployment
    from mwaalint.rulebook import Rulebook
    from mwaalint.source import SourceFile


class Notice(NamedTuple):
    """Something said once a run rather than at a place: ``kind`` is a short identifier, ``message`` a sentence.

    ``path`` is the file it is about, relative to the project's root, if it is about one.
    """

    kind: str
    message: str
    path: str | None = None


class Accepted(NamedTuple):
    """What the baseline took out of the findings, and its entries that are repaired."""

    name: str
    findings: tuple[Finding, ...]
    stale: tuple[Entry, ...]


class Declared(NamedTuple):
    """Where an environment is declared, and in what."""

    symbol: str
    dialect: str
    variant: str
    location: Location


class Described(NamedTuple):
    """A deployment as reports speak of it.

    ``declared`` is None when only the layout of the folders tells of MWAA. ``evidence`` says why ``requirements`` are
    taken for MWAA's. The rest is as in ``Deployment`` and its target; files are paths.
    """

    label: str
    declared: Declared | None
    airflow: str | None
    python: str | None
    source: str
    confidence: Confidence
    origin: Location | None
    requirements: str | None = None
    evidence: tuple[str, Confidence] | None = None
    dags_folder: str | None = None
    plugins_folder: str | None = None
    startup_script: str | None = None
    dbt_projects: tuple[str, ...] = ()


def described(deployment: Deployment) -> Described:
    """What reports say of a deployment."""
    target, environment, script = deployment.target, deployment.environment, deployment.startup_script
    requirements, evidence = deployment.requirements, deployment.requirements_evidence
    return Described(
        deployment.label,
        Declared(environment.symbol, environment.dialect, environment.variant, environment.location)
        if environment
        else None,
        target.airflow,
        target.python,
        target.source,
        target.confidence,
        target.origin,
        requirements.file.path if requirements else None,
        (evidence.reason, evidence.confidence) if requirements and evidence else None,
        deployment.dags_folder,
        deployment.plugins_folder,
        script.path if script else None,
        tuple(project.file.path for project in deployment.dbt_projects),
    )


class Since(NamedTuple):
    """The commit a run was compared with, and how many findings it left out because they were there then."""

    ref: str
    known: int


@record
class RunResult:
    """Everything one run found below ``root``.

    ``findings`` are those that count, sorted by path, position and code; ``suppressed`` those that do not, each with
    its ``suppression``. ``sources`` holds the files the findings are in, by path. ``crashed`` says that a check raised,
    which is also an MW002 finding. ``version`` is mwaalint's own. ``since`` is None for a run without a base,
    ``baseline`` for one without a baseline. ``today`` is the day to judge dates by; ``ran`` are the codes of the rules
    that had something to look at, ``unfinished`` those that could not look at all of it. ``remembered`` tells that all
    of it is from the cache: then there are no ``deployments``, and it is what describes them.
    """

    root: Path
    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    sources: Mapping[str, SourceFile]
    deployments: tuple[Deployment, ...]
    notices: tuple[Notice, ...]
    crashed: bool
    rulebook: Rulebook
    version: str
    files_analysed: int
    since: Since | None = None
    baseline: Accepted | None = None
    today: date = date.min
    ran: frozenset[str] = frozenset()
    unfinished: frozenset[str] = frozenset()
    remembered: tuple[Described, ...] | None = None

    @property
    def described(self) -> tuple[Described, ...]:
        """The deployments as reports speak of them."""
        return tuple(map(described, self.deployments)) if self.remembered is None else self.remembered

    def fails(self, threshold: Severity) -> bool:
        """Whether a finding that counts is at least as bad as ``threshold``."""
        return any(finding.severity >= threshold for finding in self.findings)
