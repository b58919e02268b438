"""Where the nodes of a syntax tree are in the file: Python counts its own lines, and columns in bytes of UTF-8."""

from __future__ import annotations

from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from mwaalint.source import Span

if TYPE_CHECKING:
    import ast

    from mwaalint.source import SourceFile


_BEGINNING = 4096


class Lines:
    """The lines of a file as Python counts them: a lone carriage return ends one too."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file

    @cached_property
    def starts(self) -> list[int]:
        """The byte offset of each line, and the end of the file."""
        lines = self.file.data.splitlines(keepends=True)
        if not lines or lines[-1].endswith((b"\n", b"\r")):
            lines.append(b"")
        return [len(self.file.mark), *accumulate(map(len, lines))]

    @cached_property
    def _first_starts(self) -> list[int]:
        """Those of the first lines: most files are only asked where their imports are."""
        lines = self.file.data[:_BEGINNING].splitlines(keepends=True)
        return [len(self.file.mark), *accumulate(map(len, lines[:-2]))]

    def span(self, node: ast.AST) -> Span | None:
        """The bytes of a node; None for one that is nowhere, or on a line that only its encoding makes."""
        line, end_line = getattr(node, "lineno", 0), getattr(node, "end_lineno", None)
        end_line = end_line or line
        starts = self._first_starts if end_line < len(self._first_starts) else self.starts
        if not 0 < line <= end_line < len(starts):
            return None
        first, last = node.col_offset, node.end_col_offset  # type: ignore[attr-defined]
        if self.file.encoding == "utf-8":
            start, limit = starts[line - 1] + first, starts[line]
            end, end_limit = starts[end_line - 1] + last, starts[end_line]
            # Not beyond the line: a file that lies about its encoding has other columns.
            return Span(start if start < limit else limit, end if end < end_limit else end_limit)
        start, end = self._offset(line, first), self._offset(end_line, last)
        return Span(start, max(start, end))

    def line(self, number: int) -> Span | None:
        """The bytes of a line (from 1) without its newline."""
        if not 0 < number < len(self.starts):
            return None
        start, end = self.starts[number - 1 : number + 1]
        return Span(start, start + len(self.file.data[start:end].rstrip(b"\r\n")))

    def _offset(self, line: int, column: int) -> int:
        start, end = self.starts[line - 1 : line + 1]
        text = self.file.data[start:end].decode(self.file.encoding, "replace")
        return start + len(text.encode()[:column].decode(errors="ignore"))
