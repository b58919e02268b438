"""Where the nodes of a syntax tree are in the file: Python counts its own lines, and columns in bytes of UTF-8."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from mwaalint.source import Span

if TYPE_CHECKING:
    import ast

    from mwaalint.source import SourceFile


# How many bytes are looked at in one go for where their lines begin; twice as many where they have not one whole line.
_IN_ONE_GO = 2048


class Lines:
    """The lines of a file as Python counts them: a lone carriage return ends one too."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self._known = [len(file.mark)]
        self._read = 0
        self._next = _IN_ONE_GO

    def _starts(self, last: int) -> list[int]:
        """The byte offsets of lines up to the one after ``last``, where there is one, and perhaps of more; behind those
        of all lines the end of the file. Most imports and DAGs stand at the top, and nobody asks for the rest.
        """
        while len(self._known) <= last and self._next:
            self._read_on()
        return self._known

    def _read_on(self) -> None:
        data, start = self.file.data, self._read
        lines = data[start : start + self._next].splitlines(keepends=True)
        if start + self._next < len(data):
            lines.pop()  # it may go on
            self._next *= 1 if lines else 2
        else:
            self._next = 0
            if not lines or lines[-1].endswith((b"\n", b"\r")):
                lines.append(b"")
        ends = [*accumulate(map(len, lines), initial=start)]
        self._known += ends[1:]
        self._read = ends[-1]

    def span(self, node: ast.AST) -> Span | None:
        """The bytes of a node; None for one that is nowhere, or on a line that only its encoding makes."""
        line = getattr(node, "lineno", 0)
        end_line = getattr(node, "end_lineno", None) or line
        starts = self._starts(end_line)
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
        starts = self._starts(number)
        if not 0 < number < len(starts):
            return None
        start, end = starts[number - 1 : number + 1]
        return Span(start, start + len(self.file.data[start:end].rstrip(b"\r\n")))

    def _offset(self, line: int, column: int) -> int:
        start, end = self._starts(line)[line - 1 : line + 1]
        text = self.file.data[start:end].decode(self.file.encoding, "replace")
        return start + len(text.encode()[:column].decode(errors="ignore"))
