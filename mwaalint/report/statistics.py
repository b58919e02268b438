"""How many findings each rule has: the way into a repository that has many."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from mwaalint.report._pages import page_address, rule_of
from mwaalint.report._summary import incomplete, nothing_concerned, summary_line
from mwaalint.report._terminal import Paint, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Finding
    from mwaalint.report import ReportOptions


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:
    """One line a rule, the most frequent first, with its worst severity and how many of its findings have a fix."""
    paint = Paint(options.color, options.hyperlinks)
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for finding in result.findings:
        by_rule[finding.code].append(finding)
    groups = sorted(by_rule.values(), key=lambda group: (-len(group), group[0].code))
    width = len(str(len(groups[0]))) if groups else 0
    for group in groups:
        yield f"{len(group):>{width}}  {_rule(result, group, paint)}\n"
    nothing = nothing_concerned(result)
    yield "\n" if groups else ""
    yield f"{nothing if nothing and not groups else visible(summary_line(result))}\n"
    if (sentence := incomplete(result)) is not None:
        yield f"{paint('error', sentence)}\n"


def _rule(result: RunResult, group: list[Finding], paint: Paint) -> str:
    worst = str(max(finding.severity for finding in group))
    fixable = sum(bool(finding.fixes) for finding in group)
    code, name, rule = visible(group[0].code), visible(group[0].name), rule_of(result.rulebook, group[0].code)
    linked = paint.link(page_address(rule) if rule else "", paint("strong", code))
    return f"{paint(worst, f'{worst:<7}')}  {linked}  {name}" + f"  ({fixable} fixable)" * bool(fixable)
