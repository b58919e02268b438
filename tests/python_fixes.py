"""Rewrites of small Python files, for the tests of what makes edits of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mwaalint.fix.rewriting import Rewriter
from mwaalint.source import SourceFile, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mwaalint.findings import Edit
    from mwaalint.rewrites import Rewrite

PATH = "dags/etl.py"


def source(data: bytes) -> SourceFile:
    return SourceFile(PATH, Path(PATH), data)


def applied(data: bytes, edits: Sequence[Edit]) -> bytes:
    """The bytes after the edits, each of which must find what it expects."""
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        assert data[edit.span.start : edit.span.end] == edit.expected
        data = data[: edit.span.start] + edit.text + data[edit.span.end :]
    return data


def span_of(data: bytes, part: bytes) -> Span:
    """Where a part is, which the data holds once."""
    assert data.count(part) == 1, part
    start = data.index(part)
    return Span(start, start + len(part))


def rewritten(
    text: str | bytes, part: str | bytes, make: Callable[[str, Span], Rewrite | tuple[Rewrite, ...]]
) -> str | None:
    """The text after a rewrite of one part of it; None where there is no fix."""
    data = text.encode() if isinstance(text, str) else text
    span = span_of(data, part.encode() if isinstance(part, str) else part)
    wanted = make(PATH, span)
    edits = Rewriter(source(data)).edits(wanted if isinstance(wanted, tuple) else (wanted,))
    return None if edits is None else applied(data, edits).decode("utf-8", "surrogateescape")
