"""The audit as one page to open and forward: nothing to load, no script, every word of the repository escaped."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from mwaalint.findings import WHOLE_FILE, without_secrets
from mwaalint.patterns import regex
from mwaalint.report._audit import Audit, Family, advice, audit_of, by_severity, money, place, standing, why
from mwaalint.report._audit_pictures import cost_bars, timeline
from mwaalint.report._excerpt import excerpt
from mwaalint.report._pages import page_address, rule_of
from mwaalint.report._summary import counted, incomplete, nothing_concerned
from mwaalint.report._terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Finding, Location
    from mwaalint.report import ReportOptions
    from mwaalint.rulebook import Rule

_STYLE = Path(__file__).with_name("audit.css")
_ROOM = 110
_CODE_SPAN = "`"
_EMPHASIS = regex(r"(?<![^\s(])\*{1,2}(?=\w)([^*]+?)(?<=[\w.!?])\*{1,2}(?=[\s.,;:)]|$)")
# What is wider than a phone scrolls by itself, also by keyboard.
_SCROLLED = '<div class="wide" tabindex="0" role="group">'


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:  # noqa: ARG001 - all formats are called alike
    """The page, from the numbers a lead asks for first down to each finding."""
    audit = audit_of(result)
    yield from _head(audit)
    yield from _numbers(result, audit)
    yield from _environments(audit)
    yield from _money(audit)
    yield from _overview(audit)
    for family in audit.families:
        yield from _family(result, family)
    yield from _not_analysed(result, audit)
    yield (
        f"</main>\n<footer><p>Made by mwaalint {_text(result.version)} on {audit.today:%Y-%m-%d} from the files of the "
        f"repository alone. Versions and prices as of {audit.facts_as_of:%Y-%m-%d}; prices of us-east-1, without what "
        "autoscaling adds. Not made or endorsed by Amazon Web Services.</p></footer>\n</body>\n</html>\n"
    )


def _head(audit: Audit) -> Iterator[str]:
    title = f"MWAA audit of {_text(audit.title)}"
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    # Even if something got through, the page could not run or load it.
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    yield f"<title>{title}</title>\n<style>\n{_STYLE.read_text(encoding='utf-8')}</style>\n</head>\n<body>\n"
    yield '<a class="skip" href="#findings">To the findings</a>\n'
    yield f"<header><h1>{title}</h1></header>\n<main>\n"


def _numbers(result: RunResult, audit: Audit) -> Iterator[str]:
    if (sentence := incomplete(result)) is not None:
        yield f'<p class="alarm">{_text(sentence)}</p>\n'
    if (nothing := nothing_concerned(result)) is not None:
        yield f'<p class="alarm">{_text(nothing)}</p>\n'
    counts = by_severity(result.findings)
    numbers = [(str(len(audit.environments)), "environment" if len(audit.environments) == 1 else "environments")]
    numbers += [(str(number), word if number == 1 else f"{word}s") for word, number in counts.items()]
    if audit.monthly:
        numbers.append((money(audit.monthly), "a month at the least"))
    if audit.saved:
        numbers.append((money(audit.saved), "of it could be saved"))
    items = "".join(f"<li><b>{_text(number)}</b> {_text(word)}</li>" for number, word in numbers)
    yield f'<ul class="numbers">{items}</ul>\n'
    if audit.not_analysed:
        number = counted(len(audit.not_analysed), "thing")
        yield f'<p class="alarm">{number} could not be analysed: <a href="#not-analysed">see what</a>.</p>\n'


def _environments(audit: Audit) -> Iterator[str]:
    yield '<section aria-labelledby="environments"><h2 id="environments">Environments</h2>\n'
    if not audit.environments:
        yield "<p>No environment is declared in the repository.</p></section>\n"
        return
    heads = ("environment", "Airflow", "end of support", "class", "workers", "at least a month", "declared in")
    yield from _table_start(heads)
    for row in audit.environments:
        support = f"{row.end_of_support:%Y-%m-%d}" if row.end_of_support else "none announced"
        kind = row.support.replace(" ", "-")
        word = "not known" if row.support == "unknown" else support
        badge = f' <span class="badge {kind}">{row.support}</span>' if row.support.startswith("end") else ""
        cost = money(row.bill.monthly) if row.bill else "not known"
        more = "".join(f"<br><small>and {_text(what)}</small>" for what in row.bill.unpriced) if row.bill else ""
        cells = (f"<b>{_text(row.label)}</b>", _text(row.version), f"{word}{badge}", _text(row.size))
        yield _row((*cells, _text(row.workers), f"{cost}{more}", f"<code>{_text(row.place)}</code>"))
    yield "</tbody></table></div>\n<h3>How long each version is supported</h3>\n"
    yield f"{_SCROLLED}{''.join(timeline(audit))}</div>\n"
    yield "<p><small>A bar that reaches the right edge: AWS has announced no end.</small></p></section>\n"


def _money(audit: Audit) -> Iterator[str]:
    if not any(row.bill for row in audit.environments) and not audit.savings:
        return
    yield '<section aria-labelledby="money"><h2 id="money">Money</h2>\n'
    yield f"{_SCROLLED}{''.join(cost_bars(audit))}</div>\n"
    yield from _bills(audit)
    if audit.savings:
        yield f"<h3>What could be saved: up to {money(audit.saved)} a month</h3>\n"
        yield from _table_start(("a month", "how it comes about", "rule", "where"))
        for saving in audit.savings:
            rule = f'<a href="#{_anchor(saving.finding)}">{saving.finding.code} {_text(saving.finding.name)}</a>'
            cells = (money(saving.monthly), _text(saving.arithmetic), rule, f"<code>{_text(saving.place)}</code>")
            yield _row(cells)
        yield "</tbody></table></div>\n"
    yield "</section>\n"


def _bills(audit: Audit) -> Iterator[str]:
    """The arithmetic behind the bars."""
    yield "<details><summary>How the amounts come about</summary><ul>"
    for row in audit.environments:
        lines = row.bill.items if row.bill else ()
        parts = [f"{item.what}: {item.cost.arithmetic}" for item in lines if item.cost]
        if parts:
            yield f"<li><b>{_text(row.label)}</b>: {_text('; '.join(parts))}</li>"
    yield "</ul></details>\n"


def _overview(audit: Audit) -> Iterator[str]:
    yield '<section aria-labelledby="findings"><h2 id="findings">Findings</h2>\n'
    yield from _table_start(("family", "errors", "warnings", "notes", "what was looked at"))
    for family in audit.families:
        counts = by_severity(family.findings)
        link = f'<a href="#{_text(family.name)}">{_text(family.name)}</a>' if family.findings else _text(family.name)
        numbers = (f'<span class="{word if number else "none"}">{number}</span>' for word, number in counts.items())
        yield _row((link, *numbers, _text(standing(family))))
    yield "</tbody></table></div></section>\n"


def _family(result: RunResult, family: Family) -> Iterator[str]:
    if not family.findings:
        return
    name = _text(family.name)
    yield f'<section aria-labelledby="{name}"><h2 id="{name}">{name}</h2>\n'
    for finding in family.findings:
        yield from _finding(result, finding)
    yield "</section>\n"


def _finding(result: RunResult, finding: Finding) -> Iterator[str]:
    rule = rule_of(result.rulebook, finding.code)
    where = _text(place(result, finding.primary))
    doubt = ' <span class="badge">medium confidence</span>' if str(finding.confidence) == "medium" else ""
    yield f'<article class="finding {finding.severity}" id="{_anchor(finding)}">\n'
    yield f'<h3><span class="badge {finding.severity}">{finding.severity}</span> {_linked(finding, rule)}{doubt}</h3>\n'
    yield f"<p>{_prose(finding.message)}</p>\n<p><code>{where}</code></p>\n"
    if rule is None or "secret" not in rule.tags:
        yield _excerpt(result, finding.primary)
    yield from _facts(result, finding, rule)
    yield "</article>\n"


def _linked(finding: Finding, rule: Rule | None) -> str:
    name = f"{_text(finding.code)} {_text(finding.name)}"
    return f'<a href="{escape(page_address(rule))}">{name}</a>' if rule else name


def _facts(result: RunResult, finding: Finding, rule: Rule | None) -> Iterator[str]:
    yield "<dl>"
    if finding.environments:
        yield f"<dt>Environments</dt><dd>{_text(', '.join(finding.environments))}</dd>"
    if finding.related:
        places = "; ".join(f"{place(result, one)} {one.note}".strip() for one in finding.related)
        yield f"<dt>See also</dt><dd>{_text(places)}</dd>"
    if rule and (reason := why(rule)):
        yield f"<dt>Why</dt><dd>{_prose(reason)}</dd>"
    if text := advice(result, finding):
        yield f"<dt>Fix</dt><dd>{_prose(text)}</dd>"
    yield "</dl>\n"


def _excerpt(result: RunResult, location: Location) -> str:
    source = result.sources.get(location.path)
    lines = excerpt(source, location.span, _ROOM) if source and location.span != WHOLE_FILE else []
    if not lines:
        return ""
    numbered = (f"<i>{line.number or ''}</i>{escape(line.text)}" for line in lines)
    return f'<pre tabindex="0">{chr(10).join(numbered)}</pre>\n'


def _not_analysed(result: RunResult, audit: Audit) -> Iterator[str]:
    yield '<section aria-labelledby="not-analysed"><h2 id="not-analysed">Not analysed</h2>\n'
    if audit.not_analysed:
        yield f"<ul>{''.join(f'<li>{_text(sentence)}</li>' for sentence in audit.not_analysed)}</ul>\n"
    else:
        yield f"<p>Every file that concerns MWAA was read, {counted(result.files_analysed, 'file')} in all.</p>\n"
    if result.suppressed:
        yield f"<h3>{counted(len(result.suppressed), 'finding')} suppressed</h3><ul>"
        for finding in result.suppressed:
            reason = finding.suppression.reason if finding.suppression else ""
            told = f"{finding.code} {finding.name} at {place(result, finding.primary)}: {reason or 'no reason given'}"
            yield f"<li>{_text(told)}</li>"
        yield "</ul>\n"
    yield "</section>\n"


def _table_start(heads: Iterable[str]) -> Iterator[str]:
    cells = "".join(f'<th scope="col">{_text(head)}</th>' for head in heads)
    yield f"{_SCROLLED}<table><thead><tr>{cells}</tr></thead><tbody>\n"


def _row(cells: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n"


def _anchor(finding: Finding) -> str:
    return f"f-{finding.fingerprint}" if finding.fingerprint.isalnum() else f"f-{finding.code}"


def _prose(text: str) -> str:
    """Text with what stands between backquotes as code, and between asterisks as in Markdown."""
    parts = text.split(_CODE_SPAN)
    if len(parts) % 2 == 0:
        return _text(text)
    return "".join(
        f"<code>{_text(part)}</code>" if index % 2 else _emphasised(part) for index, part in enumerate(parts)
    )


def _emphasised(text: str) -> str:
    return _EMPHASIS.sub(r"<em>\1</em>", _text(text))


def _text(text: str) -> str:
    return escape(visible(without_secrets(text)))
