"""SARIF 2.1.0, for GitHub code scanning and other viewers: plain dicts, written as they come."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from mwaalint.patterns import regex
from mwaalint.report import _sarif_limits as limits
from mwaalint.report._json_stream import written_object
from mwaalint.report._pages import REPOSITORY
from mwaalint.report._places import path_prefix
from mwaalint.report._sarif_places import BASE, artifact, fix_object, location_object
from mwaalint.report._sarif_rules import rule_object
from mwaalint.report._summary import incomplete, nothing_concerned
from mwaalint.report._terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.engine.result import Notice, RunResult
    from mwaalint.findings import Finding, Location, Suppression
    from mwaalint.report import ReportOptions

SHOWS_EDITS = True
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SEMANTIC_VERSION = regex(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
# Findings about the run itself; they are results, and notifications too, for viewers that show how a run went.
_ABOUT_THE_RUN = frozenset({"MW001", "MW002"})


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:
    """One log with one run; suppressed findings are results with a suppression."""
    prefix = path_prefix(result, options)
    findings = limits.ordered(result)
    codes = sorted({finding.code for finding in findings})
    indexes = {code: index for index, code in enumerate(codes)}
    allowance = limits.Allowance(len(findings))
    run = written_object(
        {
            "tool": {"driver": _driver(result)},
            "automationDetails": _automation(result, options.category or prefix),
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {BASE: {"description": {"text": "The top folder of the repository."}}},
            "results": (_result(result, one, indexes, prefix) for one in allowance.letting(findings)),
            # After the results, because only then it is known how many of them there are.
            "invocations": lambda: [_invocation(result, indexes, prefix, allowance)],
        }
    )
    yield f'{{"$schema": "{_SCHEMA}", "version": "2.1.0", "runs": ['
    yield from allowance.counting(run)
    yield "]}\n"
    for _, sentence in allowance.remarks():
        options.remark(sentence)


def _automation(result: RunResult, category: str) -> dict[str, object]:
    """What sets this log apart: a later one with the same id takes its place. GitHub reads the id up to its last slash
    as the category.

    It names the checked folder and not the environments: alerts of an id that is never uploaded again stay open.
    """
    labels = dict.fromkeys(visible(deployment.label) for deployment in result.described if deployment.label)
    about = {"description": {"text": f"Environments: {', '.join(labels)}."}} if labels else {}
    return {"id": "/".join(("mwaalint", *filter(None, visible(category).split("/")), "")), **about}


def _driver(result: RunResult) -> dict[str, object]:
    first = {finding.code: finding for finding in chain(result.suppressed, result.findings)}
    semantic = {"semanticVersion": result.version} if _SEMANTIC_VERSION.fullmatch(result.version) else {}
    return {
        "name": "mwaalint",
        "version": result.version,
        **semantic,
        "informationUri": REPOSITORY,
        "rules": [rule_object(result.rulebook, first[code]) for code in sorted(first)],
    }


def _result(result: RunResult, finding: Finding, indexes: Mapping[str, int], prefix: str) -> dict[str, object]:
    related = [
        {"id": number, **location_object(result, one, prefix), "message": {"text": visible(one.note) or "See also"}}
        for number, one in enumerate(_related(finding), 1)
    ]
    found: dict[str, object] = {
        "ruleId": finding.code,
        "ruleIndex": indexes[finding.code],
        "level": str(finding.severity),
        "message": {"text": _message(finding)},
        "locations": [location_object(result, finding.primary, prefix)],
        "relatedLocations": related,
        "partialFingerprints": {"mwaalint/v1": finding.fingerprint} if finding.fingerprint else {},
        "suppressions": [_suppression(finding.suppression)] if finding.suppression else [],
        "fixes": [fix_object(result, fix, prefix) for fix in finding.fixes if fix.edits],
        "properties": {"confidence": str(finding.confidence), "environments": list(finding.environments)},
    }
    return {key: value for key, value in found.items() if value not in ([], {})}


def _related(finding: Finding) -> tuple[Location, ...]:
    return finding.related[: limits.LOCATIONS - 1]


def _message(finding: Finding) -> str:
    """The message, with links to the related places at its end: GitHub shows only those that a message links to."""
    shown = _related(finding)
    links = [f"[{_link_text(one.note or one.path)}]({number})" for number, one in enumerate(shown, 1)]
    more = len(finding.related) - len(shown)
    text = _unlinked(finding.message) or finding.code
    return f"{text} (see {', '.join(links)}{f' and {more} more' * bool(more)})" if links else text


def _unlinked(text: str) -> str:
    """The text without Markdown links and controls: a repository's own words may not act in an alert."""
    return visible(text).replace("](", "] (")


def _link_text(text: str) -> str:
    return visible(text.replace("\\", "/")).translate({ord("["): "(", ord("]"): ")"})


def _suppression(suppression: Suppression) -> dict[str, object]:
    justification = {"justification": suppression.reason} if suppression.reason else {}
    return {"kind": suppression.kind, "status": "accepted", **justification}


def _invocation(
    result: RunResult, indexes: Mapping[str, int], prefix: str, allowance: limits.Allowance
) -> dict[str, object]:
    about = [finding for finding in result.findings if finding.code in _ABOUT_THE_RUN]
    notifications = [
        *(_told_by_finding(finding, indexes, result, prefix) for finding in about),
        *(_told_by_notice(notice, prefix) for notice in result.notices),
    ]
    if (sentence := nothing_concerned(result)) is not None:
        notifications.append(_notification("nothing-concerned", sentence, "warning"))
    if (sentence := incomplete(result)) is not None:
        notifications.append(_notification("incomplete", sentence, "error"))
    notifications += [_notification(kind, sentence, "warning") for kind, sentence in allowance.remarks()]
    return {"executionSuccessful": not result.crashed, "toolExecutionNotifications": notifications}


def _told_by_finding(finding: Finding, indexes: Mapping[str, int], result: RunResult, prefix: str) -> dict[str, object]:
    return {
        **_notification(finding.code, _unlinked(finding.message) or finding.code, str(finding.severity)),
        "associatedRule": {"id": finding.code, "index": indexes[finding.code]},
        "locations": [location_object(result, finding.primary, prefix)],
    }


def _told_by_notice(notice: Notice, prefix: str) -> dict[str, object]:
    told = _notification(notice.kind, _unlinked(notice.message), "note")
    if notice.path is not None:
        told["locations"] = [{"physicalLocation": {"artifactLocation": artifact(prefix, notice.path)}}]
    return told


def _notification(kind: str, text: str, level: str) -> dict[str, object]:
    return {"descriptor": {"id": kind}, "message": {"text": text}, "level": level}
