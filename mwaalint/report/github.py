"""Workflow commands of GitHub Actions: annotations on the changed lines, without uploading anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.findings import Severity
from mwaalint.report._pages import first_sentence, rule_of
from mwaalint.report._places import in_repository, path_prefix, place_of
from mwaalint.report._summary import incomplete, nothing_concerned, offered_fix, summary_line
from mwaalint.report._terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Finding, Location
    from mwaalint.report import ReportOptions

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:
    """One command a finding and a notice; the summary is a notice too, so that a clean run shows what it looked at."""
    prefix = path_prefix(result, options)
    for finding in result.findings:
        properties = {**_position(result, finding.primary, prefix), "title": f"{finding.code} {finding.name}"}
        yield _command(_COMMANDS[finding.severity], properties, _text(result, finding))
    for notice in result.notices:
        place = {"file": in_repository(prefix, notice.path)} if notice.path else {}
        yield _command("notice", {**place, "title": "mwaalint"}, visible(notice.message))
    if (sentence := incomplete(result)) is not None:
        yield _command("error", {"title": "mwaalint"}, sentence)
    nothing = nothing_concerned(result)
    if nothing is not None:
        yield _command("notice", {"title": "mwaalint"}, nothing)
    if nothing is None or result.findings:
        yield _command("notice", {"title": "mwaalint"}, visible(summary_line(result)))


def _position(result: RunResult, location: Location, prefix: str) -> dict[str, str]:
    """The properties of a place. The runner refuses columns on annotations of several lines."""
    place = place_of(result, location)
    properties = {"file": in_repository(prefix, location.path)}
    if place is None:
        return properties
    start, end = place
    properties |= {"line": str(start.line), "endLine": str(end.line)}
    if start.line == end.line:
        properties |= {"col": str(start.column), "endColumn": str(end.column)}
    return properties


def _text(result: RunResult, finding: Finding) -> str:
    lines = [visible(finding.message)]
    if finding.environments:
        lines.append(visible(f"Concerns: {', '.join(finding.environments)}"))
    fix = offered_fix(finding)
    rule = rule_of(result.rulebook, finding.code)
    advice = fix.title if fix else first_sentence(rule, "How to fix it") if rule else ""
    return "\n".join([*lines, visible(f"Help: {advice}")] if advice else lines)


def _command(name: str, properties: Mapping[str, str], message: str) -> str:
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {listed}::{_data(message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """A property's value. Newlines stay, in GitHub's escapes, as a path may hold them; other controls are shown."""
    kept = "".join(_data(one) if one in "%\r\n" else visible(one) for one in text)
    return kept.replace(":", "%3A").replace(",", "%2C")
