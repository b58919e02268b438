"""What a run comes to, in numbers and in words; every format says the same."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mwaalint.findings import Safety, Severity
from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mwaalint.engine.result import Described, RunResult, Since
    from mwaalint.findings import Finding, Fix

_SHOWN_DEPLOYMENTS = 3


@record
class Summary:
    """Counts of the findings that are not suppressed. One with a safe fix counts as safe, whatever else it offers."""

    errors: int
    warnings: int
    notes: int
    files: int
    fixable: int
    fixable_unsafe: int
    suppressed: int


def summary_of(result: RunResult) -> Summary:
    """Counts what was found."""
    severities = Counter(finding.severity for finding in result.findings)
    fixes = Counter(fix.safety for finding in result.findings if (fix := offered_fix(finding)) is not None)
    return Summary(
        errors=severities[Severity.ERROR],
        warnings=severities[Severity.WARNING],
        notes=severities[Severity.NOTE],
        files=len({finding.primary.path for finding in result.findings}),
        fixable=fixes[Safety.SAFE],
        fixable_unsafe=fixes[Safety.UNSAFE],
        suppressed=len(result.suppressed),
    )


def offered_fix(finding: Finding) -> Fix | None:
    """The fix a person would be told of: a safe one before an unsafe one, None when there is none."""
    return min(finding.fixes, key=lambda fix: fix.safety is Safety.UNSAFE, default=None)


def summary_line(result: RunResult) -> str:
    """The run in one line."""
    summary = summary_of(result)
    parts = [_found(result, summary)]
    fixable = []
    if summary.fixable:
        fixable.append(f"{summary.fixable} can be fixed with --fix")
    if summary.fixable_unsafe:
        more = "more" if summary.fixable else "can be fixed"
        fixable.append(f"{summary.fixable_unsafe} {more} with --fix --unsafe-fixes")
    parts += [", ".join(fixable)] if fixable else []
    accepted = _accepted(result)
    parts += [f"{summary.suppressed - accepted} suppressed"] if summary.suppressed > accepted else []
    parts += [f"{accepted} in the baseline"] if accepted else []
    parts += [_before(result.since)] if result.since and result.since.known else []
    return "; ".join(parts)


def _accepted(result: RunResult) -> int:
    """How many of the suppressed findings are so because of the baseline."""
    known = {finding.fingerprint for finding in result.baseline.findings} if result.baseline else set()
    return sum(finding.fingerprint in known for finding in result.suppressed)


def _before(since: Since) -> str:
    return f"{since.known} more {'was' if since.known == 1 else 'were'} there before {since.ref}"


def _found(result: RunResult, summary: Summary) -> str:
    if not result.findings:
        found = f"Nothing new since {result.since.ref}" if result.since else "No problems found"
        where = [counted(result.files_analysed, "file"), *_deployments(result.described)]
        return f"{found} in {', '.join(where)}"
    counts = ((summary.errors, "error"), (summary.warnings, "warning"), (summary.notes, "note"))
    return (
        ", ".join(counted(number, noun) for number, noun in counts if number) + f" in {counted(summary.files, 'file')}"
    )


def nothing_concerned(result: RunResult) -> str | None:
    """A sentence for a run that had nothing of MWAA before it, so that silence is not taken for health; else None."""
    if result.described:
        return None
    return (
        f"Nothing related to MWAA was found in {counted(result.files_analysed, 'file')}: no environment is declared "
        "here, and no folder is laid out for one, so the rules had nothing to check."
    )


def incomplete(result: RunResult) -> str | None:
    """A sentence for a run in which a check crashed; else None."""
    return "The result is incomplete: a check crashed (MW002)." if result.crashed else None


def _deployments(deployments: Sequence[Described]) -> list[str]:
    declared = [one for one in deployments if one.declared is not None]
    laid_out = [one for one in deployments if one.declared is None]
    parts = []
    if declared:
        parts.append(f"{counted(len(declared), 'MWAA environment')} ({_listed(declared)})")
    if laid_out:
        noun = counted(len(laid_out), "MWAA deployment")
        parts.append(f"{noun} recognized by the folder layout ({_listed(laid_out)})")
    return parts


def _listed(deployments: Sequence[Described]) -> str:
    named = list(dict.fromkeys(_described(deployment) for deployment in deployments))
    more = [f"and {len(named) - _SHOWN_DEPLOYMENTS} more"] if len(named) > _SHOWN_DEPLOYMENTS else []
    return ", ".join(named[:_SHOWN_DEPLOYMENTS] + more)


def _described(deployment: Described) -> str:
    version = deployment.airflow
    airflow = f"Airflow {version} {deployment.source}".rstrip() if version else "Airflow version unknown"
    return f"{deployment.label}: {airflow}" if deployment.label else airflow


def counted(number: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
