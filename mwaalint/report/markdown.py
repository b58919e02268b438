"""The audit as Markdown, for a wiki or a ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.patterns import regex
from mwaalint.report._audit import Audit, Family, advice, audit_of, by_severity, money, place, standing, why
from mwaalint.report._pages import page_address, rule_of
from mwaalint.report._summary import counted, incomplete, nothing_concerned
from mwaalint.report._terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Finding
    from mwaalint.report import ReportOptions

# What would act in Markdown, a table or HTML; a DAG may be named anything.
_ACTIVE = regex(r"([\\`*_{}\[\]<>#|~!&])")


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:  # noqa: ARG001 - all formats are called alike
    """Environments, money, findings by family, and what was not analyzed."""
    audit = audit_of(result)
    yield f"# MWAA audit of {_text(audit.title)}\n\n"
    yield f"{audit.today:%Y-%m-%d}, mwaalint {_text(result.version)}. {_headline(result, audit)}\n"
    if (sentence := incomplete(result)) is not None:
        yield f"\n**{sentence}**\n"
    yield from _environments(audit)
    yield from _savings(audit)
    yield "\n## Findings\n"
    for family in audit.families:
        yield from _family(result, family)
    yield from _not_analysed(audit)
    yield f"\nPrices and versions as of {audit.facts_as_of:%Y-%m-%d}. mwaalint is not made or endorsed by AWS.\n"


def _headline(result: RunResult, audit: Audit) -> str:
    nothing = nothing_concerned(result)
    if nothing is not None:
        return nothing
    counts = by_severity(result.findings)
    found = ", ".join(counted(number, word) for word, number in counts.items())
    return f"{counted(len(audit.environments), 'environment')}: {found}."


def _environments(audit: Audit) -> Iterator[str]:
    if not audit.environments:
        return
    yield "\n## Environments\n\n"
    yield "| environment | Airflow | support | class | workers | a month, at least | declared in |\n"
    yield "|---|---|---|---|---|---|---|\n"
    for row in audit.environments:
        support = f"{row.support}, {row.end_of_support:%Y-%m-%d}" if row.end_of_support else row.support
        cost = f"{money(row.bill.monthly)}{' and more' if row.bill.unpriced else ''}" if row.bill else "not known"
        cells = (row.label, row.version, support, row.size, row.workers, cost, row.place)
        yield f"| {' | '.join(_text(cell) for cell in cells)} |\n"


def _savings(audit: Audit) -> Iterator[str]:
    if not audit.savings:
        return
    yield f"\n## Money\n\nUp to {money(audit.saved)} a month could be saved.\n\n"
    yield "| a month | calculation | rule | where |\n|---|---|---|---|\n"
    for saving in audit.savings:
        rule = f"{saving.finding.code} {saving.finding.name}"
        cells = (money(saving.monthly), saving.arithmetic, rule, saving.place)
        yield f"| {' | '.join(_text(cell) for cell in cells)} |\n"


def _family(result: RunResult, family: Family) -> Iterator[str]:
    yield f"\n### {_text(family.name)}\n\n{standing(family)}\n"
    for finding in family.findings:
        yield from _finding(result, finding)


def _finding(result: RunResult, finding: Finding) -> Iterator[str]:
    rule = rule_of(result.rulebook, finding.code)
    name = f"{finding.code} {_text(finding.name)}"
    linked = f"[{name}]({page_address(rule)})" if rule else name
    yield f"\n- **{finding.severity}** {linked} at `{visible(place(result, finding.primary)).replace('`', '')}`: "
    yield f"{_text(finding.message)}\n"
    if finding.environments:
        yield f"  - Environments: {_text(', '.join(finding.environments))}\n"
    if rule and (reason := why(rule)):
        yield f"  - Why: {reason}\n"
    if text := advice(result, finding):
        yield f"  - Fix: {_prose(text)}\n"


def _not_analysed(audit: Audit) -> Iterator[str]:
    yield "\n## Not analyzed\n\n"
    if not audit.not_analysed:
        yield "Every file relevant to MWAA was read.\n"
    for sentence in audit.not_analysed:
        yield f"- {_text(sentence)}\n"


def _prose(text: str) -> str:
    """Text whose code stays code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return _text(text)
    return "".join(f"`{visible(part)}`" if index % 2 else _text(part) for index, part in enumerate(parts))


def _text(text: str) -> str:
    return _ACTIVE.sub(r"\\\1", visible(text))
