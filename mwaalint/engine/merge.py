"""Findings of several environments brought together: said once, in reading order, with the fixes that suit all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.findings import Finding, fingerprint, numbered

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from mwaalint.findings import Edit, Fix
    from mwaalint.model.deployment import Deployment
    from mwaalint.rewrites import Rewrite
    from mwaalint.source import Span


def merged(found: Sequence[tuple[int, Finding]], contested: Mapping[str, Collection[int]]) -> list[Finding]:
    """Findings, each with the index of its deployment; those that several share become one that names them all.

    ``contested`` are the files that are not everybody's to change, with the deployments that use them.
    """
    together: dict[tuple[str, str, Span, str, str], Finding] = {}
    for finding in _agreed(found, contested):
        place = finding.primary
        key = (finding.code, place.path, place.span, place.symbol, finding.message)
        first = together.setdefault(key, finding)
        if first is not finding:
            together[key] = replace(
                first,
                environments=tuple(dict.fromkeys([*first.environments, *finding.environments])),
                confidence=max(first.confidence, finding.confidence),
            )
    return list(together.values())


def in_reading_order(findings: Iterable[Finding]) -> list[Finding]:
    """The findings by file, place, code and message."""
    return sorted(findings, key=lambda f: (f.primary.path, f.primary.span, f.code, f.message))


def finished(findings: Iterable[Finding]) -> Iterator[Finding]:
    """In reading order, each with its fingerprint."""
    seen: dict[str, int] = {}
    for finding in in_reading_order(findings):
        kind = fingerprint(finding)
        ordinal = seen.get(kind, 0)
        yield replace(finding, fingerprint=numbered(kind, ordinal))
        seen[kind] = ordinal + 1


def contested(deployments: Sequence[Deployment], code: Mapping[int, Collection[str]]) -> dict[str, frozenset[int]]:
    """The requirements and code files that environments on different Airflow versions use, with the deployments by
    index; ``code`` has the DAG and plugin files of each.
    """
    users: dict[str, set[int]] = defaultdict(set)
    for index, deployment in enumerate(deployments):
        requirements = [deployment.requirements.file.path] if deployment.requirements else []
        for path in (*requirements, *code.get(index, ())) if deployment.target.airflow else ():
            users[path].add(index)
    return {
        path: frozenset(mine) for path, mine in users.items() if len({deployments[i].target.airflow for i in mine}) > 1
    }


def _agreed(found: Sequence[tuple[int, Finding]], contested: Mapping[str, Collection[int]]) -> Iterator[Finding]:
    """The findings without the fixes that repair a file for one Airflow version and may break it for another."""
    if not contested:
        yield from (finding for _, finding in found)
        return
    wanted: dict[tuple[Edit | Rewrite, ...], set[int]] = defaultdict(set)
    for index, finding in found:
        for fix in finding.fixes:
            wanted[fix.changes].add(index)

    def is_agreed(fix: Fix) -> bool:
        return all(wanted[fix.changes].issuperset(contested.get(change.path, ())) for change in fix.changes)

    for _, finding in found:
        agreed = tuple(fix for fix in finding.fixes if is_agreed(fix))
        yield finding if agreed == finding.fixes else replace(finding, fixes=agreed)
