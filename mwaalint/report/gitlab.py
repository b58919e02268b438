"""GitLab's code quality report: an array of issues, shown in the merge request.

The members are those of https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.findings import Severity
from mwaalint.report._json_stream import written
from mwaalint.report._places import in_repository, path_prefix, place_of
from mwaalint.report._terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Finding
    from mwaalint.report import ReportOptions

# GitLab's scale has five steps; "blocker" and "critical" are left to those who know what their pipeline is worth.
_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:
    """One issue a finding; what is suppressed is left out, for GitLab knows no such thing."""
    prefix = path_prefix(result, options)
    yield "["
    for index, finding in enumerate(result.findings):
        yield f"{',' if index else ''}\n{written(_issue(result, finding, prefix))}"
    yield "\n]\n"


def _issue(result: RunResult, finding: Finding, prefix: str) -> dict[str, object]:
    place = place_of(result, finding.primary)
    lines = {"begin": place.start.line, "end": place.end.line} if place else {"begin": 1}
    return {
        "description": visible(f"{finding.code} {finding.name}: {finding.message}"),
        "check_name": finding.name,
        "fingerprint": finding.fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": in_repository(prefix, finding.primary.path), "lines": lines},
    }
