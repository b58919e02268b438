"""The report for programs: mwaalint's own types, version 1, described by ``schema-v1.json`` beside this module."""

from __future__ import annotations

import base64
import math
from dataclasses import asdict
from enum import Enum
from typing import TYPE_CHECKING

from mwaalint.report._json_stream import written_object
from mwaalint.report._places import decoded, place_of, range_of
from mwaalint.report._summary import summary_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.engine.result import Described, RunResult
    from mwaalint.findings import Edit, Finding, Fix, Location
    from mwaalint.report import ReportOptions
    from mwaalint.report._places import Range
    from mwaalint.source import Span

VERSION = 1
SHOWS_EDITS = True


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:  # noqa: ARG001 - all formats are called alike
    """One object. Paths are relative to the project's root; suppressed findings are always there, apart."""
    yield from written_object(
        {
            "version": VERSION,
            "tool": {"name": "mwaalint", "version": result.version},
            "summary": {
                **asdict(summary_of(result)),
                "files_analysed": result.files_analysed,
                "crashed": result.crashed,
            },
            "since": result.since and result.since._asdict(),
            "deployments": (_deployment(result, deployment) for deployment in result.described),
            "notices": ({"kind": one.kind, "message": one.message, "path": one.path} for one in result.notices),
            "findings": (_finding(result, finding) for finding in result.findings),
            "suppressed": (_suppressed(result, finding) for finding in result.suppressed),
        }
    )
    yield "\n"


def _finding(result: RunResult, finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": str(finding.severity),
        "confidence": str(finding.confidence),
        "message": finding.message,
        "location": _location(result, finding.primary),
        "related": [_location(result, location) for location in finding.related],
        "environments": list(finding.environments),
        "args": {name: _argument(value) for name, value in finding.args.items()},
        "fixes": [_fix(result, fix) for fix in finding.fixes],
        "fingerprint": finding.fingerprint,
    }


def _suppressed(result: RunResult, finding: Finding) -> dict[str, object]:
    why = finding.suppression
    suppression = {"kind": why.kind, "reason": why.reason} if why else None
    return {**_finding(result, finding), "suppression": suppression}


def _location(result: RunResult, location: Location) -> dict[str, object]:
    return {
        "path": location.path,
        "range": _range(place_of(result, location), location.span),
        "symbol": location.symbol,
        "note": location.note,
    }


def _range(place: Range | None, span: Span) -> dict[str, object] | None:
    if place is None:
        return None
    return {
        "start": {"line": place.start.line, "column": place.start.column, "offset": span.start},
        "end": {"line": place.end.line, "column": place.end.column, "offset": span.end},
    }


def _argument(value: object) -> object:
    """A value of the message as JSON has it; what JSON has no word for is said as text."""
    if isinstance(value, Enum):
        return str(value)
    if value is None or isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, list | tuple):
        return [_argument(one) for one in value]
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    return str(value)


def _fix(result: RunResult, fix: Fix) -> dict[str, object]:
    return {"title": fix.title, "safety": fix.safety.value, "edits": [_edit(result, edit) for edit in fix.edits]}


def _edit(result: RunResult, edit: Edit) -> dict[str, object]:
    return {
        "path": edit.path,
        "start": edit.span.start,
        "end": edit.span.end,
        "range": _range(range_of(result, edit.path, edit.span), edit.span),
        "expected": _content(result, edit.path, edit.expected),
        "replacement": _content(result, edit.path, edit.text),
    }


def _content(result: RunResult, path: str, content: bytes) -> dict[str, str]:
    """Bytes as text where they are text in the file's encoding, else in Base64."""
    text = decoded(result, path, content)
    return {"base64": base64.b64encode(content).decode("ascii")} if text is None else {"text": text}


def _deployment(result: RunResult, deployment: Described) -> dict[str, object]:
    declared = deployment.declared
    return {
        "label": deployment.label,
        "environment": declared and {**declared._asdict(), "location": _location(result, declared.location)},
        "target": {
            "airflow": deployment.airflow,
            "python": deployment.python,
            "source": deployment.source,
            "confidence": str(deployment.confidence),
            "origin": deployment.origin and _location(result, deployment.origin),
        },
        "requirements": _requirements(deployment),
        "dags_folder": deployment.dags_folder,
        "plugins_folder": deployment.plugins_folder,
        "startup_script": deployment.startup_script,
        "dbt_projects": list(deployment.dbt_projects),
    }


def _requirements(deployment: Described) -> dict[str, object] | None:
    if deployment.requirements is None:
        return None
    reason, confidence = deployment.evidence or (None, None)
    return {
        "path": deployment.requirements,
        "evidence": reason and {"reason": reason, "confidence": str(confidence)},
    }
