"""Requirements files as pip cuts them: continuations joined, comments split off, characters traceable."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

# pip's own ``(^|\s+)#.*$`` finds the same "#", but takes quadratic time on a long run of blanks.
_COMMENT = regex(r"(?:^|(?<=\s))#")
_COMMENT_LINE = regex(r"\s*#")


class Range(NamedTuple):
    """A half-open range of characters of the file's text."""

    start: int
    end: int


class _Piece(NamedTuple):
    text: str
    place: int


class LogicalLine(NamedTuple):
    """What pip parses as one line.

    ``origins`` are the offsets in the unstripped joined text at which a physical line begins, ``places`` where those
    lines stand in the file; ``shift`` is the length of the blanks stripped from the start of ``text``.
    """

    text: str
    shift: int
    origins: tuple[int, ...]
    places: tuple[int, ...]

    def place(self, index: int) -> int:
        """The character offset in the file of a character of ``text``."""
        piece = bisect_right(self.origins, index + self.shift) - 1
        return self.places[piece] + index + self.shift - self.origins[piece]

    def range(self, start: int, end: int) -> Range:
        """Where a non-empty range of ``text`` stands in the file, backslashes and newlines in between included."""
        return Range(self.place(start), self.place(end - 1) + 1)


class CommentText(NamedTuple):
    """A comment from its ``#`` to its last visible character; ``whole_line`` when nothing else stands on its line."""

    range: Range
    whole_line: bool


def logical_lines(text: str) -> Iterator[LogicalLine | CommentText]:
    """The lines and comments of a requirements file, in order; a line comes before the comment that ends it."""
    for pieces in _joined(text):
        yield from _split(pieces)


def _joined(text: str) -> Iterator[list[_Piece]]:
    """Groups physical lines like pip's join_lines, which also splits at ``\\r``, form feeds and the like."""
    pending: list[_Piece] = []
    offset = 0
    for line, ended in zip(text.splitlines(), text.splitlines(keepends=True), strict=True):
        if line.endswith("\\") and not _COMMENT_LINE.match(line):
            # pip strips backslashes from both ends of a continued line.
            pending.append(_Piece(line.strip("\\"), offset + len(line) - len(line.lstrip("\\"))))
        else:
            # A comment after a backslash ends the line; the blank makes it a comment wherever the line before it ended.
            blank = [_Piece(" ", offset)] if pending and _COMMENT_LINE.match(line) else []
            yield [*pending, *blank, _Piece(line, offset)]
            pending = []
        offset += len(ended)
    if pending:
        yield pending


def _split(pieces: list[_Piece]) -> Iterator[LogicalLine | CommentText]:
    joined = "".join(piece.text for piece in pieces)
    origins, offset = [], 0
    for piece in pieces:
        origins.append(offset)
        offset += len(piece.text)
    comment = _COMMENT.search(joined)
    end = comment.start() if comment else len(joined)
    whole = LogicalLine(joined, 0, tuple(origins), tuple(piece.place for piece in pieces))
    content = joined[:end].strip()
    if content:
        shift = end - len(joined[:end].lstrip())
        yield LogicalLine(content, shift, whole.origins, whole.places)
    if comment:
        begin = origins[bisect_right(origins, end) - 1]
        yield CommentText(whole.range(end, len(joined.rstrip())), whole_line=not joined[begin:end].strip())
