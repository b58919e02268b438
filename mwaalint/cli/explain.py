"""A rule's page for the terminal: Markdown still, its prose wrapped and its tables drawn to the width there is."""

from __future__ import annotations

import re
import shutil
from itertools import groupby
from typing import TYPE_CHECKING

from mwaalint.cli.console import page
from mwaalint.patterns import regex
from mwaalint.report import ReportOptions
from mwaalint.report._pages import page_address
from mwaalint.report._terminal import Paint, columns, wrapped
from mwaalint.rulebook import appendix, readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.rulebook import Rule

_FIXES = {"none": "no automatic fix", "safe": "fixed by --fix", "unsafe": "fixed by --fix --unsafe-fixes"}
_WIDEST, _NARROWEST = 100, 40
_FENCE = regex(r" *(`{3,})")
_START = regex(r" *(?:[-*]|\d+\.) +")
_ARROW = regex(r"← .*$")
_RELATIVE = regex(r"\[([^\]]+)\]\((?!https?:)[^)\s]+\)")


def explain(rule: Rule) -> None:
    """Shows a rule's page, a screen at a time in a terminal."""
    options = ReportOptions.detect()
    width = max(min(shutil.get_terminal_size((80, 24)).columns, _WIDEST), _NARROWEST)
    paint = Paint(options.color, options.hyperlinks)
    page("".join(f"{line}\n" for line in drawn(explained(rule), width, paint)), color=options.color)


def explained(rule: Rule) -> str:
    """The page with a line of facts and its address under the title, and settings and sources at the end."""
    title, _, rest = rule.body.partition("\n")
    facts = f"{rule.severity}, {rule.confidence} confidence, {_FIXES[rule.fix]}, since {rule.since}"
    parts = (title, facts, f"<{page_address(rule)}>", rest.strip(), appendix(rule))
    return readable("\n\n".join(filter(None, parts)))


def drawn(text: str, width: int, paint: Paint) -> Iterator[str]:
    """The lines of a Markdown text as a terminal shows them. Code stays as it is."""
    fence = ""
    lines: list[str] = []
    for line in text.splitlines():
        if mark := _FENCE.match(line):
            yield from _prose(lines, width, paint)
            lines, fence = [], _after(fence, mark[1])
            yield paint("dim", line)
        elif fence:
            yield _ARROW.sub(lambda match: paint("help", match[0]), line)
        else:
            lines.append(line)
    yield from _prose(lines, width, paint)


def _after(fence: str, mark: str) -> str:
    """The fence that is open after one with this mark."""
    if not fence:
        return mark
    return "" if len(mark) >= len(fence) else fence


def _prose(lines: Sequence[str], width: int, paint: Paint) -> Iterator[str]:
    for kind, group in groupby(lines, _kind):
        if kind == "heading":
            yield from (paint("strong", part) for line in group for part in wrapped(line, width))
        elif kind == "table":
            yield from _table([_cells(line) for line in group], width)
        elif kind == "text":
            yield from _paragraphs(list(group), width)
        else:
            yield from group


def _kind(line: str) -> str:
    if not line.strip():
        return "blank"
    return "heading" if line.startswith("#") else "table" if line.startswith("|") else "text"


def _paragraphs(lines: Sequence[str], width: int) -> Iterator[str]:
    """Paragraphs and the items of lists, their later lines below their first word."""
    texts: list[tuple[str, str]] = []
    for line in lines:
        start = _START.match(line)
        if start or not texts:
            indent = start[0] if start else line[: len(line) - len(line.lstrip())]
            texts.append((indent, line[len(indent) :]))
        else:
            texts[-1] = (texts[-1][0], f"{texts[-1][1]} {line.strip()}")
    for indent, text in texts:
        first, *rest = wrapped(_RELATIVE.sub(r"\1", text), width - len(indent))
        yield indent + first
        yield from (" " * len(indent) + line for line in rest)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _table(rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """A table's rows with even columns; what is too wide is wrapped within its column."""
    rows = [row for row in rows if not all(re.fullmatch(r":?-+:?", cell) for cell in row)]
    widths = _widths(rows, width)
    for number, row in enumerate(rows):
        wraps = [wrapped(cell, size) for cell, size in zip(row, widths, strict=False)]
        for index in range(max(map(len, wraps))):
            parts = [lines[index] if index < len(lines) else "" for lines in wraps]
            padded = [part + " " * (size - columns(part)) for part, size in zip(parts, widths, strict=False)]
            yield "  ".join(padded).rstrip()
        if number == 0:
            yield "  ".join("-" * size for size in widths)


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """How wide the columns are: as their cells, the widest cut until all fit."""
    widths = [max(map(columns, column)) for column in zip(*rows, strict=False)]
    room = width - 2 * (len(widths) - 1)
    while sum(widths) > room and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
    return widths
