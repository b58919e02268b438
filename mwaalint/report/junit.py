"""JUnit XML, for build servers that show test results: a test case a finding, one that passes when there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from mwaalint.patterns import regex
from mwaalint.report._pages import page_address, rule_of
from mwaalint.report._places import in_repository, path_prefix, place_of
from mwaalint.report._summary import incomplete, nothing_concerned, summary_line
from mwaalint.report._terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Finding
    from mwaalint.report import ReportOptions

# XML 1.0 has no way to write these, not even escaped.
_UNWRITABLE = regex("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:
    """One suite. Findings of any severity fail, as the format has no other word; suppressed ones are skipped."""
    prefix = path_prefix(result, options)
    failures, skipped = len(result.findings), len(result.suppressed)
    errors = int(result.crashed)
    total = failures + skipped + errors or 1
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="mwaalint">\n'
    yield (
        f'<testsuite name="mwaalint" tests="{total}" failures="{failures}" errors="{errors}" skipped="{skipped}">\n'
        f"<properties><property name={_attribute('version')} value={_attribute(result.version)}/></properties>\n"
    )
    for finding in result.findings:
        yield _case(result, finding, prefix, _failure(result, finding, prefix))
    for finding in result.suppressed:
        reason = finding.suppression.reason if finding.suppression else ""
        yield _case(result, finding, prefix, f"<skipped message={_attribute(reason or 'suppressed')}/>")
    if (sentence := incomplete(result)) is not None:
        yield f'<testcase classname="mwaalint" name="run"><error message={_attribute(sentence)}/></testcase>\n'
    elif not failures + skipped:
        yield f'<testcase classname="mwaalint" name={_attribute(nothing_concerned(result) or summary_line(result))}/>\n'
    yield "</testsuite>\n</testsuites>\n"


def _case(result: RunResult, finding: Finding, prefix: str, outcome: str) -> str:
    name = f"{finding.code} {finding.name} at {_place(result, finding, prefix)}"
    path = in_repository(prefix, finding.primary.path)
    return f"<testcase classname={_attribute(path)} name={_attribute(name)}>{outcome}</testcase>\n"


def _failure(result: RunResult, finding: Finding, prefix: str) -> str:
    rule = rule_of(result.rulebook, finding.code)
    lines = [f"{_place(result, finding, prefix)}: {finding.severity} {finding.message}"]
    lines += [f"environment: {', '.join(finding.environments)}"] if finding.environments else []
    lines += [page_address(rule)] if rule else []
    text = "\n".join(escape(_plain(visible(line))) for line in lines)
    return f'<failure type="{finding.severity}" message={_attribute(finding.message)}>{text}</failure>'


def _place(result: RunResult, finding: Finding, prefix: str) -> str:
    place = place_of(result, finding.primary)
    path = in_repository(prefix, finding.primary.path)
    return f"{path}:{place.start.line}" if place else path


def _attribute(text: str) -> str:
    return quoteattr(_plain(visible(text)))


def _plain(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
