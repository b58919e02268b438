"""The report for people."""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from mwaalint.findings import WHOLE_FILE, Safety
from mwaalint.report._excerpt import excerpt
from mwaalint.report._kept import written
from mwaalint.report._pages import first_sentence, page_address, rule_of
from mwaalint.report._places import start_of
from mwaalint.report._summary import incomplete, nothing_concerned, offered_fix, summary_line
from mwaalint.report._terminal import Paint, visible, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.engine.result import Notice, RunResult
    from mwaalint.findings import Confidence, Finding, Location
    from mwaalint.report import ReportOptions
    from mwaalint.report._excerpt import Line
    from mwaalint.rulebook import Rule

_INDENT = "  "
_NARROWEST = 40
_RELATED_WITH_EXCERPT = 3
_RELATED_SHOWN = 10
_HOW_APPLIED = {Safety.SAFE: "--fix applies it", Safety.UNSAFE: "--fix --unsafe-fixes applies it; review the change"}


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:
    """One block a finding, then what is to be said once, then the summary."""
    paint = Paint(options.color, options.hyperlinks, options.file_links)
    width = max(options.width, _NARROWEST)
    base = options.base
    shown = [*result.findings, *(result.suppressed if options.show_suppressed else ())]
    style = (options.color, options.hyperlinks, width, base, result.root.as_posix() if options.file_links else "")

    def write(finding: Finding) -> str:
        return "\n".join(_finding(result, finding, paint, width, base)) + "\n\n"

    yield from written(shown, write, result.sources, options.keeper, style)
    for notice in result.notices:
        yield "\n".join(_notice(notice, paint, width)) + "\n"
    if result.notices:
        yield "\n"
    yield "\n".join(_closing(result, shown, paint, width)) + "\n"


def _finding(result: RunResult, finding: Finding, paint: Paint, width: int, base: str) -> Iterator[str]:
    rule = rule_of(result.rulebook, finding.code)
    yield _title(result, finding, rule, paint, base)
    yield from _block("", visible(finding.message), width)
    # The line of a secret would put it into every log that keeps the report.
    if rule is None or "secret" not in rule.tags:
        yield from _excerpt(result, finding.primary, paint, width, str(finding.severity), "^")
    yield from _related(result, finding, paint, width, base)
    if finding.environments:
        noun = "environment" if len(finding.environments) == 1 else "environments"
        yield from _block(f"{noun}: ", visible(", ".join(finding.environments)), width)
    if text := _help(finding, rule):
        label, *rest = _block("help: ", visible(text), width)
        yield label.replace("help:", paint("help", "help:"), 1)
        yield from rest


def _title(result: RunResult, finding: Finding, rule: Rule | None, paint: Paint, base: str) -> str:
    place = _linked(result, finding.primary, paint, paint("strong", _place(result, finding.primary, base)))
    severity = paint(str(finding.severity), str(finding.severity))
    code = paint.link(page_address(rule) if rule and paint.hyperlinks else "", paint("strong", visible(finding.code)))
    remarks = [*_doubt(finding.confidence), *_suppressed(finding)]
    tail = paint("dim", f" ({'; '.join(remarks)})") if remarks else ""
    return f"{place}: {severity} {code} {visible(finding.name)}{tail}"


def _linked(result: RunResult, location: Location, paint: Paint, text: str) -> str:
    """The text as a link to the file; its line is where the terminals that open editors look for it."""
    if not paint.file_links:
        return text
    start = start_of(result, location)
    line = f"#{start.line}" if start else ""
    return paint.link(f"{(result.root / location.path).as_uri()}{line}", text)


def _doubt(confidence: Confidence) -> Iterator[str]:
    if confidence < type(confidence).HIGH:
        yield f"{confidence} confidence"


def _suppressed(finding: Finding) -> Iterator[str]:
    if finding.suppression is not None:
        reason = finding.suppression.reason
        yield f"suppressed: {visible(reason)}" if reason else "suppressed"


def _place(result: RunResult, location: Location, base: str) -> str:
    start = start_of(result, location)
    path = _path(base, location.path)
    return f"{path}:{start.line}:{start.column}" if start else path


@lru_cache
def _path(base: str, path: str) -> str:
    return visible(str(PurePosixPath(base, path)))


def _block(label: str, text: str, width: int) -> list[str]:
    """A labelled paragraph, its later lines below the text and not below the label."""
    indent = _INDENT + " " * len(label)
    first, *rest = wrapped(text, width - len(indent))
    return [f"{_INDENT}{label}{first}", *(f"{indent}{line}" for line in rest)]


def _excerpt(result: RunResult, location: Location, paint: Paint, width: int, style: str, mark: str) -> list[str]:
    source = result.sources.get(location.path)
    if source is None or location.span == WHOLE_FILE:
        return []
    digits = len(str(start.line)) if (start := start_of(result, location)) else 1
    room = width - len(_INDENT) - digits - len(" | ")
    lines = excerpt(source, location.span, room, mark)
    return list(_framed(lines, paint, style)) if lines else []


def _framed(lines: list[Line], paint: Paint, style: str) -> Iterator[str]:
    digits = max(len(str(line.number)) for line in lines if line.number is not None)
    bar = paint("dim", f"{_INDENT}{' ' * digits} |")
    yield bar
    for line in lines:
        number = "" if line.number is None else str(line.number)
        yield f"{paint('dim', f'{_INDENT}{number:>{digits}} |')} {line.text}".rstrip()
        if line.underline:
            padding = len(line.underline) - len(line.underline.lstrip())
            yield f"{bar} {line.underline[:padding]}{paint(style, line.underline[padding:])}"
    yield bar


def _related(result: RunResult, finding: Finding, paint: Paint, width: int, base: str) -> Iterator[str]:
    for index, location in enumerate(finding.related[:_RELATED_SHOWN]):
        place = _place(result, location, base)
        note = visible(location.note) or "see also"
        yield from _block("", f"{place}: {note}", width)
        if index < _RELATED_WITH_EXCERPT:
            yield from _excerpt(result, location, paint, width, "note", "-")
    if more := len(finding.related) - _RELATED_SHOWN:
        yield from [f"{_INDENT}and {more} more"] if more > 0 else []


def _help(finding: Finding, rule: Rule | None) -> str:
    fix = offered_fix(finding)
    if fix is not None:
        return f"{fix.title} ({_HOW_APPLIED[fix.safety]})"
    return first_sentence(rule, "How to fix it") if rule else ""


def _notice(notice: Notice, paint: Paint, width: int) -> list[str]:
    where = f"{visible(notice.path)}: " if notice.path else ""
    first, *rest = wrapped(f"{where}{visible(notice.message)}", width - len("notice: "))
    return [f"{paint('note', 'notice')}: {first}", *(" " * len("notice: ") + line for line in rest)]


def _closing(result: RunResult, shown: list[Finding], paint: Paint, width: int) -> Iterator[str]:
    nothing = nothing_concerned(result)
    if nothing is not None:
        yield from wrapped(nothing, width)
    if nothing is None or result.findings:
        yield paint("strong", visible(summary_line(result)))
    if (sentence := incomplete(result)) is not None:
        yield paint("error", sentence)
    if shown:
        example = visible(shown[0].code)
        yield f"For the reason and the full fix: mwaalint explain CODE, for example mwaalint explain {example}"
