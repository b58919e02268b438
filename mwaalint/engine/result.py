"""What a run found: the one thing every report, the fixer and the exit code are made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mwaalint.engine.known import Entry
    from mwaalint.findings import Finding, Severity
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


class Since(NamedTuple):
    """The commit a run was compared with, and how many findings it left out because they were there then."""

    ref: str
    known: int


@dataclass(frozen=True, slots=True)
class RunResult:
    """Everything one run found below ``root``.

    ``findings`` are those that count, sorted by path, position and code; ``suppressed`` those that do not, each with
    its ``suppression``. ``sources`` holds the files the findings are in, by path. ``crashed`` says that a check raised,
    which is also an MW002 finding. ``version`` is mwaalint's own. ``since`` is None for a run without a base,
    ``baseline`` for one without a baseline. ``today`` is the day to judge dates by; ``ran`` are the codes of the rules
    that had something to look at, ``unfinished`` those that could not look at all of it.
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

    def fails(self, threshold: Severity) -> bool:
        """Whether a finding that counts is at least as bad as ``threshold``."""
        return any(finding.severity >= threshold for finding in self.findings)
