"""An excerpt of a source: the lines of a span with their numbers, the span underlined."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mwaalint.findings import without_secrets
from mwaalint.report._terminal import cells, columns
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mwaalint.source import Position, SourceFile, Span

_CUT = "..."
_SMALLEST_ROOM = 20


class Line(NamedTuple):
    """A line as shown, and its underline. ``number`` is None for the mark of lines left out."""

    number: int | None
    text: str
    underline: str


def excerpt(source: SourceFile, span: Span, room: int, mark: str = "^") -> list[Line]:
    """The first and the last line of a span, each cut to ``room`` columns around it; nothing for an unreadable file."""
    try:
        start, end = source.position(span.start), source.position(span.end)
        end = _last_character(source, start, end)
        return list(_lines(source, start, end, max(room, _SMALLEST_ROOM), mark))
    except UnreadableFileError:
        return []


def _last_character(source: SourceFile, start: Position, end: Position) -> Position:
    """The end without the newlines and empty lines a span may close with."""
    line, column = end
    while line > start.line and not source.line_text(line)[: column - 1].strip():
        line -= 1
        column = len(source.line_text(line)) + 1
    return end._replace(line=line, column=column)


def _lines(source: SourceFile, start: Position, end: Position, room: int, mark: str) -> Iterator[Line]:
    first = source.line_text(start.line)
    if start.line == end.line:
        yield _line(start.line, first, start.column - 1, end.column - 1, room, mark)
        return
    yield _line(start.line, first, start.column - 1, len(first.rstrip()), room, mark)
    if end.line > start.line + 1:
        yield Line(None, _CUT, "")
    last = source.line_text(end.line)
    yield _line(end.line, last, len(last) - len(last.lstrip()), end.column - 1, room, mark)


def _line(number: int, text: str, start: int, end: int, room: int, mark: str) -> Line:
    text = without_secrets(text)
    left, right = _window(text, start, end, room)
    shown = cells(text[left:right])
    before, marked = shown[: start - left], shown[start - left : max(end - left, 0)]
    head = _CUT if left else ""
    tail = _CUT if right < len(text) else ""
    under = columns(head) + _wide(before)
    length = max(_wide(marked), 1)
    return Line(number, f"{head}{''.join(shown)}{tail}".rstrip(), " " * under + mark * length)


def _window(text: str, start: int, end: int, room: int) -> tuple[int, int]:
    """Which characters of a line to show. Looks at no more of a very long line than could fit."""
    if len(text) <= room and _wide(cells(text)) <= room:
        return 0, len(text)
    inner = room - 2 * len(_CUT)
    marked = _wide(cells(text[start : min(end, start + inner)]))
    lead = _fitting(text[max(start - inner, 0) : start][::-1], max(min(inner // 3, inner - marked), 0))
    left = start - lead
    return left, left + _fitting(text[left : left + inner], inner)


def _wide(shown: Iterable[str]) -> int:
    return columns("".join(shown))


def _fitting(text: str, room: int) -> int:
    """How many of the characters fit into ``room`` columns."""
    used = 0
    for index, cell in enumerate(cells(text)):
        used += columns(cell)
        if used > room:
            return index
    return len(text)
