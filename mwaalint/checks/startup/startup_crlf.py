"""MW613: Windows newlines in a startup script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.documents.shell_syntax import Command, Group
from mwaalint.findings import Edit, Finding, Fix, Safety
from mwaalint.model.startup import StartupScript
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.source import SourceFile

_CRLF = b"\r\n"


@check("MW613", on=StartupScript)
def startup_crlf(script: StartupScript, ctx: Context) -> Iterator[Finding]:
    """Reports the first line; the texts of heredocs may have whatever newlines they like."""
    file = script.file
    if file.encoding not in ("utf-8", "latin-1"):
        return
    parts = [part for part in _outside(file, _heredocs(script)) if _CRLF in file.data[slice(*part)]]
    if not parts:
        return
    first = file.data.index(_CRLF, parts[0].start)
    line = file.position(first).line
    lines = sum(file.data[slice(*part)].count(_CRLF) for part in parts)
    yield ctx.report(
        script.location(file.line_span(line)),
        fix=Fix("Use Linux line endings", Safety.SAFE, tuple(_edit(file, part) for part in parts)),
        lines="1 line" if lines == 1 else f"{lines} lines",
        subject="crlf",
    )


def _heredocs(script: StartupScript) -> list[Span]:
    spans = set()
    for step in script.steps:
        if isinstance(step.statement, Command | Group):
            for each in step.statement.redirections:
                if each.operator.startswith("<<") and each.operator != "<<<" and each.target is not None:
                    spans.add(each.target.span)
    return sorted(spans)


def _outside(file: SourceFile, inside: list[Span]) -> Iterator[Span]:
    start = 0
    for span in inside:
        yield Span(start, span.start)
        start = max(start, span.end)
    yield Span(start, len(file.data))


def _edit(file: SourceFile, part: Span) -> Edit:
    """Replaces the part from its first to its last such newline."""
    data = file.data[slice(*part)]
    start, end = part.start + data.index(_CRLF), part.start + data.rindex(_CRLF) + 2
    expected = file.data[start:end]
    return Edit(file.path, Span(start, end), expected.replace(_CRLF, b"\n"), expected)
